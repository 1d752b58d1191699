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
from analyzer.scope.policy import Clause, Policy, Rule
from analyzer.scope.situation import NOWHERE, UNSTATED, CaseFacts, Changes, Involved, Named, Part, PartFacts, Situation
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
    parts: tuple[Part, ...] = ()
    open: bool = False


def scope_of(hits: Iterable[Hit]) -> Scope:
    """The verdict that hits make together."""
    effects = {hit.effect for hit in hits}
    if "excludes" in effects:
        return "out_of_scope"
    return "needs_information" if "requires" in effects else "in_scope"


class Engine:
    """A policy, ready to be asked."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._rules = [
            (clause, rule, compile_test(rule.when, PartFacts if rule.of else CaseFacts))
            for clause in policy.clauses
            for rule in clause.rules
        ]
        self._columns = sorted(
            {name for _clause, rule, _test in self._rules if rule.of for name in ir.fields_of(rule.when)}
        )
        # by identity of a part's fields; the fields stand beside it, so that the identity is not given away again
        self._alike: dict[int, tuple[dict[str, Any], int]] = {}
        self._signatures: dict[tuple[str, ...], int] = {}

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
        bare = replace(situation, named=Named()).changed(Changes(case={**blank, "problem": UNSTATED}))
        bare = replace(bare, parts=tuple(part for part in bare.parts if not part.fields.get("unseen")))
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
        tables = self._grouped(situation)
        counts = Counter(part.kind for part in situation.parts if part.fields.get("active") is not False)
        for clause, rule, test in self._rules:
            if rule.of is None:
                verdict = test(situation.case)
                effect = rule.effect if verdict else rule.unknown if verdict is None else None
                if effect:
                    yield Hit(clause=clause, rule=rule, effect=effect, known=verdict is True)
                continue
            groups: dict[tuple[Effect, bool, bool], list[Part]] = {}
            for involved, parts in tables.get(rule.of, ()):
                verdict = test(PartFacts(source=NOWHERE, fields=parts[0].fields, case=situation.case.fields))
                effect = rule.effect if verdict else rule.unknown if verdict is None else None
                if effect is None:
                    continue
                role: Involved = "no" if clause.id in parts[0].excused else involved
                meant = _for_part(rule, effect, role, alone=counts[parts[0].kind] == 1)
                if meant:
                    groups.setdefault((meant, verdict is True, role == "open"), []).extend(parts)
            for (meant, known, open_), found in groups.items():
                yield Hit(clause=clause, rule=rule, effect=meant, known=known, parts=tuple(found), open=open_)

    def _grouped(self, situation: Situation) -> dict[str, list[tuple[Involved, list[Part]]]]:
        """Parts by table, those together that no rule can tell apart: a site has many phones of few kinds."""
        groups: dict[tuple[Any, ...], list[Part]] = {}
        for part in situation.parts:
            key = (part.of, situation.involved(part), part.kind, part.excused, self._signature(part.fields))
            groups.setdefault(key, []).append(part)
        tables: dict[str, list[tuple[Involved, list[Part]]]] = {}
        for key, parts in groups.items():
            tables.setdefault(key[0], []).append((key[1], parts))
        return tables

    def _signature(self, fields: dict[str, Any]) -> int:
        """A number that is the same for fields that no rule can tell apart."""
        known = self._alike.get(id(fields))
        if known is None:
            words = tuple(repr(fields.get(name)) for name in self._columns)
            known = self._alike[id(fields)] = fields, self._signatures.setdefault(words, len(self._signatures))
        return known[1]


def _for_part(rule: Rule, effect: Effect, involved: Involved, *, alone: bool) -> Effect | None:
    """What a rule's effect is for one part: none of its force where the part plays no part in the problem."""
    apart: Effect | None = "advises" if rule.apart == "advises" else None
    if involved == "no":
        return apart
    if involved == "open":
        counts = rule.open == "all" or alone
        return effect if counts and effect != "advises" else apart
    return effect
