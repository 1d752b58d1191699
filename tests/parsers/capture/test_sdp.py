from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.sdp import Sdp, parse_sdp

OFFER = """v=0
o=3cxPS 4911 1 IN IP4 192.0.2.5
s=3cxPS Audio call
c=IN IP4 192.0.2.5
t=0 0
m=audio 10000 RTP/AVP 8 0 9 18 101 13
a=rtpmap:8 pcma/8000
a=rtpmap:9 G722/16000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=fmtp:18 annexb=no
a=ptime:20
a=rtcp:10003
a=sendonly
m=video 0 RTP/AVP 96
c=IN IP6 2001:DB8:0::1
a=rtpmap:96 H264/90000
"""


def read(text: str) -> Sdp:
    sdp = parse_sdp(text.replace("\n", "\r\n").encode())
    assert sdp is not None
    return sdp


def test_encoding_names_are_written_in_one_way() -> None:
    names = ("pcma", "g722", "SPEEX", "ilbc", "OPUS", "Telephone-Event", "x-Own")
    lines = "".join(f"a=rtpmap:{96 + at} {name}/8000\n" for at, name in enumerate(names))
    sdp = read(f"v=0\nm=audio 9 RTP/AVP {' '.join(str(96 + at) for at in range(len(names)))}\n{lines}")
    found = [codec.name for codec in sdp.media[0].codecs.values()]
    assert found == ["PCMA", "G722", "speex", "iLBC", "opus", "telephone-event", "x-Own"]


def test_offer() -> None:
    sdp = read(OFFER)
    assert (sdp.session_id, sdp.session_version, sdp.origin_host) == ("4911", "1", "192.0.2.5")
    assert (sdp.name, sdp.host, sdp.malformed) == ("3cxPS Audio call", "192.0.2.5", None)
    audio, video = sdp.media
    assert (audio.kind, audio.port, audio.proto, audio.host) == ("audio", 10000, "RTP/AVP", "192.0.2.5")
    assert [(pt, c.name, c.clock) for pt, c in audio.codecs.items()] == [
        (8, "PCMA", 8000), (0, "PCMU", 8000), (9, "G722", 8000), (18, "G729", 8000), (101, "telephone-event", 8000),
        (13, "CN", 8000),
    ]  # fmt: skip
    assert audio.codecs[18].fmtp == "annexb=no"
    assert (audio.direction, audio.ptime, audio.on_hold) == ("sendonly", 20, True)
    assert audio.voice == ["PCMA", "PCMU", "G722", "G729"]
    assert audio.event_types == [101]
    assert (video.port, video.host, video.direction) == (0, "2001:db8::1", "sendrecv")
    assert sdp.first() is audio


def test_session_lines_hold_for_all_media_until_overridden() -> None:
    sdp = read(
        "v=0\nc=IN IP4 0.0.0.0\na=inactive\nm=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\na=sendrecv\nc=IN IP4 192.0.2.1\n"
    )
    assert [(m.direction, m.host, m.on_hold) for m in sdp.media] == [
        ("inactive", "0.0.0.0", True), ("sendrecv", "192.0.2.1", False),
    ]  # fmt: skip


def test_keys_are_never_kept() -> None:
    sdp = read(
        "v=0\nm=audio 1 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0c2VjcmV0\na=ice-pwd:hunter2hunter2\n"
    )
    assert sdp.media[0].crypto == [("1", "AES_CM_128_HMAC_SHA1_80")]
    assert sdp.encrypted
    assert "c2Vjc" not in repr(sdp)
    assert "hunter2" not in repr(sdp)


def test_dtls_and_ice() -> None:
    sdp = read(
        "v=0\na=fingerprint:sha-256 AA\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=rtpmap:111 OPUS/48000/2\na=rtcp-mux\n"
        "a=candidate:1 1 UDP 2130706431 192.0.2.9 8998 typ host\na=candidate:2 1 udp 1 x.local 9 typ srflx raddr 0\n"
    )
    audio = sdp.media[0]
    assert (audio.encrypted, audio.fingerprint, audio.ice) == (True, True, True)
    assert (audio.codecs[111].name, audio.codecs[111].clock) == ("opus", 48000)
    assert audio.candidates == [("192.0.2.9", 8998, "host"), ("x.local", 9, "srflx")]


def test_fax() -> None:
    sdp = read("v=0\nc=IN IP4 192.0.2.1\nm=image 16756 udptl t38\na=T38FaxUdpEC:t38UDPRedundancy\n")
    assert sdp.fax is not None
    assert (sdp.fax.port, sdp.fax.t38) == (16756, {"T38FaxUdpEC": "t38UDPRedundancy"})
    assert read("v=0\nm=image $ udptl t38\n").fax is not None
    assert read(OFFER).fax is None


def test_malformed_is_said() -> None:
    assert read("v=0\nm=audio\n").malformed == "a media line without kind, port and protocol"
    assert read("v=0\ns=x\no=- 1 1 IN IP4 192.0.2.1\n").malformed == "o= stands after s= (RFC 8866 section 5)"
    assert read("v=0\nhello\n").malformed == "a line that is not key=value"


def test_cut_end_is_not_called_malformed() -> None:
    sdp = parse_sdp(b"v=0\r\nm=audio 1 RTP/AVP 0\r\na", partial=True)
    assert sdp is not None
    assert (sdp.partial, sdp.malformed) == (True, None)


def test_what_is_no_session_description() -> None:
    assert parse_sdp(b"Signal=1") is None
    assert parse_sdp(b"") is None


def test_limits() -> None:
    sdp = read("v=0\n" + "m=audio 1 RTP/AVP " + " ".join(map(str, range(127))) + "\n" + "m=video 1 RTP/AVP 0\n" * 50)
    assert len(sdp.media) == 16
    assert len(sdp.media[0].formats) == 64


LINES = st.sampled_from(
    [*OFFER.splitlines(), "a=crypto:", "m=", "c=", "o=", "a=rtpmap:", "a=candidate:1 1 1 1 1 1 typ", "a=rtcp:"]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=40))
def test_any_lines(lines: list[str]) -> None:
    assert parse_sdp(("v=0\n" + "\n".join(lines)).encode("utf-8", "surrogatepass")) is not None


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(data: bytes, partial: bool) -> None:
    assert parse_sdp(b"v=" + data, partial=partial) is not None
