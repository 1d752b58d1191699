"""What the rules of one code say of one problem becomes one finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyzer.detect.finding import MAX_EVIDENCE, order
from analyzer.detect.roots import Said
from analyzer.finding import SEVERITIES, Finding


def one_per_problem(said: Sequence[Said], roots: Mapping[int, Finding]) -> list[Finding]:
    """The findings in order, one for each code and root cause.

    A code may have several rules, one for each kind of evidence. A full disk is one problem, whether the system status, an
    event or a failed write says so: what rules of one code say of the same subject becomes one finding, with the count, time
    and evidence of all. Findings without subject belong together where one follows from the other or both from a third
    (``roots`` names by identity what a finding follows from) and their rules do not tell them apart themselves (``group_by``).
    What one rule says of several subjects (ten calls without audio) is one finding where all follow from one problem, and
    where it says the same words of several calls (ten calls that one provider refused alike).
    """
    kept: list[Said] = []
    for item in sorted(said, key=lambda item: (id(item.finding) in roots, order(item.finding))):
        twin = next((other for other in kept if _same(item, other, roots)), None)
        if twin is None:
            kept.append(item)
        else:
            _add(twin.finding, item.finding)
    return sorted((item.finding for item in kept), key=order)


def _same(item: Said, other: Said, roots: Mapping[int, Finding]) -> bool:
    if item.rule.code != other.rule.code:
        return False
    root = roots.get(id(item.finding))
    if item.rule.name == other.rule.name:
        alike = root is not None or _same_of_calls(item.finding, other.finding)
        return alike and root is roots.get(id(other.finding)) and item.rule.group_by is None
    one, two = set(item.finding.subject), set(other.finding.subject)
    if one or two:
        of_one_cause = root is other.finding or root is roots.get(id(other.finding))
        return of_one_cause and bool(one & two) and (one <= two or two <= one)
    if item.rule.group_by is not None or other.rule.group_by is not None:
        return False
    by_group = any(rule.correlation is not None and rule.correlation.group_by for rule in (item.rule, other.rule))
    return root is other.finding or (root is not None and root is roots.get(id(other.finding)) and not by_group)


def _same_of_calls(finding: Finding, other: Finding) -> bool:
    subjects = (*finding.subject, *other.subject)
    return finding.message == other.message and bool(subjects) and all(text.startswith("call:") for text in subjects)


def _add(finding: Finding, other: Finding) -> None:
    finding.severity = min(finding.severity, other.severity, key=SEVERITIES.index)
    finding.confidence = max(finding.confidence, other.confidence)
    finding.subject = list(dict.fromkeys((*finding.subject, *other.subject)))
    finding.areas = list(dict.fromkeys((*finding.areas, *other.areas)))
    finding.count += other.count
    if finding.first_seen is None:
        finding.first_seen, finding.last_seen, finding.local = other.first_seen, other.last_seen, other.local
    elif other.first_seen is not None and other.local is finding.local:
        finding.first_seen = min(finding.first_seen, other.first_seen)
        finding.last_seen = max(finding.last_seen or finding.first_seen, other.last_seen or other.first_seen)
    # each rule's first place is shown before any rule's second one
    places = [*finding.evidence[:1], *other.evidence, *finding.evidence[1:]]
    finding.evidence = list(dict.fromkeys(places))[:MAX_EVIDENCE]
