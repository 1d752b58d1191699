"""Tables of any length: of each kind of row the latest ones."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime
from operator import attrgetter

from parsers.tables.csv_rows import TableRow


class Latest:
    """Keeps the latest ``each`` rows of a kind, and at most ``total`` of all, in constant memory.

    Tables are written in the order of time or against it: which one, the first row that does not fit tells. ``time`` reads the
    time of a row.
    """

    def __init__(self, each: int, total: int, time: Callable[[TableRow], datetime | None]) -> None:
        self._each = each
        self._total = total
        self._time = time
        self._kinds: dict[Hashable, deque[TableRow]] = defaultdict(deque)
        self._newest_first: bool | None = None
        self._count = 0

    def add(self, kind: Hashable, row: TableRow) -> TableRow | None:
        """Take in a row; the one that falls out, where one does."""
        rows = self._kinds[kind]
        if len(rows) < self._each and self._count < self._total:
            rows.append(row)
            self._count += 1
            return None
        if not rows:
            return row
        if self._newest_first is None:
            first, last = self._time(rows[0]), self._time(row)
            self._newest_first = first is not None and last is not None and first > last
        if self._newest_first:
            return row
        rows.append(row)
        return rows.popleft()

    def rows(self) -> Iterator[TableRow]:
        """What is kept, in the order in which it stood."""
        yield from sorted((row for rows in self._kinds.values() for row in rows), key=attrgetter("number"))
