"""One pass over a capture: container, kernel, the layer above, and the rows of RTP it leaves."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from parsers.capture import kernel as default_kernel
from parsers.capture import walk_pcap, walk_pcapng
from parsers.capture.walk_flows import Flows
from parsers.capture.walk_notes import NoteTable

Rows = Callable[[Any], None]


def compiled(module: ModuleType) -> bool:
    """Whether a kernel module is the compiled one."""
    return not str(module.__file__).endswith(".py")


class Reader:
    """Reads one capture once. ``rows`` is called with each block of RTP rows in file order."""

    def __init__(self, data: memoryview, rows: Rows, module: ModuleType = default_kernel) -> None:
        self.data = data
        self.link_types: list[int] = []
        self.snaplen: int | None = None
        self.dropped: int | None = None
        self.problems: list[str] = []
        self.notes = NoteTable(data)
        self.flows = Flows(data, self.notes)
        self.kernel: Any = module.Kernel(data, self.flows, self.notes, rows)
        self._column = module.column
        self.flows.of(self.kernel)
        self.notes.of(self.kernel)

    def problem(self, text: str) -> None:
        """Note what could not be read; at most 20 of them."""
        if len(self.problems) < 20:
            self.problems.append(text)

    def pcap(self, at: int, stop: int) -> int:
        """Read pcap records, see `Kernel.pcap`."""
        return int(self.kernel.pcap(at, stop))

    def pcapng(self, at: int, stop: int) -> int:
        """Read pcapng packets, see `Kernel.pcapng`."""
        return int(self.kernel.pcapng(at, stop))

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
        size = len(self.data)

        def advance(at: int) -> None:
            if progress is not None:
                progress(at, size)

        (walk_pcapng if walk_pcapng.is_pcapng(self.data) else walk_pcap).read(self, advance)
        self.flows.finish()
        self.kernel.flush()
        self.notes.finish()
