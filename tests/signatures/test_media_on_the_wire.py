"""Signatures of NAT, media, DNS and capture quality over small captures, from packets to findings."""

from __future__ import annotations

import struct

import pytest

from analyzer.detect.run import run
from analyzer.pack import Pack, load_pack
from parsers.facts.capture import Call
from tests.parsers.capture.frames import pcap
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Scenario, read, sdp
from tests.parsers.capture.test_dns import answer as dns_answer
from tests.parsers.capture.test_dns import question
from tests.parsers.capture.test_handshakes import SYN, SYN_ACK, segment
from tests.parsers.capture.test_stun import answer as stun_answer
from tests.parsers.capture.test_stun import request as stun_request

GROUPS = {"NAT", "MED", "CAP", "TLS", "DNS"}
OURS, THEIRS = "192.0.2.1:9000", "198.51.100.9:20000"
INSIDE, INSIDE_AUDIO = "10.0.0.5:5060", "10.0.0.5:9000"
STUN, OTHER_STUN = "198.51.100.53:3478", "198.51.100.54:3478"
ODD = 0.000_001
"""Makes times finer than milliseconds."""


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


def codes(pack: Pack, scenario: Scenario) -> dict[str, str]:
    """Codes of our groups that a capture gives, with the worst severity of each."""
    scenario.packets = [(at + ODD, src, dst, payload) for at, src, dst, payload in scenario.packets]
    found: dict[str, str] = {}
    for finding in run(pack, scenario.read().facts).findings:
        if finding.code.split("-")[0] in GROUPS:
            assert finding.evidence
            assert "unknown" not in finding.message
            found.setdefault(finding.code, finding.severity)
    return found


def trunk(call_id: str = "t", caller: str = PBX, offer: str = OURS, answer: str = THEIRS, bye: float = 12) -> Scenario:
    s = Scenario(call_id, caller, TRUNK, from_user="100", to_user="5550100", agents={caller: TCX, TRUNK: "Kamailio"})
    s.answered(offer=offer, answer=answer, bye=bye)
    return s


def rtp(s: Scenario, src: str, dst: str, *, until: float = 12, start: float = 2.1, ssrc: int = 7) -> None:
    s.rtp(start, src, dst, round((until - start) / 0.02), ssrc=ssrc)


def both(s: Scenario, ours: str = OURS, theirs: str = THEIRS) -> Scenario:
    rtp(s, ours, theirs)
    rtp(s, theirs, ours, ssrc=8)
    return s


def test_a_good_call(pack: Pack) -> None:
    assert codes(pack, both(trunk())) == {}


@pytest.mark.parametrize(("src", "dst"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_one_direction_is_missing(pack: Pack, src: str, dst: str) -> None:
    s = trunk()
    rtp(s, src, dst)
    assert codes(pack, s) == ({"NAT-08": "high", "MED-02": "high"} if src == OURS else {"MED-02": "high"})


def test_no_audio_while_another_call_has_some(pack: Pack) -> None:
    s, other = trunk("a"), both(trunk("b", offer="192.0.2.1:9002"), "192.0.2.1:9002")
    assert codes(pack, s) == {"CAP-03": "medium"}
    s = trunk("a")
    s.packets += other.packets
    assert codes(pack, s) == {"MED-01": "high"}


def test_short_call_without_audio(pack: Pack) -> None:
    assert codes(pack, trunk(bye=2.4)) == {}


def test_hold_is_no_one_way_audio(pack: Pack) -> None:
    s = trunk(bye=30)
    s.request(3, "INVITE", 2, to_tag="b", body=sdp(OURS, extra="a=sendonly\n", version=2))
    s.response(3.1, 200, cseq=2, body=sdp(THEIRS, extra="a=recvonly\n", version=2))
    s.request(3.2, "ACK", 2, to_tag="b", branch="z9hG4bKack2")
    rtp(s, OURS, THEIRS, until=30)
    assert codes(pack, s) == {}


def lossy(missing: set[int], packets: int = 1000) -> Scenario:
    s = trunk(bye=30)
    rtp(s, OURS, THEIRS, until=22)
    for n in range(packets):
        if n not in missing:
            head = struct.pack(">BBHII", 0x80, 8, n & 0xFFFF, 160 * n, 8)
            s.send(2.1 + n * 0.02, THEIRS, OURS, head + bytes([0x55 + n % 7]) * 160)
    return s


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [
        (set(range(100, 900, 250)), {}),
        (set(range(100, 900, 50)), {"MED-05": "medium"}),
        (set(range(100, 900, 20)), {"MED-05": "high"}),
        (set(range(100, 900, 5)), {"MED-05": "critical"}),
        (set(range(100, 106)), {"MED-06": "medium"}),
        (set(range(100, 160)), {"MED-05": "high", "MED-06": "high"}),
        (set(range(100, 500)), {"MED-06": "medium"}),
    ],
)
def test_loss(pack: Pack, missing: set[int], wanted: dict[str, str]) -> None:
    assert codes(pack, lossy(missing)) == wanted


def test_jitter_and_gaps(pack: Pack) -> None:
    s = trunk(bye=30)
    rtp(s, OURS, THEIRS, until=22)
    for n in range(1000):
        head = struct.pack(">BBHII", 0x80, 8, n, 160 * n, 8)
        s.send(2.1 + n * 0.02 + (0.08 if n % 2 else 0), THEIRS, OURS, head + bytes([0x55 + n % 7]) * 160)
    assert codes(pack, s)["MED-07"] == "high"
    s = trunk(bye=30)
    rtp(s, OURS, THEIRS, until=22)
    for n in range(1000):
        head = struct.pack(">BBHII", 0x80, 8, n, 160 * n, 8)
        late = max(0.0, 0.4 - 0.015 * (n - 500)) if n >= 500 else 0
        s.send(2.1 + n * 0.02 + late, THEIRS, OURS, head + bytes([0x55 + n % 7]) * 160)
    assert codes(pack, s) == {"MED-08": "medium"}


def test_silence_suppression_is_no_gap(pack: Pack) -> None:
    s = trunk(bye=30)
    rtp(s, OURS, THEIRS, until=22)
    for n in range(1000):
        if 300 <= n < 500:
            continue
        head = struct.pack(">BBHII", 0x80, 8 | (0x80 if n == 500 else 0), n if n < 300 else n - 200, 160 * n, 8)
        s.send(2.1 + n * 0.02, THEIRS, OURS, head + bytes([0x55 + n % 7]) * 160)
    assert codes(pack, s) == {}


def test_private_addresses_of_the_pbx(pack: Pack) -> None:
    assert codes(pack, trunk(caller=INSIDE, offer=INSIDE_AUDIO, bye=2.5)) == {"NAT-04": "high"}
    good = both(trunk(caller=INSIDE, offer=INSIDE_AUDIO), INSIDE_AUDIO)
    assert codes(pack, good) == {"NAT-04": "info"}


def test_private_address_whose_ack_gets_lost(pack: Pack) -> None:
    """Audio flows, but the call ends for want of an ACK: the private Contact is the root."""
    s = Scenario("t", TRUNK, INSIDE, from_user="5550100", to_user="100", agents={INSIDE: TCX, TRUNK: "Kamailio"})
    s.answered(offer=THEIRS, answer=INSIDE_AUDIO, ack=False, bye=None)
    for at in (2.5, 3.5, 5.5, 9.5):
        s.response(at, 200, body=sdp(INSIDE_AUDIO))
    s.request(34.05, "BYE", 1, from_tag="b", to_tag="a")
    found = {f.code: f for f in run(pack, both(s, INSIDE_AUDIO).read().facts).findings}
    assert found["NAT-04"].severity == "high"
    assert "(Contact 10.0.0.5, SDP 10.0.0.5)" in found["NAT-04"].message
    assert (found["CALL-01"].role, found["CALL-01"].caused_by) == ("contributing", "NAT-04")


@pytest.mark.parametrize(("called", "severity"), [(False, "low"), (True, "info")])
def test_registration_with_a_private_address(pack: Pack, *, called: bool, severity: str) -> None:
    s = Scenario("r", INSIDE, TRUNK, agents={INSIDE: TCX})
    register(s, 0)
    s.response(0.1, 200, "REGISTER", 1)
    if called:
        other = Scenario("c", TRUNK, INSIDE, agents=s.agents, to_user="5550100", packets=s.packets)
        other.request(1, "INVITE")
        other.response(1.1, 486)
    (finding,) = (f for f in run(pack, s.read().facts).findings if f.code == "NAT-04")
    assert (finding.severity, finding.role, finding.subject) == (severity, "context", ["trunk:198.51.100.9"])


def natted(theirs: str = THEIRS) -> Scenario:
    """A provider calls a PBX behind a NAT, which announces its public address; the capture shows the private one."""
    s = Scenario("t", TRUNK, INSIDE, from_user="5550100", to_user="100", agents={INSIDE: TCX, TRUNK: "Kamailio"})
    s.answered(offer=theirs, answer="203.0.113.5:9000", bye=12)
    s.packets = [
        (at, a, b, p.replace(b"Contact: <sip:100@10.0.0.5", b"Contact: <sip:100@203.0.113.5"))
        for at, a, b, p in s.packets
    ]
    return s


def of(pack: Pack, s: Scenario, *wanted: str) -> dict[str, tuple[str, str | None]]:
    """Roles and causes of some codes."""
    found = run(pack, s.read().facts).findings
    return {f.code: (f.role, f.caused_by) for f in found if f.code in wanted}


@pytest.mark.parametrize(("back", "wanted"), [(THEIRS, {"MED-03": ("root", None)}), ("198.51.100.55:4444", {})])
def test_audio_from_another_server_of_the_provider(pack: Pack, back: str, wanted: dict[str, tuple[str, None]]) -> None:
    """What arrives at the PBX is heard, whatever address its public one was translated to."""
    s = natted()
    rtp(s, "198.51.100.55:4444", INSIDE_AUDIO)
    rtp(s, INSIDE_AUDIO, back, ssrc=8)
    assert of(pack, s, "MED-02", "MED-03", "MED-04", "NAT-08") == wanted
    (call,) = s.read().facts.of(Call)
    assert call.media == "both"


def test_a_stranger_sends_audio_into_a_call(pack: Pack) -> None:
    s = both(natted(), INSIDE_AUDIO)
    rtp(s, "203.0.113.200:5555", INSIDE_AUDIO, start=6, until=10, ssrc=99)
    wanted = {"SEC-15": ("root", None), "MED-03": ("contributing", "SEC-15")}
    assert of(pack, s, "SEC-15", "MED-03", "MED-04", "NAT-08") == wanted


def test_a_provider_that_announces_a_private_address(pack: Pack) -> None:
    s = natted("192.168.77.5:20000")
    rtp(s, INSIDE_AUDIO, "192.168.77.5:20000")
    wanted = {"MED-04": ("root", None), "NAT-08": ("contributing", "MED-04"), "MED-02": ("contributing", "MED-04")}
    assert of(pack, s, "MED-02", "MED-04", "NAT-08") == wanted


def test_a_router_that_rewrites(pack: Pack) -> None:
    s = both(trunk())
    at, _, dst, payload = s.packets[0]
    s.send(at + 0.001, "203.0.113.5:5060", dst, payload.replace(b"c=IN IP4 192.0.2.1", b"c=IN IP4 203.0.113.5"))
    assert codes(pack, s)["NAT-05"] == "high"


def dials(server: str, *, syns: int, answered: int = 0, client: str = "10.0.0.5", name: str = "") -> dict[str, str]:
    """What is said of TCP connections that the PBX (or another host) tries to open; a phone is registered at the PBX."""
    s = Scenario("r", "10.0.0.21:5060", INSIDE, agents={"10.0.0.21:5060": YEALINK, INSIDE: TCX})
    register(s, 0)
    s.response(0.1, 200, "REGISTER", 1)
    host, _, port = server.rpartition(":")
    if name:
        s.send(0.2, "10.0.0.5:40000", "10.0.0.1:53", question(name, 1, 7))
        found = dns_answer(name, (1, bytes(int(part) for part in host.split("."))), number=7)
        s.send(0.3, "10.0.0.1:53", "10.0.0.5:40000", found)
    records = []
    for n in range(syns):
        records.append(segment(n + 1, (client, 40_000 + n), (host, int(port)), SYN))
        if n < answered:
            records.append(segment(n + 1.1, (host, int(port)), (client, 40_000 + n), SYN_ACK))
    packets = pcap([])[:24] + s.pcap()[24:] + pcap(records)[24:]
    return {f.code: f.severity for f in run(load_pack(), read(packets).facts).findings}


@pytest.mark.parametrize(
    ("server", "name", "client", "code", "severity"),
    [
        ("198.51.100.9:5061", "", "10.0.0.5", "TRK-08", "high"),
        ("203.0.113.10:5090", "", "10.0.0.77", "SBC-03", "critical"),
        ("198.51.100.44:2197", "", "10.0.0.5", "APP-01", "high"),
        ("198.51.100.50:5061", "sip.pstnhub.microsoft.com", "10.0.0.5", "TEAMS-01", "high"),
    ],
)
def test_tcp_connections_that_nobody_accepts(server: str, name: str, client: str, code: str, severity: str) -> None:
    codes_of = {"TRK-08", "SBC-03", "APP-01", "TEAMS-01"}
    found = dials(server, syns=4, client=client, name=name)
    assert {key: value for key, value in found.items() if key in codes_of} == {code: severity}
    for syns, answered in ((4, 1), (2, 0)):
        assert not codes_of & set(dials(server, syns=syns, answered=answered, client=client, name=name))


def register(s: Scenario, at: float, headers: str = "") -> None:
    s.request(at, "REGISTER", 1, headers=f"Expires: 120\n{headers}")


def test_answers_on_the_port_of_the_via(pack: Pack) -> None:
    s = Scenario("r", "203.0.113.7:40112", PBX, agents={"203.0.113.7:40112": YEALINK, PBX: TCX})
    for at in (0, 0.5, 1.5):
        register(s, at)
        s.response(at + 0.1, 200, "REGISTER", 1, dst="203.0.113.7:5060")
    s.packets = [
        (at, a, b, p.replace(b"203.0.113.7:40112;branch", b"192.168.1.21:5060;branch").replace(b";rport\r\n", b"\r\n"))
        for at, a, b, p in s.packets
    ]
    assert codes(pack, s)["NAT-06"] == "high"


def stun(client: str, sends: int, answers: dict[str, str], agent: str = TCX) -> Scenario:
    """A host that speaks SIP with the trunk or the PBX and asks two STUN servers."""
    other = TRUNK if client == PBX else PBX
    s = Scenario("r", client, other, agents={client: agent, other: "Kamailio" if client == PBX else TCX})
    register(s, 0)
    s.response(0.1, 200, "REGISTER", 1, headers="Contact: <sip:101@192.0.2.1:5060>;expires=120\n")
    for number in range(sends):
        s.send(1 + number, client, STUN, stun_request(5))
    s.send(1, client, OTHER_STUN, stun_request(6))
    for server, mapped in answers.items():
        s.send(2, server, client, stun_answer(5 if server == STUN else 6, mapped))
    s.send(60, PHONE, "192.0.2.99:9", b"end")
    return s


@pytest.mark.parametrize(
    ("sends", "answers", "wanted"),
    [
        (7, {}, {"NAT-11": "medium"}),
        (7, {OTHER_STUN: PBX}, {}),
        (1, {STUN: PBX, OTHER_STUN: PBX}, {}),
        (1, {STUN: "203.0.113.5:5060", OTHER_STUN: "203.0.113.5:5060"}, {}),
        (1, {STUN: "203.0.113.5:61022", OTHER_STUN: "203.0.113.5:61022"}, {"NAT-02": "high"}),
        (1, {STUN: "203.0.113.5:61022", OTHER_STUN: "203.0.113.5:61023"}, {"NAT-02": "high", "NAT-03": "high"}),
        (1, {STUN: "203.0.113.5:5060", OTHER_STUN: "203.0.113.77:5060"}, {}),
        (1, {STUN: "100.70.1.9:5060", OTHER_STUN: "100.70.1.9:5060"}, {"NAT-13": "medium"}),
    ],
)
def test_stun_of_the_pbx(pack: Pack, sends: int, answers: dict[str, str], wanted: dict[str, str]) -> None:
    assert codes(pack, stun(PBX, sends, answers)) == wanted


def test_stun_of_a_phone(pack: Pack) -> None:
    assert codes(pack, stun(PHONE, 7, {}, YEALINK)) == {"NAT-19": "medium"}
    assert codes(pack, stun(PHONE, 7, {STUN: PHONE}, YEALINK)) == {}


def test_one_sided_capture(pack: Pack) -> None:
    s = Scenario("r", PBX, TRUNK, agents={PBX: TCX})
    for at in (0, 0.5, 1.5, 3.5, 7.5):
        register(s, at)
    assert codes(pack, s) == {"CAP-02": "high"}


def names(code: int, *more: tuple[str, int]) -> Scenario:
    s = trunk(bye=2.5)
    for number, (name, kind) in enumerate((("_sip._udp.sip.example.com", 33), ("sip.example.com", 1), *more)):
        s.send(number, "192.0.2.1:40000", "192.0.2.53:53", question(name, kind, number))
        s.send(number + 0.02, "192.0.2.53:53", "192.0.2.1:40000", dns_answer(name, kind=kind, code=code, number=number))
    return s


def test_names_that_do_not_resolve(pack: Pack) -> None:
    assert codes(pack, names(3)) == {"DNS-01": "critical"}
    assert codes(pack, names(0)) == {}
    good = names(3)
    good.send(5, "192.0.2.1:40000", "192.0.2.53:53", question("sip.example.com", 1, 99))
    found = dns_answer("sip.example.com", (1, bytes([198, 51, 100, 9])), number=99)
    good.send(5.02, "192.0.2.53:53", "192.0.2.1:40000", found)
    assert codes(pack, good) == {}


def test_slow_names(pack: Pack) -> None:
    s = trunk(bye=2.5)
    for number in range(3):
        s.send(10 * number, "192.0.2.1:40000", "192.0.2.53:53", question(f"a{number}.example.com", 1, number))
        late = dns_answer(f"a{number}.example.com", (1, bytes([198, 51, 100, 9])), number=number)
        s.send(10 * number + 2, "192.0.2.53:53", "192.0.2.1:40000", late)
    assert codes(pack, s) == {"DNS-03": "medium"}


def test_what_follows_from_one_root_is_one_finding(pack: Pack) -> None:
    """Three calls without audio from outside, all for the private address that the PBX gives away."""
    s = Scenario("r", INSIDE, TRUNK, agents={INSIDE: TCX})
    for n in range(3):
        ours, theirs = f"10.0.0.5:{9000 + 2 * n}", f"198.51.100.9:{20000 + 2 * n}"
        one = trunk(f"c{n}", INSIDE, ours, theirs)
        one.rtp(2.1, ours, theirs, 400, ssrc=n)
        s.packets += [(at + 60 * n, a, b, payload) for at, a, b, payload in one.packets]
    found = run(pack, s.read().facts).findings
    for code in ("NAT-04", "NAT-08", "MED-02", "COR-12"):
        (finding,) = (f for f in found if f.code == code)
        assert set(finding.subject) == {"call:c0", "call:c1", "call:c2"}
        assert finding.caused_by == (None if code == "NAT-04" else "NAT-04")
    (silent,) = (f for f in found if f.code == "MED-02")
    assert (silent.count, silent.last_seen > silent.first_seen) == (3, True)  # type: ignore[operator]


def roles(pack: Pack, s: Scenario) -> dict[str, tuple[str, str | None]]:
    return {item.code: (item.role, item.caused_by) for item in run(pack, s.read().facts).findings}


def test_bursts_are_the_cause_where_most_of_the_loss_is_theirs(pack: Pack) -> None:
    bursts = {n for start in (100, 300, 500, 700) for n in range(start, start + 20)}
    found = roles(pack, lossy(bursts | {50, 900}))
    assert found["MED-06"] == ("root", None)
    assert found["MED-05"] == ("contributing", "MED-06")


def test_a_run_among_much_loss_is_chance(pack: Pack) -> None:
    found = roles(pack, lossy(set(range(100, 900, 5)) | set(range(401, 406))))
    assert found["MED-05"] == ("root", None)
    assert found["MED-06"] == ("context", None)


def test_a_port_that_is_closed_is_why_nothing_comes_back(pack: Pack) -> None:
    s = trunk(bye=30)
    rtp(s, OURS, THEIRS, until=22)
    for at in (4.001, 4.021, 4.041, 4.061):
        s.icmp(at, "198.51.100.9", OURS, THEIRS, s.packets[-1][3])
    found = roles(pack, s)
    assert found["NAT-09"] == ("root", None)
    assert found["NAT-08"] == ("contributing", "NAT-09")
    assert codes(pack, s)["NAT-09"] == "high"
    rtp(s, THEIRS, OURS, until=22)
    assert codes(pack, s) == {"NAT-09": "medium"}
