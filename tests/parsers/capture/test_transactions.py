"""Which response belongs to which request, and what a call makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, Scenario, sdp

PROOF = 'Authorization: Digest username="101", realm="3CXPhoneSystem", nonce="n", response="0"\n'
OFFER, ANSWER = "192.0.2.21:4000", "192.0.2.1:10000"


def test_response_that_goes_to_another_address_is_an_answer() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(10, "BYE", 2, to_tag="b")
    s.response(10.1, 200, "BYE", 2, dst="192.0.2.21:40112", branch="z9hG4bKBYE2a")
    d = s.read().call.derived
    assert (d["bye_unanswered"], d["bye_status"]) == (False, 200)


def test_response_on_one_of_two_hops_answers_that_hop() -> None:
    """A device in between passes a REFER on with the same branch; only what it sends itself is answered."""
    between = "192.0.2.50:5060"
    s = Scenario()
    s.answered()
    s.request(5, "REFER", 3, to_tag="b", headers="Refer-To: <sip:104@example.com>\n", dst=between, branch="z9hG4bKr")
    s.request(5.1, "REFER", 3, to_tag="b", headers="Refer-To: <sip:104@example.com>\n", src=between, branch="z9hG4bKr")
    s.response(5.2, 202, "REFER", 3, dst=between, branch="z9hG4bKr")
    d = s.read().call.derived
    assert (d["refer_status"], d["refer_unanswered"]) == (202, False)
    s.packets.pop()
    s.response(5.2, 202, "REFER", 3, src=between, branch="z9hG4bKr")
    d = s.read().call.derived
    assert (d["refer_status"], d["refer_unanswered"]) == (None, True)


@pytest.mark.parametrize(
    ("status", "again", "proof", "unanswered"),
    [
        (401, False, "", True),
        (407, True, "", True),
        (407, True, PROOF, False),
        (402, False, "", False),
        (200, False, "", False),
    ],
)
def test_challenge_within_the_call(status: int, again: bool, proof: str, unanswered: bool) -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(10, "BYE", 2, to_tag="b")
    s.response(10.1, status, "BYE", 2)
    if again:
        s.request(10.2, "BYE", 3, to_tag="b", headers=proof)
        s.response(10.3, 200, "BYE", 3)
    assert s.read().call.derived["in_dialog_challenge_unanswered"] is unanswered


def fax(status: int, answer: str | None) -> tuple[str | None, Any]:
    s = Scenario()
    s.answered(bye=60)
    s.request(10, "INVITE", 2, from_tag="b", to_tag="a", body="v=0\nc=IN IP4 192.0.2.1\nm=image 6000 udptl t38\n")
    if status:
        s.response(10.5, status, cseq=2, from_tag="b", to_tag="a", body=answer or "")
    row = s.read().call
    return row.t38, row.derived["t38_status"]


def test_what_became_of_an_offer_of_t38() -> None:
    taken = "v=0\nc=IN IP4 192.0.2.21\nm=image 5004 udptl t38\n"
    assert fax(200, taken) == ("accepted", 200)
    assert fax(200, taken.replace("5004", "0")) == ("refused", 200)
    assert fax(200, None) == ("refused", 200)
    assert fax(300, None) == ("refused", 300)
    assert fax(488, None) == ("refused", 488)
    assert fax(491, None) == ("offered", 491)
    assert fax(183, None) == ("offered", None)


@pytest.mark.parametrize(("early", "seconds"), [(True, 24.5), (False, 24.5)])
def test_hold_begins_with_the_final_answer(early: bool, seconds: float) -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp(OFFER, extra="a=sendonly\n"))
    if early:
        s.response(5.2, 183, cseq=2, body=sdp(ANSWER, extra="a=recvonly\n"))
    s.response(5.5, 200, cseq=2, body=sdp(ANSWER, extra="a=recvonly\n"))
    assert s.read().call.hold_s == seconds


def legs(gap: float, *, to_user: str = "0301234567", from_user: str = "101") -> list[list[str]]:
    """A phone's call to the PBX and one that the PBX makes so long after it: what each is linked with."""
    first = Scenario("in", PHONE, PBX, to_user="0301234567", agents={PBX: TCX})
    first.request(0, "INVITE", body=sdp(OFFER))
    first.response(0.1, 180)
    second = Scenario("out", PBX, TRUNK, from_user=from_user, to_user=to_user, agents={PBX: TCX}, packets=first.packets)
    second.request(gap, "INVITE", body=sdp(ANSWER))
    second.response(gap + 0.1, 180)
    rows = sorted(first.read().facts.of(Call), key=lambda row: row.call_id)
    return [row.linked for row in rows]


def test_two_legs_of_one_call_share_a_number_and_are_near() -> None:
    both: list[list[str]] = [["out"], ["in"]]
    none: list[list[str]] = [[], []]
    assert legs(0.2) == both
    assert legs(10.0) == both
    assert legs(10.1) == none
    assert legs(0.2, from_user="5550100") == both
    assert legs(0.2, to_user="0309999999") == both
    assert legs(0.2, to_user="0309999999", from_user="5550100") == none
