"""Derived facts of streams that need the other streams, the calls or the capture; each is defined in docs/facts.md."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from parsers.capture.address import host_of, is_private
from parsers.capture.calls import CallState
from parsers.capture.media import nanoseconds
from parsers.capture.notes import StreamStats
from parsers.capture.rtcp import Reported
from parsers.facts.capture import Capture, RtpStream

HOLE_S = 5.0
"""From this length on a run of lost numbers is a hole (an outage, or not captured), no loss spread over the stream."""
STOPPED_S = 5.0
"""A stream that ends so long before its call has stopped."""
TOGETHER = timedelta(seconds=1)

Stats = Sequence[tuple[RtpStream, StreamStats]]


def derive(
    streams: Stats, states: Sequence[CallState], capture: Capture, reported: Mapping[int, Reported]
) -> None:  # fmt: skip
    """Fill ``derived`` of all streams of a capture, and what the calls have of them."""
    calls = {state.row.call_id: state for state in states}
    marks: dict[tuple[str, str], int | None] = {(row.src, row.dst): row.dscp for row, _ in streams}
    targets: dict[str | None, set[str]] = defaultdict(set)
    for row, _ in streams:
        targets[row.call_id].add(row.dst)
    for row, stats in streams:
        _of_itself(row, stats)
        row.derived["capture_drops"] = bool(capture.dropped)
        row.derived["dscp_back"] = marks.get((row.dst, row.src))
        row.derived["heard_back"] = (row.dst, row.src) in marks
        row.derived["latched"] = row.src in targets[row.call_id] if row.call_id is not None else None
        row.derived["on_lan"] = (
            is_private(host_of(row.src) or "") is True and is_private(host_of(row.dst) or "") is True
        )
        row.derived["source_public"] = is_private(host_of(row.src) or "") is False
        _of_call(row, stats, calls.get(row.call_id or ""))
        _of_reports(row, reported.get(stats.ssrc) if not row.encrypted else None)
    _stopped_together([row for row, _ in streams])
    _calls(states, streams)


def _of_itself(row: RtpStream, stats: StreamStats) -> None:
    d, loss = row.derived, row.loss_pct
    length = stats.longest_loss * row.ptime_ms / 1000 if row.ptime_ms else None
    d["longest_loss_s"] = round(length, 3) if length is not None else None
    if (
        loss is not None
        and length is not None
        and length >= HOLE_S
        and row.lost is not None
        and row.expected is not None
    ):
        expected = row.expected - stats.longest_loss
        loss = round(100 * (row.lost - stats.longest_loss) / expected, 2) if expected else 0.0
    d["spread_loss_pct"] = loss
    d["lost_in_runs_pct"] = round(100 * stats.lost_in_runs / row.lost, 1) if row.lost else None
    d["loss_severity"] = None if loss is None else "critical" if loss >= 10 else "high" if loss >= 3 else "medium"
    d["jitter_severity"] = "high" if (row.jitter_mean_ms or 0) > 50 else "medium"
    d["clock_jumps"] = stats.clock_jumps
    d["duplicates_pct"] = round(100 * row.duplicates / row.packets, 3) if row.packets else None
    d["gap_beyond_loss_ms"] = None
    if row.delta_max_ms is not None and row.ptime_ms:
        d["gap_beyond_loss_ms"] = round(row.delta_max_ms - (stats.longest_loss + 1) * row.ptime_ms, 3)


def _of_call(row: RtpStream, stats: StreamStats, state: CallState | None) -> None:
    """``not_negotiated_pct``: packets of payload types that no description of the call names, CN left out."""
    row.derived["not_negotiated_pct"] = row.derived["receiver_public"] = row.derived["on_hold"] = None
    row.derived["receiver_signals"] = None
    if state is None:
        return
    row.derived["on_hold"] = bool(state.hold_spans)
    known = {pt for _, sdp, _ in state.negotiation.seen for media in sdp.media for pt in media.codecs}
    if known:
        strange = sum(count for pt, count in stats.payload_types.items() if pt not in known and pt != 13)
        row.derived["not_negotiated_pct"] = round(100 * strange / row.packets, 2) if row.packets else None
    receiver = state.row.callee if row.derived["from"] == "caller" else state.row.caller
    public = is_private(host_of(receiver) or "")
    row.derived["receiver_public"] = public is False if public is not None else None
    row.derived["receiver_signals"] = host_of(receiver) == host_of(row.dst)


def refused(
    rows: Iterable[RtpStream], states: Iterable[CallState], errors: Mapping[tuple[str, str], list[tuple[int, int]]]
) -> None:  # fmt: skip
    """Fill ``icmp_unreachable_in_call``: errors that came before the end of the call (``errors`` are times in ns and frames), and
    ``unreachable_severity``.
    """
    ends = {state.row.call_id: state.row.end for state in states}
    for row in rows:
        end = ends.get(row.call_id or "")
        until = nanoseconds(end) if end else None
        times = errors.get((row.src, row.dst), ())
        row.derived["icmp_unreachable_in_call"] = sum(1 for time, _ in times if until is None or time <= until)
        row.derived["unreachable_severity"] = "medium" if row.derived.get("heard_back") else "high"


def _of_reports(row: RtpStream, report: Reported | None) -> None:
    d = row.derived
    trip = report.round_trip_min_ms if report else None
    d["rtcp_round_trip_min_ms"] = trip
    d["delay_severity"] = "high" if trip is not None and trip > 800 else "medium"
    d["rtcp_lost_pct"] = round(100 * max(report.lost, 0) / row.packets, 2) if report and row.packets else None


def _stopped_together(rows: Iterable[RtpStream]) -> None:
    """``stopped_together``: calls whose audio to the same host stopped within a second though they went on; ``stopped_at``
    is the time of the first of them.
    """
    stopped: dict[str, list[tuple[datetime, str, RtpStream]]] = defaultdict(list)
    for row in rows:
        row.derived["stopped_together"], row.derived["stopped_at"] = 0, None
        left = row.derived.get("last_before_end_s")
        if row.call_id is not None and row.last is not None and left is not None and left >= STOPPED_S:
            stopped[host_of(row.dst) or ""].append((row.last, row.call_id, row))
    for group in stopped.values():
        group.sort(key=lambda entry: entry[0])
        times = [time for time, _, _ in group]
        for time, _, row in group:
            near = group[bisect_left(times, time - TOGETHER) : bisect_right(times, time + TOGETHER)]
            row.derived["stopped_together"] = len({call_id for _, call_id, _ in near[:1000]})
            row.derived["stopped_at"] = near[0][0].isoformat()


def _calls(states: Sequence[CallState], streams: Stats) -> None:
    """Fill what the calls have of their streams: ``up_s``, ``rtp_caller_s``, ``rtp_callee_s``, ``early_media_lost``."""
    own: dict[str, list[RtpStream]] = defaultdict(list)
    for row, _ in streams:
        if row.call_id is not None:
            own[row.call_id].append(row)
    by_id = {state.row.call_id: state for state in states}
    for state in states:
        d, call = state.row.derived, state.row
        d["up_s"] = round((state.until - call.answered).total_seconds(), 3) if call.answered and state.until else None
        for side in ("caller", "callee"):
            spans = [row.derived["duration_s"] for row in own[call.call_id] if row.derived["from"] == side]
            d[f"rtp_{side}_s"] = max(spans, default=0.0)
        d["early_media"] = _early_description(state)
        d["early_rtp"] = _early(state, own[call.call_id])
    for state in states:
        legs = [by_id[call_id] for call_id in state.row.linked if call_id in by_id]
        state.row.derived["early_media_lost"] = any(_lost_on_way(state, leg) for leg in legs)


def _early_description(state: CallState) -> bool:
    return any(m.sdp is not None and (audio := m.sdp.first()) is not None and audio.port for m in state.provisional)


def _early(state: CallState, rows: Iterable[RtpStream]) -> bool:
    """The callee's side sent audio before the answer."""
    end = state.row.answered or state.row.end or state.until
    return any(
        row.first is not None and (end is None or row.first < end) for row in rows if row.derived["from"] == "callee"
    )


def _lost_on_way(state: CallState, leg: CallState) -> bool:
    """The other leg, which began later, brought early media, and this one only rang."""
    d, other = state.row.derived, leg.row.derived
    if state.row.start is None or leg.row.start is None or leg.row.start < state.row.start:
        return False
    rang = any((m.status or 0) == 180 for m in state.provisional)
    return rang and other["early_media"] and other["early_rtp"] and not d["early_media"] and not d["early_rtp"]
