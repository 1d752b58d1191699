"""RTP streams of a capture: which flows are streams, what their payload types mean, and their figures."""

# ruff: noqa: PLR0917 - called by the kernel, by position
from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from msgspec import Struct

from parsers.capture import ip, rtp_quality
from parsers.capture.notes import Address, DtmfEvent, Encoding, Mark, MediaEnd, MediaMap, StreamStats
from parsers.capture.rtp_types import AUDIO, COMFORT, EVENT, EVENTS, IMPAIRMENT, NOISE, STATIC

STREAM_LIMIT = 100_000
"""Streams of one capture that are measured: whoever sends each packet with a source of its own makes millions of them."""
MIN_PACKETS = 10
"""Packets that make a flow a stream where no signalling names it."""
DRIFT_SECONDS = 60.0
MAX_EVENTS = 1000
"""Telephone events kept per stream."""
DIGITS = "0123456789*#ABCD"
LONGEST = 0xFFFF
"""What the duration of a telephone event can say, in ticks of its clock."""


class _Event(Struct):
    """A telephone event; ``segment`` is the time stamp of its last segment, ``earlier`` the duration of those before it."""

    digit: str
    time: int
    frame: int
    segment: int
    ended: bool
    duration: int
    clock: int
    packets: int
    earlier: int = 0

    def goes_on(self, digit: str, stamp: int) -> bool:
        """Whether a time stamp is that of its next segment: it lasts longer than its field can say (RFC 4733 2.5.1.3)."""
        full = self.earlier + LONGEST
        next_segment = (self.segment + LONGEST) & 0xFFFFFFFF
        return not self.ended and digit == self.digit and self.duration == full and stamp == next_segment


class _Flow(Struct):
    """What is known of a flow besides its packets."""

    src: Address
    dst: Address
    ssrc: int
    src_end: MediaEnd | None
    dst_end: MediaEnd | None
    events: list[_Event]
    encodings: dict[int, Encoding | None]


class Rtp:
    """Measures the blocks of RTP rows of one kernel."""

    def __init__(self, kernel: Any, media: MediaMap, module: ModuleType) -> None:  # noqa: ANN401
        self._kernel = kernel
        self._media = media
        self._module = module
        self._states: list[Any] = [None] * kernel.flows
        self._flows: dict[int, _Flow] = {}
        self._numbers = [n for n in range(kernel.flows) if kernel.flow(n)[0] >> 4 == 1]
        self._heads = memoryview(bytearray(4 * max(kernel.flows, 1))).cast("I")
        self._follows: memoryview | None = None
        self._known: dict[tuple[int, int, int, int], bool] = {}
        wanted = [number for number in self._numbers if self._worth_measuring(number)]
        self.left_out = max(0, len(wanted) - STREAM_LIMIT)
        if self.left_out:
            wanted = sorted(sorted(wanted, key=lambda number: (-kernel.count[number], number))[:STREAM_LIMIT])
        for number in wanted:
            self._flows[number] = self._flow(number)
            self._states[number] = module.StreamState(self, number)

    def _worth_measuring(self, number: int) -> bool:
        if self._kernel.count[number] >= MIN_PACKETS:
            return True
        flow = self._flow(number)
        return bool(flow.src_end or flow.dst_end)

    def _flow(self, number: int) -> _Flow:
        space, src_hi, src, dst_hi, dst, ports, ssrc = self._kernel.flow(number)
        version = space & 15
        sender = ip.text(version, src_hi, src), ports >> 16
        receiver = ip.text(version, dst_hi, dst), ports & 0xFFFF
        return _Flow(sender, receiver, ssrc, self._media.any(sender), self._media.any(receiver), [], {})

    def take(self, block: Any) -> None:  # noqa: ANN401 - compiled or interpreted
        """Measure a block; blocks come in file order."""
        if self._follows is None:
            self._follows = memoryview(bytearray(4 * len(block.time))).cast("I")
        self._module.feed(self._states, block, self._heads, self._follows)

    # ---- asked by the kernel

    def payload(self, number: int, kind: int, time: int) -> tuple[int, int]:
        """Role and clock rate (0 unknown) of a payload type in a stream.

        The receiver's description says what it wants to get (RFC 3264 5.1), then the sender's own, then RFC 3551.
        """
        flow = self._flows[number]
        if kind not in flow.encodings:
            if not flow.encodings:
                flow.dst_end = self._media.at(flow.dst, time)
                flow.src_end = self._media.at(flow.src, time)
                self._holds(number, flow)
            found = None
            # the description now (a later offer may bring new types), then the one at the stream's start
            now = self._media.at(flow.dst, time), self._media.at(flow.src, time)
            for end in (now[0], flow.dst_end, now[1], flow.src_end):
                if end is not None and kind in end.encodings:
                    found = end.encodings[kind]
                    break
            flow.encodings[kind] = found or STATIC.get(kind)
        encoding = flow.encodings[kind]
        return _role(encoding), 0 if encoding is None else max(encoding.clock_rate, 0)

    def _holds(self, number: int, flow: _Flow) -> None:
        first = min((start for start, _ in self._media.holds(flow.src, flow.dst)), default=None)
        if first is not None:
            self._states[number].hold = first

    def held(self, state: Any, start: int, end: int) -> bool:  # noqa: ANN401
        """Whether a stream's direction was on hold at any time between two packets."""
        flow = self._flows[state.number]
        return self._media.held(flow.src, flow.dst, start, end)

    def event(self, number: int, time: int, stamp: int, head: int, frame: int, size: int, clock: int) -> None:
        """A telephone-event packet; ``head`` is its payload (RFC 4733 2.3)."""
        flow = self._flows[number]
        if size < 4 or _encrypted(flow):
            return
        number_, ended, duration = head >> 24, bool(head & 0x800000), head & 0xFFFF
        events = flow.events
        digit = DIGITS[number_] if number_ < 16 else f"({number_})"
        for event in reversed(events[-4:]):
            if event.segment != stamp and event.goes_on(digit, stamp):
                event.segment, event.earlier = stamp, event.duration
            if event.segment == stamp:
                event.ended |= ended
                event.duration = max(event.duration, event.earlier + duration)
                event.packets += 1
                return
        if len(events) < MAX_EVENTS:
            events.append(_Event(digit, time, frame, stamp, ended, duration, clock, 1))

    # ---- results

    def streams(self) -> list[StreamStats]:
        """All streams, sorted by first packet, source, destination, SSRC."""
        found = sorted(self._finished(), key=lambda s: (s.first_ns, s.src, s.dst, s.ssrc))
        self._states.clear()  # each knows this object, and nothing is to wait for the garbage collector
        return found

    def _finished(self) -> Iterator[StreamStats]:
        for number, flow in self._flows.items():
            state = self._states[number]
            if not state.packets:
                continue
            state.finish()
            named = [end for end in (flow.dst_end, flow.src_end) if end is not None]
            signalled = bool(named) and (state.rising or self._expected(state, named))
            if signalled or state.rising:
                yield self._stats(flow, state, signalled=signalled)

    @staticmethod
    def _expected(state: Any, named: list[MediaEnd]) -> bool:  # noqa: ANN401
        """Whether a short flow on an announced address is what was announced there."""
        if all(end.t38 for end in named):
            return False
        return all(kind in STATIC or any(kind in end.encodings for end in named) for kind in state.types)

    def _stats(self, flow: _Flow, state: Any, *, signalled: bool) -> StreamStats:  # noqa: ANN401
        types: dict[int, int] = dict(sorted(state.types.items()))
        roles = {kind: _role(flow.encodings[kind]) for kind in types}
        audio = {k: n for k, n in types.items() if roles[k] == AUDIO}
        main = max(audio or types, key=lambda k: (types[k], -k))
        encoding = flow.encodings[main]
        only_events = all(role == EVENT for role in roles.values())
        clock = encoding.clock_rate if encoding is not None and encoding.clock_rate > 0 else None
        lost = None if only_events else state.expected - state.unique
        expected = None if only_events else state.expected
        # simple packet blocks of pcapng have no times
        times = self._kernel.last >= 0
        timed = times and clock is not None and state.talks > 1 and not only_events
        burst = None if lost is None else rtp_quality.burst_ratio(lost, state.expected, state.bursts)
        return StreamStats(
            src=flow.src,
            dst=flow.dst,
            ssrc=flow.ssrc,
            signalled=signalled,
            src_end=flow.src_end,
            dst_end=flow.dst_end,
            codec=None if encoding is None else encoding.name,
            clock_rate=clock,
            packets=state.packets,
            lost=lost,
            expected=expected,
            loss_pct=round(100 * lost / expected, 2) if lost is not None and expected else None,
            duplicates=state.duplicates,
            out_of_order=state.disordered,
            restarts=state.restarts,
            jitter_mean_ms=round(state.jitter_sum / (state.talks - 1), 3) if timed else None,
            jitter_max_ms=round(state.jitter_max, 3) if timed else None,
            delta_max_ms=round(state.gap / 1e6, 3) if times and state.gap >= 0 else None,
            ptime_ms=_ptime(state.steps, clock),
            mos=self._mos(state, encoding, burst, lost),
            dscp=max(state.services, key=lambda s: (state.services[s], -s)),
            first_ns=state.first,
            last_ns=state.last,
            first_frame=state.first_frame,
            payload_types=types,
            markers=state.markers,
            clock_jumps=state.jumps,
            comfort_noise=state.noise,
            silent_packets=state.silent if encoding is not None and encoding.name.upper() in ("PCMU", "PCMA") else 0,
            runs_of_loss=state.bursts,
            longest_loss=state.longest,
            lost_in_runs=state.in_runs,
            burst_ratio=None if burst is None else round(burst, 3),
            drift_ppm=_drift(state),
            dtmf=[_dtmf(event) for event in flow.events],
            marks=_marks(state),
        )

    @staticmethod
    def _mos(state: Any, encoding: Encoding | None, burst: float | None, lost: int | None) -> float | None:  # noqa: ANN401
        if encoding is None or lost is None or burst is None or state.packets < rtp_quality.MIN_PACKETS:
            return None
        known = IMPAIRMENT.get(encoding.name.upper())
        if known is None or (state.last - state.first) / 1e9 < rtp_quality.MIN_SECONDS:
            return None
        return round(rtp_quality.mos(rtp_quality.rating(100 * lost / state.expected, burst, *known)), 2)


def _marks(state: Any) -> dict[str | int, Mark]:  # noqa: ANN401
    marks: dict[str | int, Mark] = {name: Mark(*mark) for name, mark in state.marks.items()}
    marks["last"] = Mark(state.last_frame, state.last)
    if state.gap >= 0:
        marks["gap"] = Mark(state.gap_frame, state.gap_time)
    if state.jitter_frame:
        marks["jitter"] = Mark(state.jitter_frame, state.jitter_time)
    return marks


def _role(encoding: Encoding | None) -> int:
    name = "" if encoding is None else encoding.name.upper()
    return COMFORT if name == NOISE else EVENT if name == EVENTS else AUDIO


def _encrypted(flow: _Flow) -> bool:
    return any(end is not None and end.encrypted for end in (flow.src_end, flow.dst_end))


def _ptime(steps: dict[int, int], clock: int | None) -> float | None:
    """The most frequent time stamp step between neighbours, ms."""
    known = {step: count for step, count in steps.items() if step > 0}
    if not known or clock is None:
        return None
    return round(max(known, key=lambda s: (known[s], -s)) * 1000 / clock, 3)


def _drift(state: Any) -> float | None:  # noqa: ANN401
    seconds = (state.media_last - state.media_first) / 1e9
    if seconds < DRIFT_SECONDS or state.media_breaks or state.media_clock <= 0:
        return None
    return float(round((state.media_ticks / state.media_clock / seconds - 1) * 1e6, 1))


def _dtmf(event: _Event) -> DtmfEvent:
    duration = round(event.duration * 1000 / event.clock, 3) if event.clock else None
    return DtmfEvent(event.digit, event.time, event.frame, event.ended, duration, event.packets)
