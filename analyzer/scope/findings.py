"""Findings that the scope engine makes itself: policy arithmetic, and what does not fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

from analyzer import forms
from analyzer.finding import SEVERITIES, Finding, Owner, Severity
from analyzer.forms import capitalised
from analyzer.i18n import mark, translate_plural
from analyzer.i18n import translate as _
from analyzer.names import label_of, value_text
from analyzer.scope.case_facts import Contradiction
from analyzer.scope.engine import Hit
from analyzer.scope.inputs import ScopeInput
from analyzer.scope.policy import Clause, Policy
from analyzer.scope.situation import UNSTATED, CaseFacts
from analyzer.verdict import Reason
from parsers.facts.base import Source

OLD_AFTER_DAYS = 90
SURE = 95

WITHOUT_CLAUSE: dict[str, tuple[str, str]] = {
    "SCOPE-22": (
        mark("Captures are analysed with a ticket only"),
        mark(
            "The case has a capture and no ticket. Support by phone analyses no packet capture before a ticket is open."
        ),
    ),
    "SCOPE-24": (
        mark("Ticket and bundle disagree"),
        mark("A fact of the ticket differs from the bundle's. The bundle counts; both places are shown."),
    ),
    "SCOPE-25": (
        mark("Catalogue out of date"),
        mark("A list that a reason rests on was older than 90 days on the day of the judgement."),
    ),
}
"""Codes that are made here and by no clause: title and meaning."""


def of_reasons(
    policy: Policy, reasons: Iterable[Reason], hits: Sequence[Hit], case: CaseFacts, *, ticket_given: bool
) -> list[Finding]:
    """One finding a code for the reasons whose clause has a finding of its own; the reasons get the code."""
    found: dict[str, Finding] = {}
    for reason in reasons:
        clause = policy.clause(reason.clause)
        if clause is None or clause.finding is None or reason.effect == "advises":
            continue
        meant = [hit for hit in hits if hit.clause.id == clause.id and hit.effect == reason.effect]
        if not any(hit.known for hit in meant) or (clause.finding.with_ticket and not ticket_given):
            continue
        reason.findings.append(clause.finding.code)
        subject = [key.rstrip("'") for hit in meant for key in hit.parts.subjects()]
        _add(found, clause, reason.why, evidence=reason.evidence, case=case, subject=subject)
    return list(found.values())


def of_route(said: Iterable[tuple[Clause, str]], case: CaseFacts, *, ticket_given: bool) -> list[Finding]:
    """Findings about levels that are not offered."""
    found: dict[str, Finding] = {}
    for clause, text in said:
        if clause.finding and (ticket_given or not clause.finding.with_ticket):
            names = ("simultaneous_calls", "partner_tier", "extensions", "hosting", "edition")
            evidence = [case.sources[name] for name in names if name in case.sources and case.get(name) is not None]
            _add(found, clause, text, evidence=evidence, case=case, subject=[])
    return list(found.values())


def _add(
    found: dict[str, Finding],
    clause: Clause,
    text: str,
    *,
    evidence: Sequence[Source],
    case: CaseFacts,
    subject: list[str],
) -> None:
    form = clause.finding
    if form is None:
        return
    problem = case.get("problem")
    if form.code in found:
        one = found[form.code]
        one.message += f" {text}"
        one.evidence += [source for source in evidence if source not in one.evidence]
        one.subject += [key for key in subject if key not in one.subject]
        return
    found[form.code] = Finding(
        code=form.code,
        title=_(form.title),
        message=text,
        severity=cast("Severity", form.severity),
        owner=cast("Owner", form.owner),
        confidence=SURE,
        clause=clause.id,
        subject=list(dict.fromkeys(subject)),
        evidence=list(evidence),
        areas=[problem] if problem not in (None, UNSTATED) else [],
    )


def of_contradictions(contradictions: Sequence[Contradiction]) -> list[Finding]:
    """SCOPE-24: one finding for each fact of which ticket and bundle say different things."""
    return [
        Finding(
            code="SCOPE-24",
            title=_(WITHOUT_CLAUSE["SCOPE-24"][0]),
            message=_("{fact}: the bundle says {bundle}, the ticket says {ticket}; the bundle counts.").format(
                fact=capitalised(label_of(item.fact)),
                bundle=value_text(item.bundle, item.fact),
                ticket=value_text(item.ticket, item.fact),
            ),
            severity="info",
            owner="partner",
            confidence=SURE,
            evidence=[item.bundle_source, Source(ticket=item.fact, text=value_text(item.ticket, item.fact))],
            role="context",
            remedy=_("Correct the ticket, or check that the bundle is of the affected system."),
        )
        for item in contradictions
    ]


def of_old_catalogs(policy: Policy, hits: Iterable[Hit], case: CaseFacts, given: ScopeInput) -> list[Finding]:
    """SCOPE-25: one finding for each list that a reason rests on and that was old on the day of the judgement."""
    used = {name for hit in hits for name in (hit.rule.catalog, hit.clause.catalog) if name}
    if case.get("outdated") is not None:
        used |= {clause.catalog for clause in policy.clauses if clause.always_catalog and clause.catalog}
    return [
        Finding(
            code="SCOPE-25",
            title=_(WITHOUT_CLAUSE["SCOPE-25"][0]),
            message=translate_plural(
                "The list {name} is of {day}, {age} day before the day of the judgement.",
                "The list {name} is of {day}, {age} days before the day of the judgement.",
                (given.as_of - day).days,
            ).format(name=name, day=forms.day(day.isoformat()), age=forms.number((given.as_of - day).days)),
            severity="info",
            owner="partner",
            confidence=SURE,
            evidence=[Source(artifact=f"catalog/{name}", text=f"as_of: {day.isoformat()}")],
            role="context",
            remedy=_("Bring the list up to date: tcxtriage catalog import."),
        )
        for name, day in sorted(_days(given.catalog_as_of).items())
        if name in used and (given.as_of - day).days > OLD_AFTER_DAYS
    ]


def _days(as_of: Mapping[str, str]) -> dict[str, date]:
    return {name: date.fromisoformat(day) for name, day in as_of.items()}


def of_captures(given: ScopeInput) -> list[Finding]:
    """SCOPE-22: captures without a ticket; none is analysed by phone before one is open."""
    captures = [item for item in given.artifacts if item.kind == "capture" and item.records]
    if given.ticket_given or not captures:
        return []
    return [
        Finding(
            code="SCOPE-22",
            title=_(WITHOUT_CLAUSE["SCOPE-22"][0]),
            message=_("Support by phone analyses no packet capture before a ticket is open."),
            severity="info",
            owner="partner",
            confidence=SURE,
            clause="entitle.phone",
            evidence=[Source(artifact=item.path, text=f"{item.records} packets") for item in captures[:5]],
            role="context",
            remedy=_("Open a ticket and add the capture to it."),
        )
    ]


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """The most severe ones first, then by code and subject."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.code, f.subject))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Most severe first, then by code and subject."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.code, f.subject, f.message))
