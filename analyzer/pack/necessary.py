"""What a line must hold for a log rule to fire: the expressions that the line scanner looks for."""

from __future__ import annotations

from analyzer.pack import ir
from analyzer.pack.regex import Necessary, UnsupportedError, literal, necessary

TEXT_FIELD = "text"


def patterns(condition: ir.Expr) -> tuple[Necessary, ...]:
    """Expressions of which at least one stands in the raw lines of every record that makes the condition true.

    Raises `UnsupportedError` where the condition can be true without any fixed text in the record's ``text``.
    """
    found = _any_of(condition)
    if found is None:
        raise UnsupportedError(
            "the condition can hold without any fixed text in the record: a log rule needs some in field text"
        )
    return found


def _any_of(expr: ir.Expr) -> tuple[Necessary, ...] | None:
    if isinstance(expr, ir.All):
        choices = [found for found in map(_any_of, expr.parts) if found]
        return max(choices, key=_selectivity, default=None)
    if isinstance(expr, ir.Any):
        together: dict[Necessary, None] = {}
        for part in expr.parts:
            found = _any_of(part)
            if found is None:
                return None
            together.update(dict.fromkeys(found))
        return tuple(together)
    return _of_leaf(expr)


def _of_leaf(expr: ir.Expr) -> tuple[Necessary, ...] | None:
    try:
        if isinstance(expr, ir.Text) and expr.field == TEXT_FIELD:
            return (literal(expr.value, cased=expr.cased),)
        if isinstance(expr, ir.Regex) and expr.field == TEXT_FIELD:
            return (necessary(expr.pattern, expr.flags),)
    except UnsupportedError:
        return None
    return None


def _selectivity(found: tuple[Necessary, ...]) -> tuple[int, int]:
    return min(item.strength for item in found), -len(found)
