"""From everything that is known of a case to its verdict and route."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from analyzer.finding import Finding
from analyzer.i18n import translate as _
from analyzer.names import name_of
from analyzer.scope import findings as made
from analyzer.scope.case_facts import CaseBuild, case_facts, put, roots, said, suggest
from analyzer.scope.engine import Engine, Hit, columns_of, scope_of
from analyzer.scope.evidence import behind, evidence_of
from analyzer.scope.groups import Situation, grouped
from analyzer.scope.inputs import ScopeInput
from analyzer.scope.missing import missing_of
from analyzer.scope.nowhere import named_nowhere
from analyzer.scope.parts import Naming, known_parts, named_kind
from analyzer.scope.policy import Policy
from analyzer.scope.route import routed
from analyzer.scope.situation import UNSTATED, CaseFacts
from analyzer.scope.texts import summary, why
from analyzer.scope.way_back import WayBack
from analyzer.ticket import parse_about
from analyzer.verdict import EFFECTS, Effect, Missing, Reason, Route, Verdict

__all__ = ["Judged", "Problem", "ScopeInput", "judge", "situation_of"]


class Problem(Struct, frozen=True, kw_only=True):
    """What the case is about. An inferred area is a suggestion by the findings ``by``; the verdict does not follow it."""

    area: str | None
    inferred: bool = False
    by: tuple[str, ...] = ()


class Judged(Struct, kw_only=True):
    """What the engine answers. ``findings`` are those given and its own, most severe first."""

    verdict: Verdict
    route: Route
    findings: list[Finding] = field(default_factory=list)
    problem: Problem


def judge(policy: Policy, given: ScopeInput) -> Judged:
    """The verdict on a case. Raises `analyzer.ticket.TicketError` where ``about`` says what cannot be."""
    # of equal findings the first one is quoted, in whatever order they come
    given = replace(given, findings=made.by_weight(given.findings))
    engine = Engine(policy)
    situation, build = situation_of(policy, given)
    case = situation.case
    hits = engine.hits(situation)
    reasons = _reasons(policy, hits, situation, given, build)
    missing = _missing(engine, situation, hits)
    scope = scope_of(hits)
    installation = engine.installation_hits(situation)
    way = WayBack(engine, situation)
    steps = way.steps()
    route = routed(policy, case, hits, given.ticket)
    own = made.of_reasons(policy, reasons, hits, case, ticket_given=given.ticket_given)
    own += made.of_route(route.findings, case, ticket_given=given.ticket_given)
    own += made.of_contradictions(build.contradictions)
    own += made.of_old_catalogs(policy, hits, case, given)
    own += made.of_captures(given)
    verdict = Verdict(
        scope=scope,
        installation=scope_of(installation),
        summary=summary(
            scope,
            scope_of(installation),
            hits if given.ticket_given else installation,
            case,
            ticket_given=given.ticket_given,
            to_add=len({(item.clause, item.what) for item in missing}),
        ),
        reasons=reasons,
        missing=missing,
        way_back=steps,
        way_back_reason=way.reason() if steps is None else None,
    )
    return Judged(
        verdict=verdict,
        route=route.route,
        findings=made.in_order([*given.findings, *own]),
        problem=_problem(case, build),
    )


def situation_of(policy: Policy, given: ScopeInput) -> tuple[Situation, CaseBuild]:
    """The facts and parts of a case, ready to be judged. Raises `analyzer.ticket.TicketError`."""
    build = case_facts(policy, given, parse_about(given.about))
    parts = known_parts(given.facts, given.findings)
    naming = Naming(given.facts, parts, build.facts)
    named = naming.named(build.parties)
    build.nowhere = named_nowhere(naming.unseen, given)
    for kind in ("teams", "call_control_api"):
        is_named = named_kind(build.parties, parts, named, kind)
        put(build, f"{kind}_named", is_named, said("involves", ", ".join(map(str, build.parties))))
    about = {key.rstrip("'") for key in named.keys} | set(map(str, build.parties)) if named.anything else None
    suggest(build, given.findings, about)
    parts.sort(key=lambda part: part.key)
    for place, part in enumerate(parts):
        part.place = place
    groups = grouped(parts, columns_of(policy), named.keys)
    return Situation(case=build.facts, groups=groups, named=named, areas=policy.parts), build


def _problem(case: CaseFacts, build: CaseBuild) -> Problem:
    if case.get("problem") != UNSTATED:
        return Problem(area=case.get("problem"))
    suggested = case.get("inferred_problem")
    return Problem(area=suggested, inferred=True, by=tuple(build.suggested_by)) if suggested else Problem(area=None)


def _reasons(
    policy: Policy, hits: Sequence[Hit], situation: Situation, given: ScopeInput, build: CaseBuild
) -> list[Reason]:
    """One row a clause and effect, strongest effects first. What only advises joins a stronger row of its clause."""
    grouped: dict[tuple[str, Effect], list[Hit]] = {}
    strong = {hit.clause.id for hit in hits if hit.effect != "advises"}
    for hit in hits:
        grouped.setdefault((hit.clause.id, hit.effect), []).append(hit)
    reasons = []
    for (clause, effect), group in grouped.items():
        texts = [why(hit, situation.case) for hit in group]
        if effect == "advises" and clause in strong:
            continue
        texts += [
            _("Not part of the problem: {why}").format(why=why(hit, situation.case))
            for hit in grouped.get((clause, "advises"), ())
            if effect != "advises" and effect == _strongest(grouped, clause)
        ]
        found = behind(group, given.findings)
        if any(hit.inferred for hit in group):
            found += [f for f in roots(given.findings) if f.code in build.suggested_by and f not in found]
        reasons.append(
            Reason(
                clause=clause,
                effect=effect,
                why=" ".join(dict.fromkeys(texts)),
                findings=list(dict.fromkeys(f.code for f in found)),
                evidence=evidence_of(group, situation.case, found),
            )
        )
    there = {reason.clause: reason for reason in reversed(reasons)}
    for advice in _general(policy, hits, situation, given, build):
        if advice.clause in there:
            there[advice.clause].why += f" {advice.why}"
        else:
            reasons.append(advice)
            there[advice.clause] = advice
    order = {clause.id: place for place, clause in enumerate(policy.clauses)}
    return sorted(reasons, key=lambda reason: (EFFECTS.index(reason.effect), order[reason.clause]))


def _strongest(grouped: dict[tuple[str, Effect], list[Hit]], clause: str) -> Effect:
    return min((effect for name, effect in grouped if name == clause), key=EFFECTS.index)


def _general(
    policy: Policy, hits: Sequence[Hit], situation: Situation, given: ScopeInput, build: CaseBuild
) -> list[Reason]:
    """Advice that follows from the whole: charges, parts that count because nothing is known, the unstated problem."""
    found = []
    scope = scope_of(hits)
    for clause in policy.clauses:
        if clause.with_scope == scope and clause.why:
            found.append(Reason(clause=clause.id, effect="advises", why=_(clause.why)))
        if clause.why_open and any(hit.open and hit.effect == "excludes" for hit in hits):
            found.append(Reason(clause=clause.id, effect="advises", why=_(clause.why_open)))
    if given.ticket_given and situation.case.get("problem") == UNSTATED:
        suggested = situation.case.get("inferred_problem")
        if suggested:
            text = _("The ticket does not say what the problem is about; the findings ({codes}) suggest {area}. Say so with its problem area.")  # fmt: skip
            text = text.format(codes=", ".join(build.suggested_by), area=name_of(suggested))
        else:
            text = _("The ticket does not say what the problem is about, so it cannot be told whether it asks for something that support does not take. Name the problem area.")  # fmt: skip
        found.append(Reason(clause="ticket.description", effect="advises", why=text))
    found += [Reason(clause="ticket.description", effect="advises", why=text) for text in build.nowhere]
    return found


def _missing(engine: Engine, situation: Situation, hits: Sequence[Hit]) -> list[Missing]:
    found: dict[tuple[str, str], Missing] = {}
    for hit in hits:
        if hit.effect == "requires":
            for item in missing_of(engine, situation, hit):
                found.setdefault((item.clause, item.what), item)
    return list(found.values())
