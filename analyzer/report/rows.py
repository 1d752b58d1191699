"""Rows, sources and times as the report's JSON has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from parsers.facts.base import Row, Source

HIDDEN = frozenset({"source", "sources", "derived", "fields", "standing", "standing_why", "label", "identifier"})
"""Columns of rows that serve the engine only; ``source`` is added in its own form."""


def moment(value: datetime | None, *, local: bool = False) -> str | None:
    """ISO 8601 with microseconds: ``…Z`` for UTC, without a zone for a server's wall clock of unknown offset."""
    if value is None:
        return None
    text = value.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text if local else text + "Z"


def place(source: Source) -> dict[str, Any]:
    """Where something was read, without its text."""
    if source.ticket is not None:
        return {"ticket": source.ticket}
    where: dict[str, Any] = {"artifact": source.artifact}
    for name in ("line", "row", "frame", "path"):
        value = getattr(source, name)
        if value is not None:
            where[name] = value
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


def table(items: Iterable[Row], *order: str, by_time: bool = False) -> list[dict[str, Any]]:
    """Rows sorted by the named columns (unknown ones last), so that the report is the same bytes each time.

    ``by_time``: first of all by the time at which each was seen first, that of its source.
    """

    def key(item: Row) -> tuple[tuple[bool, int | str], ...]:
        values = [*([item.source.time] if by_time else []), *(plain(getattr(item, name)) for name in order)]
        return tuple((value is None, value if isinstance(value, int) else str(value)) for value in values)

    return [row(item) for item in sorted(items, key=key)]
