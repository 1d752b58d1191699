"""The way back into scope, and what an answer would lead to: found by asking the engine again with other facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from analyzer.i18n import translate as _
from analyzer.scope.engine import Engine, Hit, scope_of
from analyzer.scope.situation import Changes, Part, Situation
from analyzer.scope.texts import changed_values, filled
from analyzer.verdict import Answer, Missing, Scope, Step

MOST_QUESTIONS = 300
"""How often the engine is asked at most while the smallest way back is looked for."""

MOST_MISSING_PARTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
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
        self.dead: list[Hit] = []

    def steps(self) -> list[Step] | None:
        """The actions in the policy's order; an empty list where the case is in scope, null where there are none."""
        self._search(self.start, [])
        if self.best is None:
            return None
        moves = self._without_needless(self.best)
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
        for move in min(options, key=len):
            self._search(situation.changed(move.changes), [*taken, move])

    def _moves(self, hit: Hit, situation: Situation) -> Iterator[Move]:
        """The actions that change the facts of a hit."""
        case = situation.case
        if hit.inferred:
            ask = self.engine.policy.facts["inferred_problem"].ask
            yield Move(clause=hit.clause.id, action=filled(ask, case), who="partner", changes=Changes(case={"inferred_problem": None}))  # fmt: skip
            return
        if hit.known or hit.rule.of:
            for way in hit.rule.way_back:
                parts = {part.key: way.set for part in hit.parts}
                changes = (
                    Changes(case=way.set_case, parts=parts)
                    if hit.rule.of
                    else Changes(case={**way.set, **way.set_case})
                )
                yield Move(
                    clause=hit.clause.id, action=filled(way.action, case, hit.parts), who=way.who, changes=changes
                )
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

    def _text(self, move: Move, moves: list[Move]) -> str:
        """The action; where it is to say something, with the answers that would bring the case in."""
        if move.fact is None:
            return move.action
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


def unknown_facts(hit: Hit, situation: Situation) -> list[str]:
    """The facts that a hit asks for and that are not known."""
    return [name for name in hit.rule.asks if situation.case.get(name) is None]


def missing_of(engine: Engine, situation: Situation, hit: Hit) -> list[Missing]:
    """What a hit asks for, each with the verdict that every answer would lead to."""
    case, policy = situation.case, engine.policy
    now = scope_of(engine.hits(situation))
    if hit.inferred:
        suggested = case.get("inferred_problem")
        ask = filled(
            "{ask} They suggest: {inferred_problem}.", case, ask=filled(policy.facts["inferred_problem"].ask, case)
        )
        answers = {"yes": Changes(case={"problem": suggested}), "no": Changes(case={"inferred_problem": None})}
        return [_missing(engine, situation, hit, ask, answers)]
    if hit.rule.answers:
        found = []
        for part in hit.parts[:MOST_MISSING_PARTS]:
            answers = {name: Changes(parts={part.key: change}) for name, change in hit.rule.answers.items()}
            found.append(_missing(engine, situation, hit, _ask(engine, hit, situation, (part,)), answers))
        return found
    unknown = unknown_facts(hit, situation)
    if hit.rule.of or not unknown:
        way = hit.rule.way_back[0]
        parts = {part.key: way.set for part in hit.parts} if hit.rule.of else {}
        changes = Changes(case=way.set_case if hit.rule.of else {**way.set, **way.set_case}, parts=parts)
        item = _missing(engine, situation, hit, _ask(engine, hit, situation, hit.parts), {"yes": changes})
        return [_with_no(item, now)]
    found = []
    for name in unknown:
        answers = {label: Changes(case={name: value}) for label, value in policy.facts[name].values.items()}
        item = _missing(engine, situation, hit, filled(policy.facts[name].ask, case), answers)
        found.append(item if set(answers) != {"yes"} else _with_no(item, now))
    return found


def _ask(engine: Engine, hit: Hit, situation: Situation, parts: tuple[Part, ...]) -> str:
    """What is to be found out or given: the rule's own question, else that of the first fact it asks for."""
    template = hit.rule.ask or (engine.policy.facts[hit.rule.asks[0]].ask if hit.rule.asks else hit.rule.why)
    return filled(template, situation.case, parts)


def _with_no(item: Missing, now: Scope) -> Missing:
    return replace(item, if_no=now, answers=[*item.answers, Answer(answer="no", scope=now)])


def _missing(engine: Engine, situation: Situation, hit: Hit, what: str, answers: dict[str, Changes]) -> Missing:
    led = {name: engine.scope(situation.changed(changes)) for name, changes in answers.items()}
    return Missing(
        clause=hit.clause.id,
        what=what,
        if_yes=led.get("yes"),
        if_no=led.get("no"),
        answers=[Answer(answer=name, scope=scope) for name, scope in led.items()],
    )
