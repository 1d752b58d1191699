"""Hits of one rule to findings: one for each root cause, with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from analyzer.detect.subject import goes_on_with, subjects
from analyzer.finding import DOUBTFUL, SEVERITIES, Finding, Severity
from analyzer.pack import ir, tables
from analyzer.pack.evaluate import Hit
from analyzer.pack.match import as_text
from analyzer.pack.template import fill, words
from parsers.facts.base import Source

MAX_EVIDENCE = 5
MAX_FINDINGS = 20
"""A rule that would say more than this becomes one finding with a count."""


class _Rated(Struct):
    """A hit with what it is about and how bad and sure it is."""

    hit: Hit
    subject: list[str]
    severity: Severity
    confidence: int


def findings_of(rule: ir.Rule, hits: Iterable[Hit], language: str) -> list[tuple[Finding, list[Hit]]]:
    """The findings of a rule, each with its hits, in the order in which they were first met."""
    groups: dict[tuple[str, ...], list[_Rated]] = {}
    for hit in hits:
        rated = _rate(rule, hit)
        groups.setdefault(_key(rule, rated), []).append(rated)
    if len(groups) > MAX_FINDINGS:
        groups = {(): [rated for group in groups.values() for rated in group]}
    return [(_finding(rule, group, language), [rated.hit for rated in group]) for group in groups.values()]


def _rate(rule: ir.Rule, hit: Hit) -> _Rated:
    members = hit.members or (hit,)
    about = list(dict.fromkeys(text for member in members for text in _subjects(rule, member)))
    severity: Any = hit.value(rule.severity_from) if rule.severity_from else None
    if severity not in SEVERITIES:
        severity = rule.level
    confidence = hit.value(rule.confidence_from) if rule.confidence_from else None
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        confidence = rule.confidence
    confidence = round(min(100, max(0, confidence)))
    if confidence < DOUBTFUL and SEVERITIES.index(severity) < SEVERITIES.index("low"):
        severity = "low"
    return _Rated(hit, about, severity, confidence)


def _subjects(rule: ir.Rule, member: Hit) -> list[str]:
    if member.members:
        return [text for inner in member.members for text in _subjects(rule, inner)]
    return subjects(member.row, rule.subject if rule.subject is not None else member.rule.subject)


def _key(rule: ir.Rule, rated: _Rated) -> tuple[str, ...]:
    if rule.group_by is not None:
        return tuple(words(rated.hit.value(name)).lower() for name in rule.group_by)
    if rule.correlation is not None:
        return tuple(rated.hit.group.values())
    if rule.table in tables.RECORD_TABLES:
        return ()
    # what a rule says of files that are one capture is one finding
    begin = goes_on_with(rated.hit.row)
    return tuple(rated.subject) if begin is None else (begin,)


def _finding(rule: ir.Rule, group: list[_Rated], language: str) -> Finding:
    worst = min(group, key=lambda rated: (SEVERITIES.index(rated.severity), -rated.confidence))
    hits = [rated.hit for rated in group]
    count = sum(len(hit.members) or 1 for hit in hits)
    texts = rule.text(language)
    spoken = language if language in rule.texts else "en"
    # the server's wall clock and UTC cannot be compared: the span is that of the clock of the first hit
    timed = [hit for hit in hits if hit.start is not None]
    timed = [hit for hit in timed if hit.local is timed[0].local]
    about = list(dict.fromkeys(text for rated in group for text in rated.subject))
    values = _values(worst.hit, count, about)
    return Finding(
        code=rule.code,
        title=texts.title,
        message=fill(texts.message, values, spoken),
        severity=worst.severity,
        owner=rule.owner,
        confidence=worst.confidence,
        clause=rule.clause,
        subject=about,
        count=count,
        first_seen=min((hit.start for hit in timed if hit.start), default=None),
        last_seen=max((hit.end or hit.start for hit in timed if hit.start), default=None),
        local=any(hit.local for hit in timed),
        remedy=fill(texts.remedy, values, spoken),
        evidence=_evidence(hits),
        areas=list(rule.areas),
        language=spoken,
    )


def _values(hit: Hit, count: int, about: list[str]) -> Callable[[str], Any]:
    """What placeholders stand for: the row's columns, the correlation's group, ``count``, ``subjects``, and
    ``rule_name.field`` for a column of the first hit of one of a correlation's rules.
    """

    def value_of(name: str) -> Any:  # noqa: ANN401 - columns of all types
        if name in hit.group:
            return hit.group[name]
        if name == "count":
            return count
        if name == "subjects":
            return [text.partition(":")[2] for text in about]
        value = hit.row.get(name)
        if value is None and "." in name:
            rule_name, _, column = name.partition(".")
            return next((member.value(column) for member in hit.members if member.rule.name == rule_name), None)
        return value

    return value_of


def _evidence(hits: list[Hit]) -> list[Source]:
    """The first places and the last one; of hits with many places each gives its first before any gives its second."""
    places: dict[Source, None] = {}
    per_hit = [member.sources() for hit in _few(hits) for member in (_few(list(hit.members)) or [hit])]
    for rank in range(max((len(sources) for sources in per_hit), default=0)):
        for sources in per_hit:
            if rank < len(sources):
                places[sources[rank]] = None
    told = {place.artifact for place in places if _tells(place)}
    found = [place for place in places if _tells(place) or place.artifact not in told]
    return found if len(found) <= MAX_EVIDENCE else [*found[: MAX_EVIDENCE - 1], _last(per_hit)]


def _tells(place: Source) -> bool:
    """Whether more is known of a place than in which file it is: beside one that tells, such a one says nothing."""
    return bool(place.text) or any(at is not None for at in (place.line, place.row, place.frame, place.path))


def _few(hits: list[Hit]) -> list[Hit]:
    return hits if len(hits) <= MAX_EVIDENCE else [*hits[: MAX_EVIDENCE - 1], hits[-1]]


def _last(per_hit: list[list[Source]]) -> Source:
    return per_hit[-1][0]


def order(finding: Finding) -> tuple[int, str, list[str], str]:
    """Where a finding stands in a list: by severity, code, subject, first time."""
    seen = as_text(finding.first_seen) if finding.first_seen else ""
    return SEVERITIES.index(finding.severity), finding.code, finding.subject, seen
