"""Clauses over a situation: which of them excludes, requires, limits or advises.

One mechanism for the verdict, for what is missing and for what would change it: `Engine.hits` is asked about the case as it
is, about the installation alone, and about the case with other facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from analyzer.pack import ir
from analyzer.pack.match import compile_test
from analyzer.scope.groups import NO_PARTS, Group, PartsOf, Situation
from analyzer.scope.policy import Clause, Policy, Rule
from analyzer.scope.situation import NOWHERE, UNSTATED, CaseFacts, Changes, Involved, Named, PartFacts
from analyzer.verdict import Effect, Scope


class Hit(Struct, frozen=True, kw_only=True):
    """A rule that says something. ``known`` is false where it could not be decided. ``inferred``: it would exclude if the
    problem were what the findings suggest.
    """

    clause: Clause
    rule: Rule
    effect: Effect
    known: bool = True
    inferred: bool = False
    parts: PartsOf = NO_PARTS
    open: bool = False


def scope_of(hits: Iterable[Hit]) -> Scope:
    """The verdict that hits make together."""
    effects = {hit.effect for hit in hits}
    if "excludes" in effects:
        return "out_of_scope"
    return "needs_information" if "requires" in effects else "in_scope"


def columns_of(policy: Policy) -> tuple[str, ...]:
    """Columns of parts that rules look at."""
    rules = (rule for clause in policy.clauses for rule in clause.rules if rule.of)
    return tuple(sorted({name for rule in rules for name in ir.fields_of(rule.when)}))


class Engine:
    """A policy, ready to be asked."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rules = [
            (clause, rule, compile_test(rule.when, PartFacts if rule.of else CaseFacts))
            for clause in policy.clauses
            for rule in clause.rules
        ]
        self.columns = columns_of(policy)

    def hits(self, situation: Situation) -> list[Hit]:
        """Every rule that says something, in the policy's order."""
        found = list(self._direct(situation))
        suggested = situation.case.get("inferred_problem")
        if suggested and situation.case.get("problem") == UNSTATED:
            excluding = {hit.clause.id for hit in found if hit.effect == "excludes"}
            supposed = situation.changed(Changes(case={"problem": suggested}))
            found += [
                replace(hit, effect="requires", known=False, inferred=True)
                for hit in self._direct(supposed)
                if hit.effect == "excludes" and not hit.parts and hit.clause.id not in excluding
            ]
        return found

    def scope(self, situation: Situation) -> Scope:
        """The verdict on a situation."""
        return scope_of(self.hits(situation))

    def installation_hits(self, situation: Situation) -> list[Hit]:
        """What the installation alone gives: no ticket content, and nothing asked that only a ticket can answer."""
        facts = self.policy.facts
        blank: dict[str, bool | None] = {name: None for name, fact in facts.items() if fact.ticket_only}
        blank |= {
            name: False for name in situation.case.fields if name.startswith("requested_") or name.endswith("_named")
        }
        seen = tuple(group.unnamed() for group in situation.groups if not group.fields.get("unseen"))
        bare = replace(situation, named=Named(), groups=seen).changed(Changes(case={**blank, "problem": UNSTATED}))
        return [
            hit
            for hit in self.hits(bare)
            if hit.clause.kind != "T"
            and not (
                hit.effect == "requires"
                and any(facts[name].ticket_only and bare.case.get(name) is None for name in hit.rule.asks)
            )
        ]

    def _direct(self, situation: Situation) -> Iterator[Hit]:
        tables = self._tables(situation)
        counts: Counter[str] = Counter()
        for group in situation.groups:
            counts[group.kind] += len(group.parts) if group.fields.get("active") is not False else 0
        for clause, rule, test in self._rules:
            if rule.of is None:
                verdict = test(situation.case)
                effect = rule.effect if verdict else rule.unknown if verdict is None else None
                if effect:
                    yield Hit(clause=clause, rule=rule, effect=effect, known=verdict is True)
                continue
            found: dict[tuple[Effect, bool, bool], list[list[Group]]] = {}
            for involved, groups in tables.get(rule.of, ()):
                first = groups[0]
                verdict = test(PartFacts(source=NOWHERE, fields=first.fields, case=situation.case.fields))
                effect = rule.effect if verdict else rule.unknown if verdict is None else None
                if effect is None:
                    continue
                role: Involved = "no" if clause.id in first.excused else involved
                meant = _for_part(rule, effect, role, alone=counts[first.kind] == 1)
                if meant:
                    found.setdefault((meant, verdict is True, role == "open"), []).append(groups)
            for (meant, known, open_), entries in found.items():
                yield Hit(clause=clause, rule=rule, effect=meant, known=known, parts=PartsOf(entries), open=open_)

    def _tables(self, situation: Situation) -> dict[str, list[tuple[Involved, list[Group]]]]:
        """Groups by table, those together that no rule can tell apart any more."""
        together: dict[tuple[Any, ...], list[Group]] = {}
        for group in sorted(situation.groups, key=lambda group: group.place):
            involved = situation.involved(group)
            words = tuple([repr(group.fields.get(column)) for column in self.columns])
            together.setdefault((group.of, involved, group.kind, group.excused, words), []).append(group)
        tables: dict[str, list[tuple[Involved, list[Group]]]] = {}
        for key, groups in together.items():
            tables.setdefault(key[0], []).append((key[1], groups))
        return tables


def _for_part(rule: Rule, effect: Effect, involved: Involved, *, alone: bool) -> Effect | None:
    """What a rule's effect is for one part: none of its force where the part plays no part in the problem."""
    apart: Effect | None = "advises" if rule.apart == "advises" else None
    if involved == "no":
        return apart
    if involved == "open":
        counts = rule.open == "all" or alone
        return effect if counts and effect != "advises" else apart
    return effect
