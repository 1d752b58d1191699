"""One direction of a TCP connection, put in order, within bounds.

Segments wait in front of a hole until it is filled, until `HOLE_NS` of capture time or `HOLE_BYTES` have passed, or until
the capture ends; then the hole is skipped and said. What the bytes mean is for `parsers.capture.walk_stream`.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

HOLE_NS = 3_000_000_000
HOLE_BYTES = 256 * 1024
HOLE_SEGMENTS = 256
WINDOW = 1 << 20
"""A segment further ahead than this belongs to another time of the connection (bytes)."""


class Segment(Struct):
    """Payload of one segment: ``have`` bytes from ``place`` of the capture, of ``size`` that were sent. ``payload``: the bytes, of a
    capture that does not stay in memory.
    """

    seq: int
    frame: int
    time: int
    place: int
    have: int
    size: int
    payload: bytes | None = None


class Order(Struct):
    """Brings segments into order. ``next`` is the sequence number that is expected, null before the first segment."""

    next: int | None = None
    waiting: list[Segment] = field(default_factory=list)
    waiting_bytes: int = 0

    def put(self, segment: Segment) -> Iterator[tuple[Segment, int]]:
        """The segments that are in order now, each with the number of bytes missing before it."""
        if self.next is None:
            self.next = segment.seq
        ahead = distance(segment.seq, self.next)
        if ahead > WINDOW or ahead < -WINDOW:
            yield from self.skip()
            self.next = segment.seq
            yield from self._pass(segment, 1)
            return
        if ahead > 0:
            self.waiting.append(segment)
            self.waiting_bytes += segment.size
            first = self.waiting[0]
            if (
                self.waiting_bytes > HOLE_BYTES
                or len(self.waiting) > HOLE_SEGMENTS
                or segment.time - first.time > HOLE_NS
            ):
                yield from self.skip()
            return
        yield from self._pass(segment, 0)
        if self.waiting:
            yield from self._filled()

    def skip(self) -> Iterator[tuple[Segment, int]]:
        """Give up all holes: what waits, in order."""
        base = self.next or 0
        waiting = sorted(self.waiting, key=lambda s: distance(s.seq, base))
        self.waiting = []
        self.waiting_bytes = 0
        for segment in waiting:
            hole = distance(segment.seq, self.next if self.next is not None else segment.seq)
            if hole > 0:
                self.next = segment.seq
            yield from self._pass(segment, max(hole, 0))

    def _filled(self) -> Iterator[tuple[Segment, int]]:
        base = self.next or 0
        self.waiting.sort(key=lambda s: distance(s.seq, base))
        while self.waiting and distance(self.waiting[0].seq, self.next or 0) <= 0:
            segment = self.waiting.pop(0)
            self.waiting_bytes -= segment.size
            yield from self._pass(segment, 0)

    def _pass(self, segment: Segment, hole: int) -> Iterator[tuple[Segment, int]]:
        behind = -distance(segment.seq, self.next or 0)
        if behind >= segment.size:
            return
        if behind > 0:
            segment = Segment(
                (segment.seq + behind) & 0xFFFFFFFF,
                segment.frame,
                segment.time,
                segment.place + behind,
                max(segment.have - behind, 0),
                segment.size - behind,
                None if segment.payload is None else segment.payload[behind:],
            )
        self.next = (segment.seq + segment.size) & 0xFFFFFFFF
        yield segment, hole


def distance(seq: int, base: int) -> int:
    """How far a sequence number lies ahead of another, negative behind (modulo 2**32)."""
    return ((seq - base + 0x80000000) & 0xFFFFFFFF) - 0x80000000
