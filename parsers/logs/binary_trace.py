"""Main trace of V12 and V14 (3CXPhoneSystem.blrec with 3CXPhoneSystem.bldef): binary, read by 3CX's own viewer only.

That it is binary is inferred from the viewer that it needs; its bytes are described nowhere.
"""

from __future__ import annotations

from msgspec import Struct

from parsers.api import Probe, Sink, Tally
from parsers.tree.member import Member

SUFFIXES = (".blrec", ".bldef")


class BinaryTrace(Struct, frozen=True):
    """Recognised and reported, never read."""

    kind: str = "binary_trace"

    def claims(self, probe: Probe) -> int:
        """By name: there is nothing else to go by. A text whose content somebody else knows is theirs."""
        return 30 if probe.name.lower().endswith(SUFFIXES) else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Say that it cannot be read."""
        out.problem(
            f"{member.name}: a binary trace of 3CX Phone System (V12 to V14). Only the 3CX Log Viewer (3CXBinLogViewer) opens it:"
            " nothing in it was looked at"
        )
        return Tally(bytes=member.size, unreadable=True)


PARSERS = (BinaryTrace(),)
