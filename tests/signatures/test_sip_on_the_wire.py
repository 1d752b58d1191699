"""Signatures of trunks, calls, session descriptions, digits and fax over small captures, from packets to findings."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from analyzer.detect.run import run
from analyzer.finding import Finding
from analyzer.pack import Pack, load_pack
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Scenario, sdp

Packet = tuple[float, str, str, bytes]

GROUPS = {"TRK", "CALL", "SDP", "DTMF", "FAX"}
OUR_MEDIA, THEIR_MEDIA = "192.0.2.1:10000", "198.51.100.9:7000"
ASK = 'WWW-Authenticate: Digest realm="sip.example.com", nonce="{}"\n'
PROOF = 'Authorization: Digest username="7", realm="sip.example.com", nonce="{}", response="00112233445566778899aabbccddeeff"\n'
T38 = "v=0\no=- 7 {version} IN IP4 {host}\ns=-\nc=IN IP4 {host}\nt=0 0\nm=image {port} udptl t38\n"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


def codes(pack: Pack, scenario: Scenario) -> dict[str, str]:
    """Codes of our groups that a capture gives, with the worst severity of each."""
    found: dict[str, str] = {}
    for finding in run(pack, scenario.read().facts).findings:
        if finding.code.split("-")[0] in GROUPS:
            found.setdefault(finding.code, finding.severity)
    return found


def trunk(to_user: str = "5550100", **options: object) -> Scenario:
    """The PBX speaks to a provider. Its registration is answered, so the capture has both directions."""
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX}, from_user="100", to_user=to_user, **options)  # type: ignore[arg-type]
    registered(s)
    return s


def registered(s: Scenario) -> None:
    other = Scenario("r", PBX, TRUNK, from_user="7", to_user="7", agents=s.agents, packets=s.packets)
    other.request(0, "REGISTER", 1, headers="Expires: 120\nContact: <sip:7@192.0.2.1:5060;rinstance=2622c879>\n")
    other.response(0.1, 200, "REGISTER", 1, headers="Contact: <sip:7@192.0.2.1:5060;rinstance=2622c879>;expires=120\n")


def phone_call(**options: object) -> Scenario:
    s = Scenario(**options)  # type: ignore[arg-type]
    s.answered()
    return s


def register(s: Scenario, at: float, cseq: int, nonce: str = "") -> None:
    s.request(
        at, "REGISTER", cseq, headers=f"{PROOF.format(nonce) if nonce else ''}Expires: 120\n", branch=f"z9hG4bK{cseq}"
    )


def registration() -> Scenario:
    return Scenario("r", PBX, TRUNK, from_user="7", to_user="7", agents={PBX: TCX})


def other_traffic(s: Scenario) -> None:
    """A phone that is answered: the capture has both directions."""
    other = Scenario("o", PHONE, PBX, agents={PHONE: YEALINK, PBX: TCX}, packets=s.packets)
    other.request(0, "OPTIONS")
    other.response(0.1, 200, "OPTIONS")


REPEATS = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 33)


def test_registration_that_is_never_answered(pack: Pack) -> None:
    s = registration()
    for at in REPEATS:
        register(s, at, 1)
    assert codes(pack, s) == {}
    other_traffic(s)
    assert codes(pack, s) == {"TRK-01": "critical"}


@pytest.mark.parametrize(
    ("status", "code"), [(403, "TRK-02"), (404, "TRK-02"), (401, "TRK-03"), (407, "TRK-03"), (200, None)]
)
def test_registration_with_credentials(pack: Pack, status: int, code: str | None) -> None:
    s = registration()
    for n in range(2):
        register(s, 10 * n, 3 * n + 1)
        s.response(10 * n + 0.1, 401, "REGISTER", 3 * n + 1, headers=ASK.format(f"a{n}"), branch=f"z9hG4bK{3 * n + 1}")
        register(s, 10 * n + 0.2, 3 * n + 2, nonce=f"a{n}")
        headers = ASK.format(f"b{n}") if status in {401, 407} else ""
        s.response(10 * n + 0.3, status, "REGISTER", 3 * n + 2, headers=headers, branch=f"z9hG4bK{3 * n + 2}")
    assert codes(pack, s) == ({code: "high"} if code else {})


def test_evidence_is_the_frame_of_the_refusal(pack: Pack) -> None:
    s = registration()
    register(s, 0, 1)
    s.response(0.1, 401, "REGISTER", 1, headers=ASK.format("a"), branch="z9hG4bK1")
    register(s, 0.2, 2, nonce="a")
    s.response(0.3, 403, "REGISTER", 2, branch="z9hG4bK2")
    assert [e.frame for e in found_of(pack, s, "TRK-02").evidence] == [4, 1]
    lost = trunk()
    lost.answered(offer=OUR_MEDIA, answer=THEIR_MEDIA, ack=False, bye=None)
    for at in (2.5, 3.5, 5.5):
        lost.response(at, 200, body=sdp(THEIR_MEDIA))
    lost.request(34.05, "BYE", 1, from_tag="b", to_tag="a")
    assert [e.frame for e in found_of(pack, lost, "CALL-01").evidence] == [5, 8, 9, 2]


def test_registration_that_is_silent_at_times(pack: Pack) -> None:
    """The silence ends with the next attempt, and is a part of the going up and down."""
    s = registration()
    for n in range(4):
        if n % 2 == 0:
            register(s, 100 * n, n + 1)
            s.response(100 * n + 0.1, 200, "REGISTER", n + 1, branch=f"z9hG4bK{n + 1}")
        else:
            for at in REPEATS:
                register(s, 100 * n + at, n + 1)
    s.send(900, PHONE, PBX, b"\r\n\r\n")
    other_traffic(s)
    found = {f.code: f for f in run(pack, s.read().facts).findings}
    assert found["TRK-07"].role == "root"
    assert (found["TRK-01"].role, found["TRK-01"].caused_by) == ("contributing", "TRK-07")


def test_short_expiry(pack: Pack) -> None:
    s = registration()
    register(s, 0, 1)
    s.response(0.1, 200, "REGISTER", 1, headers=f"Contact: <sip:7@{PBX}>;expires=30\n", branch="z9hG4bK1")
    assert codes(pack, s) == {"TRK-06": "low"}


def silence(s: Scenario, body: str = "") -> Scenario:
    for at in (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5):
        s.request(at, "INVITE", body=body)
    s.send(33, "192.0.2.99:9", "192.0.2.98:9", b"end")
    return s


def test_call_that_the_provider_never_answers(pack: Pack) -> None:
    assert codes(pack, silence(trunk())) == {"TRK-10": "high"}
    alone = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX}, to_user="5550100")
    assert codes(pack, silence(alone)) == {}


def test_large_invite_that_gets_lost(pack: Pack) -> None:
    body = sdp(OUR_MEDIA, extra="a=x-padding:" + "x" * 1200 + "\n")
    assert codes(pack, silence(trunk(), body)) == {"TRK-10": "high", "TRK-22": "high"}


@pytest.mark.parametrize(("number", "code"), [("105", "CALL-08"), ("5550100", "TRK-10")])
def test_host_of_which_only_the_number_tells(pack: Pack, number: str, code: str) -> None:
    s = Scenario(caller=PBX, callee="10.0.0.77:5060", agents={PBX: TCX}, from_user="100", to_user=number)
    other_traffic(s)
    assert codes(pack, silence(s)) == {code: "medium"}


def test_phone_that_never_answers(pack: Pack) -> None:
    s = Scenario(caller=PBX, callee=PHONE, from_user="100", to_user="101")
    other_traffic(s)
    assert codes(pack, silence(s)) == {"CALL-08": "high"}


def refused(s: Scenario, status: int, headers: str = "") -> Scenario:
    s.request(1, "INVITE", body=sdp(OUR_MEDIA))
    s.response(1.1, 100)
    s.response(1.5, status, headers=headers)
    s.request(1.6, "ACK", to_tag="b", branch="z9hG4bKINVITE1a")
    return s


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (403, {"TRK-14": "medium"}), (404, {"TRK-14": "medium"}), (484, {"TRK-14": "medium"}), (488, {"SDP-01": "high"}),
        (483, {"TRK-24": "medium"}), (302, {"TRK-25": "low"}), (420, {"CALL-20": "low"}), (486, {"CALL-06": "info"}),
        (480, {"TRK-14": "low"}), (500, {"TRK-16": "medium"}), (603, {"CALL-06": "info"}),
    ],
)  # fmt: skip
def test_refusals_of_the_provider(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    assert codes(pack, refused(trunk(), status)) == wanted


def test_refusal_of_a_forwarded_call_and_overload(pack: Pack) -> None:
    forwarded = trunk()
    forwarded.request(1, "INVITE", headers="Diversion: <sip:100@example.com>;reason=unconditional\n")
    forwarded.response(1.5, 403)
    assert codes(pack, forwarded) == {"TRK-15": "low"}
    assert codes(pack, refused(trunk(), 503, "Retry-After: 60\n")) == {"TRK-16": "medium"}


@pytest.mark.parametrize(("status", "code"), [(404, "TRK-11"), (407, "TRK-11")])
def test_call_of_the_provider_that_the_pbx_does_not_know(pack: Pack, status: int, code: str) -> None:
    s = Scenario(caller=TRUNK, callee=PBX, agents={PBX: TCX}, from_user="5550100", to_user="5550188")
    registered(s)
    found = codes(pack, refused(s, status))
    assert found == {code: "high", "TRK-12": "medium"}


def test_stranger_whose_call_is_refused_is_no_trunk(pack: Pack) -> None:
    s = Scenario(caller="203.0.113.66:5071", callee=PBX, agents={PBX: TCX}, from_user="100", to_user="900442012345678")
    assert codes(pack, refused(s, 404)) == {}


def test_what_the_phone_hears_follows_from_the_trunks_leg(pack: Pack) -> None:
    """The PBX gives up a call because the provider is silent: one problem, though the phone's leg began first."""
    s = trunk(call_id="out")
    s.from_user = "101"
    inner = Scenario("in", PHONE, PBX, to_user="5550100", agents={PHONE: YEALINK, PBX: TCX}, packets=s.packets)
    inner.request(0, "INVITE", body=sdp("192.0.2.21:4000"))
    inner.response(0.01, 100)
    for at in (0.1, 0.6, 1.6, 3.6, 7.6, 15.6, 31.6):
        s.request(at, "INVITE")
    inner.response(32.3, 408)
    s.send(33, "192.0.2.99:9", "192.0.2.98:9", b"end")
    found = {f.code: f for f in run(pack, s.read().facts).findings}
    assert (found["TRK-10"].role, found["TRK-10"].subject) == ("root", ["call:out"])
    assert (found["CALL-10"].role, found["CALL-10"].caused_by) == ("contributing", "TRK-10")


def found_of(pack: Pack, scenario: Scenario, code: str) -> Finding:
    """The only finding of a code."""
    (finding,) = (f for f in run(pack, scenario.read().facts).findings if f.code == code)
    return finding


STRANGER = "203.0.113.66:5071"


def probe(s: Scenario, at: float, number: str, status: int) -> None:
    """A stranger calls a long number through the PBX."""
    other = Scenario(f"p{number}", STRANGER, PBX, from_user="100", to_user=number, agents=s.agents, packets=s.packets)
    other.request(at, "INVITE", body=sdp("203.0.113.66:4000"))
    other.response(at + 0.1, status, body=sdp(OUR_MEDIA) if status == 200 else "")
    other.request(at + 0.2, "ACK", to_tag="b", branch="z9hG4bKack")


def test_stranger_who_tries_prefixes_and_gets_through(pack: Pack) -> None:
    s = trunk()
    for n, prefix in enumerate(("00", "900", "9011")):
        probe(s, n, f"{prefix}442012345678", 404)
    found = {f.code: f.severity for f in run(pack, s.read().facts).findings}
    assert found["SEC-04"] == "low"
    assert "TRK-11" not in found
    probe(s, 5, "000442012345678", 200)
    found = {f.code: f.severity for f in run(pack, s.read().facts).findings}
    assert found["SEC-04"] == "critical"
    assert not {"TRK-11", "NAT-04", "SEC-03"} & set(found)


def test_stranger_whose_only_call_the_pbx_passes_on(pack: Pack) -> None:
    s = trunk()
    probe(s, 0, "00442012345678", 200)
    assert "SEC-04" not in {f.code for f in run(pack, s.read().facts).findings}
    out = Scenario("out", PBX, TRUNK, from_user="100", to_user="00442012345678", agents=s.agents, packets=s.packets)
    out.request(0.05, "INVITE", body=sdp(OUR_MEDIA))
    out.response(0.08, 200, body=sdp(THEIR_MEDIA))
    assert found_of(pack, s, "SEC-04").severity == "critical"


def test_call_of_a_provider_that_is_forwarded_is_no_fraud(pack: Pack) -> None:
    s = Scenario("in", "198.51.100.77:5060", PBX, from_user="5550100", to_user="0301234567", agents={PBX: TCX})
    registered(s)
    s.answered(offer=THEIR_MEDIA, answer=OUR_MEDIA)
    out = Scenario("out", PBX, TRUNK, from_user="5550100", to_user="00491701234567", agents=s.agents, packets=s.packets)
    out.request(0.05, "INVITE", body=sdp(OUR_MEDIA))
    out.response(0.08, 200, body=sdp(THEIR_MEDIA))
    assert "SEC-04" not in {f.code for f in run(pack, s.read().facts).findings}


def test_scanner_whose_call_is_refused_for_its_codecs(pack: Pack) -> None:
    s = Scenario(caller=STRANGER, callee=PBX, agents={STRANGER: "friendly-scanner", PBX: TCX}, to_user="100")
    registered(s)
    assert codes(pack, refused(s, 488)) == {}


def test_scanner_that_rings_a_phone(pack: Pack) -> None:
    scanner = "203.0.113.66:5071"
    s = Scenario(caller=scanner, callee=PHONE, agents={scanner: "friendly-scanner", PHONE: YEALINK}, to_user="100")
    s.request(0, "INVITE")
    s.response(0.1, 180)
    assert codes(pack, s) == {"CALL-21": "medium"}


def test_answer_without_ack(pack: Pack) -> None:
    s = trunk()
    s.answered(answer=THEIR_MEDIA, ack=False, bye=None)
    for at in (2.5, 3.5, 5.5, 9.5, 13.5):
        s.response(at, 200, body=sdp(THEIR_MEDIA))
    s.request(34.05, "BYE", 1, from_tag="b", to_tag="a")
    assert codes(pack, s) == {"CALL-01": "high"}


def timer(bye: float, *, refresher: str = "uas", call_id: str = "c", packets: list[Packet] | None = None) -> Scenario:
    """A call with a session timer of 100 s that the caller ends."""
    s = trunk(call_id=call_id, packets=packets if packets is not None else [])
    s.request(0, "INVITE", body=sdp(OUR_MEDIA))
    s.response(2, 200, body=sdp(THEIR_MEDIA), headers=f"Session-Expires: 100;refresher={refresher}\n")
    s.request(2.1, "ACK", to_tag="b", branch="z9hG4bKack")
    s.request(bye, "BYE", 2, to_tag="b")
    s.response(bye + 0.1, 200, "BYE", 2)
    return s


@pytest.mark.parametrize(
    ("bye", "refresher", "wanted"),
    [
        (70, "uas", {"CALL-02": "high"}),
        (102, "uas", {"CALL-02": "high"}),
        (70, "uac", {"CALL-02": "medium"}),
        (50, "uas", {}),
    ],
)
def test_session_timer_that_nobody_refreshed(pack: Pack, bye: float, refresher: str, wanted: dict[str, str]) -> None:
    assert codes(pack, timer(bye, refresher=refresher)) == wanted


def test_two_calls_that_end_at_one_timer_are_no_chance(pack: Pack) -> None:
    first = timer(70, refresher="uac", call_id="a")
    assert codes(pack, timer(70, refresher="uac", call_id="b", packets=first.packets)) == {"CALL-02": "high"}


@pytest.mark.parametrize(
    ("status", "bye", "wanted"), [(481, 10.2, {"CALL-03": "high"}), (488, 10.2, {}), (481, 30, {}), (491, 10.2, {})]
)
def test_re_invite_that_fails(pack: Pack, status: int, bye: float, wanted: dict[str, str]) -> None:
    s = trunk()
    s.answered(offer=OUR_MEDIA, answer=THEIR_MEDIA, bye=bye)
    s.request(10, "INVITE", 5, to_tag="b", body=sdp(OUR_MEDIA))
    s.response(10.1, status, cseq=5)
    assert {code: level for code, level in codes(pack, s).items() if code != "FAX-07"} == wanted


def test_transfers(pack: Pack) -> None:
    s = phone_call()
    s.request(4, "REFER", 5, to_tag="b", headers="Refer-To: <sip:103@example.com>\n")
    s.response(4.1, 202, "REFER", 5)
    assert codes(pack, s) == {}
    s.request(
        5, "NOTIFY", 7, from_tag="b", to_tag="a", headers="Event: refer\nContent-Type: message/sipfrag\n",
        body="SIP/2.0 503 Service Unavailable\n",
    )  # fmt: skip
    assert codes(pack, s) == {"CALL-11": "medium"}


def test_calls_that_are_as_they_should_be(pack: Pack) -> None:
    assert codes(pack, phone_call()) == {}
    outgoing = trunk()
    outgoing.answered(offer=OUR_MEDIA, answer=THEIR_MEDIA)
    assert codes(pack, outgoing) == {}
    cancelled = trunk()
    cancelled.request(1, "INVITE", body=sdp(OUR_MEDIA))
    cancelled.response(1.1, 180)
    cancelled.request(9, "CANCEL", branch="z9hG4bKINVITE1a")
    cancelled.response(9.1, 200, "CANCEL", branch="z9hG4bKINVITE1a")
    cancelled.response(9.1, 487)
    assert codes(pack, cancelled) == {"CALL-05": "info"}


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"payloads": "8 101", "answer_payloads": "0 101"}, {"SDP-01": "high"}),
        ({"payloads": "8 101", "answer_payloads": "8 0 101"}, {"SDP-02": "info"}),
        ({"payloads": "9 8 101", "answer_payloads": "8 101"}, {"SDP-12": "info"}),
        ({"answer": "198.51.100.9:0"}, {"SDP-08": "high"}),
        ({"payloads": "8"}, {"DTMF-01": "medium"}),
        ({"payloads": "18", "answer_payloads": "18"}, {"DTMF-01": "medium", "DTMF-06": "medium"}),
    ],
)
def test_session_descriptions(pack: Pack, options: dict[str, str], wanted: dict[str, str]) -> None:
    s = trunk()
    s.answered(**({"offer": OUR_MEDIA, "answer": THEIR_MEDIA} | options))  # type: ignore[arg-type]
    assert codes(pack, s) == wanted


def late_offer(answer: str) -> Scenario:
    s = trunk()
    s.request(0, "INVITE")
    s.response(2, 200, body=sdp(THEIR_MEDIA))
    s.request(2.1, "ACK", to_tag="b", branch="z9hG4bKack", body=answer)
    return s


def test_late_offer(pack: Pack) -> None:
    assert codes(pack, late_offer("")) == {"SDP-03": "high"}
    assert codes(pack, late_offer(sdp(OUR_MEDIA))) == {}


def digit(s: Scenario, at: float, *, payload_type: int = 101, ended: bool = True) -> None:
    head = struct.pack(">BBHII", 0x80, payload_type, 301, 9000, 5)
    s.send(at, "192.0.2.21:4000", "192.0.2.1:10000", head + struct.pack(">BBH", 5, 0x8A if ended else 0x0A, 800))


def info(s: Scenario, status: int, *, at: float = 4, key: str = "5") -> None:
    body = f"Signal={key}\nDuration=160\n"
    s.request(at, "INFO", 5, to_tag="b", headers="Content-Type: application/dtmf-relay\n", body=body)
    s.response(at + 0.1, status, "INFO", 5)


def both(s: Scenario, *, at: float = 8.2, key: str = "5") -> None:
    digit(s, 8.21)
    info(s, 200, at=at, key=key)


def stutter(s: Scenario, *, apart: float) -> None:
    """The same key again: a new time stamp for what may be one press."""
    for n in range(3):
        head = struct.pack(">BBHII", 0x80, 101, 301 + n, 9000 + 160 * n, 5)
        s.send(8.21 + n * apart, "192.0.2.21:4000", "192.0.2.1:10000", head + struct.pack(">BBH", 5, 0x8A, 400))


def hurry(s: Scenario, *, pause: float) -> None:
    """Two keys of 100 ms, the second one after a pause."""
    for n, key in enumerate((5, 6)):
        head = struct.pack(">BBHII", 0x80, 101, 301 + n, 9000 + 4000 * n, 5)
        s.send(
            8.21 + n * (0.1 + pause), "192.0.2.21:4000", "192.0.2.1:10000", head + struct.pack(">BBH", key, 0x8A, 800)
        )


@pytest.mark.parametrize(
    ("extra", "act", "wanted"),
    [
        ("", lambda s: digit(s, 8.21), {}),
        ("", lambda s: digit(s, 8.21, ended=False), {"DTMF-03": "medium"}),
        ("a=rtpmap:96 telephone-event/8000\n", lambda s: digit(s, 8.21, payload_type=96), {"DTMF-02": "medium"}),
        ("", both, {"DTMF-04": "medium"}),
        ("", lambda s: both(s, at=4), {}),
        ("", lambda s: both(s, key="7"), {}),
        ("", lambda s: stutter(s, apart=0.06), {"DTMF-04": "medium"}),
        ("", lambda s: stutter(s, apart=0.4), {}),
        ("", lambda s: hurry(s, pause=0.02), {"DTMF-05": "low"}),
        ("", lambda s: hurry(s, pause=0.1), {}),
        ("", lambda s: info(s, 415), {"DTMF-07": "low"}),
    ],
)
def test_digits(pack: Pack, extra: str, act: Callable[[Scenario], object], wanted: dict[str, str]) -> None:
    s = Scenario()
    s.answered(payloads="8 96 101" if extra else "8 101", offer_extra=extra)
    s.rtp(2.2, "192.0.2.21:4000", "192.0.2.1:10000", 300, ssrc=5)
    act(s)
    s.rtp(8.3, "192.0.2.21:4000", "192.0.2.1:10000", 80, ssrc=5, sequence=302)
    assert codes(pack, s) == wanted


def fax(status: int, *, bye: float = 60, rtp_until: float = 10) -> Scenario:
    """A provider's call turns to T.38 at 10 s."""
    s = Scenario(caller=TRUNK, callee=PBX, agents={PBX: TCX}, from_user="5550100", to_user="5550188")
    s.answered(offer=THEIR_MEDIA, answer=OUR_MEDIA, bye=bye)
    s.request(10, "INVITE", 9, from_tag="b", to_tag="a", body=T38.format(version=2, host="192.0.2.1", port=5004))
    body = T38.format(version=2, host="198.51.100.9", port=7004) if status == 200 else ""
    s.response(10.1, status, cseq=9, from_tag="b", to_tag="a", body=body)
    s.rtp(2.2, THEIR_MEDIA, OUR_MEDIA, round((rtp_until - 2.2) * 50), ssrc=5)
    return s


@pytest.mark.parametrize(
    ("scenario", "wanted"),
    [
        (fax(488), {"FAX-01": "info"}),
        (fax(415), {"FAX-01": "info"}),
        (fax(488, bye=10.5), {"FAX-01": "medium"}),
        (fax(200), {}),
        (fax(200, rtp_until=40), {"FAX-02": "high"}),
    ],
)
def test_fax(pack: Pack, scenario: Scenario, wanted: dict[str, str]) -> None:
    assert codes(pack, scenario) == wanted


def guesses(client: str, agent: str, *, count: int, gap: float, right: bool = False) -> dict[str, str]:
    """Codes for one extension whose password is tried from an address of the local network; the last one may be right."""
    agents = {PBX: TCX, client: agent}
    s = Scenario(agents={PHONE: YEALINK, PBX: TCX})
    other_traffic(s)
    for n in range(count):
        one = Scenario(f"g{n}", client, PBX, from_user="101", to_user="101", agents=agents, packets=s.packets)
        register(one, n * gap, 2 * n + 1)
        one.response(n * gap + 0.01, 401, "REGISTER", 2 * n + 1, headers=ASK.format(n), branch=f"z9hG4bK{2 * n + 1}")
        register(one, n * gap + 0.02, 2 * n + 2, nonce=str(n))
        status = 200 if right and n == count - 1 else 403
        one.response(n * gap + 0.03, status, "REGISTER", 2 * n + 2, branch=f"z9hG4bK{2 * n + 2}")
    found = run(load_pack(), s.read().facts).findings
    return {f.code: f.severity for f in found if f.code in {"SEC-01", "PRV-01"}}


@pytest.mark.parametrize(
    ("agent", "count", "gap", "wanted"),
    [
        ("friendly-scanner", 12, 4, {"SEC-01": "high"}),
        ("Zoiper rv2.10", 40, 0.1, {"SEC-01": "high"}),
        (YEALINK, 12, 4, {"PRV-01": "medium"}),
    ],
)
def test_passwords_that_are_guessed_on_the_lan(agent: str, count: int, gap: float, wanted: dict[str, str]) -> None:
    """A phone with an old password tries again at leisure; a tool does not."""
    assert guesses("10.0.0.66:5066", agent, count=count, gap=gap) == wanted


def test_a_password_that_a_tool_guessed() -> None:
    assert guesses("10.0.0.66:5066", "friendly-scanner", count=20, gap=0.5, right=True) == {"SEC-01": "critical"}
    assert guesses("10.0.0.66:5066", YEALINK, count=4, gap=20, right=True) == {}
