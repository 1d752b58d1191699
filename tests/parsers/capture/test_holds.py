"""When one side of a call had put the other on hold."""

from __future__ import annotations

from tests.parsers.capture.scenario import Scenario, sdp


def test_hold_by_the_callee_with_its_own_first_number() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(10, "INVITE", 1, to_tag="a", from_tag="b", body=sdp("192.0.2.1:10000", extra="a=inactive\n"))
    s.response(10, 200, cseq=1, from_tag="b", to_tag="a", body=sdp("192.0.2.21:4000", extra="a=inactive\n"))
    assert s.read().call.hold_s == 20.0


def test_hold_counts_from_answer_to_answer() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("192.0.2.21:4000", extra="a=sendonly\n"))
    s.response(5.5, 200, cseq=2, body=sdp("192.0.2.1:10000", extra="a=recvonly\n"))
    s.request(15, "INVITE", 3, to_tag="b", body=sdp("192.0.2.21:4000"))
    s.response(15.5, 200, cseq=3, body=sdp("192.0.2.1:10000"))
    assert s.read().call.hold_s == 10.0


def test_hold_by_zero_address_lasts_until_the_end() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(20, "INVITE", 2, to_tag="b", body=sdp("0.0.0.0:4000"))
    s.response(20, 200, cseq=2, body=sdp("192.0.2.1:10000"))
    row = s.read().call
    assert (row.hold_s, row.derived["stuck_on_hold"]) == (10.0, True)


def test_refused_hold_is_none() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("192.0.2.21:4000", extra="a=sendonly\n"))
    s.response(5.5, 491, cseq=2)
    row = s.read().call
    assert (row.hold_s, row.derived["glare"]) == (0.0, 1)


def test_audio_that_is_declined_is_no_hold() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("0.0.0.0:0"))
    s.response(5.5, 200, cseq=2, body=sdp("192.0.2.1:10000"))
    assert s.read().call.hold_s == 0.0


def test_hold_that_is_only_announced_in_a_provisional_answer_is_none() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("192.0.2.21:4000", extra="a=sendonly\n"))
    s.response(5.5, 183, cseq=2, body=sdp("192.0.2.1:10000", extra="a=recvonly\n"))
    assert s.read().call.hold_s == 0.0


def test_holds_of_both_sides_count_once() -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("192.0.2.21:4000", extra="a=sendonly\n"))
    s.response(5, 200, cseq=2, body=sdp("192.0.2.1:10000", extra="a=recvonly\n"))
    s.request(10, "INVITE", 3, to_tag="b", body=sdp("192.0.2.21:4000", extra="a=inactive\n"))
    s.response(10, 200, cseq=3, body=sdp("192.0.2.1:10000", extra="a=inactive\n"))
    assert s.read().call.hold_s == 25.0
