"""Long time series, thinned: the first and last row, the extremes, and evenly spaced rows between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Thinned(Generic[T]):
    """Keeps at most about ``limit`` rows of as many as come, in constant memory."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 2)
        self._kept: dict[int, T] = {}
        self._step = 1
        self._last: tuple[int, T] | None = None
        self._extremes: dict[str, tuple[float, int, T]] = {}

    def add(self, number: int, row: T, measures: Mapping[str, float | None]) -> None:
        """A row with its number from 1, ascending; of each measure the row with the greatest value is kept."""
        self._last = (number, row)
        for name, value in measures.items():
            known = self._extremes.get(name)
            if value is not None and (known is None or value > known[0]):
                self._extremes[name] = (value, number, row)
        if (number - 1) % self._step:
            return
        self._kept[number] = row
        if len(self._kept) > self._limit:
            self._step *= 2
            self._kept = {kept: one for kept, one in self._kept.items() if not (kept - 1) % self._step}

    def rows(self) -> list[T]:
        """What is kept, in order."""
        kept = dict(self._kept)
        if self._last:
            kept[self._last[0]] = self._last[1]
        kept.update({number: row for _, number, row in self._extremes.values()})
        return [kept[number] for number in sorted(kept)]
