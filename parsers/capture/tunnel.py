"""How well the TCP connections of 3CX tunnels (port 5090) get through: segments that were sent again, windows that were closed, and
the round trip (RFC 9293 section 3.8; what they carry is encrypted).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from parsers.capture.ip import text
from parsers.capture.tcp import distance

PORT = 5090
MAX_WAYS = 4096
"""Directions of connections that are measured."""
DISORDER_NS = 3_000_000
"""A segment that comes so shortly after the ones behind it was overtaken on its way, not sent again."""
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


class Way(Struct):
    """One direction of a connection, ``src`` to ``dst`` (address, port).

    ``segments`` counts those with payload, ``repeats`` those of them that brought nothing new (``repeat_frame`` is the first);
    keep-alives are neither. ``closed`` counts how often the sender announced a window of 0. ``round_trip_ns`` is the shortest
    time from a segment to the first acknowledgement that covers it, as seen where the capture was made, ``round_trips`` how
    many were measured.
    """

    src: tuple[str, int]
    dst: tuple[str, int]
    frame: int
    first: int
    last: int
    next: int | None = None
    newest: int = 0
    segments: int = 0
    repeats: int = 0
    repeat_frame: int | None = None
    closed: int = 0
    closed_frame: int | None = None
    round_trip_ns: int | None = None
    round_trips: int = 0
    probe: int | None = None
    probe_time: int = 0

    def send(self, seq: int, size: int, frame: int, now: int) -> None:
        """A segment with payload of this direction."""
        end = (seq + size) & 0xFFFFFFFF
        ahead = 1 if self.next is None else distance(end, self.next)
        if size == 1 and ahead == 0:
            return  # a keep-alive: one byte that was sent before (RFC 9293 section 3.8.4)
        self.segments += 1
        if ahead > 0:
            self.next, self.newest = end, now
            if self.probe is None:
                self.probe, self.probe_time = end, now
        elif now - self.newest > DISORDER_NS:
            self.repeats += 1
            if self.repeat_frame is None:
                self.repeat_frame = frame
            self.probe = None  # nobody knows which of both is acknowledged

    def acknowledged(self, number: int, now: int) -> None:
        """The other side has everything before a sequence number."""
        if self.probe is not None and distance(number, self.probe) >= 0:
            took = max(now - self.probe_time, 0)
            self.round_trip_ns = took if self.round_trip_ns is None else min(self.round_trip_ns, took)
            self.round_trips += 1
            self.probe = None


class Tunnels:
    """Takes the segments of tunnels while the kernel reads; ``left_out`` are flows that were too many to be measured."""

    def __init__(self) -> None:
        self.left_out: set[int] = set()
        self._ways: dict[int, tuple[Way, Way | None]] = {}
        self._by_ends: dict[tuple[tuple[str, int], tuple[str, int]], int] = {}

    def note(self, kernel: Any, flow: int, seq: int, ack: int, window: int, flags: int, size: int) -> None:  # noqa: ANN401, PLR0917
        """A segment of a flow, with or without payload."""
        frame, now = kernel.frame, kernel.now
        known = self._ways.get(flow)
        if known is None:
            known = self._begin(kernel.flow(flow), flow, frame, now)
            if known is None:
                return
        way, back = known
        way.last = now
        if flags & SYN:
            way.next, way.probe = (seq + 1) & 0xFFFFFFFF, None
        elif size:
            way.send(seq, size, frame, now)
        if flags & ACK and back is not None:
            back.acknowledged(ack, now)
        if window == 0 and not flags & (SYN | FIN | RST):
            way.closed += 1
            if way.closed_frame is None:
                way.closed_frame = frame

    def _begin(
        self, ends: tuple[int, int, int, int, int, int, int], flow: int, frame: int, now: int
    ) -> tuple[Way, Way | None] | None:  # fmt: skip
        if len(self._ways) >= MAX_WAYS:
            if len(self.left_out) < MAX_WAYS:
                self.left_out.add(flow)
            return None
        space, src_hi, src, dst_hi, dst, ports, _ = ends
        version = space & 0xF
        sender, receiver = (text(version, src_hi, src), ports >> 16), (text(version, dst_hi, dst), ports & 0xFFFF)
        way = Way(sender, receiver, frame, now, now)
        self._by_ends[sender, receiver] = flow
        back = None
        other = self._by_ends.get((receiver, sender))
        if other is not None:
            back = self._ways[other][0]
            self._ways[other] = back, way
        self._ways[flow] = way, back
        return self._ways[flow]

    def ways(self) -> list[tuple[Way, Way | None]]:
        """All directions that carried something, each with the opposite one, in the order of their first segment."""
        return [(way, back) for way, back in self._ways.values() if way.segments or way.closed]
