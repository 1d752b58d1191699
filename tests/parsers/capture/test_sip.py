from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.message import note
from parsers.capture.sdp import Sdp
from parsers.capture.sip import parse_message
from parsers.capture.sip_header import address
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage

HERE = Source(artifact="a.pcap", frame=3)
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)

INVITE = b"""INVITE sip:102@pbx.example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.21:5062;branch=z9hG4bK-1;rport
From: "Ann" <sip:101@pbx.example.com>;tag=a1
To: <sip:102@pbx.example.com>
Call-ID: c1@192.0.2.21
CSeq: 7 INVITE
Contact: <sip:101:geheim@192.0.2.21:5062;transport=udp;pn-tok=PUSHTOKEN>;expires=120;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000413AABBCC>"
User-Agent: Yealink SIP-T46S 66.85.0.5
Session-Expires: 1800;refresher=uac
Content-Type: application/sdp
Content-Length: 5

v=0
""".replace(b"\n", b"\r\n")


def parse(data: bytes, *, truncated: bool = False) -> SipMessage:
    row = parse_message(data, source=HERE, time=NOON, src="192.0.2.21:5062", dst="192.0.2.1:5060", truncated=truncated)
    assert row is not None
    return row


def test_request() -> None:
    row = parse(INVITE)
    assert (row.method, row.status, row.uri) == ("INVITE", None, "sip:102@pbx.example.com")
    assert (row.call_id, row.cseq, row.cseq_method, row.branch) == ("c1@192.0.2.21", 7, "INVITE", "z9hG4bK-1")
    assert (row.from_user, row.from_host, row.from_tag) == ("101", "pbx.example.com", "a1")
    assert (row.to_user, row.to_tag) == ("102", None)
    assert (row.via_sent_by, row.via_has_rport, row.via_rport, row.via_count) == ("192.0.2.21:5062", True, None, 1)
    assert row.user_agent == "Yealink SIP-T46S 66.85.0.5"
    assert row.expires == 120
    assert row.instance_mac == "000413aabbcc"
    assert row.headers == {"session-expires": "1800;refresher=uac"}
    assert isinstance(row.sdp, Sdp)
    assert row.derived == {}
    assert row.length == len(INVITE)


def test_length_that_reaches_into_the_next_message() -> None:
    over = (
        INVITE.replace(b"Content-Length: 5", b"Content-Length: 500")
        + b"ACK sip:102@192.0.2.1 SIP/2.0\r\nCSeq: 7 ACK\r\n"
    )
    for data, transport, unframed in ((over, "tcp", True), (over, "udp", False), (INVITE, "tcp", False)):
        row = parse_message(data, source=HERE, transport=transport)
        assert row is not None
        assert ("unframed" in row.derived) is unframed
    part = INVITE.replace(b"application/sdp", b"message/sipfrag").replace(b"v=0\r\n", b"\r\nSIP/2.0 200 OK\r\n")
    row = parse_message(part, source=HERE, transport="tcp")
    assert row is not None
    assert "unframed" not in row.derived


def test_source_text_holds_start_line_and_harmless_headers_only() -> None:
    row = parse(INVITE)
    assert row.source.frame == 3
    assert row.source.text.splitlines() == [
        "INVITE sip:102@pbx.example.com SIP/2.0",
        'From: "Ann" <sip:101@pbx.example.com>;tag=a1',
        "To: <sip:102@pbx.example.com>",
        "Call-ID: c1@192.0.2.21",
        "CSeq: 7 INVITE",
        "User-Agent: Yealink SIP-T46S 66.85.0.5",
    ]


def test_uri_password_and_push_token_are_not_kept() -> None:
    row = parse(INVITE)
    assert row.contact == "sip:101@192.0.2.21:5062;transport=udp;pn-tok=…"
    assert "geheim" not in repr(row)
    assert "PUSHTOKEN" not in repr(row)


def test_response() -> None:
    row = parse(
        b"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.21:5062;rport=1024;received=198.51.100.7;branch=b\r\n"
        b"From: <sip:101@x>;tag=1\r\nTo: <sip:101@x>;tag=2\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\nServer: 3CX\r\n"
        b'WWW-Authenticate: Digest realm="3CXPhoneSystem", nonce="414d535c0f", stale=TRUE, algorithm=MD5\r\n\r\n'
    )
    assert (row.method, row.status, row.reason_phrase) == (None, 401, "Unauthorized")
    assert (row.realm, row.challenge_stale, row.has_credentials) == ("3CXPhoneSystem", True, False)
    assert (row.via_rport, row.via_received) == (1024, "198.51.100.7")
    assert "414d535c0f" not in repr(row)


def test_credentials_go_to_the_secrets_only() -> None:
    data = INVITE.replace(
        b"User-Agent",
        b'Proxy-Authorization: Digest username="101", realm="r", nonce="n0n0n0n0", response="0123456789abcdef", '
        b'cnonce="c0c0c0", uri="sip:x"\r\nUser-Agent',
    )
    told: list[str | None] = []
    row = parse_message(data, source=HERE, secret=told.extend)
    assert row is not None
    assert row.has_credentials
    assert told[:2] == ["0123456789abcdef", "c0c0c0"]
    for value in ("0123456789abcdef", "c0c0c0", "n0n0n0n0"):
        assert value not in repr(row)


def test_same_nonce_has_the_same_mark() -> None:
    ask = parse(b'SIP/2.0 407 No\r\nProxy-Authenticate: Digest realm="r", nonce="abc"\r\n\r\n')
    same = parse(b'REGISTER sip:x SIP/2.0\r\nProxy-Authorization: Digest realm="r",nonce="abc"\r\n\r\n')
    other = parse(b'REGISTER sip:x SIP/2.0\r\nProxy-Authorization: Digest realm="r",nonce="abd"\r\n\r\n')
    assert ask.nonce_mark == same.nonce_mark != other.nonce_mark


def test_compact_names() -> None:
    row = parse(
        b"INVITE sip:1@x SIP/2.0\r\nv: SIP/2.0/TCP [2001:db8::1]:5060;branch=b\r\nf: sip:7@x;tag=t\r\nt: sip:1@x\r\n"
        b"i: abc\r\nCSeq: 1 INVITE\r\nm: <sip:7@x>\r\nl: 0\r\n\r\n"
    )
    assert (row.call_id, row.from_user, row.from_tag, row.to_user, row.branch) == ("abc", "7", "t", "1", "b")
    assert row.via_sent_by == "[2001:db8::1]:5060"
    assert row.contact == "sip:7@x"
    assert row.content_length == 0


def test_folded_repeated_and_multiple_values() -> None:
    row = parse(
        b"INVITE sip:1@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=top,\r\n SIP/2.0/UDP 192.0.2.2;branch=low\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.3:5070;branch=last;received=198.51.100.3\r\n"
        b'From: "a, b" <sip:7@x>;tag=t\r\nSubject: one\r\n\ttwo\r\n\r\n'
    )
    assert (row.branch, row.via_count, row.via_last_host) == ("top", 3, "198.51.100.3")
    assert (row.from_user, row.from_tag) == ("7", "t")
    assert row.headers["subject"] == "one two"


def test_line_feeds_only_and_text_that_is_not_utf8() -> None:
    row = parse(b"OPTIONS sip:1@x SIP/2.0\nFrom: \xff\xfe <sip:7@x>\nCall-ID: c\n\nbody")
    assert (row.method, row.from_user, row.call_id, row.body_length) == ("OPTIONS", "7", "c", 4)


@pytest.mark.parametrize("junk", [b"\r\n\r\n", b"\0\0\0\0", b"DB", b"some line\r\n", b"  \n"])
def test_junk_in_front(junk: bytes) -> None:
    row = parse(junk + b"REGISTER sip:192.0.2.1:5060 SIP/2.0\r\nExpires: 3600\r\n\r\n")
    assert (row.method, row.expires, row.call_id) == ("REGISTER", 3600, None)
    assert row.derived["malformed"] == "no call-id, cseq, from, to, via header"


def test_junk_behind_the_content_length_is_no_body() -> None:
    assert parse(INVITE + b"junk").sdp == parse(INVITE).sdp


@pytest.mark.parametrize("length", [b"bad", b"-5", b"99999999999999999999"])
def test_wrong_content_length(length: bytes) -> None:
    row = parse(INVITE.replace(b"Content-Length: 5", b"Content-Length: " + length))
    assert row.content_length is None
    assert row.sdp is not None
    assert row.derived["malformed"] == "the Content-Length is no number"


def test_missing_content_is_counted_unless_the_capture_cut_it() -> None:
    data = INVITE.replace(b"Content-Length: 5", b"Content-Length: 25")
    assert parse(data).derived["content_missing"] == 20
    assert "content_missing" not in parse(data, truncated=True).derived


def test_cut_header_line_is_not_believed() -> None:
    cut = INVITE[: INVITE.index(b"c1@192") + 4]
    assert parse(cut, truncated=True).call_id is None
    assert parse(cut).call_id == "c1@1"


def test_dtmf_by_info_and_sipfrag() -> None:
    head = b"INFO sip:1@x SIP/2.0\r\nCSeq: 3 INFO\r\nContent-Type: application/dtmf-relay\r\n\r\n"
    assert parse(head + b"Signal=5\r\nDuration=160\r\n").derived["dtmf"] == "5"
    assert parse(head + b"Signal= 11\r\nDuration= 160\r\n").derived["dtmf"] == "#"
    assert parse(head.replace(b"-relay", b"") + b"*").derived["dtmf"] == "*"
    frag = b"NOTIFY sip:1@x SIP/2.0\r\nContent-Type: message/sipfrag;version=2.0\r\n\r\nSIP/2.0 603 Declined\r\n"
    assert parse(frag).derived["sipfrag_status"] == 603


def test_session_description_in_a_multipart_body() -> None:
    row = parse(
        b"INVITE sip:1@x SIP/2.0\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain\r\n\r\n"
        b"hello\r\n--xx\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 8\r\n--xx--\r\n"
    )
    assert row.sdp.media[0].port == 4000


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\r\n\r\n", b"\0\0\0\0", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n",
        b"SIP/1.0 200 OK\r\n\r\n", b"INVITE sip:x HTTP/1.1\r\n\r\n", b"\xff" * 400, b"SIP/2.0 999 x\r\n\r\n",
        b"x" * 600 + b"INVITE sip:1@x SIP/2.0\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_sip(data: bytes) -> None:
    assert parse_message(data, source=HERE) is None


def test_many_headers_and_long_values_are_bounded() -> None:
    row = parse(b"OPTIONS sip:1@x SIP/2.0\r\n" + b"X-A: " + b"a" * 9000 + b"\r\n" + b"X-B: b\r\n" * 5000 + b"\r\n")
    assert len(row.headers["x-a"]) == 2000
    assert len(row.headers["x-b"]) < 8100


@pytest.mark.parametrize("secret", ["X-Api-Token", "X-Password"])
def test_headers_named_like_secrets_are_left_out(secret: str) -> None:
    row = parse(f"OPTIONS sip:1@x SIP/2.0\r\n{secret}: hunter2hunter2\r\n\r\n".encode())
    assert "hunter2" not in repr(row)


@given(st.binary(max_size=600))
def test_any_bytes_behind_a_start_line(data: bytes) -> None:
    row = parse(b"INVITE sip:1@x SIP/2.0\r\n" + data)
    assert row.method == "INVITE"


@given(st.binary(max_size=400), st.integers(0, len(INVITE)), st.booleans())
def test_damaged_messages_never_raise(data: bytes, at: int, truncated: bool) -> None:
    parse_message(INVITE[:at] + data + INVITE[at:], source=HERE, truncated=truncated)
    parse_message(INVITE[:at] + data, source=HERE, truncated=truncated)


@given(
    st.lists(
        st.sampled_from(['"', "<", ">", ",", ";", "=", ":", "@", "sip:", " ", "\\", "[", "]", "%", "1"]), max_size=80
    )
)
def test_header_values_of_every_shape(parts: list[str]) -> None:
    value = "".join(parts).encode()
    for name in (b"From", b"Via", b"Contact", b"Authorization", b"CSeq", b"Expires"):
        parse(b"INVITE sip:1@x SIP/2.0\r\n" + name + b": " + value + b"\r\n\r\n")


def test_evidence_and_headers_are_made_when_asked_for() -> None:
    row = parse(INVITE)
    assert row.source is row.source
    assert row.source.time is None
    wire = parse_message(INVITE, source=("a.pcap", 3), time=NOON)
    assert wire is not None
    assert (wire.artifact, wire.frame, wire.source.artifact, wire.source.frame) == ("a.pcap", 3, "a.pcap", 3)
    assert wire.source.time == "2026-11-12T12:00:00.000000Z"
    assert wire.source.text == row.source.text
    assert wire.sources == {}


def test_messages_share_their_empty_entries_and_none_writes_to_them() -> None:
    one, other = parse(INVITE), parse(INVITE)
    with pytest.raises(TypeError):
        one.derived["via_changed"] = True
    note(one, "via_changed", value=True)
    note(one, "malformed", "no to header")
    assert one.derived == {"via_changed": True, "malformed": "no to header"}
    assert other.derived == {}


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (
            "<sip:101@PBX.example.com:5062>;tag=a1",
            ("101", "pbx.example.com", 5062, "a1", "sip:101@PBX.example.com:5062"),
        ),
        ('"Ann, B" <sips:a@h>;tag=x', ("a", "h", None, "x", "sips:a@h")),
        ("<sip:101:geheim@h>;tag=a1", ("101", "h", None, "a1", "sip:101@h")),
        ("<sip:a%40b@h:99999>", ("a@b", "h", None, None, "sip:a%40b@h:99999")),
        ("<sip:101@[2001:db8::1]:5060>;x=y;tag=a1", ("101", "2001:db8::1", 5060, "a1", "sip:101@[2001:db8::1]:5060")),
        ("sip:101@h;tag=a1", ("101", "h", None, "a1", "sip:101@h")),
    ],
)
def test_from_and_to(value: str, parts: tuple[str, str, int | None, str | None, str]) -> None:
    found = address(value)
    assert (found.user, found.host, found.port, found.tag, found.text) == parts


@pytest.mark.parametrize("method", ["BENOTIFY", "XREGISTER"])
def test_strange_method_that_the_cseq_names_is_no_junk(method: str) -> None:
    row = parse(f"{method} sip:b@example.com SIP/2.0\r\nCSeq: 7 {method}\r\n\r\n".encode())
    assert (row.method, row.cseq_method) == (method, method)


def test_status_without_a_phrase_and_numbers_that_are_no_status() -> None:
    assert parse(b"SIP/2.0 200 \r\nCSeq: 1 OPTIONS\r\n\r\n").status == 200
    assert parse(b"SIP/2.0 200\r\nCSeq: 1 OPTIONS\r\n\r\n").status == 200
    assert parse_message(b"SIP/2.0 2000 OK\r\nCSeq: 1 OPTIONS\r\n\r\n", source=Source()) is None
