"""The PBX as joined from all sources."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct, field

from parsers.facts.base import Row, Source
from parsers.facts.system import Value

COLUMNS: tuple[str, ...] = (
    "version", "edition", "simultaneous_calls", "extensions", "hosting", "os", "fqdn", "public_ip", "local_ip",
    "license_present", "license_nfr", "licence_expires", "maintenance_expires", "verbose_logs", "cpu_count",
    "memory_bytes", "memory_free_bytes", "disk_bytes", "disk_free_bytes", "log_utc_offset_s",
)  # fmt: skip
"""Columns of the report's ``system`` object, in its order."""


class SystemValue(Struct, kw_only=True):
    """The best known value of one column, and what other sources say where they disagree."""

    value: Value
    source: Source
    also: list[tuple[Value, Source]] = field(default_factory=list)


class System(Row, kw_only=True):
    """All columns of `COLUMNS` by name (absent = unknown), one row for the whole case.

    ``fields`` is what rules of category ``system`` see: the columns, derived ones (``disk_used_pct``), and every setting of
    a live export as ``Object.Name`` (``SystemStatus.LocalIpValid``).
    """

    table: ClassVar[str] = "system"

    columns: dict[str, SystemValue] = field(default_factory=dict)
    fields: dict[str, Value | list[str]] = field(default_factory=dict)

    def value(self, column: str) -> Value:
        """The value of a column, null where unknown."""
        known = self.columns.get(column)
        return known.value if known else None
