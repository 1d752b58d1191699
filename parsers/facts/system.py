"""The PBX as a whole, its services and its machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from parsers.facts.base import Row

Value = str | int | float | bool | None


@dataclass(slots=True, kw_only=True)
class SystemSeen(Row):
    """What one source says of one column of the report's ``system`` object.

    ``rank`` orders sources that disagree, best first: 90 the PBX's own configuration or live export, 80 its support
    information, 70 its backup, 50 what it says of itself on the wire, 40 a derived value, 30 a hint.
    """

    table: ClassVar[str] = "system_seen"

    key: str
    value: Value
    rank: int


@dataclass(slots=True, kw_only=True)
class Setting(Row):
    """One scalar of a live export or a configuration file, under its own name: ``SystemStatus``, ``LocalIpValid``, true."""

    table: ClassVar[str] = "setting"

    object: str
    name: str
    value: Value


@dataclass(slots=True, kw_only=True)
class Service(Row):
    """A 3CX service: state (live export) or load (bundle time series)."""

    table: ClassVar[str] = "service"

    name: str
    status: str | None = None
    running: bool | None = None
    time: datetime | None = None
    private_memory: int | None = None
    thread_count: int | None = None
    process_count: int | None = None


@dataclass(slots=True, kw_only=True)
class HostMetric(Row):
    """Load of the machine at one time (tsdb.system, SystemTelemetry). Sizes in bytes."""

    table: ClassVar[str] = "host_metric"

    time: datetime | None = None
    cpu_pct: float | None = None
    memory_bytes: int | None = None
    memory_free_bytes: int | None = None
    disk_bytes: int | None = None
    disk_free_bytes: int | None = None


@dataclass(slots=True, kw_only=True)
class Health(Row):
    """One check of the bundle's health file. ``passed`` is null unless the word is a clear one."""

    table: ClassVar[str] = "health"

    name: str
    verdict: str
    passed: bool | None = None


@dataclass(slots=True, kw_only=True)
class Crash(Row):
    """A core or mini dump of a service that lies among the files."""

    table: ClassVar[str] = "crash"

    name: str
    time: datetime | None = None
