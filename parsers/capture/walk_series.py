"""Reads the files of a capture that was written to several as the one capture that it is.

One kernel reads them in turn: flows, TCP streams, fragments and RTP go on over the borders, frames are counted on. Where a
payload lies is told by its place as if the files stood one behind the other (`Spliced`).
"""

# ruff: noqa: PLR0917 - called by the kernel, by position
from __future__ import annotations

from typing import Any

from msgspec import Struct

from parsers.capture.content import Content
from parsers.capture.notes import MediaMap, NoteKind, Progress, StreamStats, Walked
from parsers.capture.rtp import Rtp
from parsers.capture.spliced import Spliced
from parsers.capture.walk import Kept, Room, is_one_sided, problems_of, row_of, understood_by, worth_beside
from parsers.capture.walk_beside import Look, run_beside
from parsers.capture.walk_flows import Flows
from parsers.capture.walk_notes import COPIES_LIMIT, HEAP_LIMIT, NoteTable
from parsers.capture.walk_reader import Kernels, Reader, Rows, let_go
from parsers.facts.base import Source
from parsers.facts.capture import Capture

FLOWS_LIMIT = 1 << 19
"""Half of what a kernel follows."""

Flow = tuple[int, int, int, int, int, int, int]
Pair = frozenset[tuple[int, ...]]
"""Two hosts by their addresses."""


class Part(Struct):
    """One file of a series, read. The series has ``before`` frames in front of it."""

    capture: Capture
    problems: list[str]
    understood: int
    before: int


class _Shift:
    """Stands between the kernel, which knows places in one file, and the layer above."""

    def __init__(self, flows: Flows, notes: NoteTable) -> None:
        self._flows = flows
        self._notes = notes
        self.start = self.before = 0

    def add(self, kind: int, frame: int, time: int, flow: int, place: int, size: int, flags: int, heap: int) -> None:
        """See `NoteTable.add`."""
        self._notes.add(kind, frame, time, flow, place if heap else place + self.start, size, flags, heap)

    def tcp(self, flow: int, seq: int, flags: int, place: int, limit: int, size: int) -> None:
        """See `Flows.tcp`."""
        self._flows.tcp(flow, seq, flags, place + self.start, limit + self.start, size)

    def segment(self, flow: int, seq: int, ack: int, window: int, flags: int, size: int) -> None:
        """See `Flows.segment`."""
        self._flows.segment(flow, seq, ack, window, flags, size)

    def icmp(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, kind: int, code: int, place: int, limit: int
    ) -> None:  # fmt: skip
        """See `Flows.icmp`."""
        self._flows.icmp(version, src_hi, src, dst_hi, dst, kind, code, place + self.start, limit + self.start)

    def fragment(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, kind: int,
        offset: int, more: int, tos: int, place: int, limit: int, size: int,
    ) -> None:  # fmt: skip
        """See `Flows.fragment`."""
        self._flows.fragment(
            version, src_hi, src, dst_hi, dst, ident, kind, offset, more, tos,
            place + self.start, limit + self.start, size,
        )  # fmt: skip

    def unsupported(self, layer: str, number: int, frame: int) -> None:
        """See `Flows.unsupported`."""
        self._flows.unsupported(layer, number, frame - self.before)

    def tunnelled(self, number: int, frame: int) -> None:
        """See `Flows.tunnelled`."""
        self._flows.tunnelled(number, frame - self.before)


class _Pass:
    """One pass over the files."""

    def __init__(self, rows: Rows, kernels: Kernels) -> None:
        self.data = Spliced()
        self._kernels = kernels
        self._rows = rows
        self.notes = NoteTable(self.data)
        self.notes.heap_limit = 0
        self.flows = Flows(self.data, self.notes)
        self._shift = _Shift(self.flows, self.notes)
        self.kernel: Any = None

    def read(self, content: Content, progress: Progress | None, look: Look | None = None) -> Reader:
        """Read the next file."""
        shift = self._shift
        shift.start = self.data.add(content)
        self.notes.copies = not content.final
        if self.kernel is None:
            self.kernel = self._kernels.packets.Kernel(content.data, shift, shift, self._rows)
            self.flows.of(self.kernel)
            self.notes.of(self.kernel)
        else:
            self.kernel.go_on(content.data)
            self.flows.next_file()
            self.notes.lost = 0
        self.notes.heap_limit += HEAP_LIMIT if content.final else COPIES_LIMIT
        shift.before = self.kernel.frame
        reader = Reader(content, self.kernel, self.flows, self.notes, self._kernels)
        if look is not None and worth_beside(content, self._kernels):
            run_beside(reader.read, self.notes, progress, look)
        else:
            reader.read(progress)
        return reader


class SeriesWalk:
    """Takes the files of a series in the order of their times; they must stay open until their streams were measured. ``room``
    is shared with the series that are open at the same time.
    """

    def __init__(self, room: Room, kernels: Kernels | None = None) -> None:
        self._kernels = kernels or Kernels()
        self._kept = Kept(room)
        self._pass = _Pass(self._kept.keep, self._kernels)
        self._reader: Reader | None = None
        self._bounds: list[tuple[int, int]] = []
        self._flows: set[Flow] = set()
        self._pairs: set[Pair] = set()
        self._told = 0
        self.parts: list[Part] = []

    @property
    def frames(self) -> int:
        """Frames of all files so far."""
        kernel = self._pass.kernel
        return 0 if kernel is None else int(kernel.frame)

    def anew(self) -> None:
        """Give all notes again to who looks next."""
        self._pass.notes.anew()

    def add(
        self, content: Content, artifact: str, progress: Progress | None = None, look: Look | None = None
    ) -> Part:  # fmt: skip
        """Read the next file; what it says of itself. ``look`` may be given notes meanwhile, as in `parsers.capture.walk.walk`."""
        reader = self._reader = self._pass.read(content, progress, look)
        kernel = reader.kernel
        self._bounds.append((kernel.first, kernel.last))
        part = Part(row_of(reader, artifact), problems_of(reader), understood_by(reader), reader.before)
        self.parts.append(part)
        return part

    def flows(self) -> set[Flow]:
        """Who sent what to whom so far (`Kernel.flow`)."""
        kernel = self._pass.kernel
        new = [kernel.flow(number) for number in range(self._told, kernel.flows)]
        self._told = kernel.flows
        self._flows.update(new)
        self._pairs.update(frozenset((flow[1:3], flow[3:5])) for flow in new)
        return self._flows

    def pairs(self) -> set[Pair]:
        """Which hosts spoke with each other so far."""
        self.flows()
        return self._pairs

    @property
    def crowded(self) -> bool:
        """Whether there may be no room for the flows of another file."""
        return bool(self._pass.kernel.flows > FLOWS_LIMIT)

    def bounds(self) -> tuple[int, int]:
        """The earliest and the latest time so far, ns; the latest is below zero where no packet has one."""
        timed = [bounds for bounds in self._bounds if bounds[1] >= 0]
        return min((first for first, _ in timed), default=0), max((last for _, last in timed), default=-1)

    def finish(self, artifact: str) -> Walked:
        """No file follows. The row is that of all files together, under a name of its own."""
        reader = self._reader
        if reader is None:
            raise RuntimeError("a series has at least one file")
        reader.finish()
        kernel, notes = reader.kernel, reader.notes
        self.parts[-1].problems = problems_of(reader)
        kernel.first, kernel.last = self.bounds()

        def measure(media: MediaMap) -> tuple[list[StreamStats], int]:
            rtp = Rtp(kernel, media, self._kernels.streams)
            if self._kept.overfull:
                again = _Pass(rtp.take, self._kernels)
                for content in self._pass.data.parts:
                    last = again.read(content.again(), None)
                last.finish()
            else:
                for block in self._kept.blocks:
                    rtp.take(block)
            return rtp.streams(), rtp.left_out

        openings = reader.flows.handshakes.openings(kernel)
        understood = sum(part.understood for part in self.parts)
        whole = self._whole(artifact) if len(self.parts) > 1 else self.parts[0].capture
        whole.duration_s = (kernel.last - kernel.first) / 1e9 if kernel.last >= 0 else None
        whole.one_sided = is_one_sided(kernel)
        whole.has_tunnel = NoteKind.TUNNEL in notes.kinds()
        return Walked(
            whole, notes, [], understood, measure, openings, reader.flows.tunnels.ways(), notes.unseen(), notes.afresh
        )

    def close(self) -> None:
        """Let go of the files. Streams and notes cannot be read any more."""
        self._kept.clear()
        self._pass.data.parts.clear()
        if self._pass.kernel is not None:
            for _ in range(2):  # a kernel keeps the buffer before, too
                self._pass.kernel.go_on(memoryview(b""))
            let_go(self._pass.kernel)
        if self._reader is not None:
            self._reader.content = Content(memoryview(b""))

    def _whole(self, artifact: str) -> Capture:
        rows = [part.capture for part in self.parts]
        firsts, lasts = [row.first for row in rows if row.first], [row.last for row in rows if row.last]
        drops = [row.dropped for row in rows if row.dropped is not None]
        return Capture(
            source=Source(artifact=artifact),
            artifact=artifact,
            packets=sum(row.packets for row in rows),
            link_types=sorted({link for row in rows for link in row.link_types}),
            truncated_packets=sum(row.truncated_packets for row in rows),
            first=min(firsts, default=None),
            last=max(lasts, default=None),
            duplicates=sum(row.duplicates for row in rows),
            fragments=sum(row.fragments for row in rows),
            icmp_unreachable=sum(row.icmp_unreachable for row in rows),
            dropped=sum(drops) if drops else None,
        )
