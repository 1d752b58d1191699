"""Rows, sources and times as the report's JSON has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from msgspec import Struct, to_builtins

from parsers.facts.base import Row, Source

HIDDEN = frozenset({"source", "sources", "derived", "fields", "standing", "standing_why", "label", "identifier"})
"""Columns of rows that serve the engine only; ``source`` is added in its own form."""


def moment(value: datetime | None, *, local: bool = False) -> str | None:
    """ISO 8601 with microseconds: ``…Z`` for UTC, without a zone for a server's wall clock of unknown offset."""
    if value is None:
        return None
    # many times as fast as strftime; it leaves out a fraction of nought
    written: str = to_builtins(value)
    text = written[:_TO_MICROSECONDS] if value.microsecond else written[:_TO_SECONDS] + ".000000"
    return text if local else text + "Z"


_TO_SECONDS = len("2026-11-12T09:14:00")
_TO_MICROSECONDS = len("2026-11-12T09:14:00.120000")


def place(source: Source) -> dict[str, Any]:
    """Where something was read, without its text."""
    if source.ticket is not None:
        return {"ticket": source.ticket}
    where: dict[str, Any] = {"artifact": source.artifact}
    if source.line is not None:
        where["line"] = source.line
    if source.row is not None:
        where["row"] = source.row
    if source.frame is not None:
        where["frame"] = source.frame
    if source.path is not None:
        where["path"] = source.path
    return where


def evidence(source: Source) -> dict[str, Any]:
    """A place with the time and text that stand there."""
    return place(source) | {"time": source.time, "text": source.text}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    return value


_columns: dict[str, tuple[str, ...]] = {}


def columns(kind: type[Row]) -> tuple[str, ...]:
    """The columns of a table that the report shows, in their order."""
    if kind.table not in _columns:
        _columns[kind.table] = tuple(name for name in kind.__struct_fields__ if name not in HIDDEN)
    return _columns[kind.table]


def row(item: Row) -> dict[str, Any]:
    """One row with its source."""
    shown = {name: plain(getattr(item, name)) for name in columns(type(item))}
    shown["source"] = place(item.source)
    return shown


class Table(Struct, frozen=True):
    """Rows by column, as they are in the facts: `analyzer.report.shown` makes JSON of them."""

    columns: dict[str, list[Any]]


def table(items: Iterable[Row], *order: str, by_time: bool = False, without: Collection[str] = ()) -> Table:
    """Rows sorted by the named columns (unknown ones last), so that the report is the same bytes each time.

    ``by_time``: first of all by the time at which each was seen first, that of its source. ``without``: columns not to show.
    """
    rows = list(items)
    if not rows:
        return Table({})
    ranks = [map(_rank, map(attrgetter(name), rows)) for name in (("source.time", *order) if by_time else order)]
    rows = [rows[number] for *_, number in sorted(zip(*ranks, range(len(rows)), strict=True))]
    names = [name for name in (*columns(type(rows[0])), "source") if name not in without]
    return Table({name: list(map(attrgetter(name), rows)) for name in names})


def _rank(value: object) -> tuple[bool, int | str]:
    return value is None, value if isinstance(value, int) else str(plain(value))
