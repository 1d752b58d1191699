from __future__ import annotations

import pytest

from parsers.facts.capture import Call, SipPeer, SipTransaction
from tests.parsers.capture.scenario import PBX, TCX, TRUNK, Scenario, sdp

OTHER_TRUNK = "198.51.100.10:5060"


def calls(answered: int, refused_at: int) -> list[Call]:
    """Calls to a trunk, one a second: each is answered and stays up, but for one that is refused with 503."""
    packets: list[tuple[float, str, str, bytes]] = []
    for n in range(answered + 1):
        s = Scenario(
            call_id=f"c{n}", caller=PBX, callee=TRUNK, agents={PBX: TCX}, from_user="100", to_user=f"55501{n:02d}"
        )
        s.packets = packets
        s.request(n, "INVITE", body=sdp("192.0.2.1:10000"))
        s.response(n + 0.1, 180)
        if n == refused_at:
            s.response(n + 0.2, 503)
        else:
            s.response(n + 0.2, 200, body=sdp("198.51.100.9:7000"))
            s.request(n + 0.3, "ACK", to_tag="b", branch="z9hG4bKack")
    s.packets = packets
    return sorted(s.read().facts.of(Call), key=lambda row: row.call_id)


def test_refusal_beyond_all_calls_that_the_trunk_took() -> None:
    rows = calls(answered=3, refused_at=3)
    assert [row.derived["trunk_calls_up"] for row in rows] == [0, 1, 2, 3]
    assert [row.derived["beyond_trunk_calls"] for row in rows] == [False, False, False, True]


def test_refusal_among_calls_that_the_trunk_took() -> None:
    assert [row.derived["beyond_trunk_calls"] for row in calls(answered=3, refused_at=1)] == [False] * 4


def test_no_limit_is_known_where_no_call_was_answered() -> None:
    assert [row.derived["beyond_trunk_calls"] for row in calls(answered=0, refused_at=0)] == [None]


def test_time_to_ring_of_a_trunk() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    packets = s.packets
    for n in range(20):
        s = Scenario(call_id=f"c{n}", caller=PBX, callee=TRUNK, agents={PBX: TCX}, packets=packets)
        s.request(n, "INVITE")
        s.response(n + (0.9 if n == 19 else 0.1 + n / 100), 180)
    (trunk,) = [row for row in s.read().facts.of(SipPeer) if row.ip == "198.51.100.9"]
    assert (trunk.derived["calls_rung"], trunk.derived["pdd_p95_ms"]) == (20, 280.0)


@pytest.mark.parametrize(("first_answers", "changed"), [(True, True), (False, False)])
def test_registrar_that_fell_silent(first_answers: bool, changed: bool) -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX}, from_user="7", to_user="7")
    s.request(0, "REGISTER", 1, headers="Expires: 120\n")
    if first_answers:
        s.response(0.1, 200, "REGISTER", 1)
    s.request(100, "REGISTER", 2, headers="Expires: 120\n")
    s.request(140, "REGISTER", 3, headers="Expires: 120\n", dst=OTHER_TRUNK)
    s.response(140.1, 200, "REGISTER", 3, src=OTHER_TRUNK)
    row = s.read().registration
    assert (row.derived["registrar_changed"], row.derived["trunk"]) == (changed, "198.51.100.10")


def test_question_in_a_one_sided_capture() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "OPTIONS")
    s.request(40, "OPTIONS", 2)
    assert [row.derived["capture_one_sided"] for row in s.read().facts.of(SipTransaction)] == [True, True]
    s.response(40.1, 200, "OPTIONS", 2)
    assert [row.derived["capture_one_sided"] for row in s.read().facts.of(SipTransaction)] == [False, False]
    s.request(50, "INVITE")
    assert s.read().call.derived["caller_public"] is True
