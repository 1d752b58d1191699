"""Which leaves of a condition decided, for evidence and for ``explain``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from analyzer.pack import ir
from analyzer.pack.match import Test, Verdict, compile_test
from parsers.facts.base import Row


class Judged(Struct, frozen=True):
    """One leaf on one row. ``negated`` when an odd number of "not" stands over it."""

    leaf: ir.Leaf
    verdict: Verdict
    negated: bool

    @property
    def holds(self) -> Verdict:
        """The verdict as the condition wants it."""
        return self.verdict if not self.negated or self.verdict is None else not self.verdict


def judged(expr: ir.Expr, row: Row, *, negated: bool = False) -> list[Judged]:
    """Every leaf of the condition with its verdict on a row, in the order in which it is written."""
    if isinstance(expr, ir.All | ir.Any):
        return [item for part in expr.parts for item in judged(part, row, negated=negated)]
    if isinstance(expr, ir.Not):
        return judged(expr.part, row, negated=not negated)
    return [Judged(expr, compile_test(expr, type(row))(row), negated)]


def deciding_fields(expr: ir.Expr, row: Row) -> list[str]:
    """The fields that made the condition true, those that were to be so before those that were not to be so."""
    leaves = _deciding(expr, row, negated=False)
    ordered = [item for item in leaves if not item.negated] + [item for item in leaves if item.negated]
    return list(dict.fromkeys(item.leaf.field for item in ordered))


def _deciding(expr: ir.Expr, row: Row, *, negated: bool) -> list[Judged]:
    if isinstance(expr, ir.Not):
        return _deciding(expr.part, row, negated=not negated)
    wanted = not negated
    if compile_test(expr, type(row))(row) is not wanted:
        return []
    if isinstance(expr, ir.All | ir.Any):
        return [item for part in expr.parts for item in _deciding(part, row, negated=negated)]
    return [Judged(expr, wanted, negated)]


def undecided_fields(expr: ir.Expr, row: Row) -> list[str]:
    """The fields whose nulls kept the condition from being decided."""
    return undecided_by(leaf_tests(expr, type(row)), row)


def undecided_by(tests: Sequence[tuple[str, Test]], row: Row) -> list[str]:
    """`undecided_fields` of a condition whose `leaf_tests` are at hand: for many rows."""
    return list(dict.fromkeys([field for field, test in tests if test(row) is None]))


def leaf_tests(expr: ir.Expr, table: type[Row]) -> list[tuple[str, Test]]:
    """The field and the test of every leaf, in the order in which they are written."""
    if isinstance(expr, ir.All | ir.Any):
        return [leaf for part in expr.parts for leaf in leaf_tests(part, table)]
    if isinstance(expr, ir.Not):
        return leaf_tests(expr.part, table)
    return [(expr.field, compile_test(expr, table))]


def describe(leaf: ir.Leaf) -> str:
    """A leaf in words near to Sigma's own: ``text contains 'No space'``."""
    name = leaf.field
    if isinstance(leaf, ir.Text):
        return f"{name} {_WHERE[leaf.where]} {leaf.value!r}"
    if isinstance(leaf, ir.Regex):
        return f"{name} is {leaf.glob!r}" if leaf.glob else f"{name} matches /{leaf.pattern}/{leaf.flags}"
    if isinstance(leaf, ir.Number | ir.Bool):
        return f"{name} is {str(leaf.value).lower()}"
    if isinstance(leaf, ir.Compare):
        return f"{name} {_SIGNS[leaf.how]} {leaf.value}"
    if isinstance(leaf, ir.Cidr):
        return f"{name} is in {leaf.network}"
    if isinstance(leaf, ir.IsNull):
        return f"{name} is null"
    if isinstance(leaf, ir.Exists):
        return f"{name} has {'a' if leaf.wanted else 'no'} value"
    return f"{name} {_WHERE[leaf.where]} the value of {leaf.other}"


_WHERE = {"equals": "is", "contains": "contains", "startswith": "starts with", "endswith": "ends with"}
_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "neq": "is not"}


class Near(Struct, frozen=True):
    """A row and how each leaf of a condition fared on it."""

    row: Row
    leaves: tuple[Judged, ...]

    @property
    def failing(self) -> int:
        """How many leaves are not as the condition wants them."""
        return sum(item.holds is not True for item in self.leaves)


def nearest_rows(expr: ir.Expr, rows: Sequence[Row], count: int) -> list[Near]:
    """The rows on which the fewest leaves fail, in their order among equals."""
    return sorted((Near(row, tuple(judged(expr, row))) for row in rows), key=lambda near: near.failing)[:count]
