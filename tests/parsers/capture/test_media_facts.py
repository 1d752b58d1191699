from __future__ import annotations

import struct

import pytest

from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, Scenario, sdp

CALLER_MEDIA, CALLEE_MEDIA = "192.0.2.21:4000", "192.0.2.1:10000"
FAX = "v=0\nc=IN IP4 {host}\nm=image {port} udptl t38\na=T38FaxUdpEC:{ec}\na=T38FaxRateManagement:transferredTCF\n"


def fax(host: str, port: int, ec: str = "t38UDPRedundancy") -> str:
    return FAX.format(host=host, port=port, ec=ec)


def event(s: Scenario, at: float, number: int, *, ended: bool, payload_type: int = 101, stamp: int = 1) -> None:
    head = struct.pack(">BBHII", 0x80, payload_type, stamp, stamp, 5)
    s.send(at, CALLER_MEDIA, CALLEE_MEDIA, head + struct.pack(">BBH", number, 0x8A if ended else 0x0A, 800))


def on_hold(talks_until: float, *, resumed: bool = False) -> Call:
    s = Scenario()
    s.answered(bye=60)
    s.request(10, "INVITE", 2, to_tag="b", body=sdp(CALLER_MEDIA, extra="a=sendonly\n", version=2))
    s.response(10.5, 200, cseq=2, body=sdp(CALLEE_MEDIA, extra="a=recvonly\n", version=2))
    if resumed:
        s.request(20, "INVITE", 3, to_tag="b", body=sdp(CALLER_MEDIA, version=3))
        s.response(20.5, 200, cseq=3, body=sdp(CALLEE_MEDIA, version=3))
    s.rtp(2.2, CALLEE_MEDIA, CALLER_MEDIA, round((talks_until - 2.2) * 50) + 1)
    return s.read().call


def test_side_on_hold_that_goes_on_talking() -> None:
    assert on_hold(40.5).derived["rtp_on_hold_s"] == pytest.approx(30.0, abs=0.03)
    assert on_hold(10.5).derived["rtp_on_hold_s"] == pytest.approx(0.0, abs=0.03)
    assert on_hold(40.5, resumed=True).derived["rtp_on_hold_s"] is None


def fax_call(rtp_until: float, ec: str = "t38UDPRedundancy") -> Call:
    s = Scenario()
    s.answered(bye=60)
    s.request(10, "INVITE", 2, to_tag="b", body=fax("192.0.2.21", 5004))
    s.response(10.5, 200, cseq=2, body=fax("192.0.2.1", 6000, ec))
    s.rtp(2.2, CALLEE_MEDIA, CALLER_MEDIA, round((rtp_until - 2.2) * 50) + 1)
    return s.read().call


def test_rtp_that_goes_on_after_t38_was_accepted() -> None:
    assert fax_call(40.5).derived["rtp_after_t38_s"] == pytest.approx(30.0, abs=0.03)
    assert fax_call(10.4).derived["rtp_after_t38_s"] == 0.0
    assert on_hold(20).derived["rtp_after_t38_s"] is None


def test_settings_of_t38_that_differ() -> None:
    assert fax_call(10.4).derived["t38_settings_differ"] == []
    assert fax_call(10.4, "t38UDPFEC").derived["t38_settings_differ"] == ["T38FaxUdpEC"]


@pytest.mark.parametrize(("number", "tones"), [(36, True), (5, False)])
def test_tones_of_a_fax(number: int, tones: bool) -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.2, CALLER_MEDIA, CALLEE_MEDIA, 20, ssrc=5)
    event(s, 3, number, ended=True)
    assert s.read().call.derived["fax_tones"] is tones


@pytest.mark.parametrize(("ended", "after", "count"), [(False, 300, 1), (True, 300, 0), (False, 2, 0)])
def test_event_without_end(ended: bool, after: int, count: int) -> None:
    s = Scenario()
    s.answered(bye=20)
    s.rtp(2.2, CALLER_MEDIA, CALLEE_MEDIA, 20, ssrc=5)
    event(s, 3, 5, ended=ended, stamp=30)
    s.rtp(3.1, CALLER_MEDIA, CALLEE_MEDIA, after, ssrc=5, sequence=31)
    (stream,) = s.read().streams
    assert (stream.derived["events"], stream.derived["events_without_end"]) == (1, count)


@pytest.mark.parametrize(("payload_type", "wrong"), [(96, True), (101, False)])
def test_events_with_the_payload_type_of_their_sender(payload_type: int, wrong: bool) -> None:
    s = Scenario()
    s.answered(payloads="8 96", offer_extra="a=rtpmap:96 telephone-event/8000\n")
    s.rtp(2.2, CALLER_MEDIA, CALLEE_MEDIA, 20, ssrc=5)
    event(s, 3, 5, ended=True, payload_type=payload_type, stamp=30)
    (stream,) = s.read().streams
    assert stream.derived["event_type_of_sender"] is wrong


def two_legs(codec: str) -> dict[str, Call]:
    s = Scenario(call_id="in", caller=TRUNK, callee=PBX, agents={PBX: TCX}, from_user="5550100", to_user="100")
    s.answered()
    other = Scenario(call_id="out", caller=PBX, callee=TRUNK, agents={PBX: TCX}, from_user="5550100", to_user="5550199")
    other.request(0.2, "INVITE", body=sdp(CALLER_MEDIA, payloads=f"{codec} 101"))
    other.response(1, 200, body=sdp("198.51.100.9:7000", payloads=f"{codec} 101"))
    s.packets += other.packets
    return {row.call_id: row for row in s.read().facts.of(Call)}


def test_two_legs_with_the_same_provider() -> None:
    legs = two_legs("0")
    assert legs["out"].linked == ["in"]
    assert (legs["out"].derived["hairpin"], legs["in"].derived["hairpin"]) == (True, True)
    assert (legs["out"].derived["transcoded"], legs["out"].derived["other_codec"]) == (True, "PCMA")
    same = two_legs("8")
    assert (same["out"].derived["transcoded"], same["out"].derived["other_codec"]) == (False, "PCMA")


def test_one_leg_alone_has_no_other() -> None:
    s = Scenario()
    s.answered()
    derived = s.read().call.derived
    assert (derived["transcoded"], derived["other_codec"], derived["hairpin"]) == (None, None, False)


@pytest.mark.parametrize(("retried", "given_up"), [(True, 0), (False, 1)])
def test_glare_that_nobody_resolved(retried: bool, given_up: int) -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp(CALLER_MEDIA, version=2))
    s.response(5.1, 491, cseq=2)
    if retried:
        s.request(7, "INVITE", 3, to_tag="b", body=sdp(CALLER_MEDIA, version=3))
        s.response(7.1, 200, cseq=3, body=sdp(CALLEE_MEDIA, version=2))
    derived = s.read().call.derived
    assert (derived["glare"], derived["glare_unretried"]) == (1, given_up)


@pytest.mark.parametrize(("bye", "ended"), [(42, True), (15, False)])
def test_call_that_ends_because_a_refresh_got_no_answer(bye: float, ended: bool) -> None:
    s = Scenario()
    s.answered(bye=bye)
    s.request(10, "INVITE", 5, to_tag="b", body=sdp(CALLER_MEDIA))
    derived = s.read().call.derived
    assert (derived["refresh_unanswered"], derived["ended_after_silent_refresh"]) == (True, ended)


def test_refused_digit() -> None:
    s = Scenario()
    s.answered()
    s.request(
        4, "INFO", 5, to_tag="b", headers="Content-Type: application/dtmf-relay\n", body="Signal=5\nDuration=160\n"
    )
    s.response(4.1, 415, "INFO", 5)
    assert s.read().call.derived["digit_rejected_status"] == 415
    other = Scenario()
    other.answered()
    other.request(4, "INFO", 5, to_tag="b", headers="Content-Type: application/media_control+xml\n", body="<x/>\n")
    other.response(4.1, 415, "INFO", 5)
    derived = other.read().call.derived
    assert (derived["digit_rejected_status"], derived["info_rejected_status"]) == (None, 415)


@pytest.mark.parametrize(("status", "same_version"), [(200, True), (488, False)])
def test_version_of_a_refused_offer_may_come_again(status: int, same_version: bool) -> None:
    s = Scenario()
    s.answered(bye=30)
    s.request(5, "INVITE", 2, to_tag="b", body=sdp(CALLER_MEDIA, payloads="9 101", version=2))
    s.response(5.1, status, cseq=2, body=sdp(CALLEE_MEDIA, payloads="9 101", version=2) if status == 200 else "")
    s.request(6, "INVITE", 3, to_tag="b", body=sdp(CALLER_MEDIA, payloads="8 101", version=2))
    s.response(6.1, 200, cseq=3, body=sdp(CALLEE_MEDIA, version=3))
    assert s.read().call.derived["version_not_incremented"] is same_version


def test_forks_have_a_session_each_even_if_they_number_it_alike() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp(CALLER_MEDIA))
    s.response(0.5, 183, body=sdp("192.0.2.1:10000"), to_tag="b")
    s.response(0.6, 183, body=sdp("192.0.2.1:10040"), to_tag="c")
    s.response(2, 200, body=sdp("192.0.2.1:10000"), to_tag="b")
    s.request(2.1, "ACK", to_tag="b")
    assert s.read().call.derived["version_not_incremented"] is False
    s.request(5, "INVITE", 2, from_tag="b", to_tag="a", body=sdp("192.0.2.1:10080"))
    call = s.read().call
    assert call.derived["version_not_incremented"] is True
    assert call.sources["version_not_incremented"].frame == 6


def test_a_port_that_two_legs_announce_belongs_to_the_one_that_knows_both_ends() -> None:
    """The PBX rings two phones from one port; the second announcement does not take the first phone's audio away."""
    other = "192.0.2.22:5060"
    s = Scenario("first", PBX, PHONE)
    s.answered(offer="192.0.2.1:10000", answer="192.0.2.21:4000")
    fork = Scenario("second", PBX, other, packets=s.packets)
    fork.request(0.05, "INVITE", body=sdp("192.0.2.1:10000"))
    fork.response(0.1, 180)
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 100, ssrc=7)
    s.rtp(2.1, "192.0.2.1:10000", "192.0.2.21:4000", 100, ssrc=8)
    rows = {row.call_id: row.media for row in s.read().facts.of(Call)}
    assert rows["first"] == "both"
    assert {row.call_id for row in s.read().streams} == {"first"}


@pytest.mark.parametrize(
    ("info_at", "digit", "twice"), [(5.2, "5", True), (2.0, "5", False), (7.5, "5", False), (5.2, "6", False)]
)
def test_key_that_goes_by_both_ways(info_at: float, digit: str, twice: bool) -> None:
    s = Scenario()
    s.answered(bye=20)
    s.rtp(2.1, CALLER_MEDIA, CALLEE_MEDIA, 50)
    for n in range(3):
        event(s, 5 + 0.02 * n, 5, ended=n > 1, stamp=9000)
    event(s, 12, 9, ended=True, stamp=60_000)  # this one goes by one way only
    s.request(
        info_at, "INFO", 9, to_tag="b", body=f"Signal={digit}\nDuration=160\n",
        headers="Content-Type: application/dtmf-relay\n",
    )  # fmt: skip
    s.response(info_at + 0.01, 200, "INFO", 9)
    row = s.read().call
    assert row.derived["dtmf_twice"] is twice
    ways = [("rfc4733", "59"), ("sip_info", digit)]
    assert [(keys["method"], keys["digits"]) for keys in row.dtmf] == (ways[::-1] if info_at < 5 else ways)


def press(s: Scenario, at: float, number: int, ms: int, *, stamp: int) -> None:
    """A key by events of RFC 4733 every 20 ms and one at its end."""
    for n in range(-(-ms // 20) + 1):
        length = 8 * min(20 * n, ms)
        head = struct.pack(">BBHII", 0x80, 101, stamp // 160 + n & 0xFFFF, stamp, 5)
        body = struct.pack(">BBH", number, 0x8A if length == 8 * ms else 0x0A, length)
        s.send(at + min(0.02 * n, ms / 1000), CALLER_MEDIA, CALLEE_MEDIA, head + body)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ([(3.0, 1, 100), (3.2, 2, 100)], (2, 0, 0, 0)),
        ([(3.0, 1, 40), (3.2, 2, 39)], (2, 1, 0, 0)),
        ([(3.0, 1, 100), (3.14, 2, 100)], (2, 0, 0, 0)),  # 40 ms between two keys
        ([(3.0, 1, 100), (3.13, 2, 100)], (2, 0, 1, 0)),
        ([(3.0, 1, 60), (3.09, 1, 60)], (2, 0, 0, 1)),  # the same key again
        ([(3.0, 1, 60), (3.1, 1, 60)], (2, 0, 0, 0)),
    ],
)
def test_keys_that_a_receiver_may_miss(keys: list[tuple[float, int, int]], wanted: tuple[int, ...]) -> None:
    s = Scenario()
    s.answered(bye=20)
    s.rtp(2.1, CALLER_MEDIA, CALLEE_MEDIA, 20, ssrc=5)
    for at, number, ms in keys:
        press(s, at, number, ms, stamp=round((at - 2.1) * 8000))
    (stream,) = s.read().streams
    d = stream.derived
    assert (d["events"], d["short_events"], d["hurried_events"], d["repeated_events"]) == wanted
