from __future__ import annotations

import pytest

from tests.parsers.capture.scenario import PBX, PHONE, TRUNK, YEALINK, Scenario, sdp


def test_normal_call() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 100, ssrc=1)
    s.rtp(2.2, "192.0.2.1:10000", "192.0.2.21:4000", 90, ssrc=2)
    row = s.read().call
    assert (row.call_id, row.from_user, row.to_user) == ("call-1", "101", "102")
    assert (row.caller, row.callee, row.transport) == (PHONE, PBX, "udp")
    assert (row.pdd_ms, row.ring_ms, row.answered_after_ms, row.duration_s) == (100.0, 1900.0, 2000.0, 8.0)
    assert (row.outcome, row.final_status, row.ack, row.end_by) == ("answered", 200, "ok", "caller")
    assert (row.media, row.hold_s, row.encrypted, row.t38, row.dtmf) == ("both", 0.0, False, None, [])
    assert row.user_agents == {"caller": YEALINK, "callee": "3CXPhoneSystem 20.0.8.1109 (1109)"}
    assert (row.retransmissions, row.response_retransmissions) == (0, 0)
    assert row.linked == []
    assert row.source.frame == 1
    assert (row.derived["rtp_caller_packets"], row.derived["rtp_callee_packets"]) == (100, 90)
    assert (row.derived["from_phone"], row.derived["to_pbx"], row.derived["to_trunk"]) == (True, True, False)
    assert row.derived["codec"] == "PCMA"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(486, "busy"), (600, "busy"), (603, "declined"), (404, "rejected"), (302, "rejected"), (487, "rejected")],
)
def test_outcome_by_final_status(status: int, outcome: str) -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.5, status, headers='Reason: Q.850;cause=41;text="failure"\n')
    s.request(0.6, "ACK", to_tag="b", branch="z9hG4bKINVITE1a")
    row = s.read().call
    assert (row.outcome, row.final_status, row.ack, row.end_by) == (outcome, status, None, None)
    assert row.end is not None
    assert row.start is not None
    assert (row.end - row.start).total_seconds() == 0.5
    assert row.reason == 'Q.850;cause=41;text="failure"'
    assert row.derived["q850_cause"] == 41


def test_cancelled() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 180)
    s.request(4, "CANCEL", branch="z9hG4bKINVITE1a", headers='Reason: SIP;cause=200;text="Call completed elsewhere"\n')
    s.response(4.01, 200, "CANCEL", branch="z9hG4bKINVITE1a")
    s.response(4.02, 487)
    row = s.read().call
    assert (row.outcome, row.final_status, row.end_by, row.answered) == ("cancelled", 487, "caller", None)
    assert row.end is not None
    assert row.start is not None
    assert (row.end - row.start).total_seconds() == 4.0
    assert row.derived["cancelled_elsewhere"] is True


def test_cancelled_before_the_final_response_was_captured() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 180)
    s.request(4, "CANCEL", branch="z9hG4bKINVITE1a")
    row = s.read().call
    assert (row.outcome, row.final_status, row.end_by) == ("cancelled", None, "caller")


def test_ringing_of_two_forks_is_no_retransmission() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 180, to_tag="b")
    s.response(0.2, 180, to_tag="c")
    s.response(0.3, 180, to_tag="b")
    assert s.read().call.response_retransmissions == 1


def test_cancel_that_crosses_the_answer_is_an_answered_call() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.request(1, "CANCEL", branch="z9hG4bKINVITE1a")
    s.response(1.01, 200)
    s.request(1.1, "ACK", to_tag="b")
    row = s.read().call
    assert (row.outcome, row.end, row.end_by) == ("answered", None, None)


def test_no_response_and_retransmissions() -> None:
    s = Scenario()
    for at in (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5):
        s.request(at, "INVITE")
    s.request(33, "OPTIONS", 9, src=TRUNK, dst=PBX)
    row = s.read().call
    assert (row.outcome, row.final_status, row.retransmissions) == ("no_response", None, 6)
    assert (row.derived["timer_b_expired"], row.derived["waited_s"]) == (True, 33.0)


def test_invite_at_the_end_of_the_capture_has_not_waited_long() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.request(0.5, "INVITE")
    row = s.read().call
    assert (row.outcome, row.derived["timer_b_expired"], row.derived["waited_s"]) == ("no_response", False, 0.5)


def test_only_provisional_responses_are_incomplete() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 100)
    row = s.read().call
    assert (row.outcome, row.pdd_ms, row.end) == ("incomplete", None, None)


def test_challenge_that_was_answered_does_not_count() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, headers='Proxy-Authenticate: Digest realm="r", nonce="n1"\n')
    s.request(0.2, "INVITE", 2, headers='Proxy-Authorization: Digest realm="r", nonce="n1", response="x1x1x1x1"\n')
    s.response(0.3, 486, cseq=2)
    row = s.read().call
    assert (row.outcome, row.final_status, row.retransmissions) == ("busy", 486, 0)


def test_challenge_without_an_answer_is_the_final_status() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, headers='Proxy-Authenticate: Digest realm="r", nonce="n1"\n')
    row = s.read().call
    assert (row.outcome, row.final_status) == ("rejected", 407)


def test_a_response_to_an_invite_that_was_not_captured_is_a_response() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.request(0.1, "ACK", 1, to_tag="b", branch="z9hG4bKINVITE1a")
    s.response(0.5, 180, cseq=2)
    row = s.read().call
    assert (row.outcome, row.final_status) == ("incomplete", None)


def test_a_call_that_ended_in_an_answered_bye_had_a_response() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.request(40, "BYE", 1, to_tag="a", from_tag="b")
    assert s.read().call.outcome == "no_response"
    s.response(40.1, 200, "BYE")
    assert s.read().call.outcome == "incomplete"


@pytest.mark.parametrize("sign", ["ACK", "BYE"])
def test_no_wait_for_an_answer_that_was_there_but_not_captured(sign: str) -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.request(40, "OPTIONS", 9)
    assert s.read().call.derived["timer_b_expired"] is True
    if sign == "ACK":
        s.request(1, "ACK", 1, to_tag="b", branch="z9hG4bKINVITE1a")
    else:
        s.request(1, "BYE", 1, src=PBX, dst=PHONE, to_tag="a", from_tag="b")
    derived = s.read().call.derived
    assert (derived["timer_b_expired"], derived["waited_s"]) == (False, None)


def test_re_invite_does_not_change_outcome() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp("192.0.2.21:4000"))
    s.response(5.1, 488, cseq=2)
    row = s.read().call
    assert (row.outcome, row.final_status, row.end) == ("answered", 200, None)
    assert row.derived["offer_refused_status"] == 488


def test_answer_repeated_without_ack_and_drop_after_32_seconds() -> None:
    s = Scenario()
    s.answered(ack=False, bye=None)
    for at in (2.5, 3.5, 5.5, 9.5, 13.5):
        s.response(at, 200, body=sdp("192.0.2.1:10000"))
    s.request(34, "BYE", 1, to_tag="a", from_tag="b")
    row = s.read().call
    assert (row.ack, row.response_retransmissions, row.end_by, row.duration_s) == ("missing", 5, "callee", 32.0)
    assert (row.derived["ok_retransmitted"], row.derived["dropped_at_32s"]) == (5, True)


def test_mismatched_ack() -> None:
    s = Scenario()
    s.answered(ack=False)
    s.request(2.1, "ACK", to_tag="other")
    assert s.read().call.ack == "mismatched"


def test_ack_of_a_refusal_is_not_a_mismatched_ack() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, to_tag="x", headers='Proxy-Authenticate: Digest realm="r", nonce="n1"\n')
    s.request(0.11, "ACK", 1, to_tag="x")
    s.request(0.2, "INVITE", 2, headers='Proxy-Authorization: Digest realm="r", nonce="n1"\n')
    s.response(0.3, 200, cseq=2)
    assert s.read().call.ack == "missing"


def test_responses_without_their_invite() -> None:
    s = Scenario()
    s.response(0, 180)
    s.response(1, 200)
    row = s.read().call
    assert (row.start, row.outcome, row.final_status, row.pdd_ms, row.ring_ms) == (None, "answered", 200, None, 1000.0)
    assert (row.caller, row.callee) == (PHONE, PBX)
    assert row.derived["starts_mid_call"] is True


def test_only_a_re_invite_is_incomplete() -> None:
    s = Scenario()
    s.request(0, "INVITE", 5, to_tag="b")
    s.response(0.1, 200, cseq=5)
    row = s.read().call
    assert (row.outcome, row.final_status, row.answered) == ("incomplete", None, None)


def test_fork_refusal_after_the_answer_does_not_count() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.request(0.01, "INVITE", src=PBX, dst="192.0.2.31:5060", branch="f1")
    s.request(0.01, "INVITE", src=PBX, dst="192.0.2.32:5060", branch="f2")
    s.response(2, 200, src="192.0.2.31:5060", dst=PBX, branch="f1")
    s.response(2.01, 200)
    s.response(2.1, 487, src="192.0.2.32:5060", dst=PBX, branch="f2", to_tag="c")
    s.request(2.2, "ACK", to_tag="b")
    row = s.read().call
    assert (row.outcome, row.final_status, row.derived["hops"]) == ("answered", 200, 3)


def test_one_way_audio() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 60)
    row = s.read().call
    assert (row.media, row.derived["rtp_callee_packets"], row.derived["both_ways"]) == ("caller_only", 0, True)


def test_media_of_a_sender_behind_nat_is_found_by_where_it_goes() -> None:
    s = Scenario()
    s.answered(offer="10.0.0.5:4000")
    s.rtp(2.1, "203.0.113.7:23456", "192.0.2.1:10000", 60)
    read = s.read()
    assert read.call.media == "caller_only"
    assert read.streams[0].call_id == "call-1"
    assert read.streams[0].derived["source_not_announced"] is True
    assert read.call.derived["sdp_private_to_public"] is True


def test_no_media_is_only_said_where_rtp_would_be_seen() -> None:
    s = Scenario()
    s.answered()
    assert s.read().call.media is None
    s.rtp(3, "192.0.2.1:11000", "192.0.2.55:4000", 20)
    assert s.read().call.media == "none"


FAX = "m=image 5004 udptl t38\na=T38FaxVersion:0\n"


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (488, "", "refused"),
        (200, "v=0\nc=IN IP4 192.0.2.1\nm=image 6000 udptl t38\n", "accepted"),
        (200, "v=0\nc=IN IP4 192.0.2.1\nm=image 0 udptl t38\n", "refused"),
        (491, "", "offered"),
    ],
)
def test_fax(status: int, answer: str, outcome: str) -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=f"v=0\nc=IN IP4 192.0.2.21\n{FAX}")
    s.response(5.5, status, cseq=2, body=answer)
    row = s.read().call
    assert row.t38 == outcome
    assert row.derived["t38_refusal_survived"] is (outcome == "refused")


def test_encrypted_media() -> None:
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n"
    s = Scenario()
    s.answered(offer_extra=key, answer_extra=key)
    read = s.read()
    assert (read.call.encrypted, read.call.derived["sdp_keys_in_clear"]) == (True, True)
    assert "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0" in read.sink.secrets
    assert "c2VjcmV0" not in repr(read.messages)


def test_dtmf_by_info() -> None:
    s = Scenario()
    s.answered()
    for n, digit in enumerate("12#"):
        s.request(
            4 + n,
            "INFO",
            10 + n,
            to_tag="b",
            body=f"Signal={digit}\nDuration=160\n",
            headers="Content-Type: application/dtmf-relay\n",
        )
        s.response(4.01 + n, 200, "INFO", 10 + n)
    s.request(4.2, "INFO", 10, to_tag="b", body="Signal=1\n", headers="Content-Type: application/dtmf-relay\n")
    assert s.read().call.dtmf == [{"digits": "12#", "method": "sip_info", "from": "caller"}]


def test_a_key_of_an_info_that_passes_a_proxy_is_pressed_once() -> None:
    """The same INFO is seen on two hops; keys that are pressed twice are two, and those of the other side are its own."""
    s = Scenario()
    s.answered()
    relay = {"body": "Signal={}\nDuration=160\n", "headers": "Content-Type: application/dtmf-relay\n"}
    for n, digit in enumerate("55"):
        body = relay["body"].format(digit)
        s.request(4 + n, "INFO", 10 + n, to_tag="b", body=body, headers=relay["headers"])
        s.request(
            4.01 + n,
            "INFO",
            10 + n,
            to_tag="b",
            body=body,
            headers=relay["headers"],
            src=PBX,
            dst="192.0.2.30:5060",
            branch=f"z9hG4bKp{n}",
        )
    s.request(7, "INFO", 20, to_tag="a", from_tag="b", body=relay["body"].format(9), headers=relay["headers"])
    assert s.read().call.dtmf == [
        {"digits": "55", "method": "sip_info", "from": "caller"},
        {"digits": "9", "method": "sip_info", "from": "callee"},
    ]


def test_dtmf_by_rtp_events() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 50)
    for key, digit in enumerate((5, 11)):
        for n in range(6):
            import struct

            event = struct.pack(">BBH", digit, 0x80 * (n > 2) | 10, 160 * (n + 1))
            head = struct.pack(">BBHII", 0x80 | 0, 101, 51 + key * 6 + n, 9000 + key * 1600, 7)
            s.send(3.2 + key * 0.3 + n * 0.02, "192.0.2.21:4000", "192.0.2.1:10000", head + event)
    assert s.read().call.dtmf == [{"digits": "5#", "method": "rfc4733", "from": "caller"}]


def test_two_legs_through_the_pbx_are_linked() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.05, 100)
    other = Scenario("call-2", PBX, "192.0.2.33:5060", "101", "102", packets=s.packets)
    other.request(0.1, "INVITE", branch="leg2")
    unrelated = Scenario("call-3", PBX, "192.0.2.34:5060", "555", "777", packets=s.packets)
    unrelated.request(0.2, "INVITE", branch="leg3")
    calls = {row.call_id: row for row in s.read().facts.tables()["call"]}  # type: ignore[attr-defined]
    assert calls["call-1"].linked == ["call-2"]  # type: ignore[attr-defined]
    assert calls["call-2"].linked == ["call-1"]  # type: ignore[attr-defined]
    assert calls["call-3"].linked == []  # type: ignore[attr-defined]


def test_no_common_codec() -> None:
    s = Scenario()
    s.answered(payloads="8 101", answer_payloads="18 101")
    row = s.read().call
    assert (row.derived["no_common_codec"], row.derived["offer_codecs"], row.derived["answer_codecs"]) == (
        True, ["PCMA"], ["G729"],
    )  # fmt: skip


def test_extra_codec_in_the_answer_is_legal() -> None:
    s = Scenario()
    s.answered(payloads="8 101", answer_payloads="8 0")
    row = s.read().call
    assert (row.derived["no_common_codec"], row.derived["extra_codecs"], row.derived["events_negotiated"]) == (
        False, ["PCMU"], False,
    )  # fmt: skip


def test_session_timer_that_nobody_refreshed() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp("192.0.2.21:4000"))
    s.response(1, 200, body=sdp("192.0.2.1:10000"), headers="Session-Expires: 1800;refresher=uas\n")
    s.request(1.1, "ACK", to_tag="b")
    s.request(1769, "BYE", 1, to_tag="a", from_tag="b")
    row = s.read().call
    assert (row.derived["session_expires_s"], row.derived["session_refreshed"], row.derived["session_expired"]) == (
        1800,
        False,
        True,
    )


def test_refused_refresh_ends_the_call() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(900, "UPDATE", 1, to_tag="a", from_tag="b")
    s.response(900.1, 481, "UPDATE", 1, from_tag="b", to_tag="a")
    s.request(900.2, "BYE", 2, to_tag="a", from_tag="b")
    row = s.read().call
    assert (row.derived["refresh_status"], row.derived["ended_after_bad_refresh"], row.end_by) == (481, True, "callee")


def test_re_invite_of_the_callee_with_the_same_number_is_not_the_initial_one() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(5, "INVITE", 1, to_tag="a", from_tag="b", body=sdp("192.0.2.1:10000"))
    s.response(5.1, 603, cseq=1, from_tag="b", to_tag="a")
    row = s.read().call
    assert (row.outcome, row.final_status, row.ack) == ("answered", 200, "ok")
    assert row.derived["refresh_status"] == 603


def test_many_requests_of_one_branch_stay_quick() -> None:
    s = Scenario()
    for n in range(3000):
        s.request(n / 1000, "INVITE", src=f"192.0.2.21:{10_000 + n}")
    row = s.read().call
    assert (row.outcome, row.retransmissions, row.derived["hops"]) == ("no_response", 0, 3000)


def test_silence_after_an_answered_challenge_is_incomplete() -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, headers='Proxy-Authenticate: Digest realm="r", nonce="n1"\n')
    s.request(0.2, "INVITE", 2, headers='Proxy-Authorization: Digest realm="r", nonce="n1"\n')
    row = s.read().call
    assert (row.outcome, row.final_status, row.end) == ("incomplete", None, None)


def test_what_came_before_its_beginning_has_no_length() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.response(0.1, 183, to_tag="b")
    s.request(2, "BYE", 2, to_tag="b")
    s.response(2.5, 200)
    row = s.read().call
    assert (row.outcome, row.duration_s, row.end_by, row.ring_ms) == ("answered", None, "caller", 2400.0)
    late = Scenario()
    late.request(0, "INVITE")
    late.response(1, 200)
    late.response(1.1, 180, to_tag="c")
    assert (late.read().call.pdd_ms, late.read().call.ring_ms) == (1100.0, None)


def test_ack_needs_the_number_and_the_to_tag_of_the_answer_only() -> None:
    s = Scenario()
    s.answered(ack=False)
    s.request(2.1, "ACK", to_tag="b", from_tag="other", src=PHONE, dst=PBX)
    assert s.read().call.ack == "ok"


def test_sides_without_tags_are_told_by_address() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(9, "BYE", 1, from_tag="b", to_tag="a")
    s.packets = [
        (at, src, dst, data.replace(b";tag=a", b"").replace(b";tag=b", b"")) for at, src, dst, data in s.packets
    ]
    row = s.read().call
    assert (row.outcome, row.end_by, row.user_agents["caller"]) == ("answered", "callee", YEALINK)


@pytest.mark.parametrize(
    ("body", "kind", "digits"),
    [
        ("Signal=5\nDuration=160\n", "dtmf-relay", "5"),
        ("Signal= *\n", "dtmf-relay", "*"),
        ("signal=d\n", "dtmf-relay", "D"),
        ("Signal=11\n", "dtmf-relay; charset=x", "#"),
        ("9", "dtmf", "9"),
        ("10", "dtmf", "*"),
        ("15\n", "dtmf", "D"),
        ("16", "dtmf", ""),
        ("Signal=16\n", "dtmf-relay", ""),
        ("Duration=5\n", "dtmf-relay", ""),
    ],
)
def test_signals_of_info(body: str, kind: str, digits: str) -> None:
    s = Scenario()
    s.answered()
    s.request(4, "INFO", 10, to_tag="b", body=body, headers=f"Content-Type: application/{kind}\n")
    assert [entry["digits"] for entry in s.read().call.dtmf] == ([digits] if digits else [])


@pytest.mark.parametrize(("answered", "until", "lost"), [(False, 40, True), (False, 20, False), (True, 40, False)])
def test_invite_with_credentials_that_gets_no_answer(answered: bool, until: float, lost: bool) -> None:
    s = Scenario()
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, headers='Proxy-Authenticate: Digest realm="r", nonce="n1"\n')
    for at in (0.2, 0.7, 1.7):
        s.request(at, "INVITE", 2, headers='Proxy-Authorization: Digest realm="r", nonce="n1"\n')
    if answered:
        s.response(3, 100, cseq=2)
    s.request(until, "OPTIONS", 9, src=TRUNK, dst=PBX)
    row = s.read().call
    assert (row.derived["credentials_unanswered"], row.derived["timer_b_expired"]) == (lost, False)
