"""The notes of one capture as compact columns; `Note` objects are made when somebody looks at them."""

# ruff: noqa: PLR0917 - called by the kernel, by position
from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from parsers.capture import ip
from parsers.capture.notes import Note, NoteKind
from parsers.capture.spliced import Spliced

if TYPE_CHECKING:
    from parsers.capture.kernel import Kernel

HEAP_LIMIT = 128 * 1024 * 1024
"""Bytes of reassembled payloads that are kept of one file."""
COPIES_LIMIT = 1024 * 1024 * 1024
"""Bytes of payloads that are kept of a file that does not stay in memory."""

TRUNCATED = 1
WEBSOCKET = 2
UNFRAMED = 4
"""Bytes of no message stand between the one before in the stream and this one."""
PADDING = 64
UDP = 2
"""Key space of UDP flows in the kernel."""
_KINDS = {int(kind): kind for kind in NoteKind}


class NoteTable(Sequence[Note]):
    """Notes in file order. Payloads lie in the capture itself, or, put together from pieces, in ``heap``. ``copies``: the capture does
    not stay in memory, so that all go there.
    """

    def __init__(self, data: memoryview | Spliced, *, copies: bool = False) -> None:
        self._data = data
        self.copies = copies
        self._kinds = array("B")
        self._frames = array("L")
        self._times = array("q")
        self._flows = array("l")
        self._places = array("q")
        self._sizes = array("l")
        self._flags = array("B")
        self._heaps = array("l")
        self._icmp: dict[int, tuple[int, int, int]] = {}
        self._order: list[int] | None = None
        self._heap: list[bytes] = []
        self._heap_bytes = 0
        self.heap_limit = COPIES_LIMIT if copies else HEAP_LIMIT
        self._kernel: Kernel | None = None
        self._texts: dict[int, tuple[str, int, str, int, str]] = {}
        self._given = 0
        self.lost = 0

    def of(self, kernel: Kernel) -> None:
        """Take the flows of this kernel."""
        self._kernel = kernel

    def add(self, kind: int, frame: int, time: int, flow: int, place: int, size: int, flags: int, heap: int) -> None:
        """A payload of a flow: ``size`` bytes from ``place`` of the capture, or of entry ``heap`` (from 1) of the heap."""
        if self.copies and not heap:
            heap, place = self.keep(bytes(self._data[place : place + size])), 0
            if not heap:
                return
        self._kinds.append(kind)
        self._frames.append(frame)
        self._times.append(time)
        self._flows.append(flow)
        self._places.append(place)
        self._sizes.append(size)
        self._flags.append(flags)
        self._heaps.append(heap)

    def add_icmp(
        self, frame: int, time: int, flow: int, place: int, size: int, flags: int, icmp: tuple[int, int, int]
    ) -> None:
        """An ICMP error about a flow; ``icmp`` is type, code and the flow number that holds the reporter's address."""
        row = len(self._kinds)
        self.add(NoteKind.ICMP, frame, time, flow, place, size, flags, 0)
        if len(self._kinds) > row:
            self._icmp[row] = icmp

    def keep(self, payload: bytes) -> int:
        """Put bytes on the heap; their number from 1, or 0 when the heap is full."""
        if self._heap_bytes + len(payload) + PADDING > self.heap_limit:
            self.lost += 1
            return 0
        self._heap_bytes += len(payload) + PADDING
        self._heap.append(payload)
        return len(self._heap)

    def drop(self, heap: int) -> None:
        """Take the last entry off the heap again, unless a note refers to it."""
        if heap == len(self._heap) and (not self._heaps or self._heaps[-1] != heap):
            self._heap_bytes -= len(self._heap.pop()) + PADDING

    def fresh(self) -> Iterator[Note]:
        """The notes that came since the last call, up to the first one that stands before another in the file."""
        frames = self._frames
        while self._given < len(self._heaps):
            row = self._given
            if row and frames[row] < frames[row - 1]:
                return
            self._given += 1
            yield self._note(row)

    def anew(self) -> None:
        """From now on `fresh` gives all notes, as if it had given none."""
        self._given = 0

    def unseen(self) -> Iterator[Note]:
        """The notes that `fresh` did not give; all of them when it gave some in another order than the file's."""
        if self.afresh:
            return iter(self)
        return map(self._note, range(self._given, len(self)))

    @property
    def afresh(self) -> bool:
        """Whether `fresh` gave notes in another order than the file's."""
        return self._order is not None

    def finish(self) -> None:
        """Put the notes in file order."""
        frames = self._frames
        if any(frames[i] > frames[i + 1] for i in range(len(frames) - 1)):
            self._order = sorted(range(len(frames)), key=frames.__getitem__)

    def __len__(self) -> int:
        return len(self._kinds)

    @overload
    def __getitem__(self, index: int) -> Note: ...

    @overload
    def __getitem__(self, index: slice) -> list[Note]: ...

    def __getitem__(self, index: int | slice) -> Note | list[Note]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        row = range(len(self))[index]
        return self._note(row if self._order is None else self._order[row])

    def __iter__(self) -> Iterator[Note]:
        rows = range(len(self)) if self._order is None else self._order
        return map(self._note, rows)

    def kinds(self) -> set[NoteKind]:
        """Which kinds there are."""
        return {NoteKind(kind) for kind in set(self._kinds)}

    def _note(self, row: int) -> Note:
        src, sport, dst, dport, transport = self._ends(self._flows[row])
        heap, place, size, flags = self._heaps[row], self._places[row], self._sizes[row], self._flags[row]
        source = self._data if heap == 0 else self._heap[heap - 1]
        icmp = self._icmp.get(row)
        return Note(
            _KINDS[self._kinds[row]],
            self._frames[row],
            self._times[row],
            src,
            sport,
            dst,
            dport,
            "ws" if flags & WEBSOCKET else transport,
            bytes(source[place : place + size]),
            bool(flags & TRUNCATED),
            None if icmp is None else icmp[:2],
            None if icmp is None else self._ends(icmp[2])[0],
            bool(flags & UNFRAMED),
        )

    def _ends(self, flow: int) -> tuple[str, int, str, int, str]:
        ends = self._texts.get(flow)
        if ends is None:
            if self._kernel is None:
                raise RuntimeError("notes are read after the walk")
            space, src_hi, src, dst_hi, dst, ports, _ = self._kernel.flow(flow)
            version = space & 15
            ends = self._texts[flow] = (
                ip.text(version, src_hi, src),
                ports >> 16,
                ip.text(version, dst_hi, dst),
                ports & 0xFFFF,
                "udp" if space >> 4 == UDP else "tcp",
            )
        return ends
