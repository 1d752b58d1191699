"""How old the parts of a case are: backups bear their day, captures their times, a support bundle is as old as the newest record
in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from parsers import lazy
from parsers.config.values import moment
from parsers.facts import Facts
from parsers.facts.capture import Capture
from parsers.facts.log import Event, LogCoverage
from parsers.facts.system import HostMetric, Setting

ZONES = timedelta(hours=14)
"""A wall clock may be that far from UTC."""
OLD = timedelta(days=7)
"""So much older than the bundle a capture is not of the same days any more."""

_FOLDERS = lazy.pattern(r"(?:ExtraLogging|DbTables|LinuxLogs|Logs)/")
"""The folders of a support bundle."""


def backups(facts: Facts) -> dict[str, datetime]:
    """The day of each backup that bears one, by artifact."""
    rows = (row for row in facts.of(Setting) if (row.object, row.name) == ("Backup", "Date"))
    return {row.source.artifact: day for row in rows if row.source.artifact and (day := moment(row.value))}


def bundles(facts: Facts) -> dict[str, datetime]:
    """The newest record of each support bundle, by `place`."""
    newest: dict[str | None, datetime] = {}
    for artifact, time in _dated(facts):
        if time is not None and (artifact not in newest or time > newest[artifact]):
            newest[artifact] = time
    found: dict[str, datetime] = {}
    for artifact, time in newest.items():
        if artifact is not None and (where := place(artifact)) is not None:
            found[where] = max(time, found.get(where, time))
    return found


def old_captures(facts: Facts) -> set[str]:
    """Captures that ended a week before the newest record of the bundles, and earlier."""
    captures = [(row.artifact, row.last) for row in facts.of(Capture) if row.last is not None]
    newest = max(bundles(facts).values(), default=None) if captures else None
    return set() if newest is None else {artifact for artifact, last in captures if last + OLD + ZONES < newest}


def _dated(facts: Facts) -> Iterable[tuple[str | None, datetime | None]]:
    yield from ((row.source.artifact, row.time) for row in facts.of(Event))
    yield from ((row.source.artifact, row.time) for row in facts.of(HostMetric))
    yield from ((row.source.artifact, row.last) for row in facts.of(LogCoverage))


def place(artifact: str) -> str | None:
    """What stands before the folders of the bundle that an artifact is of; null where it is of none."""
    found = _FOLDERS.search(artifact)
    return artifact[: found.start()] if found else None


def of(artifact: str | None, days: Mapping[str, datetime], bundled: Mapping[str, datetime]) -> datetime | None:
    """How old an artifact is, by the backup that it is or the bundle that it stands in."""
    if artifact is None:
        return None
    where = place(artifact)
    return days.get(artifact) or (bundled.get(where) if where is not None else None)
