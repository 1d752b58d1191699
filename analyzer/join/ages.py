"""How old the parts of a case are: backups bear their day, captures their times, a support bundle is as old as the newest record
in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from parsers import lazy
from parsers.config.values import moment
from parsers.facts import Facts
from parsers.facts.capture import Capture
from parsers.facts.log import Event, LogCoverage
from parsers.facts.system import HostMetric, Setting

ZONES = timedelta(hours=14)
"""A wall clock may be that far from UTC."""
OLD = timedelta(days=7)
"""What is so much older than the newest record of a case is not of the same days any more."""

_FOLDERS = lazy.pattern(r"(?:ExtraLogging|DbTables|LinuxLogs|Logs)/")
"""The folders of a support bundle."""


def backups(facts: Facts) -> dict[str, datetime]:
    """The day of each backup that bears one, by artifact."""
    rows = (row for row in facts.of(Setting) if (row.object, row.name) == ("Backup", "Date"))
    return {row.source.artifact: day for row in rows if row.source.artifact and (day := moment(row.value))}


def bundles(facts: Facts) -> dict[str, datetime]:
    """The newest record of each support bundle, by `place`."""
    newest: dict[str | None, datetime] = {}
    for artifact, at in _dated(facts):
        if at is not None and (artifact not in newest or at > newest[artifact]):
            newest[artifact] = at
    found: dict[str, datetime] = {}
    for artifact, at in newest.items():
        if artifact is not None and (where := place(artifact)) is not None:
            found[where] = max(at, found.get(where, at))
    return found


class Present(Struct, frozen=True):
    """Whether something was seen in the days of the case: a week before its newest record and later."""

    newest: datetime | None
    old_captures: frozenset[str]

    @classmethod
    def of(cls, facts: Facts, until: date) -> Present:
        """``until`` is the day of the judgement: a record of a later day is of a clock that is wrong."""
        end = datetime.combine(until, time.max, UTC)
        newest = max((at for _artifact, at in _dated(facts) if at is not None and at <= end), default=None)
        ends = ((row.artifact, row.last) for row in facts.of(Capture) if row.last is not None)
        old = {artifact for artifact, last in ends if newest is not None and newest - last > OLD + ZONES}
        return cls(newest, frozenset(old))

    def lacks(self, artifact: str | None, at: datetime | None) -> bool:
        """Whether what was seen in an artifact at a time is of older days."""
        passed = at is not None and self.newest is not None and self.newest - at > OLD + ZONES
        return artifact in self.old_captures or passed


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
