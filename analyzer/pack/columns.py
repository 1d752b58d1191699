"""Rules over many rows at once: each column is read once for all rules, each test is asked once for each different value.

The verdicts are those of `analyzer.pack.match`, row by row; only the way to them is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analyzer.pack import ir
from analyzer.pack.evaluate import Hit, Outcome
from analyzer.pack.match import Verdict, compile_test, value_test
from analyzer.pack.why import undecided_fields
from parsers.facts.base import Row

Verdicts = NDArray[np.uint8]
Codes = NDArray[np.unsignedinteger[Any]]
FALSE, UNKNOWN, TRUE = 0, 1, 2
"""In this order "and" is the least, "or" the greatest of the parts, and "not" turns the scale around."""
_CODES = {False: FALSE, None: UNKNOWN, True: TRUE}
_EXTRAS = ("derived", "fields")
_LEAVES = 62
"""As many leaves fit into the bits of a number."""


class Columns:
    """Rows of one class."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._kind = type(rows[0])
        self._extras = [name for name in _EXTRAS if hasattr(self._kind, name)]
        self._coded: dict[str, tuple[Codes, list[Any]]] = {}
        self._leaves: dict[ir.Leaf, Verdicts] = {}

    def judge(self, rule: ir.Rule, condition: ir.Expr, outcome: Outcome) -> None:
        """Add the hits of a rule to its outcome, and what could not be decided."""
        self._leaves.clear()
        verdicts = self._verdicts(condition)
        outcome.hits += [Hit.of(rule, self.rows[place]) for place in np.flatnonzero(verdicts == TRUE).tolist()]
        unknown = np.flatnonzero(verdicts == UNKNOWN)
        if not len(unknown):
            return
        for row, count in self._alike(condition, unknown):
            outcome.undecided[", ".join(undecided_fields(condition, row))] += count

    def _alike(self, condition: ir.Expr, unknown: NDArray[np.intp]) -> Iterator[tuple[Row, int]]:
        """The undecided rows in order, one for all on which the same leaves are unknown, and how many these are."""
        leaves = list(dict.fromkeys(_leaves_of(condition)))
        if len(leaves) > _LEAVES:
            for place in unknown.tolist():
                yield self.rows[place], 1
            return
        pattern = np.zeros(len(unknown), np.int64)
        for bit, leaf in enumerate(leaves):
            pattern |= (self._leaf(leaf)[unknown] == UNKNOWN).astype(np.int64) << bit
        if (pattern == pattern[0]).all():
            yield self.rows[unknown[0]], len(unknown)
            return
        _, first, counts = np.unique(pattern, return_index=True, return_counts=True)
        for place, count in sorted(zip(first.tolist(), counts.tolist(), strict=True)):
            yield self.rows[unknown[place]], count

    def _verdicts(self, expr: ir.Expr) -> Verdicts:
        if isinstance(expr, ir.All):
            return reduce(np.minimum, map(self._verdicts, expr.parts))
        if isinstance(expr, ir.Any):
            return reduce(np.maximum, map(self._verdicts, expr.parts))
        if isinstance(expr, ir.Not):
            return TRUE - self._verdicts(expr.part)
        return self._leaf(expr)

    def _leaf(self, leaf: ir.Leaf) -> Verdicts:
        verdicts = self._leaves.get(leaf)
        if verdicts is None:
            if isinstance(leaf, ir.FieldRef):
                test = compile_test(leaf, self._kind)
                verdicts = _coded(map(test, self.rows), len(self.rows))
            else:
                codes, values = self._column(leaf.field)
                verdicts = _coded(map(value_test(leaf), values), len(values))[codes]
            self._leaves[leaf] = verdicts
        return verdicts

    def _column(self, field: str) -> tuple[Codes, list[Any]]:
        """A column as different values, and which of them each row has."""
        known = self._coded.get(field)
        if known is None:
            known = self._coded[field] = _different(self._read(field))
        return known

    def _read(self, field: str) -> list[Any]:
        """What `Row.get` gives for each row."""
        if len(self._extras) > 1:
            return [row.get(field) for row in self.rows]
        own = hasattr(self._kind, field)
        values = list(map(attrgetter(field), self.rows)) if own else [None] * len(self.rows)
        if self._extras and None in values:
            entries = map(attrgetter(self._extras[0]), self.rows)
            values = [some.get(field) if value is None else value for value, some in zip(values, entries, strict=True)]
        return values


def _different(values: list[Any]) -> tuple[Codes, list[Any]]:
    kinds = set(map(type, values))
    # 1, 1.0 and true are equal, but not the same to a rule
    keys = list(zip(map(type, values), values, strict=True)) if len(kinds & {bool, int, float}) > 1 else values
    try:
        different = dict.fromkeys(keys)
    except TypeError:
        # lists: each row for itself
        return np.arange(len(values), dtype=np.uint32), values
    numbers = {key: number for number, key in enumerate(different)}
    codes = np.fromiter(map(numbers.__getitem__, keys), np.min_scalar_type(len(numbers)), len(keys))
    return codes, list(different) if keys is values else [value for _, value in different]


def _coded(verdicts: Iterator[Verdict], count: int) -> Verdicts:
    return np.fromiter(map(_CODES.__getitem__, verdicts), np.uint8, count)


def _leaves_of(expr: ir.Expr) -> Iterator[ir.Leaf]:
    if isinstance(expr, ir.All | ir.Any):
        for part in expr.parts:
            yield from _leaves_of(part)
    elif isinstance(expr, ir.Not):
        yield from _leaves_of(expr.part)
    else:
        yield expr
