"""Calls of which messages were captured in part: what is missing proves nothing."""

from __future__ import annotations

from tests.parsers.capture.scenario import PBX, TRUNK, Scenario, read, sdp
from tests.parsers.capture.test_capture_facts import cut


def test_descriptions_that_were_cut_prove_nothing() -> None:
    s = Scenario()
    s.answered(offer_extra="a=ptime:20\n" * 8, answer_extra="a=ptime:20\n" * 8 + "a=sendonly\n")
    whole = s.read().call
    assert (whole.hold_s, whole.encrypted, whole.derived["events_negotiated"]) == (8.0, False, True)
    bodies = [data.index(b"v=0") for _, _, _, data in s.packets if b"v=0" in data]
    for length in (42 + max(bodies) + 60, 42 + min(bodies) - 20):
        row = read(cut(s.pcap(), length)).call
        assert (row.outcome, row.hold_s, row.encrypted) == ("answered", None, None)
        assert (row.derived["delayed_offer_unanswered"], row.derived["events_negotiated"]) == (False, None)
        assert (row.derived["no_common_codec"], row.derived["audio_declined"]) == (False, False)


def test_delayed_offer_whose_ack_was_cut() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(1, 200, body=sdp("192.0.2.1:10000"))
    s.request(1.1, "ACK", to_tag="b", body=sdp("192.0.2.21:4000"), headers="X-Long: " + "x" * 300 + "\n")
    longest = max(len(data) for _, _, _, data in s.packets)
    assert s.read().call.derived["delayed_offer_unanswered"] is False
    assert read(cut(s.pcap(), 42 + longest - 140)).call.derived["delayed_offer_unanswered"] is False
    s.packets[-1] = (*s.packets[-1][:3], s.packets[-1][3].partition(b"v=0")[0])
    assert s.read().call.derived["delayed_offer_unanswered"] is True


def test_ack_that_was_cut_is_not_a_wrong_one() -> None:
    s = Scenario()
    s.answered(bye=None)
    at, src, dst, ack = s.packets[-1]
    s.packets[-1] = (at, src, dst, ack.replace(b"CSeq", b"X-Long: " + b"x" * 400 + b"\r\nCSeq"))
    place = s.packets[-1][3].index(b"CSeq")
    assert s.read().call.ack == "ok"
    assert read(cut(s.pcap(), 42 + place + 4)).call.ack is None


def test_responses_cut_in_their_cseq_may_be_answers() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 180)
    s.request(40, "OPTIONS", 9, src=TRUNK, dst=PBX)
    place = s.packets[1][3].index(b"CSeq")
    row = read(cut(s.pcap(), 42 + place + 4)).call
    assert (row.outcome, row.derived["timer_b_expired"]) == ("incomplete", False)


def test_responses_of_a_call_cut_before_their_call_id_may_be_answers() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 180)
    s.request(40, "OPTIONS", 9, src=TRUNK, dst=PBX)
    place = s.packets[1][3].index(b"Call-ID")
    s.packets[0] = (*s.packets[0][:3], s.packets[0][3].replace(b"SIP/2.0\r\n", b"SIP/2.0\r\ni: call-1\r\n", 1))
    row = read(cut(s.pcap(), 42 + place)).call
    assert (row.call_id, row.outcome, row.derived["timer_b_expired"]) == ("call-1", "incomplete", False)


def test_invite_cut_before_its_cseq_has_its_answers() -> None:
    """Its answers have shorter headers, and say which request they are for."""
    s = Scenario()
    s.answered()
    at, src, dst, invite = s.packets[0]
    s.packets[0] = (at, src, dst, invite.replace(b"CSeq", b"X-Long: " + b"x" * 600 + b"\r\nCSeq"))
    row = read(cut(s.pcap(), 42 + s.packets[0][3].index(b"CSeq"))).call
    assert (row.outcome, row.final_status, row.ack, row.duration_s) == ("answered", 200, "ok", 8.0)


def test_register_that_is_cut_may_have_answered_the_challenge() -> None:
    def asked(headers: str, cseq: int) -> tuple[int, int]:
        s = Scenario(from_user="101", to_user="101")
        s.request(0, "REGISTER", 1)
        s.response(0.1, 401, "REGISTER", 1, headers='WWW-Authenticate: Digest realm="x", nonce="n"\n')
        s.request(0.2, "REGISTER", cseq, headers=headers)
        s.response(0.3, 200, "REGISTER", cseq, headers="Expires: 60\n")
        row = read(cut(s.pcap(), 42 + 500)).registration
        return row.attempts, row.failures

    proof = 'Authorization: Digest username="101", nonce="n"\n'
    long = "X-Long: " + "x" * 600 + "\n"
    assert asked(proof, 2) == asked(long + proof, 2) == (1, 0)
    assert asked(long + proof, 7) == asked("Subject: none\n", 2) == (2, 1)
