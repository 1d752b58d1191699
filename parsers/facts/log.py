"""Records of logs and of the event log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import field

from parsers.facts.base import Row

Level = Literal["trace", "debug", "info", "warn", "error", "critical"]


class LogRecord(Row, kw_only=True):
    """One record of a text log, continuation lines included.

    ``time`` is UTC where ``local`` is false; else the server's wall clock written as if it were UTC, until the offset is
    known. ``level`` is normalised, null where the log has none or an unknown one; ``text`` is the whole record without its
    prefix; ``fields`` what the format's own patterns took out of it (``remote_addr``, ``loss_pct`` …).
    """

    table: ClassVar[str] = "log"

    kind: str
    time: datetime | None = None
    local: bool = True
    level: Level | None = None
    raw_level: str | None = None
    thread: str | None = None
    logger: str | None = None
    code: str | None = None
    text: str = ""
    fields: dict[str, str | int | float | bool | None] = field(default_factory=dict)


class LogCoverage(Row, kw_only=True):
    """One log file as a whole: its span and the levels that were met in it.

    ``levels`` is null for logs that have no level column; its keys are the words of `Level`, else the level as it stands.
    ``family`` is the path without what rotation adds to a name: all files of one log share it. ``derived`` may hold
    ``clock_steps_back``, ``clock_step_max_s``, ``clock_step_line`` and, for logs without date, ``date_from`` (``header``,
    ``name`` or null).
    """

    table: ClassVar[str] = "log_file"

    kind: str
    records: int = 0
    first: datetime | None = None
    last: datetime | None = None
    local: bool = True
    levels: dict[str, int] | None = None
    has_sql_trace: bool = False
    family: str = ""
    derived: dict[str, Any] = field(default_factory=dict)


class Event(Row, kw_only=True):
    """One row of the event log (bundle CSV, console export, live export). ``raw_severity`` is not to be believed."""

    table: ClassVar[str] = "event"

    event_id: int | None = None
    time: datetime | None = None
    message: str = ""
    origin: str | None = None
    raw_severity: str | None = None
    fields: dict[str, str | int | float | bool | None] = field(default_factory=dict)


class Audit(Row, kw_only=True):
    """One change in the configuration (rows without old and new data are openings of the client, not changes).

    ``changed_keys`` are the members that the old and new data name, ``roles_given`` roles that stand in the new data alone.
    """

    table: ClassVar[str] = "audit"

    time: datetime | None = None
    user: str | None = None
    ip: str | None = None
    object_name: str | None = None
    action: str | None = None
    changed: bool = False
    changed_keys: list[str] = field(default_factory=list)
    roles_given: list[str] = field(default_factory=list)


class Quality(Row, kw_only=True):
    """Call quality as the PBX measured it, one row a party (event 10034, live export). MOS 0 is stored as null."""

    table: ClassVar[str] = "quality"

    time: datetime | None = None
    number: str | None = None
    codec: str | None = None
    mos_from_pbx: float | None = None
    mos_to_pbx: float | None = None
    mos: float | None = None
    rx_lost: int | None = None
    rx_packets: int | None = None
    loss_pct: float | None = None
    rx_jitter: float | None = None
    duration_s: float | None = None
    endpoint_type: str | None = None
    user_agent: str | None = None
    address: str | None = None
    reason: str | None = None
