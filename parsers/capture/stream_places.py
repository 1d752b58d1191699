"""Where the derived facts of streams stand, and those that calls have of them: the packet or message that shows each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from parsers.capture.address import split
from parsers.capture.calls import CallState
from parsers.capture.media_facts import FAX_EVENTS
from parsers.capture.negotiation import OTHER, Side, fax_outcome
from parsers.capture.notes import DtmfEvent, Mark, StreamStats, utc
from parsers.capture.rtcp import Reported
from parsers.capture.rtp_events import hurried, is_short, repeated, without_end
from parsers.capture.stream_facts import HOLE_S, STOPPED_S, Stats
from parsers.facts.base import Source
from parsers.facts.capture import Call, Registration, RtpStream

BRIDGED = 3
"""Fewer lost packets in a row are bridged by concealment: they show nothing."""
UNEVEN_MS = 10.0
"""Jitter and gaps up to this are ordinary."""
MOSTLY_PCT = 50.0
DIGITS_KEPT = 100
"""Digits of one stream whose places are kept."""

_Place = tuple[tuple[str, ...], Source | None]


def place(streams: Stats, states: Sequence[CallState], reported: Mapping[int, Reported]) -> None:
    """Fill ``sources`` of the streams of a capture, and of its calls what rests on streams."""
    calls = {state.row.call_id: state for state in states}
    own: dict[str, list[tuple[RtpStream, StreamStats]]] = defaultdict(list)
    ways = {(row.src, row.dst): row.source for row, _ in streams}
    for row, stats in streams:
        state = calls.get(row.call_id or "")
        if state is not None:
            own[state.row.call_id].append((row, stats))
        for names, source in (
            *_loss(row, stats),
            *_arrival(row, stats),
            *_events(row, stats),
            *_reports(row, reported.get(stats.ssrc)),
            (("dscp_back",), ways.get((row.dst, row.src))),
            *(_signalled(row, stats, state) if state is not None else ()),
        ):
            _put(row, names, source)
    for state in states:
        for names, source in (*_of_call(state, own[state.row.call_id]), *_of_legs(state, calls)):
            _put(state.row, names, source)


def errors(
    rows: Iterable[RtpStream | Call | Registration], found: Mapping[tuple[str, str], Sequence[tuple[int, int]]]
) -> None:  # fmt: skip
    """The first ICMP error about each row, of those in ``found`` (times in ns and frames) by source and destination."""
    for row in rows:
        ends = (row.client, row.registrar) if isinstance(row, Registration) else _ends(row)
        first = next(iter(found.get((ends[0] or "", ends[1] or ""), ())), None)
        if first is not None:
            time = utc(first[0]).isoformat() if first[0] else None
            text = f"ICMP: what {ends[0]} sends to {ends[1]} cannot be delivered"
            source = Source(artifact=row.source.artifact, frame=first[1], time=time, text=text)
            _put(row, ("icmp_unreachable", "icmp_unreachable_in_call"), source)


def _ends(row: RtpStream | Call) -> tuple[str | None, str | None]:
    return (row.src, row.dst) if isinstance(row, RtpStream) else (row.caller, row.callee)


def _put(row: RtpStream | Call | Registration, names: Iterable[str], source: Source | None) -> None:
    if source is not None:
        for name in names:
            row.sources.setdefault(name, source)


def _at(row: RtpStream, mark: Mark | None, says: str) -> Source | None:
    """A packet of a stream as a place."""
    if mark is None or not mark.frame:
        return None
    time = utc(mark.time_ns).isoformat() if mark.time_ns else None
    head = f"RTP {row.src} > {row.dst} SSRC {row.ssrc}"
    return Source(artifact=row.source.artifact, frame=mark.frame, time=time, text=f"{head}: {says}")


def _loss(row: RtpStream, stats: StreamStats) -> Iterator[_Place]:
    if not row.lost:
        return
    first, longest = stats.marks.get("first"), stats.marks.get("longest")
    if first == longest and (row.derived["longest_loss_s"] or 0) >= HOLE_S:  # a hole is none of the spread loss
        first = stats.marks.get("next", first)
    yield ("lost", "spread_loss_pct", "runs_of_loss"), _missing(row, first)
    yield ("burst_ratio",), _missing(row, longest)
    if stats.longest_loss >= BRIDGED:
        yield ("longest_loss",), _missing(row, longest)


def _missing(row: RtpStream, mark: Mark | None) -> Source | None:
    if mark is None:
        return None
    first, last = (mark.number - mark.more) & 0xFFFF, (mark.number - 1) & 0xFFFF
    numbers = f"number {last} is" if mark.more == 1 else f"numbers {first} to {last} ({mark.more} packets) are"
    return _at(row, mark, f"sequence {numbers} missing here")


def _arrival(row: RtpStream, stats: StreamStats) -> Iterator[_Place]:
    marks, d = stats.marks, row.derived
    if (d["gap_beyond_loss_ms"] or 0) > UNEVEN_MS:
        yield (
            ("gap_beyond_loss_ms", "delta_max_ms"),
            _at(row, marks.get("gap"), f"{row.delta_max_ms:g} ms after the one before"),
        )
    if row.jitter_mean_ms is not None and row.jitter_mean_ms > UNEVEN_MS:
        yield ("jitter_mean_ms",), _at(row, marks.get("jitter"), f"here jitter is highest, {row.jitter_max_ms:g} ms")
    late, again = marks.get("disorder"), marks.get("duplicate")
    if late is not None:
        yield ("disorder_pct", "out_of_order"), _at(row, late, f"sequence number {late.number} comes after {late.more}")
    if again is not None:
        yield ("duplicates_pct", "duplicates"), _at(row, again, f"sequence number {again.number} comes again")
    if (d["silent_pct"] or 0) > MOSTLY_PCT:
        yield ("silent_pct",), _at(row, marks.get("silent"), "digital silence")
    if d["stopped_together"] or d["drift_ppm"]:
        yield ("stopped_together", "drift_ppm"), _at(row, marks.get("last"), "the last packet")


def _events(row: RtpStream, stats: StreamStats) -> Iterator[_Place]:
    """Digits; what they are stays out of the text, for they may be a PIN."""
    row.derived["digits"] = [_digit(row, event) for event in stats.dtmf[:DIGITS_KEPT]]
    if not stats.dtmf:
        return
    kinds: tuple[tuple[str, Callable[[DtmfEvent], bool], str], ...] = (
        ("events_without_end", lambda e: without_end(e, stats), "has no end mark"),
        ("short_events", is_short, "is shorter than 40 ms"),
    )
    for name, test, says in kinds:
        yield (name,), _event(row, next((e for e in stats.dtmf if test(e)), None), says)
    pairs = list(pairwise(stats.dtmf))
    yield (
        ("hurried_events",),
        _event(row, next((b for a, b in pairs if hurried(a, b)), None), "follows without a pause"),
    )
    yield (
        ("repeated_events",),
        _event(row, next((b for a, b in pairs if repeated(a, b)), None), "is the one before again"),
    )
    if row.derived.get("event_type_of_sender"):
        yield ("event_type_of_sender",), _event(row, stats.dtmf[0], "has the payload type of its sender")


def _digit(row: RtpStream, event: DtmfEvent) -> Source:
    time = utc(event.time_ns).isoformat() if event.time_ns else None
    return Source(artifact=row.source.artifact, frame=event.frame, time=time, text=event.digit)


def _event(row: RtpStream, event: DtmfEvent | None, says: str) -> Source | None:
    if event is None:
        return None
    length = f" of {event.duration_ms:g} ms" if event.duration_ms is not None else ""
    return _at(row, Mark(event.frame, event.time_ns), f"a digit{length} {says}")


def _reports(row: RtpStream, report: Reported | None) -> Iterator[_Place]:
    if report is None or row.encrypted:
        return
    loss, trip = report.loss_frame, report.round_trip_min_ms
    if loss is not None:
        yield (
            ("rtcp_loss_pct_max",),
            _report(row, loss, f"{report.loss_pct_max:g} % of the packets lost since the report before"),
        )
    if report.trip_frame is not None and trip is not None:
        yield ("rtcp_round_trip_min_ms",), _report(row, report.trip_frame, f"a round trip of {trip:g} ms")


def _report(row: RtpStream, frame: int, says: str) -> Source:
    return Source(
        artifact=row.source.artifact, frame=frame, text=f"RTCP report of {row.dst} about SSRC {row.ssrc}: {says}"
    )


def _signalled(row: RtpStream, stats: StreamStats, state: CallState) -> Iterator[_Place]:
    """What the call's messages say of a stream."""
    yield ("t38",), state.row.sources.get("t38")
    seen = [(m, media) for _, sdp, m in state.negotiation.seen for media in sdp.media]
    end = split(row.dst)
    wanted = [(m, media) for m, media in seen if (media.host, media.port) == end]
    if wanted:
        before = [m for m, _ in wanted if m.time is not None and row.first is not None and m.time <= row.first]
        yield ("receiver_signals", "receiver_public"), (before[-1] if before else wanted[0][0]).source
    if row.derived["ptime_differs"]:
        asked = [m for m, media in wanted or seen if media.ptime == row.derived["ptime_wanted"]]
        yield ("ptime_differs",), asked[0].source if asked else None
    if row.derived["not_negotiated_pct"]:
        yield ("not_negotiated_pct",), _strange(row, stats, state)


def _strange(row: RtpStream, stats: StreamStats, state: CallState) -> Source | None:
    """The first packet with a payload type that nobody named."""
    known = {pt for _, sdp, _ in state.negotiation.seen for media in sdp.media for pt in media.codecs}
    begin = Mark(stats.first_frame, stats.first_ns)
    kinds = [(stats.marks.get(kind, begin), kind) for kind in stats.payload_types if kind not in known and kind != 13]
    mark, kind = min(kinds, key=lambda pair: pair[0].frame)
    return _at(row, mark, f"payload type {kind}")


def _of_call(state: CallState, own: Sequence[tuple[RtpStream, StreamStats]]) -> Iterator[_Place]:
    """What a call has of its streams."""
    d = state.row.derived
    for side in ("caller", "callee"):
        mine = [(row, stats) for row, stats in own if row.derived["from"] == side]
        if not mine:
            continue
        most, first = max(mine, key=lambda pair: pair[0].packets), min(mine, key=lambda pair: pair[1].first_ns)
        yield (f"rtp_{side}_packets", f"rtp_{side}_s"), most[0].source
        yield (f"rtp_{side}_late_s",), first[0].source
        if (d[f"rtp_{side}_quiet_at_end_s"] or 0) >= STOPPED_S:
            row, stats = max(mine, key=lambda pair: pair[1].last_ns)
            yield (f"rtp_{side}_quiet_at_end_s",), _at(row, stats.marks.get("last"), f"the last packet of the {side}")
        if state.row.media == f"{side}_only":
            yield ("media",), most[0].source
    for name, sender in (("rtp_on_hold_s", _held(state)), ("rtp_after_t38_s", _accepting_fax(state))):
        going = [(row, stats) for row, stats in own if row.derived["from"] == sender]
        if d[name] and going:
            row, stats = max(going, key=lambda pair: pair[1].last_ns)
            yield (name,), _at(row, stats.marks.get("last"), "the last packet")
    tones = [(e.time_ns, row, e) for row, stats in own for e in stats.dtmf if e.digit in FAX_EVENTS]
    if tones:
        _, row, event = min(tones, key=lambda tone: tone[0])
        yield ("fax_tones",), _event(row, event, "is one of a fax")
    if d["dtmf_twice"]:
        yield ("dtmf_twice",), next(m.source for m in state.messages if m.method == "INFO" and m.derived.get("dtmf"))
    if state.row.media == "none":
        yield ("media",), state.row.sources.get("answered")


def _held(state: CallState) -> Side | None:
    return OTHER[state.hold_spans[-1][0]] if state.hold_spans else None


def _accepting_fax(state: CallState) -> Side | None:
    exchange = fax_outcome(state.negotiation).exchange
    return OTHER[exchange.by] if exchange is not None else None


def _of_legs(state: CallState, calls: Mapping[str, CallState]) -> Iterator[_Place]:
    """What a call has of its other legs."""
    d = state.row.derived
    legs = [calls[call_id] for call_id in state.row.linked if call_id in calls]
    if d["early_media_lost"]:
        early = (m for leg in legs if leg.row.derived["early_media"] for m in leg.provisional if m.sdp is not None)
        yield ("early_media_lost",), next((m.source for m in early), None)
    if d["hairpin"]:
        yield ("hairpin",), legs[0].row.source
    if d["transcoded"]:
        other = next(
            (leg.row.sources.get("codec") for leg in legs if leg.row.derived["codec"] not in {None, d["codec"]}), None
        )
        yield ("transcoded", "other_codec"), other
    if d["stuck_on_hold"]:
        yield ("stuck_on_hold",), _last_hold(state)


def _last_hold(state: CallState) -> Source | None:
    """The offer that put the call on hold for good."""
    holder, start, _ = state.hold_spans[-1]
    put = (e for e in state.negotiation.settled if e.answered_at is not None and e.answered_at.time == start)
    return next((e.offered_at.source for e in put if e.of(holder) is not None), None)
