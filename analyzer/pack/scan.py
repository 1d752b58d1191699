"""The line scanner: one Hyperscan database over all patterns of the log rules."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from analyzer.pack.ir import Pattern
from parsers.expressions import Expression, database

EVENTS_A_LINE = 64
"""After so many events inside one line the rest of the line is left out: it is a candidate already."""
EVENTS_A_RECORD = 4096
Others: TypeAlias = tuple[Expression, ...]
"""What somebody else looks for in the same pass."""
_NEWLINE = b"\n"
_STEP = 65536


def build(patterns: Sequence[Pattern], others: Others = ()) -> Any:  # noqa: ANN401 - the binding is imported late
    """A database of the patterns: each with its number; where there are others these have the numbers, and all patterns the one
    behind them. Raises `hyperscan.error` where one of them is too large.
    """
    # every hit is reported: to be found once would stop at the first line
    own = [Expression(item.expression, caseless=item.caseless) for item in patterns]
    return database([*enumerate(others), *((len(others), one) for one in own)] if others else list(enumerate(own)))


class Scanner:
    """Finds lines that may matter to a log rule (`parsers.api.JointScanner`). May be used by several threads.

    ``load`` gives the database with what others look for, null where no rule looks at logs; it is asked when the first line is
    there.
    """

    def __init__(self, load: Callable[[Others], Any | None]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._loaded: dict[Others, Any | None] = {}
        self._threads = threading.local()

    @classmethod
    def of(cls, database: Any | None) -> Scanner:  # noqa: ANN401 - the binding is imported late
        """A scanner with a database that is there, and none with what others look for."""
        return cls(lambda others: None if others else database)

    def _database(self, others: Others = ()) -> Any | None:  # noqa: ANN401 - the binding is imported late
        if others not in self._loaded:
            with self._loading:
                if others not in self._loaded:
                    self._loaded[others] = self._load(others)
        return self._loaded[others]

    def _scratch(self, others: Others = ()) -> Any:  # noqa: ANN401 - the binding is imported late
        scratches: dict[Others, Any] = self._threads.__dict__.setdefault("scratches", {})
        if others not in scratches:
            import hyperscan

            scratches[others] = hyperscan.Scratch(self._database(others))
        return scratches[others]

    def scan(self, data: bytes | memoryview) -> list[int]:
        """Offsets, ascending, of a byte in each line that may matter; a line may be named more than once."""
        if self._database() is None:
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

    def scan_with(self, data: bytes | memoryview, others: Others) -> tuple[list[int], list[tuple[int, int]]] | None:
        """See `parsers.api.JointScanner`. Null as well where no rule looks at logs."""
        if not others or self._database(others) is None:
            return None
        hits: list[tuple[int, int]] = []
        found, flooded = self._events(memoryview(data), EVENTS_A_LINE, others, hits)
        return None if flooded else (sorted(found), hits)

    def _events(
        self, data: memoryview, limit: int | None, others: Others = (), hits: list[tuple[int, int]] | None = None
    ) -> tuple[list[int], bool]:
        """Offsets of the last byte of every match, and whether more than ``limit`` in one line ended the search; the matches of
        others go to ``hits``.
        """
        import hyperscan

        found: list[int] = []
        mark = 0
        foreign = len(others)

        def on_match(number: int, _from: int, end: int, _flags: int, _context: object) -> bool | None:
            nonlocal mark
            if number < foreign and hits is not None:
                hits.append((number, end))
                return None
            found.append(end - 1)
            if limit is None or len(found) - mark < limit:
                return None
            recent = found[mark:]
            mark = len(found)
            return _NEWLINE not in bytes(data[min(recent) : max(recent)]) or None

        try:
            self._database(others).scan(data, match_event_handler=on_match, scratch=self._scratch(others))  # type: ignore[union-attr]
        except hyperscan.ScanTerminated:
            return found, True
        return found, False

    def patterns_in(self, text: str) -> set[int] | None:
        """Numbers of the patterns that stand in a record's text; null where they are too many to tell."""
        if (database := self._database()) is None:
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
            database.scan(text.encode("utf-8", "replace"), match_event_handler=on_match, scratch=self._scratch())
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
