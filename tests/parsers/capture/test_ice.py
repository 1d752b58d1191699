from __future__ import annotations

import struct

from parsers.facts.capture import StunExchange
from tests.parsers.capture.scenario import Scenario
from tests.parsers.capture.test_stun import ICE_USER, PRIORITY, SERVER, answer, request

BROWSER, PBX_MEDIA, SECOND = "203.0.113.7:50000", "192.0.2.1:9000", "10.0.0.7:50000"
CONFLICT = struct.pack(">HHHBB", 9, 4, 0, 4, 87)


def check(s: Scenario, at: float, src: str, dst: str, number: int, *, answered: bool = False) -> None:
    s.send(at, src, dst, request(number, attributes=ICE_USER + PRIORITY))
    if answered:
        s.send(at + 0.01, dst, src, answer(number, src))


def ice(s: Scenario) -> dict[tuple[str, str], StunExchange]:
    return {(row.client, row.server): row for row in s.read().stun if row.kind == "ice"}


def test_all_checks_of_a_session_failed() -> None:
    s = Scenario()
    for n in range(4):
        check(s, n, PBX_MEDIA, BROWSER, n)
        check(s, n + 0.5, BROWSER, PBX_MEDIA, 100 + n)
        check(s, n + 0.6, PBX_MEDIA, SECOND, 200 + n)
    found = ice(s)
    assert {row.derived["ice_session"] for row in found.values()} == {SECOND}
    assert [(row.derived["ice_failed"], row.derived["ice_requests"]) for row in found.values()] == [(True, 12)] * 3


def test_one_working_pair_is_enough() -> None:
    s = Scenario()
    check(s, 0, PBX_MEDIA, SECOND, 1)
    check(s, 0, BROWSER, PBX_MEDIA, 2, answered=True)
    assert {row.derived["ice_failed"] for row in ice(s).values()} == {False}


def test_sessions_are_apart() -> None:
    s = Scenario()
    check(s, 0, BROWSER, PBX_MEDIA, 1, answered=True)
    check(s, 0, "203.0.113.8:40000", "192.0.2.1:9004", 2)
    found = ice(s)
    assert found["203.0.113.8:40000", "192.0.2.1:9004"].derived["ice_failed"] is True
    assert found[BROWSER, PBX_MEDIA].derived["ice_failed"] is False


def test_one_sided_captures_and_keys_prove_the_contrary() -> None:
    s = Scenario()
    check(s, 0, BROWSER, PBX_MEDIA, 1)
    (row,) = ice(s).values()
    assert row.derived["ice_failed"] is None
    check(s, 1, PBX_MEDIA, BROWSER, 2)
    hello = b"\x16\xfe\xff" + bytes(8) + b"\0\1\1" + bytes(40)
    s.send(2, BROWSER, PBX_MEDIA, hello)
    assert {row.derived["ice_failed"] for row in ice(s).values()} == {False}


def test_role_conflicts() -> None:
    s = Scenario()
    for n in range(3):
        check(s, n, BROWSER, PBX_MEDIA, n)
        s.send(n + 0.1, PBX_MEDIA, BROWSER, request(n, kind=0x111, attributes=CONFLICT))
    (row,) = ice(s).values()
    assert row.derived["role_conflicts"] == 3


def lost(media_until: float, checks_until: int) -> StunExchange:
    s = Scenario()
    for n in range(0, checks_until, 5):
        check(s, n, BROWSER, PBX_MEDIA, n, answered=n <= 20)
    s.rtp(0.05, BROWSER, PBX_MEDIA, round(media_until / 0.02))
    return ice(s)[BROWSER, PBX_MEDIA]


def test_consent_that_ran_out() -> None:
    row = lost(media_until=50, checks_until=50)
    assert row.derived["consent_lost_after_s"] == 20.01
    # the last answer, not the first check
    assert (row.source.frame, row.source_of("consent_lost_after_s").time) == (1, "2026-11-12T16:13:40.010000+00:00")
    assert lost(media_until=22, checks_until=50).derived["consent_lost_after_s"] is None
    assert lost(media_until=50, checks_until=35).derived["consent_lost_after_s"] is None
    assert lost(media_until=80, checks_until=50).derived["consent_lost_after_s"] is None


def test_other_exchanges_are_no_session() -> None:
    s = Scenario()
    s.send(0, BROWSER, SERVER, request(1))
    (row,) = s.read().stun
    assert (row.derived["ice_session"], row.derived["ice_failed"]) == (None, None)
