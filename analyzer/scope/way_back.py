"""The way back into scope, found by asking the engine again with other facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.i18n import mark
from analyzer.i18n import translate as _
from analyzer.scope.engine import Engine, Hit
from analyzer.scope.groups import Situation
from analyzer.scope.missing import changes_of, unknown_facts
from analyzer.scope.situation import Changes
from analyzer.scope.texts import changed_values, filled
from analyzer.verdict import Scope, Step

MOST_QUESTIONS = 300
"""How often the engine is asked at most while the smallest way back is looked for."""


class Move(Struct, frozen=True, kw_only=True):
    """One action and the facts that it changes. ``fact`` and ``values``: the action is to say what ``fact`` is."""

    clause: str
    action: str
    who: str
    changes: Changes
    fact: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


def blocking(hits: list[Hit]) -> list[Hit]:
    """What keeps a case from being in scope."""
    return [hit for hit in hits if hit.effect in ("excludes", "requires")]


class WayBack:
    """Looks for the smallest set of actions after which the verdict is in scope."""

    def __init__(self, engine: Engine, situation: Situation) -> None:
        self.engine = engine
        self.start = situation
        self.asked = 0
        self.best: list[Move] | None = None
        self.moves: list[Move] = []
        self.dead: list[Hit] = []

    def steps(self) -> list[Step] | None:
        """The actions in the policy's order; an empty list where the case is in scope, null where there are none."""
        self._search(self.start, [])
        if self.best is None:
            return None
        moves = self.moves = self._without_needless(self._as_from_the_start(self.best))
        order = {clause.id: place for place, clause in enumerate(self.engine.policy.clauses)}
        moves.sort(key=lambda move: order[move.clause])
        return [Step(clause=move.clause, action=self._text(move, moves), who=move.who) for move in moves]

    def reason(self) -> str:
        """Why there is no way back."""
        texts = [filled(hit.rule.no_way_back, self.start.case, hit.parts) for hit in self.dead if hit.rule.no_way_back]
        return " ".join(dict.fromkeys(texts)) or _("No action is known that would bring the case into scope.")

    def _search(self, situation: Situation, taken: list[Move]) -> None:
        if self.asked >= MOST_QUESTIONS or (self.best is not None and len(taken) >= len(self.best)):
            return
        self.asked += 1
        hits = blocking(self.engine.hits(situation))
        if not hits:
            self.best = taken
            return
        options = [list(self._moves(hit, situation)) for hit in hits]
        if not all(options):
            self.dead += [hit for hit, moves in zip(hits, options, strict=True) if not moves and hit not in self.dead]
            return
        # of several that do the same the last: another template is less to ask than another phone or provider
        for move in min(reversed(options), key=len):
            self._search(situation.changed(move.changes), [*taken, move])

    def _moves(self, hit: Hit, situation: Situation) -> Iterator[Move]:
        """The actions that change the facts of a hit."""
        case = situation.case
        if hit.inferred:
            action = filled(mark("Say what the problem is about (problem area). In scope where it is not what the findings suggest: {inferred_problem}."), case)  # fmt: skip
            yield Move(clause=hit.clause.id, action=action, who="partner", changes=Changes(case={"inferred_problem": None}))  # fmt: skip
            return
        if hit.known or hit.rule.of:
            for way in hit.rule.way_back:
                action = filled(way.action, case, hit.parts)
                yield Move(clause=hit.clause.id, action=action, who=way.who, changes=changes_of(hit, way))
            return
        for name in unknown_facts(hit, situation):
            fact = self.engine.policy.facts[name]
            for label, value in fact.values.items():
                yield Move(
                    clause=hit.clause.id,
                    action=filled(fact.ask, case),
                    who="partner",
                    changes=Changes(case={name: value}),
                    fact=name,
                    values={label: value},
                )

    def _as_from_the_start(self, moves: list[Move]) -> list[Move]:
        """The moves with what each changes by itself, not only behind those before it: one may be needless without them."""
        hits = blocking(self.engine.hits(self.start))
        first = {
            (move.clause, move.action): move for hit in hits for move in self._moves(hit, self.start) if not move.fact
        }
        alone = [first.get((move.clause, move.action), move) for move in moves]
        return alone if self._after(alone) == "in_scope" else moves

    def _without_needless(self, moves: list[Move]) -> list[Move]:
        kept = list(moves)
        for move in moves:
            fewer = [other for other in kept if other is not move]
            if len(fewer) < len(kept) and self._after(fewer) == "in_scope":
                kept = fewer
        return kept

    def _after(self, moves: list[Move]) -> Scope:
        situation = self.start
        for move in moves:
            situation = situation.changed(move.changes)
        return self.engine.scope(situation)

    def _same(self, move: Move) -> list[str]:
        """What is to be done for all that the clause asks by the same facts: for the phones, and for the trunk."""
        others = (
            other.action
            for hit in blocking(self.engine.hits(self.start))
            if hit.clause.id == move.clause
            for other in self._moves(hit, self.start)
            if other.changes.case and other.changes.case == move.changes.case
        )
        return list(dict.fromkeys([move.action, *others]))

    def _text(self, move: Move, moves: list[Move]) -> str:
        """The action; where it is to say something, with the answers that would bring the case in."""
        if move.fact is None:
            return " ".join(self._same(move))
        fact = self.engine.policy.facts[move.fact]
        good = {
            label: value
            for label, value in fact.values.items()
            if self._after([replace(m, changes=Changes(case={move.fact: value})) if m is move else m for m in moves])
            == "in_scope"
        }
        return _("Find out and say: {ask} In scope with: {answers}.").format(
            ask=move.action, answers=changed_values(good)
        )
