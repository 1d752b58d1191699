"""The PBX as a whole, its services and its machine."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from parsers.facts.base import Row

Value = str | int | float | bool | None


class SystemSeen(Row, kw_only=True):
    """What one source says of one column of the report's ``system`` object.

    ``rank`` orders sources that disagree, best first: 90 the PBX's own configuration or live export, 80 its support
    information, 70 its backup, 50 what it says of itself on the wire, 40 a derived value, 30 a hint. ``time``: when it was so,
    where the source says; of equal ranks the newest one holds.
    """

    table: ClassVar[str] = "system_seen"

    key: str
    value: Value
    rank: int
    time: datetime | None = None


class Setting(Row, kw_only=True):
    """One scalar of a live export or a configuration file, under its own name: ``SystemStatus``, ``LocalIpValid``, true."""

    table: ClassVar[str] = "setting"

    object: str
    name: str
    value: Value


class Service(Row, kw_only=True):
    """A 3CX service: state (live export) or load (bundle time series)."""

    table: ClassVar[str] = "service"

    name: str
    status: str | None = None
    running: bool | None = None
    time: datetime | None = None
    private_memory: int | None = None
    thread_count: int | None = None
    process_count: int | None = None


class HostMetric(Row, kw_only=True):
    """Load of the machine at one time (tsdb.system, SystemTelemetry). Sizes in bytes."""

    table: ClassVar[str] = "host_metric"

    time: datetime | None = None
    cpu_pct: float | None = None
    memory_bytes: int | None = None
    memory_free_bytes: int | None = None
    disk_bytes: int | None = None
    disk_free_bytes: int | None = None


class Health(Row, kw_only=True):
    """One check of the bundle's health file. ``passed`` is null unless the word is a clear one."""

    table: ClassVar[str] = "health"

    name: str
    verdict: str
    passed: bool | None = None


class Crash(Row, kw_only=True):
    """A core or mini dump of a service that lies among the files."""

    table: ClassVar[str] = "crash"

    name: str
    time: datetime | None = None
