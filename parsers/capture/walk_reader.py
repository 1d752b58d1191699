"""One pass over a capture: container, kernel, the layer above, and the rows of RTP it leaves."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from msgspec import Struct

from parsers.capture import kernel, kernel_rtp, walk_pcap, walk_pcapng
from parsers.capture.content import Content
from parsers.capture.magic import PCAPNG
from parsers.capture.spliced import Spliced
from parsers.capture.walk_flows import Flows
from parsers.capture.walk_notes import NoteTable

VECTOR_BYTES = 2 * 1024 * 1024
"""From this size on numpy helps an interpreted kernel; below, its start costs more."""

SAID_LIMIT = 20
"""Problems of one file that are named."""
PLAIN_HEADER = 16
"""Bytes of a pcap record's header."""
STEP = 16 * 1024 * 1024
"""Bytes between two words of progress."""

Rows = Callable[[Any], None]


class Kernels(Struct, frozen=True):
    """The two hot modules, compiled or not: `parsers.capture.kernel` and `parsers.capture.kernel_rtp`."""

    packets: ModuleType = kernel
    streams: ModuleType = kernel_rtp

    @property
    def compiled(self) -> bool:
        """Whether packets are read by compiled code."""
        return not str(self.packets.__file__).endswith(".py")


def let_go(kernel: Any) -> None:  # noqa: ANN401 - compiled or interpreted
    """Nothing more is read: a kernel and those whom it told know each other, and of many small captures the tables of all would wait
    for the garbage collector.
    """
    kernel.upper = kernel.notes = kernel.rows = None


class Reader:
    """Reads one file into a kernel that stands at its start; ``before`` frames of other files were read by it."""

    def __init__(self, content: Content, kernel: Any, flows: Flows, notes: NoteTable, kernels: Kernels) -> None:  # noqa: ANN401
        self.content = content
        self.link_types: list[int] = []
        self.snaplen: int | None = None
        self.dropped: int | None = None
        self.problems: list[str] = []
        self.unsaid = 0
        self.header = PLAIN_HEADER
        self.notes = notes
        self.flows = flows
        self.kernel = kernel
        self.before = int(kernel.frame)
        self._column = kernels.packets.column
        self._kernels = kernels
        self._records = self._fastest()

    @classmethod
    def of(cls, content: Content, rows: Rows, kernels: Kernels) -> Reader:
        """For one capture by itself. ``rows`` is called with each block of RTP rows in file order."""
        data: memoryview | Spliced = content.data if content.final else Spliced(content)
        notes = NoteTable(data, copies=not content.final)
        flows = Flows(data, notes)
        kernel = kernels.packets.Kernel(content.data, flows, notes, rows)
        flows.of(kernel)
        notes.of(kernel)
        return cls(content, kernel, flows, notes, kernels)

    @property
    def data(self) -> memoryview:
        """What is there of the file now."""
        return self.content.data

    def place(self, at: int) -> int:
        """The place in the file of one in ``data``."""
        return self.content.start + at

    def reach(self, at: int, count: int) -> int:
        """Have ``count`` bytes from a place in ``data`` on, or all that there are; what the place is in ``data`` then."""
        while len(self.data) - at < count and self.content.more(at, count):
            self.kernel.follow(self.data, at)
            self._records = self._fastest()
            at = 0
        return at

    def _fastest(self) -> Any:  # noqa: ANN401 - compiled or interpreted
        """Who reads records: numpy knows no longer headers."""
        if self._kernels.compiled or len(self.data) < VECTOR_BYTES or self.header != PLAIN_HEADER:
            return self.kernel
        from parsers.capture.walk_vector import Vector

        return Vector(self.kernel, self.data)

    @property
    def frames(self) -> int:
        """Packets of this file so far."""
        return int(self.kernel.frame) - self.before

    def problem(self, text: str, *, last: bool = False) -> None:
        """Note what could not be read; beyond `SAID_LIMIT` only how often, but for the ``last`` one."""
        if last or len(self.problems) < SAID_LIMIT:
            self.problems.append(text)
        else:
            self.unsaid += 1

    def longer(self, size: int) -> None:
        """The headers of pcap records are longer by so many bytes."""
        self.header += size
        self.kernel.header = self.header
        self._records = self._fastest()

    def pcap(self, at: int, stop: int) -> int:
        """Read pcap records, see `Kernel.pcap`."""
        return int(self._records.pcap(at, stop))

    def pcapng(self, at: int, stop: int) -> int:
        """Read pcapng packets, see `Kernel.pcapng`."""
        return int(self._records.pcapng(at, stop))

    def interface(self, link: int, unit: int, scale: int, shift: int) -> None:
        """Add an interface of the current pcapng section to the kernel."""
        kernel = self.kernel
        number = kernel.interfaces
        if number >= len(kernel.links):
            for name, kind in (("links", "I"), ("units", "I"), ("scales", "Q"), ("shifts", "q")):
                wider = self._column(kind, max(8, number * 2))
                wider[:number] = memoryview(getattr(kernel, name))[:number]
                setattr(kernel, name, wider)
        kernel.links[number] = link
        kernel.units[number] = unit
        kernel.scales[number] = scale
        kernel.shifts[number] = shift
        kernel.interfaces = number + 1

    def run(self, progress: Callable[[int, int], None] | None) -> None:
        """Read everything."""
        self.read(progress)
        self.finish()

    def read(self, progress: Callable[[int, int], None] | None) -> None:
        """Read all packets."""
        content, told = self.content, 0

        def advance(at: int) -> None:
            nonlocal told
            place = content.start + at
            if progress is not None and (place - told >= STEP or (content.final and at == len(content.data))):
                told = place
                progress(place, content.expected)

        (walk_pcapng if bytes(self.data[:4]) == PCAPNG else walk_pcap).read(self, advance)

    def finish(self) -> None:
        """Nothing follows: give what is incomplete."""
        self.flows.finish()
        self.kernel.flush()
        self.notes.finish()
        let_go(self.kernel)
