"""The named tables of one case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from parsers.facts.base import Row

R = TypeVar("R", bound=Row)


class Facts:
    """All rows of a case by table, in the order in which they were read.

    ``secrets`` holds values (passwords, keys) that were met while reading, so that the report can make sure that none of
    them is shown; they are never facts.
    """

    def __init__(self) -> None:
        self._tables: dict[str, list[Row]] = defaultdict(list)
        self.secrets: set[str] = set()

    def add(self, row: Row) -> None:
        """Append a row to its table."""
        self._tables[row.table].append(row)

    def lengths(self) -> dict[str, int]:
        """How many rows each table has: where rows that are read now would stand."""
        return {name: len(rows) for name, rows in self._tables.items()}

    def insert(self, later: Sequence[tuple[dict[str, int], Facts]]) -> None:
        """Put rows that were read later where they would stand, had they been read when the tables had these `lengths`."""
        added: dict[str, list[tuple[int, list[Row]]]] = defaultdict(list)
        for lengths, facts in later:
            for table, rows in facts.tables().items():
                added[table].append((lengths.get(table, 0), rows))
        for table, some in added.items():
            old, merged, at = self._tables[table], list[Row](), 0
            for place, rows in sorted(some, key=lambda pair: pair[0]):
                merged += old[at:place]
                merged += rows
                at = place
            self._tables[table] = merged + old[at:]

    def of(self, kind: type[R]) -> list[R]:
        """All rows of one class, in reading order; an empty list where there is none."""
        return self._tables[kind.table]  # type: ignore[return-value]

    def replace(self, kind: type[R], rows: list[R]) -> None:
        """Put ``rows`` in the place of a whole table."""
        self._tables[kind.table] = list(rows)

    def tables(self) -> dict[str, list[Row]]:
        """Every table that has at least one row."""
        return {name: rows for name, rows in self._tables.items() if rows}
