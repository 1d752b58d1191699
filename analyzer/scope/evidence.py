"""Where the reasons of a verdict rest: findings, and the places of the facts that decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.finding import Finding
from analyzer.pack.why import deciding_fields, undecided_fields
from analyzer.scope.case_facts import roots
from analyzer.scope.engine import Hit
from analyzer.scope.situation import NOWHERE, CaseFacts, Part, PartFacts
from parsers.facts.base import Source

MOST = 20

RESTS_ON: dict[str, tuple[str, ...]] = {
    "stun_confidence": ("stun_used", "provision_type", "stun_server"),
    "standing": ("template_type", "model", "user_agent", "template", "host", "provider"),
    "status": ("template_type", "model", "user_agent", "template", "host", "provider", "name"),
    "firmware_status": ("firmware",),
}
"""Columns that are made of others: where a part has no place for the column itself, the first of these that has one."""

NO_EVIDENCE = frozenset({"plain_template", "own_app", "active"})
"""Columns that say nothing about a part that could be quoted."""


def evidence_of(hits: Sequence[Hit], case: CaseFacts, findings: Iterable[Finding]) -> list[Source]:
    """The places behind a reason, those of findings first."""
    places = [source for finding in findings for source in finding.evidence]
    for hit in hits:
        if hit.parts:
            for part in hit.parts[:MOST]:
                places += _of_parts(hit, part, case)
        else:
            fields = deciding_fields(hit.rule.when, case) if hit.known else undecided_fields(hit.rule.when, case)
            places += [case.sources[name] for name in fields if name in case.sources]
    return [place for place in dict.fromkeys(places) if place != NOWHERE][:MOST]


def _of_parts(hit: Hit, part: Part, case: CaseFacts) -> list[Source]:
    row = PartFacts(source=part.source, fields=part.fields, case=case.fields)
    fields = deciding_fields(hit.rule.when, row) if hit.known else undecided_fields(hit.rule.when, row)
    found = [_of_part(part, name) for name in fields if name in part.fields and name not in NO_EVIDENCE]
    found += [case.sources[name] for name in fields if name not in part.fields and name in case.sources]
    return found or [part.source]


def _of_part(part: Part, name: str) -> Source:
    if name in part.sources and part.fields.get(name) is not None:
        return part.sources[name]
    rests_on = (column for column in RESTS_ON.get(name, ()) if column in part.sources)
    return next((part.sources[column] for column in rests_on if part.fields.get(column)), part.source)


def behind(hits: Sequence[Hit], findings: Iterable[Finding]) -> list[Finding]:
    """Root findings that say the same as a reason: of its clause and, for parts, about one of them."""
    clauses = {hit.clause.id for hit in hits}
    keys = {key.rstrip("'") for hit in hits for key in hit.parts.subjects()}
    return [
        finding
        for finding in roots(findings)
        if finding.clause in clauses and (not keys or not finding.subject or keys & set(finding.subject))
    ]
