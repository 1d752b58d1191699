"""The named tables of one case."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from parsers.facts.base import Row

R = TypeVar("R", bound=Row)


class Facts:
    """All rows of a case by table: by path of their file, those of one file in the order in which they were read.

    ``secrets`` holds values (passwords, keys) that were met while reading, so that the report can make sure that none of
    them is shown; they are never facts.
    """

    def __init__(self) -> None:
        self._tables: dict[str, list[Row]] = defaultdict(list)
        self.secrets: set[str] = set()

    def add(self, row: Row) -> None:
        """Append a row to its table."""
        self._tables[row.table].append(row)

    def sort_by_artifact(self) -> None:
        """Put the rows of every table in the order of their artifacts' paths, those of one artifact as they were read."""
        for rows in self._tables.values():
            rows.sort(key=lambda row: row.source.artifact or "")

    def of(self, kind: type[R]) -> list[R]:
        """All rows of one class in their order; an empty list where there is none."""
        return self._tables[kind.table]  # type: ignore[return-value]

    def replace(self, kind: type[R], rows: list[R]) -> None:
        """Put ``rows`` in the place of a whole table."""
        self._tables[kind.table] = list(rows)

    def tables(self) -> dict[str, list[Row]]:
        """Every table that has at least one row."""
        return {name: rows for name, rows in self._tables.items() if rows}
