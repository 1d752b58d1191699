"""The message that shows a fact of a call, not the first of the call."""

from __future__ import annotations

from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Scenario, sdp

CALLER_MEDIA, CALLEE_MEDIA = "192.0.2.21:4000", "192.0.2.1:10000"


def places(row: Call, *names: str) -> list[int | None]:
    return [row.source_of(name).frame for name in names]


def reinvited(*answers: tuple[str, str]) -> Call:
    """A call (frames 1 to 4) with re-INVITEs (5, 6, then 7, 8 …): payloads offered and answered."""
    s = Scenario()
    s.answered(bye=None)
    for n, (offered, answered) in enumerate(answers, 2):
        s.request(5 * n, "INVITE", n, to_tag="b", body=sdp(CALLER_MEDIA, payloads=offered, version=n))
        s.response(5 * n + 0.1, 200, cseq=n, body=sdp(CALLEE_MEDIA, payloads=answered, version=n))
    s.request(90, "BYE", 9, to_tag="b")
    return s.read().call


def test_the_answer_that_is_wrong_and_not_the_last_one() -> None:
    row = reinvited(("8", "0"), ("8", "8"), ("8", "8"))
    assert (row.derived["no_common_codec"], places(row, "no_common_codec")) == (True, [6])
    assert "extra_codecs" in row.sources
    assert "profile_changed" not in row.sources
    row = reinvited(("8", "8"), ("8", "8 18"), ("8", "8 18"))
    assert places(row, "extra_codecs", "codec", "both_ways") == [8, 10, 10]
    assert "no_common_codec" not in row.sources


def test_the_digit_that_was_refused_and_not_another_info() -> None:
    s = Scenario()
    s.answered(bye=None)
    relay = "Content-Type: application/dtmf-relay\n"
    s.request(3, "INFO", 2, to_tag="b", headers=relay, body="Signal=5\nDuration=160\n")
    s.response(3.1, 415, "INFO", 2)
    s.request(4, "INFO", 3, to_tag="b", headers="Content-Type: text/plain\n", body="hello\n")
    s.response(4.1, 488, "INFO", 3)
    row = s.read().call
    assert (row.derived["digit_rejected_status"], places(row, "digit_rejected_status")) == (415, [6])


def test_the_message_that_names_a_private_address_to_the_trunk() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", body=sdp("198.51.100.1:10000"))
    s.response(2, 200, body=sdp("198.51.100.9:20000"))
    s.request(2.1, "ACK", to_tag="b", branch="z9hG4bKack")
    s.request(9, "INVITE", 2, to_tag="b", body=sdp("10.0.0.5:10000", version=2))
    row = s.read().call
    assert (row.derived["sdp_private_to_public"], places(row, "sdp_private_to_public")) == (True, [4])
    assert "answered_on_via_port" not in row.sources


def test_a_port_that_the_nat_changed() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", body=sdp(CALLEE_MEDIA))
    s.response(0.1, 100)
    s.packets[-1] = (*s.packets[-1][:3], s.packets[-1][3].replace(b"rport=5060", b"rport=61234"))
    row = s.read().call
    assert (row.derived["port_rewritten"], places(row, "port_rewritten")) == (True, [2])


def test_the_cancel_and_the_hang_up() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(CALLER_MEDIA))
    s.response(0.1, 180)
    s.request(4, "CANCEL", headers='Reason: SIP;cause=200;text="Call completed elsewhere"\n')
    s.response(4.1, 200, "CANCEL")
    s.response(4.2, 487)
    row = s.read().call
    assert (row.outcome, places(row, "outcome", "end_by", "reason")) == ("cancelled", [3, 3, 3])
    s = Scenario()
    s.answered(bye=10)
    row = s.read().call
    assert places(row, "end_by", "duration_s", "outcome") == [5, 5, 3]


def test_the_refused_credentials_of_a_call_that_has_others() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.answered(bye=None)
    challenge = 'Proxy-Authenticate: Digest realm="example.com", nonce="n"\n'
    credentials = 'Proxy-Authorization: Digest username="u", realm="example.com", nonce="n", response="00"\n'
    s.request(10, "UPDATE", 2, to_tag="b")
    s.response(10.1, 407, "UPDATE", 2, headers=challenge)
    s.request(10.2, "UPDATE", 3, to_tag="b", headers=credentials)
    s.response(10.3, 200, "UPDATE", 3)
    s.request(20, "INFO", 4, to_tag="b")
    s.response(20.1, 407, "INFO", 4, headers=challenge)
    s.request(30, "BYE", 5, to_tag="b")
    row = s.read().call
    assert (row.derived["in_dialog_challenge_unanswered"], places(row, "in_dialog_challenge_unanswered")) == (
        True,
        [10],
    )


def test_the_wrong_ack() -> None:
    s = Scenario()
    s.answered(ack=False, bye=None)
    s.request(2.1, "ACK", to_tag="other", branch="z9hG4bKack")
    s.response(3, 200, body=sdp(CALLEE_MEDIA))
    row = s.read().call
    assert (row.ack, places(row, "ack", "ok_retransmitted")) == ("mismatched", [4, 5])


def test_offer_of_fax_that_was_accepted_before_another_was_refused() -> None:
    fax = "v=0\no=- 7 {n} IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=image 6000 udptl t38\n"
    s = Scenario()
    s.answered(bye=None)
    s.request(10, "INVITE", 2, to_tag="b", body=fax.format(n=2))
    s.response(10.5, 200, cseq=2, body=fax.format(n=2))
    s.request(20, "INVITE", 3, to_tag="b", body=fax.format(n=3))
    s.response(20.5, 488, cseq=3)
    row = s.read().call
    assert (row.t38, places(row, "t38")) == ("accepted", [6])


def test_silence_after_the_last_repeat_and_the_size_of_an_invite() -> None:
    s = Scenario(caller=PBX, callee=PHONE, agents={PBX: TCX, PHONE: YEALINK})
    for at in (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5):
        s.request(at, "INVITE", body=sdp(CALLEE_MEDIA))
    s.send(33, "192.0.2.9:5060", "192.0.2.8:5060", b"x")
    row = s.read().call
    assert places(row, "timer_b_expired", "retransmissions") == [7, 2]
    assert "invite_bytes" not in row.sources


def test_the_large_one_of_several_invites() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(CALLER_MEDIA))
    s.request(1, "INVITE", 2, body=sdp(CALLER_MEDIA, extra="a=x:" + "y" * 1300 + "\n"))
    assert places(s.read().call, "invite_bytes") == [2]
