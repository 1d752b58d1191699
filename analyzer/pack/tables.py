"""The tables that rules can look at: their classes, columns, times, and what a case needs for each."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from parsers.facts.base import Row

FINDING = "finding"
LOG = "log"

RECORD_TABLES = frozenset({"log", "event", "system", "audit", "cdr", "log_file", "setting", FINDING})
"""Tables of which all hits of a rule are one finding; in others each subject is one."""

DISPATCH: dict[str, str] = {"event": "event_id", "setting": "name", "audit": "object_name"}
"""Tables with many rows and many rules: a rule that wants certain values of this column meets only rows that have them."""

_START_COLUMNS = ("time", "start", "first")
_END_COLUMNS = ("end", "last")

NEEDS: dict[str, str] = {
    "log": "service logs",
    "log_file": "service logs",
    "event": "the event log",
    "audit": "the audit log",
    "quality": "the event log",
    "cdr": "call records",
    "health": "a support bundle",
    "host_metric": "a support bundle",
    "service": "a support bundle or a live export",
    "crash": "a support bundle",
    "system": "a support bundle",
    "setting": "a live export",
    "phone": "a live export, a backup or a capture",
    "trunk": "a live export or a backup",
    "extension": "a live export or a backup",
    "outbound_rule": "a live export",
    "queue": "a live export",
    "template": "templates or a live export",
    "integration": "a live export",
    "sbc": "a live export",
    "block": "the IP blacklist",
    "voicemail": "a table of the database",
    "queue_call": "a table of the database",
    "secret_file": "a support bundle or a live export",
    "network_metric": "a support bundle",
    FINDING: "other findings",
}
_CAPTURE = "a capture"


def need_words() -> list[str]:
    """Each single thing that a case can come with, in the words of ``needs``."""
    phrases = [*NEEDS.values(), _CAPTURE]
    return list(dict.fromkeys(word for phrase in phrases for word in re.split(r", | or ", phrase)))


def needs(table: str) -> str:
    """What a case must come with for a table to be looked at, in words."""
    return NEEDS.get(table, _CAPTURE if table in _capture_tables() else f"data for {table}")


@cache
def _capture_tables() -> frozenset[str]:
    module = importlib.import_module("parsers.facts.capture")
    return frozenset(kind.table for kind in _subclasses(Row) if kind.__module__ == module.__name__)


@cache
def classes() -> dict[str, type[Row]]:
    """The class of every table."""
    package = importlib.import_module("parsers.facts")
    for module in pkgutil.iter_modules(package.__path__, "parsers.facts."):
        importlib.import_module(module.name)
    importlib.import_module("analyzer.system")
    importlib.import_module("analyzer.pack.finding_row")
    return {kind.table: kind for kind in _subclasses(Row)}


def _subclasses(kind: type[Row]) -> Iterator[type[Row]]:
    for sub in kind.__subclasses__():
        if "table" in vars(sub):
            yield sub
        yield from _subclasses(sub)


_columns: dict[type[Row], dict[str, str]] = {}


def columns(kind: type[Row]) -> dict[str, str]:
    """Columns of a table with their types as written, without those that every row has."""
    known = _columns.get(kind)
    if known is None:
        written = {
            name: kind for base in kind.__mro__[::-1] for name, kind in vars(base).get("__annotations__", {}).items()
        }
        known = {name: written[name] for name in kind.__struct_fields__ if name not in ("source", "sources")}
        _columns[kind] = known
    return known


def open_names(kind: type[Row]) -> str | None:
    """The column that takes names which are no columns: ``derived`` or ``fields``, null where there is none."""
    return next((name for name in ("derived", "fields") if name in columns(kind)), None)


def _first(kind: type[Row], names: tuple[str, ...]) -> str | None:
    known = columns(kind)
    return next((name for name in names if name in known), None)


def is_state(row: Row) -> bool:
    """Whether the row says something that has no time: how a thing is set up. Findings without a time are states too."""
    start = _first(type(row), _START_COLUMNS)
    return start is None or (row.table == FINDING and getattr(row, start) is None)


def span(row: Row) -> tuple[datetime | None, datetime | None]:
    """When a row begins and ends; both the same for what happens at one moment."""
    start, end = _first(type(row), _START_COLUMNS), _first(type(row), _END_COLUMNS)
    begin: datetime | None = getattr(row, start) if start else None
    close: datetime | None = getattr(row, end) if end else None
    return begin, close or begin


def is_local(row: Row) -> bool:
    """Whether the row's times are the server's wall clock."""
    return bool(getattr(row, "local", False))
