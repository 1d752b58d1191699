"""One member of a zip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member as the directory or its own header describes it.

    ``start`` is where its content begins, ``packed`` its length in the archive (bytes). ``size`` and ``crc`` are null where
    they stand behind the content only.
    """

    name: str
    start: int
    packed: int
    size: int | None
    crc: int | None
    method: int
    encrypted: bool
    mtime: datetime | None
