"""What is missing, and the verdict that every answer would lead to: found by asking the engine again."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from analyzer.i18n import mark
from analyzer.scope.engine import Engine, Hit, scope_of
from analyzer.scope.groups import Situation
from analyzer.scope.policy import Way
from analyzer.scope.situation import Changes, Part
from analyzer.scope.texts import filled
from analyzer.verdict import Answer, Missing, Scope

MOST_MISSING_PARTS = 20
"""Parts that are asked for one by one; those beyond are asked for together."""


def changes_of(hit: Hit, way: Way) -> Changes:
    """What an action changes: of the parts of a hit, and of the case."""
    if hit.rule.of:
        return Changes(case=way.set_case, parts=hit.parts.keys, fields=way.set)
    return Changes(case={**way.set, **way.set_case})


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
            mark("{ask} They suggest: {inferred_problem}."),
            case,
            ask=filled(policy.facts["inferred_problem"].ask, case),
        )
        answers = {"yes": Changes(case={"problem": suggested}), "no": Changes(case={"inferred_problem": None})}
        return [replace(_missing(engine, situation, hit, ask, answers), fact="problem")]
    if hit.rule.answers:
        found = []
        rest = hit.parts[MOST_MISSING_PARTS:]
        for asked in [*((part,) for part in hit.parts[:MOST_MISSING_PARTS]), *([rest] if rest else [])]:
            keys = frozenset(part.key for part in asked)
            answers = {name: Changes(parts=keys, fields=change) for name, change in hit.rule.answers.items()}
            found.append(_missing(engine, situation, hit, _ask(engine, hit, situation, asked), answers))
        return found
    unknown = unknown_facts(hit, situation)
    if hit.rule.of or not unknown:
        way = hit.rule.way_back[0]
        changes = changes_of(hit, way)
        item = _missing(engine, situation, hit, _ask(engine, hit, situation, hit.parts), {"yes": changes})
        return [replace(_with_no(item, now), fact=next(iter(hit.rule.asks), None))]
    found = []
    for name in unknown:
        answers = {label: Changes(case={name: value}) for label, value in policy.facts[name].values.items()}
        item = _missing(engine, situation, hit, filled(policy.facts[name].ask, case), answers)
        item.fact = name
        found.append(item if set(answers) != {"yes"} else _with_no(item, now))
    return found


def _ask(engine: Engine, hit: Hit, situation: Situation, parts: Sequence[Part]) -> str:
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
