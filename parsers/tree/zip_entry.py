"""One member of a zip."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True):
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
