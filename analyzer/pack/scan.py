"""The line scanner: one Hyperscan database over all patterns of the log rules."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from analyzer.pack.ir import Pattern

EVENTS_A_LINE = 64
"""After so many events inside one line the rest of the line is left out: it is a candidate already."""
EVENTS_A_RECORD = 4096
_NEWLINE = b"\n"
_STEP = 65536


def build(patterns: Sequence[Pattern]) -> Any:  # noqa: ANN401 - the binding is imported late
    """A database of the patterns. Raises `hyperscan.error` where one of them is too large."""
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[item.expression.encode("ascii") for item in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        # every hit is reported: SINGLEMATCH would stop at the first line
        flags=[hyperscan.HS_FLAG_CASELESS if item.caseless else 0 for item in patterns],
    )
    return database


def dump(database: Any) -> bytes:  # noqa: ANN401 - the binding is imported late
    """The database as bytes for `load`."""
    import hyperscan

    return hyperscan.dumpb(database)


def load(data: bytes) -> Any | None:  # noqa: ANN401 - the binding is imported late
    """A database from its bytes; null where they are damaged or of another processor or version."""
    import hyperscan

    try:
        return hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:
        return None


class Scanner:
    """Finds lines that may matter to a log rule (`parsers.api.LineScanner`). May be used by several threads.

    ``load`` gives the database, null where no rule looks at logs; it is asked when the first line is there.
    """

    def __init__(self, load: Callable[[], Any | None]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._loaded: tuple[Any | None] | None = None
        self._threads = threading.local()

    @property
    def _database(self) -> Any | None:  # noqa: ANN401 - the binding is imported late
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = (self._load(),)
        return self._loaded[0]

    def _scratch(self) -> Any:  # noqa: ANN401 - the binding is imported late
        scratch = getattr(self._threads, "scratch", None)
        if scratch is None:
            import hyperscan

            scratch = self._threads.scratch = hyperscan.Scratch(self._database)
        return scratch

    def scan(self, data: bytes | memoryview) -> list[int]:
        """Offsets, ascending, of a byte in each line that may matter; a line may be named more than once."""
        if self._database is None:
            return []
        view = memoryview(data)
        found: list[int] = []
        start = 0
        while start < len(view):
            offsets, flooded = self._events(view[start:], EVENTS_A_LINE)
            if not flooded:
                found.extend(start + offset for offset in offsets)
                break
            # events need not come in order: all lines before the flooded one are looked through again, without a limit
            flood = start + max(offsets)
            line = _line_start(view, start, flood)
            found.extend(start + offset for offset in self._events(view[start:line], None)[0])
            found.append(flood)
            start = _next_line(view, flood)
        return sorted(found)

    def _events(self, data: memoryview, limit: int | None) -> tuple[list[int], bool]:
        """Offsets of the last byte of every match, and whether more than ``limit`` in one line ended the search."""
        import hyperscan

        found: list[int] = []
        mark = 0

        def on_match(_id: int, _from: int, end: int, _flags: int, _context: object) -> bool | None:
            nonlocal mark
            found.append(end - 1)
            if limit is None or len(found) - mark < limit:
                return None
            recent = found[mark:]
            mark = len(found)
            return _NEWLINE not in bytes(data[min(recent) : max(recent)]) or None

        try:
            self._database.scan(data, match_event_handler=on_match, scratch=self._scratch())  # type: ignore[union-attr]
        except hyperscan.ScanTerminated:
            return found, True
        return found, False

    def patterns_in(self, text: str) -> set[int] | None:
        """Numbers of the patterns that stand in a record's text; null where they are too many to tell."""
        if self._database is None:
            return set()
        import hyperscan

        found: set[int] = set()
        events = 0

        def on_match(number: int, _from: int, _end: int, _flags: int, _context: object) -> bool | None:
            nonlocal events
            events += 1
            found.add(number)
            return events > EVENTS_A_RECORD or None

        try:
            self._database.scan(text.encode("utf-8", "replace"), match_event_handler=on_match, scratch=self._scratch())
        except hyperscan.ScanTerminated:
            return None
        return found


def _next_line(data: memoryview, position: int) -> int:
    """The offset behind the next line end, or the end of the data."""
    while position < len(data):
        found = bytes(data[position : position + _STEP]).find(_NEWLINE)
        if found >= 0:
            return position + found + 1
        position += _STEP
    return len(data)


def _line_start(data: memoryview, least: int, position: int) -> int:
    """Where the line of ``position`` starts, not before ``least``."""
    while position > least:
        step = max(least, position - _STEP)
        found = bytes(data[step:position]).rfind(_NEWLINE)
        if found >= 0:
            return step + found + 1
        position = step
    return least
