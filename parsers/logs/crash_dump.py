"""Core and mini dumps. That one is there is a fact; its content (memory of a service) is never read.

``/var/lib/3cxpbx/core.minidump`` was seen verbatim; the signatures are those of Windows minidumps and of ELF core files.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.facts.base import Source
from parsers.facts.system import Crash
from parsers.tree.member import Member

_NAME: Final = lazy.pattern(r"^(?:core(?:\.[\w.-]{1,80})?|.{1,200}\.(?:core|dmp|mdmp|minidump))$", re.IGNORECASE)
MINIDUMP: Final = b"MDMP"
ELF: Final = b"\x7fELF"
ELF_CORE = 4
"""e_type of a core file (ELF header, bytes 16 and 17)."""


def dump_signature(head: bytes) -> bool:
    """Whether the first bytes are those of a dump."""
    if head.startswith(MINIDUMP):
        return True
    return (
        head.startswith(ELF)
        and len(head) >= 18
        and int.from_bytes(head[16:18], "big" if head[5] == 2 else "little") == ELF_CORE
    )


class CrashDump(Struct, frozen=True):
    """One row that names the file."""

    kind: str = "crash_dump"

    def claims(self, probe: Probe) -> int:
        """By signature, else by name when it is no text."""
        if dump_signature(probe.head):
            return 90
        return 30 if _NAME.match(probe.name) and not probe.text else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Note that it is there, and when it was written."""
        out.add(Crash(source=Source(artifact=member.path, text=member.name), name=member.name, time=member.mtime))
        return Tally(records=1, understood=1, bytes=member.size)


PARSERS = (CrashDump(),)
