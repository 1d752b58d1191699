"""Choosing between sources: the best one that says something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from parsers.facts.base import Row, Source

R = TypeVar("R", bound=Row)


def ranked(origins: Sequence[str]) -> Callable[[str], int]:
    """How good an origin is, 0 best: its place among the beginnings of names given, the last place for all others."""

    @cache
    def rank(origin: str) -> int:
        return next((place for place, start in enumerate(origins) if origin.startswith(start)), len(origins))

    return rank


def best(rows: Iterable[R], column: str, key: Callable[[R], Any]) -> R | None:
    """The row of smallest ``key`` that has a value in ``column``; the first read where several are equal."""
    known = [row for row in rows if getattr(row, column) is not None]
    return known[0] if len(known) == 1 else min(known, key=key, default=None)


def take(rows: Sequence[R], column: str, key: Callable[[R], Any], sources: dict[str, Source]) -> Any:  # noqa: ANN401
    """The best value of a column; its place is put into ``sources``."""
    row = best(rows, column, key)
    if row is None:
        return None
    sources[column] = row.source_of(column)
    return getattr(row, column)
