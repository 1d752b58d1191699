"""Facts of a call that rules judge: each with its other side, and at the numbers where it turns."""

from __future__ import annotations

import pytest

from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, PHONE, Scenario, sdp

OFFER, ANSWER = "192.0.2.21:4000", "192.0.2.1:10000"


def ended(after_s: float, by: str) -> Call:
    """A call that one side ends so long after its answer, at second 2."""
    s = Scenario()
    s.answered(bye=None)
    tags = {"from_tag": "b", "to_tag": "a"} if by == "callee" else {"to_tag": "b"}
    s.request(2 + after_s, "BYE", 2, **tags)
    return s.read().call


@pytest.mark.parametrize(
    ("after_s", "by", "early"), [(2.0, "callee", True), (2.1, "callee", False), (1.0, "caller", False)]
)
def test_called_side_that_hangs_up_at_once(after_s: float, by: str, early: bool) -> None:
    row = ended(after_s, by)
    assert (row.end_by, row.derived["early_end"], row.derived["bye_after_s"]) == (by, early, after_s)


@pytest.mark.parametrize(
    ("repeated", "after_s", "dropped"),
    [(True, 30.5, True), (True, 34.0, True), (True, 30.4, False), (True, 34.1, False), (False, 32.0, False)],
)
def test_drop_for_want_of_an_ack_needs_repeats_and_the_time(repeated: bool, after_s: float, dropped: bool) -> None:
    s = Scenario()
    s.answered(ack=False, bye=None)
    if repeated:
        s.response(2.5, 200, body=sdp(ANSWER))
    s.request(2 + after_s, "BYE", 2, from_tag="b", to_tag="a")
    row = s.read().call
    assert (row.ack, row.duration_s, row.derived["dropped_at_32s"]) == ("missing", after_s, dropped)


def test_byes_that_cross() -> None:
    s = Scenario()
    s.answered()
    s.request(10.005, "BYE", 1, from_tag="b", to_tag="a")
    assert s.read().call.derived["crossing_byes"] is True
    s = Scenario()
    s.answered()
    s.request(10.005, "BYE", 3, to_tag="b")
    assert s.read().call.derived["crossing_byes"] is False


@pytest.mark.parametrize(
    ("answered", "unanswered", "status", "repeats"),
    [(True, False, 200, 0), (False, True, None, 1), (None, False, None, 0)],
)
def test_bye_without_an_answer(answered: bool | None, unanswered: bool, status: int | None, repeats: int) -> None:
    s = Scenario()
    s.answered(bye=10 if answered else None)
    if answered is False:
        s.request(10, "BYE", 2, to_tag="b")
        s.request(10.5, "BYE", 2, to_tag="b")
    d = s.read().call.derived
    assert (d["bye_unanswered"], d["bye_status"], d["bye_repeats"]) == (unanswered, status, repeats)


@pytest.mark.parametrize(
    ("said", "by", "refresher", "sure"),
    [
        (";refresher=uac", "callee", "caller", ("high", 85)),
        (";refresher=uac", "caller", "caller", ("medium", 60)),
        (" ; Refresher = UAS", "caller", "callee", ("high", 85)),
        (" ; refresher=uas", "callee", "callee", ("medium", 60)),
        ("", "callee", None, ("medium", 60)),
    ],
)
def test_session_ends_by_the_side_that_waits_for_the_refresh(
    said: str, by: str, refresher: str | None, sure: tuple[str, int]
) -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(OFFER))
    s.response(2, 200, body=sdp(ANSWER), headers=f"Session-Expires: 90{said}\n")
    s.request(2.1, "ACK", to_tag="b", branch="z9hG4bKack")
    tags = {"from_tag": "b", "to_tag": "a"} if by == "callee" else {"to_tag": "b"}
    s.request(62, "BYE", 2, **tags)  # 90 s less a third
    d = s.read().call.derived
    assert (d["session_expired"], d["session_refresher"]) == (True, refresher)
    assert (d["session_severity"], d["session_confidence"]) == sure


@pytest.mark.parametrize(
    ("repeated", "prack", "missing"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_reliable_ringing_that_nobody_acknowledges(repeated: bool, prack: bool, missing: bool) -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(OFFER))
    for n in range(1 + repeated):
        s.response(0.1 + 0.5 * n, 183, headers="Require: 100rel\nRSeq: 1\n")
    if prack:
        s.request(0.7, "PRACK", 2, to_tag="b", headers="RAck: 1 1 INVITE\n")
    s.response(32, 504)
    assert s.read().call.derived["prack_missing"] is missing


def test_answer_that_bears_an_rseq_is_no_reliable_ringing() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(OFFER))
    for at in (1.0, 1.5):
        s.response(at, 200, headers="RSeq: 1\n", body=sdp(ANSWER))
    assert s.read().call.derived["prack_missing"] is False


def notify(s: Scenario, at: float, cseq: int, line: str) -> None:
    s.request(
        at, "NOTIFY", cseq, from_tag="b", to_tag="a", body=f"{line}\n",
        headers="Event: refer\nContent-Type: message/sipfrag\n",
    )  # fmt: skip
    s.response(at + 0.01, 200, "NOTIFY", cseq, from_tag="b")


def test_what_became_of_a_transfer() -> None:
    s = Scenario()
    s.answered()
    s.request(3, "REFER", 4, to_tag="b", headers="Refer-To: <sip:104@example.com>\n")
    s.response(3.1, 202, "REFER", 4)
    assert s.read().call.derived["transfer_status"] is None
    notify(s, 3.2, 1, "SIP/2.0 100 Trying")
    notify(s, 4.2, 2, "SIP/2.0 503 Service Unavailable")
    d = s.read().call.derived
    assert (d["refer_status"], d["refer_unanswered"], d["transfer_status"]) == (202, False, 503)


def test_transfer_that_is_not_answered() -> None:
    s = Scenario()
    s.answered()
    s.request(3, "REFER", 4, to_tag="b", headers="Refer-To: <sip:104@example.com>\n")
    d = s.read().call.derived
    assert (d["refer_status"], d["refer_unanswered"]) == (None, True)


@pytest.mark.parametrize(("status", "refused"), [(200, None), (299, None), (300, 300), (415, 415)])
def test_digits_that_are_refused(status: int, refused: int | None) -> None:
    s = Scenario()
    s.answered()
    s.request(
        3, "INFO", 4, to_tag="b", headers="Content-Type: application/dtmf-relay\n", body="Signal=5\nDuration=160\n"
    )
    s.response(3.1, status, "INFO", 4)
    d = s.read().call.derived
    assert (d["digit_rejected_status"], d["info_rejected_status"]) == (refused, refused)


NO_RPORT = "INVITE sip:102@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKx\r\nFrom: <sip:101@example.com>;tag=a\r\nTo: <sip:102@example.com>\r\nCall-ID: call-1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("via", "src", "dst", "found"),
    [
        ("203.0.113.7:5062", "203.0.113.7:40112", "203.0.113.7:5062", True),
        ("203.0.113.7", "203.0.113.7:40112", "203.0.113.7:5060", True),
        ("203.0.113.7:5062", "203.0.113.7:5062", "203.0.113.7:5062", False),
        ("203.0.113.7:5062", "203.0.113.7:40112", "203.0.113.7:40112", False),
    ],
)
def test_answer_goes_to_the_port_of_the_via(via: str, src: str, dst: str, found: bool) -> None:
    s = Scenario()
    s.send(0, src, PBX, NO_RPORT.format(via=via).encode())
    answer = NO_RPORT.format(via=via).replace("INVITE sip:102@example.com SIP/2.0", "SIP/2.0 180 Ringing")
    s.send(0.1, PBX, dst, answer.encode())
    assert s.read().call.derived["answered_on_via_port"] is found


def test_answer_to_a_request_with_rport_goes_where_it_came_from() -> None:
    s = Scenario()
    s.request(0, "INVITE", src="203.0.113.7:40112")
    s.response(0.1, 180, dst="203.0.113.7:5060", branch="z9hG4bKINVITE1a")
    assert s.read().call.derived["answered_on_via_port"] is False


@pytest.mark.parametrize(("status", "followed"), [(302, True), (302, False), (399, False), (400, None)])
def test_redirect_that_is_followed(status: int, followed: bool | None) -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, status, headers="Contact: <sip:104@example.com>\n")
    s.request(0.2, "ACK", to_tag="b", branch="z9hG4bKINVITE1a")
    if followed:
        s.request(0.3, "INVITE", 2)
        s.response(0.4, 180, cseq=2)
    assert s.read().call.derived["redirect_followed"] is followed


def test_answer_from_a_host_that_was_not_asked() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(OFFER))
    s.response(1, 200, src="192.0.2.99:5060", body=sdp(ANSWER))
    assert s.read().call.derived["answered_from_other_host"] is True
    s = Scenario()
    s.answered()
    assert s.read().call.derived["answered_from_other_host"] is False


def test_what_the_invites_say() -> None:
    s = Scenario(from_user="Anonymous")
    s.request(
        0, "INVITE", headers="Max-Forwards: 3\nDiversion: <sip:105@example.com>\n", uri=f"sip:102@{PHONE};Rinstance=1f"
    )
    d = s.read().call.derived
    assert (d["anonymous"], d["max_forwards_min"], d["diverted"], d["rinstance_in_uri"]) == (True, 3, True, True)
    s = Scenario()
    s.request(0, "INVITE")
    d = s.read().call.derived
    assert (d["anonymous"], d["max_forwards_min"], d["diverted"], d["rinstance_in_uri"]) == (False, None, False, False)


def test_answers_of_two_forks_of_which_one_is_acknowledged() -> None:
    s = Scenario()
    s.answered()
    assert (s.read().call.derived["answers"], s.read().call.derived["orphan_answers"]) == (1, 0)
    s.response(2.05, 200, to_tag="c", body=sdp("192.0.2.1:10002"))
    assert (s.read().call.derived["answers"], s.read().call.derived["orphan_answers"]) == (2, 1)


@pytest.mark.parametrize(("again", "unretried"), [(5.0, 0), (5.2, 1), (None, 1)])
def test_glare_is_tried_again_in_time(again: float | None, unretried: int) -> None:
    s = Scenario()
    s.answered(bye=20)
    s.request(3, "INVITE", 5, from_tag="b", to_tag="a", body=sdp(ANSWER, version=2))
    s.response(3.05, 491, cseq=5, from_tag="b", to_tag="a")
    if again is not None:
        s.request(3.05 + again, "INVITE", 6, from_tag="b", to_tag="a", body=sdp(ANSWER, version=2))
        s.response(3.1 + again, 200, cseq=6, from_tag="b", to_tag="a", body=sdp(OFFER, version=2))
    d = s.read().call.derived
    assert (d["glare"], d["glare_unretried"]) == (1, unretried)


@pytest.mark.parametrize(("status", "rings"), [(180, True), (189, True), (179, False), (190, False), (183, True)])
def test_only_18x_rings(status: int, rings: bool) -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.25, status)
    assert s.read().call.pdd_ms == (250.0 if rings else None)


def test_a_challenge_after_credentials_is_the_final_answer() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 407)
    s.request(
        0.2, "INVITE", 2, headers='Proxy-Authorization: Digest username="1", realm="x", nonce="n", response="0"\n'
    )
    s.response(0.3, 407, cseq=2)
    row = s.read().call
    assert (row.final_status, row.outcome) == (407, "rejected")
    s.packets.pop()
    assert (s.read().call.final_status, s.read().call.outcome) == (None, "incomplete")


def test_one_answered_bye_of_two_is_enough() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(10, "BYE", 2, to_tag="b")
    s.request(10.2, "BYE", 1, from_tag="b", to_tag="a")
    s.response(10.3, 200, "BYE", 1, from_tag="b", to_tag="a")
    d = s.read().call.derived
    assert (d["bye_unanswered"], d["bye_status"], d["crossing_byes"]) == (False, 200, True)


@pytest.mark.parametrize(
    ("phrase", "code", "warning"), [('399 pbx "no media"', 399, True), ("later", None, True), ("", None, False)]
)
def test_what_a_refusal_says_besides(phrase: str, code: int | None, warning: bool) -> None:
    s = Scenario()
    s.request(0, "INVITE")
    head = f"Warning: {phrase}\n" if phrase else ""
    s.response(0.1, 488, headers=f"{head}Retry-After: 120 (busy)\nUnsupported: 100rel\n", phrase="Not Acceptable Here")
    d = s.read().call.derived
    assert (d["warning_code"], d["warning"] is not None) == (code, warning)
    assert (d["retry_after"], d["unsupported"], d["final_phrase"]) == (120, "100rel", "Not Acceptable Here")
    assert d["final_by_pbx"] is True


def test_intervals_that_are_too_small_are_counted_without_repeats() -> None:
    s = Scenario()
    for number in (1, 2):
        s.request(number, "INVITE", number)
        for at in (0.1, 0.4, 0.7):
            s.response(number + at, 422, cseq=number, headers="Min-SE: 1800\n")
    s.request(3, "INVITE", 3)
    s.response(3.1, 180, cseq=3)
    assert s.read().call.derived["too_small_422"] == 2
