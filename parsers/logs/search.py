"""Finds a format's own literals in raw bytes with one Hyperscan database."""

from __future__ import annotations

import contextlib
import platform
import re
import threading
from typing import Any

from msgspec import Struct, field

from parsers import cache
from parsers.logs.format import LogFormat

_cache = threading.local()
KEEP = 80
"""Databases that stay in the cache: a few for each format."""
RECORD, LINE, DATE, SQL, SIP, UTC = range(6)


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


def search(form: LogFormat, data: memoryview, *, sip: bool, utc: bool) -> Hits:
    """What the format itself looks for in a block of complete lines. ``sip``, ``utc``: whether SIP messages and UTC times
    inside records are still wanted.
    """
    hits = Hits()
    prepared = _database(form, sip=sip and form.sip, utc=utc and bool(form.utc_inside))
    if prepared is None or not data:
        return hits
    database, scratch = prepared
    targets = {RECORD: hits.records, LINE: hits.lines, DATE: hits.dates, SIP: hits.sip, UTC: hits.utc}

    def found(kind: int, _begin: int, end: int, _flags: int, _context: object) -> None:
        if kind == SQL:
            hits.sql = True
        else:
            targets[kind].append(end - 1)

    database.scan(data, match_event_handler=found, scratch=scratch)
    return hits


def _database(form: LogFormat, *, sip: bool, utc: bool) -> tuple[Any, Any] | None:
    """The format's database for this thread with its scratch space; null when nothing is looked for."""
    databases: dict[tuple[int, bool, bool], tuple[Any, Any] | None] = _cache.__dict__.setdefault("databases", {})
    key = (id(form), sip, utc)
    if key not in databases:
        patterns = [(RECORD if not fact.line else LINE, re.escape(text)) for fact in form.facts for text in fact.find]
        if form.date_line:
            patterns.append((DATE, form.date_line))
        if form.sql:
            patterns.append((SQL, re.escape(form.sql)))
        if utc:
            patterns.append((UTC, re.escape(form.utc_inside)))
        if sip:
            patterns.append((SIP, r" SIP/2\.0\r?\n[A-Za-z-]{1,40}:|SIP/2\.0 [1-6][0-9][0-9] "))
        databases[key] = _with_scratch(_compile(patterns))
    return databases[key]


def _with_scratch(database: Any) -> tuple[Any, Any] | None:  # noqa: ANN401 - hyperscan has no types
    if database is None:
        return None
    import hyperscan

    return database, hyperscan.Scratch(database)


def _compile(patterns: list[tuple[int, str]]) -> Any:  # noqa: ANN401
    """The database of some patterns; from the user's cache where it was made before (making one takes some 50 ms)."""
    if not patterns:
        return None
    import hyperscan
    from hyperscan import _version

    name = cache.key(_version.__version__, platform.system(), platform.machine(), repr(patterns))
    stored = cache.read("log", name)
    if stored is not None:
        with contextlib.suppress(hyperscan.error):
            return hyperscan.loadb(stored, mode=hyperscan.HS_MODE_BLOCK)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.encode() for _, pattern in patterns],
        ids=[kind for kind, _ in patterns],
        flags=[
            hyperscan.HS_FLAG_SINGLEMATCH if kind == SQL else hyperscan.HS_FLAG_MULTILINE if kind == DATE else 0
            for kind, _ in patterns
        ],
    )
    cache.write("log", name, hyperscan.dumpb(database), keep=KEEP)
    return database
