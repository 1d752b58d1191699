"""What a clause means, and why it did or did not apply to a case."""

from __future__ import annotations

from msgspec import Struct, field

from analyzer.i18n import translate as _
from analyzer.pack import ir
from analyzer.pack.match import compile_test
from analyzer.pack.why import describe, judged
from analyzer.scope.inputs import ScopeInput
from analyzer.scope.judge import situation_of
from analyzer.scope.policy import KINDS, Clause, Policy, Rule
from analyzer.scope.situation import CaseFacts, PartFacts

MOST_ROWS = 20


class Explained(Struct, frozen=True, kw_only=True):
    """A clause in words. ``needs`` are the facts that decide, ``rules`` its rules with effect and condition."""

    id: str
    kind: str
    kind_name: str
    title: str
    text: str
    same_as: str | None
    needs: list[str] = field(default_factory=list)
    rules: list[tuple[str, str]] = field(default_factory=list)


class OnRow(Struct, frozen=True, kw_only=True):
    """How one rule fared on the case (``about`` null) or on one part: the verdict, and every leaf with its own."""

    about: str | None
    involved: str | None
    effect: str
    verdict: bool | None
    leaves: list[tuple[str, bool | None]]


def explain(clause: Clause) -> Explained:
    """A clause in words."""
    conditions = [rule.when for rule in clause.rules] + ([clause.when] if clause.when else [])
    return Explained(
        id=clause.id,
        kind=clause.kind,
        kind_name=_(KINDS[clause.kind]),
        title=_(clause.title),
        text=_(clause.text),
        same_as=clause.same_as,
        needs=list(dict.fromkeys(name for when in conditions for name in ir.fields_of(when))),
        rules=[(rule.effect + (f" ({rule.of})" if rule.of else ""), condition(rule.when)) for rule in clause.rules]
        + ([(clause.grants or "says", condition(clause.when))] if clause.when else []),
    )


def on_case(policy: Policy, clause: Clause, given: ScopeInput) -> list[OnRow]:
    """How every rule of a clause fared on a case. Raises `analyzer.ticket.TicketError` as `judge` does."""
    situation, _build = situation_of(policy, given)
    found = []
    for rule in clause.rules:
        if rule.of is None:
            found.append(_on_row(rule, situation.case, None, None))
            continue
        for part in [part for part in situation.parts if part.of == rule.of][:MOST_ROWS]:
            row = PartFacts(source=part.source, fields=part.fields, case=situation.case.fields)
            found.append(_on_row(rule, row, part.label, situation.involved(part)))
    return found


def _on_row(rule: Rule, row: CaseFacts | PartFacts, about: str | None, involved: str | None) -> OnRow:
    return OnRow(
        about=about,
        involved=involved,
        effect=rule.effect,
        verdict=compile_test(rule.when, type(row))(row),
        leaves=[(describe(item.leaf), item.verdict) for item in judged(rule.when, row)],
    )


def condition(expr: ir.Expr) -> str:
    """A condition in words, with brackets where they are needed."""
    if isinstance(expr, ir.All):
        return " and ".join(_inside(part) for part in expr.parts)
    if isinstance(expr, ir.Any):
        return " or ".join(_inside(part) for part in expr.parts)
    if isinstance(expr, ir.Not):
        return f"not {_inside(expr.part)}"
    return describe(expr)


def _inside(expr: ir.Expr) -> str:
    text = condition(expr)
    return f"({text})" if isinstance(expr, ir.All | ir.Any) else text
