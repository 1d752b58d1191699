"""Finds what a format itself looks for in raw bytes."""

from __future__ import annotations

import platform
import re
import threading
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from msgspec import Struct, field

from parsers import cache
from parsers.api import JointScanner
from parsers.expressions import Expression, database, dump, load
from parsers.logs.format import LogFormat

_prepared = threading.local()
KEEP = 80
"""Databases that stay in the cache: a few for each format."""
RECORD, LINE, DATE, SIP, UTC, SQL = range(6)


class Hits(Struct):
    """Offsets (of some byte of the match) by what was found; ``sql`` only says that it is there."""

    records: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    sip: list[int] = field(default_factory=list)
    utc: list[int] = field(default_factory=list)
    sql: bool = False

    def before(self, offset: int) -> Hits:
        """What lies before an offset."""
        records, lines, dates, sip, utc = (
            [at for at in found if at < offset] for found in (self.records, self.lines, self.dates, self.sip, self.utc)
        )
        return Hits(records, lines, dates, sip, utc, self.sql)


class Search(Struct, frozen=True):
    """What is looked for, and what each expression stands for."""

    kinds: tuple[int, ...]
    expressions: tuple[Expression, ...]

    def alone(self, data: memoryview) -> Hits:
        """What stands in a block of complete lines."""
        found: list[tuple[int, int]] = []

        def note(number: int, _begin: int, end: int, _flags: int, _context: object) -> None:
            found.append((number, end))

        if self.expressions and data:
            prepared, scratch = _database(self.expressions)
            prepared.scan(data, match_event_handler=note, scratch=scratch)
        return self._hits(found)

    def together(self, scanner: JointScanner, data: memoryview) -> tuple[Hits, Sequence[int]] | None:
        """The same, and what a scanner finds, in one pass; null where they have to be looked for one by one."""
        found = scanner.scan_with(data, self.expressions) if self.expressions else None
        return None if found is None else (self._hits(found[1]), found[0])

    def _hits(self, found: Iterable[tuple[int, int]]) -> Hits:
        hits = Hits()
        places = (hits.records, hits.lines, hits.dates, hits.sip, hits.utc)
        for number, end in sorted(found, key=itemgetter(1)):  # Hyperscan promises no order between expressions
            kind = self.kinds[number]
            if kind == SQL:
                hits.sql = True
            else:
                places[kind].append(end - 1)
        return hits


def search_for(form: LogFormat, *, sip: bool, utc: bool) -> Search:
    """The search for a format. ``sip``, ``utc``: whether SIP messages and UTC times inside records are still wanted."""
    wanted = [
        (RECORD if not fact.line else LINE, Expression(re.escape(text))) for fact in form.facts for text in fact.find
    ]
    if form.date_line:
        wanted.append((DATE, Expression(form.date_line, lines=True)))
    if form.sql:
        wanted.append((SQL, Expression(re.escape(form.sql), once=True)))
    if utc and form.utc_inside:
        wanted.append((UTC, Expression(re.escape(form.utc_inside))))
    if sip and form.sip:
        wanted.append((SIP, Expression(r" SIP/2\.0\r?\n[A-Za-z-]{1,40}:|SIP/2\.0 [1-6][0-9][0-9] ")))
    return Search(tuple(kind for kind, _ in wanted), tuple(expression for _, expression in wanted))


def _database(expressions: tuple[Expression, ...]) -> tuple[Any, Any]:
    """The database for this thread with its scratch space."""
    databases: dict[tuple[Expression, ...], tuple[Any, Any]] = _prepared.__dict__.setdefault("databases", {})
    if expressions not in databases:
        import hyperscan

        made = _compiled(expressions)
        databases[expressions] = made, hyperscan.Scratch(made)
    return databases[expressions]


def _compiled(expressions: tuple[Expression, ...]) -> Any:  # noqa: ANN401 - hyperscan has no types
    """The database, from the user's cache where it was made before (making one takes some 50 ms)."""
    from hyperscan import _version

    name = cache.key(_version.__version__, platform.system(), platform.machine(), repr(expressions))
    stored = cache.read("log", name)
    made = load(stored) if stored is not None else None
    if made is None:
        made = database(list(enumerate(expressions)))
        cache.write("log", name, dump(made), keep=KEEP)
    return made
