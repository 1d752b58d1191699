"""Sigma detections to conditions of our own (`analyzer.pack.ir`). What is not known is refused, with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any as Anything

from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.exceptions import SigmaError
from sigma.rule.detection import SigmaDetection, SigmaDetectionItem, SigmaDetections
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from analyzer.pack import ir
from analyzer.pack.errors import RuleError
from analyzer.pack.match import RegexError, compile_regex

KEYWORD_FIELD = "text"
"""The field that a value without a field is looked for in (category ``log`` only)."""

_COMPARISONS: dict[CompareOperators, ir.Comparison] = {
    CompareOperators.LT: "lt",
    CompareOperators.LTE: "lte",
    CompareOperators.GT: "gt",
    CompareOperators.GTE: "gte",
    CompareOperators.NEQ: "neq",
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}


def lower(detections: SigmaDetections, *, keywords: bool) -> ir.Expr:
    """The condition over its detections as one tree.

    ``keywords`` allows values without a field. Raises `RuleError` with the path inside the rule.
    """
    if len(detections.condition) != 1:
        raise RuleError("a rule has exactly one condition", "detection", "condition")
    named = {
        name: _detection(item, ("detection", name), keywords=keywords) for name, item in detections.detections.items()
    }
    try:
        tree = SigmaCondition(str(detections.condition[0]), detections).parse(postprocess=False)
        return _condition(tree, named, detections)
    except SigmaError as error:
        raise RuleError(_words(error), "detection", "condition") from error
    except RecursionError as error:
        raise RuleError("the condition is nested too deeply", "detection", "condition") from error


def referenced(detections: SigmaDetections) -> set[str]:
    """Names of the detections that the condition speaks of."""
    found: set[str] = set()
    pending: list[Anything] = [SigmaCondition(str(detections.condition[0]), detections).parse(postprocess=False)]
    while pending:
        node = pending.pop()
        if isinstance(node, ConditionIdentifier):
            found.add(node.identifier)
        elif isinstance(node, ConditionSelector):
            found.update(item.identifier for item in node.resolve_referenced_detections(detections))
        else:
            pending.extend(node.args)
    return found


def _words(error: SigmaError) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())


def _condition(node: Anything, named: dict[str, ir.Expr], detections: SigmaDetections) -> ir.Expr:  # noqa: ANN401 - pySigma's parse tree
    if isinstance(node, ConditionIdentifier):
        if node.identifier not in named:
            raise RuleError(f"the condition names {node.identifier!r}, which is no detection", "detection", "condition")
        return named[node.identifier]
    if isinstance(node, ConditionSelector):
        names = [item.identifier for item in node.resolve_referenced_detections(detections)]
        if not names:
            raise RuleError(f"no detection is called {node.pattern!r}", "detection", "condition")
        return _join([named[name] for name in names], every=node.cond_class is ConditionAND)
    if isinstance(node, ConditionNOT):
        return ir.Not(_condition(node.args[0], named, detections))
    if isinstance(node, ConditionAND | ConditionOR):
        parts = [_condition(arg, named, detections) for arg in node.args]
        return _join(parts, every=isinstance(node, ConditionAND))
    kind = type(node).__name__ if isinstance(node, ConditionItem) else repr(node)
    raise RuleError(f"a condition of type {kind} is not known", "detection", "condition")


def _join(parts: list[ir.Expr], *, every: bool) -> ir.Expr:
    if len(parts) == 1:
        return parts[0]
    return ir.All(tuple(parts)) if every else ir.Any(tuple(parts))


def _detection(detection: SigmaDetection, path: tuple[str | int, ...], *, keywords: bool) -> ir.Expr:
    parts: list[ir.Expr] = []
    for index, item in enumerate(detection.detection_items):
        if isinstance(item, SigmaDetection):
            parts.append(_detection(item, (*path, index), keywords=keywords))
        else:
            parts.append(_item(item, (*path, key_of(item)), keywords=keywords))
    return _join(parts, every=detection.item_linking is ConditionAND)


def key_of(item: SigmaDetectionItem) -> str:
    """The key of a detection item as it is written, for finding its line."""
    from sigma.modifiers import modifier_mapping

    names = {cls: name for name, cls in reversed(modifier_mapping.items())}
    return "|".join([item.field or "", *(names[modifier] for modifier in item.modifiers)])


def _item(item: SigmaDetectionItem, path: tuple[str | int, ...], *, keywords: bool) -> ir.Expr:
    field = item.field
    if field is None:
        if not keywords:
            raise RuleError("a value without a field is only known for category log", *path)
        field = KEYWORD_FIELD
    values = item.value or [SigmaNull()]
    leaves = [_leaf(field, value, path, keyword=item.field is None) for value in values]
    joined = _join(leaves, every=item.value_linking is ConditionAND)
    return ir.Not(joined) if item.negated else joined


def _leaf(field: str, value: SigmaType, path: tuple[str | int, ...], *, keyword: bool) -> ir.Expr:
    # exact types: pySigma derives special types (parts of a time stamp) from plain ones
    kind = type(value)
    if isinstance(value, SigmaString) and kind in (SigmaString, SigmaCasedString):
        return _text(field, value, path, keyword=keyword)
    if keyword and isinstance(value, SigmaNumber) and kind is SigmaNumber:
        return ir.Text(field, str(value.number), "contains")
    make = _LEAVES.get(kind) if not keyword or kind is SigmaRegularExpression else None
    if make is None:
        raise RuleError(f"a Sigma value of type {kind.__name__} is not known here", *path)
    leaf = make(field, value)
    if isinstance(leaf, ir.Regex):
        try:
            compile_regex(leaf)
        except RegexError as error:
            raise RuleError(f"the expression is not one of RE2: {error}", *path) from error
    return leaf


_LEAVES: dict[type, Callable[[str, Anything], ir.Expr]] = {
    SigmaRegularExpression: lambda field, value: ir.Regex(
        field, str(value.regexp), "".join(sorted(_FLAGS[flag] for flag in value.flags))
    ),
    SigmaNumber: lambda field, value: ir.Number(field, value.number),
    SigmaBool: lambda field, value: ir.Bool(field, value.boolean),
    SigmaNull: lambda field, _: ir.IsNull(field),
    SigmaExists: lambda field, value: ir.Exists(field, value.exists),
    SigmaCompareExpression: lambda field, value: ir.Compare(field, _COMPARISONS[value.op], value.number.number),
    SigmaCIDRExpression: lambda field, value: ir.Cidr(field, str(value.network)),
    SigmaFieldReference: lambda field, value: ir.FieldRef(
        field, value.field, _position(starts=value.starts_with, ends=value.ends_with)
    ),
}


def _position(*, starts: bool, ends: bool) -> ir.Position:
    if starts and ends:
        return "contains"
    if starts:
        return "startswith"
    return "endswith" if ends else "equals"


def _text(field: str, value: SigmaString, path: tuple[str | int, ...], *, keyword: bool) -> ir.Expr:
    parts = list(value.s)
    for part in parts:
        if not isinstance(part, str | SpecialChars):
            raise RuleError(f"a placeholder (%{part.name}%) is not known", *path)
    cased = isinstance(value, SigmaCasedString)
    many = SpecialChars.WILDCARD_MULTI
    if keyword:
        parts = [many, *parts, many]
    while len(parts) > 1 and parts[0] is many and parts[1] is many:
        del parts[0]
    while len(parts) > 1 and parts[-1] is many and parts[-2] is many:
        del parts[-1]
    front, back = bool(parts) and parts[0] is many, len(parts) > 1 and parts[-1] is many
    middle = parts[front : len(parts) - back]
    if len(middle) <= 1 and all(isinstance(part, str) for part in middle) and parts != [many]:
        # Sigma's contains/startswith/endswith are wildcards at the ends
        return ir.Text(field, str(middle[0]) if middle else "", _position(starts=back, ends=front), cased)
    pattern = "".join(re.escape(p) if isinstance(p, str) else (".*" if p is many else ".") for p in parts)
    return ir.Regex(field, rf"\A{pattern}\z", "s" if cased else "is", glob=str(value))
