"""What became of each input file."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

Status = Literal["ok", "partial", "unreadable", "ignored"]


class Artifact(Struct, kw_only=True):
    """One member of the source tree and how well it was read.

    ``records`` counts log records, CSV data rows, packets, or recognised objects of XML and JSON; ``understood`` those of
    them whose meaning was taken. ``problems`` are sentences for the user that name place, reason and limit.
    """

    path: str
    kind: str = "unknown"
    bytes: int | None = None
    records: int = 0
    understood: int = 0
    status: Status = "ok"
    problems: list[str] = field(default_factory=list)
