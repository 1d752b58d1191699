from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest

from parsers.capture import rtp
from parsers.capture.rtcp import RtcpReader
from parsers.capture.stream_facts import refused
from parsers.facts.base import Source
from parsers.facts.capture import RtpStream
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Scenario, sdp

AUDIO, PBX_AUDIO = "192.0.2.21:4000", "192.0.2.1:10000"


def talk(missing: range | None = None, packets: int = 600) -> RtpStream:
    """A stream with a run of missing packets, their time passing."""
    s = Scenario()
    s.answered(bye=60)
    gap = missing or range(0)
    s.rtp(2.1, AUDIO, PBX_AUDIO, gap.start or packets)
    if gap:
        for n in range(gap.stop, packets):
            head = struct.pack(">BBHII", 0x80, 8, n + 1, 160 * n, 7)
            s.send(2.1 + 0.02 * n, AUDIO, PBX_AUDIO, head + bytes(160))
    (stream,) = s.read().streams
    return stream


def test_loss_without_a_hole() -> None:
    d = talk().derived
    assert (d["spread_loss_pct"], d["loss_severity"], d["longest_loss_s"], d["capture_drops"]) == (
        0.0,
        "medium",
        0.0,
        False,
    )
    d = talk(range(100, 140)).derived
    assert (d["longest_loss_s"], d["spread_loss_pct"], d["loss_severity"]) == (0.8, 6.67, "high")
    assert talk(range(100, 180)).derived["loss_severity"] == "critical"


def test_a_hole_is_no_spread_loss() -> None:
    stream = talk(range(100, 400))
    assert (stream.loss_pct, stream.derived["longest_loss_s"], stream.derived["spread_loss_pct"]) == (50.0, 6.0, 0.0)
    assert stream.derived["gap_beyond_loss_ms"] == 0.0


def test_a_gap_that_no_loss_explains() -> None:
    s = Scenario()
    s.answered(bye=60)
    s.rtp(2.1, AUDIO, PBX_AUDIO, 100)
    for n in range(100, 200):
        s.send(2.4 + 0.02 * n, AUDIO, PBX_AUDIO, struct.pack(">BBHII", 0x80, 8, n + 1, 160 * n, 7) + bytes(160))
    (stream,) = s.read().streams
    assert (stream.lost, stream.derived["gap_beyond_loss_ms"], stream.derived["clock_jumps"]) == (0, 300.0, 0)
    assert stream.jitter_max_ms is not None
    assert stream.jitter_max_ms > 10


def test_both_directions() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, AUDIO, PBX_AUDIO, 60)
    s.rtp(2.1, PBX_AUDIO, AUDIO, 60, ssrc=8)
    out, back = (stream.derived for stream in s.read().streams)
    assert (out["heard_back"], out["latched"], out["dscp_back"]) == (True, True, 0)
    assert (back["receiver_public"], back["source_public"], back["on_lan"]) == (True, True, False)
    assert (out["not_negotiated_pct"], out["on_hold"], out["duplicates_pct"]) == (0.0, False, 0.0)


def test_a_source_that_nobody_answers() -> None:
    s = Scenario(caller=TRUNK, callee=PBX, agents={TRUNK: "Kamailio", PBX: TCX})
    s.answered(offer="198.51.100.9:20000")
    s.rtp(2.1, "198.51.100.77:30000", PBX_AUDIO, 60)
    s.rtp(2.1, PBX_AUDIO, "198.51.100.9:20000", 60, ssrc=8)
    strange = next(stream for stream in s.read().streams if stream.src == "198.51.100.77:30000")
    assert (strange.derived["host_not_announced"], strange.derived["latched"], strange.derived["heard_back"]) == (
        True, False, False,
    )  # fmt: skip


def test_payload_types_of_the_whole_call() -> None:
    s = Scenario()
    s.answered(payloads="8 101", answer_payloads="0 101")
    s.rtp(2.1, AUDIO, PBX_AUDIO, 90)
    s.rtp(3.9, AUDIO, PBX_AUDIO, 10, payload_type=18, sequence=91)
    (stream,) = s.read().streams
    assert stream.derived["not_negotiated_pct"] == 10.0


def test_call_facts_of_streams() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, AUDIO, PBX_AUDIO, 101)
    d = s.read().call.derived
    assert (d["up_s"], d["rtp_caller_s"], d["rtp_callee_s"]) == (8.0, 2.0, 0.0)
    assert (d["early_media"], d["early_rtp"], d["early_media_lost"]) == (False, False, False)
    ringing = Scenario()
    ringing.request(0, "INVITE", body=sdp(AUDIO))
    assert ringing.read().call.derived["up_s"] is None


def legs(*, passed_on: bool) -> dict[str, bool]:
    """A phone's call through the PBX to a trunk that sends early audio, by leg."""
    phone = Scenario(call_id="in", to_user="0301234567")
    phone.request(0, "INVITE", body=sdp(AUDIO))
    phone.response(0.4, 180)
    phone.response(5, 200, body=sdp(PBX_AUDIO))
    phone.request(5.1, "ACK", to_tag="b", branch="z9hG4bKack")
    trunk = Scenario(
        call_id="out", caller=PBX, callee=TRUNK, to_user="0301234567", agents={PBX: TCX, TRUNK: "Kamailio"}
    )
    trunk.request(0.1, "INVITE", body=sdp("192.0.2.1:10002"))
    trunk.response(0.3, 183, body=sdp("198.51.100.9:20000"))
    trunk.response(4.9, 200, body=sdp("198.51.100.9:20000"))
    trunk.request(5, "ACK", to_tag="b", branch="z9hG4bKack2")
    trunk.rtp(0.5, "198.51.100.9:20000", "192.0.2.1:10002", 100)
    if passed_on:
        trunk.rtp(0.5, PBX_AUDIO, AUDIO, 100, ssrc=9)
    both = Scenario(agents={PHONE: YEALINK})
    both.packets = phone.packets + trunk.packets
    return {call.call_id: call.derived["early_media_lost"] for call in both.read().facts.of(type(phone.read().call))}


def test_early_media_that_is_not_passed_on() -> None:
    assert legs(passed_on=False) == {"in": True, "out": False}
    assert legs(passed_on=True) == {"in": False, "out": False}


def stopping(*ends: float) -> list[RtpStream]:
    """Calls of 30 s each whose audio to the PBX ends after so many seconds."""
    whole = Scenario()
    for number, end in enumerate(ends):
        s = Scenario(call_id=f"c{number}", caller=f"192.0.2.{21 + number}:5060", agents={PBX: TCX})
        media, answer = f"192.0.2.{21 + number}:4000", f"192.0.2.1:{10000 + 2 * number}"
        s.answered(offer=media, answer=answer, bye=30)
        s.rtp(2.1, media, answer, round((end - 2.1) / 0.02), ssrc=number + 1)
        whole.packets += s.packets
    return whole.read().streams


def test_streams_that_stop_together() -> None:
    assert [s.derived["stopped_together"] for s in stopping(9.0, 9.5, 20.0)] == [2, 2, 1]
    assert [s.derived["stopped_together"] for s in stopping(29.5, 29.6)] == [0, 0]
    first, second = stopping(9.0, 9.5)
    assert (
        first.derived["stopped_at"] == second.derived["stopped_at"] == first.last.isoformat() if first.last else False
    )


def test_errors_after_the_end_do_not_count() -> None:
    row = RtpStream(source=Source(), src="a", dst="b", ssrc="1", call_id=None)
    refused([row], [], {("a", "b"): [(1, 1), (2, 2), (3, 3)]})
    assert row.derived["icmp_unreachable_in_call"] == 3
    s = Scenario()
    s.answered(bye=10)
    state_row = s.read().call
    assert state_row.end is not None
    end = int((state_row.end - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000_000

    class State:
        row = state_row

    row.call_id = state_row.call_id
    refused([row], [State()], {("a", "b"): [(end - 5, 1), (end + 2_000_000_000, 2)]})  # type: ignore[list-item]
    assert row.derived["icmp_unreachable_in_call"] == 1


@pytest.mark.parametrize(("trips", "wanted"), [((0.4, 0.05), (400.0, 50.0)), ((0.05,), (50.0, 50.0))])
def test_shortest_and_longest_round_trip(trips: tuple[float, ...], wanted: tuple[float, float]) -> None:
    from parsers.capture.notes import Note, NoteKind

    reader = RtcpReader()

    def note(payload: bytes, time: float) -> Note:
        return Note(NoteKind.RTCP, 1, int(time * 1e9), "192.0.2.1", 1, "192.0.2.2", 2, "udp", payload, truncated=False)

    for number, trip in enumerate(trips):
        report = struct.pack(">BBHIIIIII", 0x80, 200, 6, 7, number, 1 << 16, 0, 0, 0)
        reader.read(note(report, 10.0 * number))
        block = struct.pack(">IIIIII", 7, 0, 0, 0, number << 16 | 1, 0)
        reader.read(note(struct.pack(">BBHI", 0x81, 201, 7, 9) + block, 10.0 * number + trip))
    found = reader.by_ssrc[7]
    assert (found.round_trip_ms, found.round_trip_min_ms) == wanted


@pytest.mark.parametrize(
    ("missing", "severity"),
    [(17, "medium"), (18, "high"), (59, "high"), (60, "critical"), (249, "critical"), (250, "medium")],
)
def test_severity_of_loss(missing: int, severity: str) -> None:
    assert talk(range(100, 100 + missing)).derived["loss_severity"] == severity


def test_a_stream_is_on_the_lan_where_both_ends_are() -> None:
    s = Scenario(caller="10.0.0.21:5060", callee="10.0.0.1:5060", agents={"10.0.0.1:5060": TCX})
    s.answered(offer="10.0.0.21:4000", answer="10.0.0.1:10000")
    s.rtp(2.1, "10.0.0.21:4000", "10.0.0.1:10000", 60)
    s.rtp(2.1, "10.0.0.1:10000", "198.51.100.9:20000", 60, ssrc=8)
    s.rtp(2.1, "198.51.100.9:20000", "10.0.0.1:10000", 60, ssrc=9)
    found = {stream.ssrc: (stream.derived["on_lan"], stream.derived["source_public"]) for stream in s.read().streams}
    assert sorted(found.values()) == [(False, False), (False, True), (True, False)]


@pytest.mark.parametrize(
    ("ptime", "differs", "wanted"), [("", False, None), ("a=ptime:20\n", False, 20), ("a=ptime:30\n", True, 30)]
)
def test_packet_time_that_the_other_side_asked_for(ptime: str, differs: bool, wanted: int | None) -> None:
    s = Scenario()
    s.answered(answer_extra=ptime)
    s.rtp(2.1, AUDIO, PBX_AUDIO, 100)
    (stream,) = s.read().streams
    assert (stream.derived["ptime_differs"], stream.derived["ptime_wanted"]) == (differs, wanted)


def test_where_audio_begins_and_ends_in_the_call() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.5, AUDIO, PBX_AUDIO, 101)
    read = s.read()
    d = read.call.derived
    assert (d["rtp_caller_late_s"], d["rtp_caller_quiet_at_end_s"], d["rtp_sources"]) == (0.5, 5.5, 1)
    assert (d["rtp_callee_late_s"], d["rtp_callee_quiet_at_end_s"], d["capture_has_rtp"]) == (None, None, True)
    stream = read.streams[0].derived
    assert (stream["first_after_answer_s"], stream["last_before_end_s"]) == (0.5, 5.5)


def test_sources_of_one_side_are_counted() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, AUDIO, PBX_AUDIO, 60)
    s.rtp(2.1, "192.0.2.77:4000", PBX_AUDIO, 60, ssrc=9)
    s.rtp(2.1, PBX_AUDIO, AUDIO, 60, ssrc=8)
    assert s.read().call.derived["rtp_sources"] == 2


def test_of_too_many_streams_the_longest_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    s = Scenario()
    s.answered(bye=60)
    for ssrc, packets in enumerate([20, 1, 30, 1, 40, 1, 20]):
        s.rtp(2.1 + ssrc, AUDIO, PBX_AUDIO, packets, ssrc=ssrc)
    whole = s.read()
    assert [stream.packets for stream in whole.streams] == [20, 1, 30, 1, 40, 1, 20]
    assert whole.sink.problems == []
    monkeypatch.setattr(rtp, "STREAM_LIMIT", 3)
    few = s.read()
    assert [(stream.ssrc, stream.packets) for stream in few.streams] == [
        ("0x00000000", 20), ("0x00000002", 30), ("0x00000004", 40),
    ]  # fmt: skip
    assert few.sink.problems == ["4 of the shortest RTP streams were left out: the limit is 3 a capture"]
