"""What hosts did: the counts that tell a provider in trouble, a toll probe and a guesser from a host that is well."""

from __future__ import annotations

import pytest

from parsers.facts.capture import Call, SipPeer, SipTransaction
from tests.parsers.capture.scenario import PBX, PHONE, START, TCX, TRUNK, YEALINK, Read, Scenario, sdp

STRANGER = "203.0.113.66:5060"
AGENTS = {PHONE: YEALINK, PBX: TCX}


def peer(read: Read, ip: str) -> SipPeer:
    (row,) = [row for row in read.facts.of(SipPeer) if row.ip == ip]
    return row


def phone_of_the_pbx(packets: list[tuple[float, str, str, bytes]]) -> None:
    """A phone that registers, so that the PBX is known."""
    s = Scenario("p", from_user="500", to_user="500", packets=packets)
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")


@pytest.mark.parametrize(
    ("statuses", "share"),
    [((499, 600, 200, 404), 0.0), ((500, 200, 200, 200), 25.0), ((599, 503, 200), 66.67)],
)
def test_server_errors_of_a_trunk(statuses: tuple[int, ...], share: float) -> None:
    s = Scenario()
    for n, status in enumerate(statuses):
        call = Scenario(f"c{n}", PBX, TRUNK, agents={PBX: TCX}, to_user=f"5550{n}", packets=s.packets)
        call.request(n, "INVITE")
        call.response(n + 0.1, status)
    d = peer(s.read(), "198.51.100.9").derived
    assert (d["calls_taken"], d["calls_5xx_pct"]) == (len(statuses), share)


@pytest.mark.parametrize(
    ("number", "headers", "probes"),
    [
        ("0044123456", "", 1),
        ("+0044123456", "", 1),
        ("044123456", "", 0),
        ("0044123456x", "", 0),
        ("0044123456", 'Authorization: Digest username="7", realm="3CXPhoneSystem", nonce="n", response="0"\n', 0),
    ],
)
def test_toll_probe_of_a_stranger(number: str, headers: str, probes: int) -> None:
    s = Scenario("x", STRANGER, PBX, to_user=number, agents=AGENTS)
    phone_of_the_pbx(s.packets)
    s.request(1, "INVITE", headers=headers)
    s.response(1.1, 403)
    d = peer(s.read(), "203.0.113.66").derived
    assert (d["toll_probes"], d["toll_probes_answered"], d["all_refused"]) == (probes, 0, True)


def test_toll_probe_that_was_put_through() -> None:
    s = Scenario("x", STRANGER, PBX, to_user="00441234567", agents=AGENTS)
    phone_of_the_pbx(s.packets)
    s.answered()
    through = Scenario("y", PBX, TRUNK, to_user="00441234567", agents=AGENTS, packets=s.packets)
    through.request(0.05, "INVITE", body=sdp("192.0.2.1:10002"))
    through.response(1.9, 200, body=sdp("198.51.100.9:20000"))
    row = peer(s.read(), "203.0.113.66")
    assert (row.role, row.derived["toll_probes"], row.derived["toll_probes_answered"]) == ("scanner", 1, 1)
    assert (row.derived["all_refused"], row.derived["scanner_severity"]) == (False, "medium")


def test_call_of_a_provider_that_is_forwarded_is_no_probe() -> None:
    s = Scenario("x", STRANGER, PBX, to_user="4930123456", agents=AGENTS)
    phone_of_the_pbx(s.packets)
    s.answered()
    through = Scenario("y", PBX, TRUNK, to_user="491701234567", agents=AGENTS, packets=s.packets)
    through.request(0.05, "INVITE", body=sdp("192.0.2.1:10002"))
    through.response(1.9, 200, body=sdp("198.51.100.9:20000"))
    row = peer(s.read(), "203.0.113.66")
    assert (row.role, row.derived["toll_probes"]) == ("trunk", 0)


def test_users_that_are_not_there_are_counted_by_404_alone() -> None:
    s = Scenario("x", STRANGER, PBX, agents=AGENTS)
    phone_of_the_pbx(s.packets)
    for n, status in enumerate((404, 404, 404, 403, 486)):
        s.call_id, s.to_user = f"x{n}", str(100 + min(n, 3))
        s.request(1 + n, "OPTIONS")
        s.response(1.1 + n, status, "OPTIONS")
        s.response(1.2 + n, status, "OPTIONS")
    d = peer(s.read(), "203.0.113.66").derived
    assert (d["users_not_found"], d["refused"], d["accepted"]) == (3, 5, 0)


def test_an_answer_to_options_welcomes_nobody() -> None:
    s = Scenario("x", STRANGER, PBX, agents=AGENTS)
    phone_of_the_pbx(s.packets)
    s.request(1, "OPTIONS")
    s.response(1.1, 200, "OPTIONS")
    d = peer(s.read(), "203.0.113.66").derived
    assert (d["refused"], d["accepted"], d["all_refused"]) == (0, 0, True)


@pytest.mark.parametrize(("until", "status", "expired"), [(31.9, None, False), (32.0, None, True), (40, 200, False)])
def test_request_outside_of_dialogs_that_nobody_answers(until: float, status: int | None, expired: bool) -> None:
    s = Scenario(agents=AGENTS)
    phone_of_the_pbx(s.packets)
    for method in ("OPTIONS", "INVITE", "UPDATE"):
        s.call_id = method
        s.request(1, method)
    s.call_id = "OPTIONS"
    s.request(1.5, "OPTIONS")
    if status:
        s.response(2, status, "OPTIONS")
    s.send(1 + until, "192.0.2.88:9", "192.0.2.89:9", b"x")
    (row,) = s.read().facts.of(SipTransaction)
    assert (row.method, row.status, row.answered, row.retransmissions) == ("OPTIONS", status, status is not None, 1)
    assert (row.waited_s, row.derived["timer_f_expired"]) == (1.0 if status else until, expired)
    assert (row.derived["from_pbx"], row.derived["to_pbx"], row.derived["multicast"]) == (False, True, False)


@pytest.mark.parametrize(("forms", "scanner"), [(3, True), (2, False)])
def test_one_number_behind_several_prefixes_is_a_probe_whatever_it_calls_itself(forms: int, scanner: bool) -> None:
    s = Scenario("x", STRANGER, PBX, agents={**AGENTS, STRANGER: YEALINK})
    phone_of_the_pbx(s.packets)
    for n, prefix in enumerate(("00", "900", "9011")[:forms]):
        s.call_id, s.to_user = f"x{n}", f"{prefix}44207946000"
        s.request(1 + n, "INVITE")
        s.response(1.1 + n, 403)
    read = s.read()
    row = peer(read, "203.0.113.66")
    assert (row.role, row.derived["scanner"]) == (("scanner", False) if scanner else ("phone", False))
    calls = read.facts.of(Call)
    assert {(call.derived["from_scanner"], call.derived["from_phone"]) for call in calls} == {(scanner, not scanner)}


def test_an_answer_that_goes_to_another_port_is_one() -> None:
    s = Scenario(agents=AGENTS)
    phone_of_the_pbx(s.packets)
    s.request(1, "OPTIONS")
    s.response(1.5, 200, "OPTIONS", dst="192.0.2.21:40112", branch="z9hG4bKOPTIONS1a")
    (row,) = s.read().facts.of(SipTransaction)
    assert (row.answered, row.status, row.waited_s) == (True, 200, 0.5)


def test_a_peer_is_seen_from_its_first_message_to_its_last() -> None:
    s = Scenario()
    for at in (1, 4, 9):
        s.request(at, "OPTIONS", at)
        s.response(at + 0.5, 200, "OPTIONS", at)
    peers = {row.ip: row for row in s.read().facts.of(SipPeer)}
    for ip, first, last in (("192.0.2.21", 1.0, 9.0), ("192.0.2.1", 1.5, 9.5)):
        row = peers[ip]
        assert row.first is not None
        assert row.last is not None
        assert (row.first.timestamp() - START, row.last.timestamp() - START) == (first, last)
