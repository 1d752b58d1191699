"""Sigma correlation rules to our own record."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from analyzer.pack import ir
from analyzer.pack.errors import RuleError

_TYPES: dict[SigmaCorrelationType, ir.CorrelationType] = {
    SigmaCorrelationType.EVENT_COUNT: "event_count",
    SigmaCorrelationType.VALUE_COUNT: "value_count",
    SigmaCorrelationType.TEMPORAL: "temporal",
    SigmaCorrelationType.TEMPORAL_ORDERED: "temporal_ordered",
}
KEYS = frozenset({"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"})
MAX_ALTERNATIVES = 64


def lower(sigma: SigmaCorrelationRule, raw: Any) -> ir.Correlation:  # noqa: ANN401 - YAML
    """The correlation of a Sigma rule; ``raw`` is its condition as written. Raises `RuleError` for what cannot be judged from evidence."""
    kind = _TYPES.get(sigma.type)
    if kind is None:
        raise RuleError(f"correlation type {sigma.type.name.lower()} is not known", "correlation", "type")
    condition = sigma.condition
    rules = tuple(item.reference for item in sigma.rules or ())
    needs: tuple[tuple[str, ...], ...] = ()
    minimum, field = 0, None
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        rules = rules or tuple(condition.get_referenced_rules())
        needs = _needs(condition.parsed)
    elif kind in ("temporal", "temporal_ordered"):
        if _least(condition, raw) < len(rules):
            raise RuleError("a temporal correlation wants all its rules; write a condition with or", "correlation", "condition")  # fmt: skip
        needs = (rules,)
    else:
        minimum, field = _least(condition, raw), condition.fieldref
    if kind == "temporal_ordered" and needs != (rules,):
        raise RuleError("a temporal_ordered correlation wants all its rules in their order", "correlation", "condition")
    if field is not None and not isinstance(field, str):
        raise RuleError("value_count takes one field", "correlation", "condition", "field")
    return ir.Correlation(
        type=kind,
        rules=rules,
        timespan_s=sigma.timespan.seconds,
        group_by=tuple(sigma.group_by or ()),
        aliases={item.alias: {ref.reference: name for ref, name in item.mapping.items()} for item in sigma.aliases},
        minimum=minimum,
        field=field,
        needs=needs,
        generate=sigma.generate,
    )


def _least(condition: SigmaCorrelationCondition, raw: Any) -> int:  # noqa: ANN401 - YAML
    """The least number that fulfils the condition.

    Upper limits are refused: that something is seldom cannot be told from logs that may be cut.
    """
    # some versions of pySigma cut fractions off
    written = raw.get(condition.op.name.lower()) if isinstance(raw, dict) else condition.count
    if condition.op is SigmaCorrelationConditionOperator.GTE:
        least = condition.count
    elif condition.op is SigmaCorrelationConditionOperator.GT:
        least = condition.count + 1
    else:
        raise RuleError(f"{condition.op.name.lower()} cannot be proved: only gt and gte are known", "correlation", "condition")  # fmt: skip
    if not isinstance(written, int) or isinstance(written, bool) or least < 1:
        raise RuleError("the number must be a whole one from 1", "correlation", "condition")
    return int(least)


def _needs(node: Any) -> tuple[tuple[str, ...], ...]:  # noqa: ANN401 - pySigma's parse tree
    """The sets of rules that make a condition of and/or true."""
    if isinstance(node, SigmaRuleReference):
        return ((node.reference,),)
    if isinstance(node, CorrelationConditionNOT):
        raise RuleError("'not' cannot be proved: that something did not happen may be a gap in the logs", "correlation", "condition")  # fmt: skip
    parts = [_needs(arg) for arg in node.args]
    if prod(len(part) for part in parts) > MAX_ALTERNATIVES:
        raise RuleError(f"the condition has more than {MAX_ALTERNATIVES} ways to be true", "correlation", "condition")
    if isinstance(node, CorrelationConditionOR):
        found = tuple(dict.fromkeys(item for part in parts for item in part))
    elif isinstance(node, CorrelationConditionAND):
        found = tuple(dict.fromkeys(tuple(dict.fromkeys(sum(pick, ()))) for pick in product(*parts)))
    else:
        raise RuleError(f"a condition of type {type(node).__name__} is not known", "correlation", "condition")
    return found
