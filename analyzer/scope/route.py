"""Who answers, how and by when. What is not known is said to depend, never guessed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from analyzer.forms import due
from analyzer.i18n import translate as _
from analyzer.names import label_of
from analyzer.pack.match import compile_test
from analyzer.pack.why import undecided_fields
from analyzer.scope import sla
from analyzer.scope.engine import Hit
from analyzer.scope.policy import Clause, Policy
from analyzer.scope.situation import CaseFacts
from analyzer.scope.texts import filled, why
from analyzer.ticket import Ticket
from analyzer.verdict import Route, RouteReason

RESTS_ON = {"single_4sc": ("simultaneous_calls",)}
"""Facts that are made of others, by those to ask for instead."""


class Routed(Struct, kw_only=True):
    """The route, and the sentences in it that are findings too: clause and text."""

    route: Route
    findings: list[tuple[Clause, str]] = field(default_factory=list)


def routed(policy: Policy, case: CaseFacts, hits: list[Hit], ticket: Ticket) -> Routed:
    """The route of a case. ``case`` gets the facts ``level2`` and ``level3``."""
    route = Route()
    out = Routed(route=route)
    open_facts: dict[str, list[str]] = {}
    granted: dict[str, bool | None] = {}
    for clause in policy.clauses:
        if clause.grants:
            verdict = True if clause.when is None else compile_test(clause.when, CaseFacts)(case)
            granted[clause.grants] = case.fields[clause.grants] = verdict
            if verdict is None and clause.when is not None:
                known = open_facts[clause.grants] = _to_ask(undecided_fields(clause.when, case), open_facts)
                facts = ", ".join(map(label_of, known))
                route.reasons.append(RouteReason(clause=clause.id, why=_("Depends on: {facts}.").format(facts=facts)))
        for says in clause.says:
            if says.when is None or compile_test(says.when, CaseFacts)(case) is True:
                text = filled(says.text, case)
                route.reasons.append(RouteReason(clause=clause.id, why=text))
                if says.finding:
                    out.findings.append((clause, text))
        if clause.languages:
            _language(route, clause, ticket)
        if clause.sla:
            _sla(route, clause, ticket)
    highest = min((hit.rule.max_level for hit in hits if hit.effect == "limits" and hit.rule.max_level), default=3)
    route.levels = [level for level in (1, 2, 3) if level <= highest and granted.get(f"level{level}") is True]
    route.phone_support = granted.get("phone")
    route.priority = granted.get("priority")
    route.reasons += [RouteReason(clause=hit.clause.id, why=why(hit, case)) for hit in hits if hit.rule.max_level]
    names = dict.fromkeys(name for found in open_facts.values() for name in found)
    route.depends_on = [_(policy.facts[name].ask) for name in names if name in policy.facts]
    return out


def _to_ask(names: list[str], open_facts: Mapping[str, list[str]]) -> list[str]:
    """The facts to ask for: in place of a level that is open itself those that it depends on."""
    found = (fact for name in names for fact in open_facts.get(name) or RESTS_ON.get(name, (name,)))
    return list(dict.fromkeys(found))


def _language(route: Route, clause: Clause, ticket: Ticket) -> None:
    wanted = ticket.language
    if wanted in clause.languages:
        route.language = wanted
        text = _("As the ticket asks, as available; English is the default.")
    elif wanted:
        text = _("No support is given in the ticket's language ({language}); English is the default.").format(
            language=wanted
        )
    else:
        text = _("No language given; English is the default.")
    route.reasons.append(RouteReason(clause=clause.id, why=text))


def _sla(route: Route, clause: Clause, ticket: Ticket) -> None:
    if ticket.created is None:
        text = _("No due time: the ticket does not say when it was opened.")
    else:
        route.sla = sla.due(ticket.created, clause.sla["hours"], ticket.country, clause.id)
        text = _("Due {due}.").format(due=due(route.sla.due))
    route.reasons.append(RouteReason(clause=clause.id, why=text))
