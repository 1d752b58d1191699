"""Which finding explains which: one problem with its consequences instead of many problems.

Relations come from the rules (``explains``) and from correlations that name a ``root``. A finding that follows from another
becomes ``contributing`` and names the code of the root in ``caused_by``; nothing is taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from analyzer.detect.related import Related, widened
from analyzer.finding import SEVERITIES, Finding
from analyzer.pack import ir
from analyzer.pack.evaluate import Hit

ECHO = timedelta(hours=1)
"""What begins later than this after the last sign of a problem is not held to follow from it; correlations have a time span
of their own.
"""


class Said(Struct):
    """A finding with the rule and the hits that it was made of."""

    rule: ir.Rule
    finding: Finding
    hits: list[Hit]


class _Cause(Struct, frozen=True):
    """A finding that another may follow from; ``proved`` by a correlation of just these two."""

    finding: Finding
    proved: bool

    def rank(self, effect: Finding) -> tuple[bool, bool, int, int, str, list[str]]:
        """The best cause is the least: proved, about the same, the most severe, the surest."""
        cause = self.finding
        shared = bool(set(cause.subject) & set(effect.subject))
        return (
            not self.proved, not shared, SEVERITIES.index(cause.severity), -cause.confidence, cause.code, cause.subject,
        )  # fmt: skip


def assign_roles(
    by_name: Mapping[str, ir.Rule],
    said: Sequence[Said],
    behind_row: Mapping[int, Finding],
    related: Callable[[], Related],
) -> dict[int, Finding]:
    """Set ``role`` and ``caused_by`` of all findings; by identity, the root of each that follows from another.

    ``behind_row`` names the finding of a row of the table ``finding`` by the row's identity. ``related`` is asked only when a
    relation hangs on it.
    """
    for item in said:
        item.finding.role = item.rule.role
    causes: dict[int, list[_Cause]] = defaultdict(list)
    for effect, cause in (*_of_correlations(said, behind_row), *_of_rules(by_name, said, related)):
        if effect is not cause.finding and not _weaker(cause.finding, effect):
            causes[id(effect)].append(cause)
    chosen: dict[int, Finding] = {}
    for item in said:
        effect = item.finding
        for cause in sorted(causes.get(id(effect), ()), key=lambda cause: cause.rank(effect)):
            if effect is not _root(cause.finding, chosen):
                chosen[id(effect)] = cause.finding
                break
    for item in said:
        if id(item.finding) in chosen:
            item.finding.caused_by = _root(item.finding, chosen).code
            if item.finding.role == "root":
                item.finding.role = "contributing"
    return {key: _root(finding, chosen) for key, finding in chosen.items()}


def _weaker(cause: Finding, effect: Finding) -> bool:
    """What is only possible (low and below) explains nothing that is worse than itself."""
    rank = SEVERITIES.index(cause.severity)
    return rank >= SEVERITIES.index("low") and rank > SEVERITIES.index(effect.severity)


def _root(finding: Finding, chosen: Mapping[int, Finding]) -> Finding:
    while id(finding) in chosen:
        finding = chosen[id(finding)]
    return finding


def _of_correlations(said: Sequence[Said], behind_row: Mapping[int, Finding]) -> Iterator[tuple[Finding, _Cause]]:
    by_hit = {id(hit): item.finding for item in said for hit in item.hits}

    def findings(hit: Hit) -> Iterator[Finding]:
        known = behind_row.get(id(hit.row)) if not hit.members else None
        known = known or by_hit.get(id(hit))
        if known is not None:
            yield known
        else:
            for member in hit.members:
                yield from findings(member)

    for item in said:
        if not item.rule.roots:
            continue
        for hit in item.hits:
            parts = [(member.rule.name, found) for member in hit.members for found in findings(member)]
            roots = [found for name, found in parts if name in item.rule.roots]
            itself = item.rule.name in item.rule.roots
            if itself:
                roots.append(item.finding)
            kept = {id(found) for found in roots}
            for root in roots:
                cause = _Cause(root, proved=True)
                for _, found in parts:
                    if id(found) not in kept and (itself or _in_order(root, found)):
                        yield found, cause
                if not itself:
                    yield item.finding, cause


def _of_rules(
    by_name: Mapping[str, ir.Rule], said: Sequence[Said], related: Callable[[], Related]
) -> Iterator[tuple[Finding, _Cause]]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for item in said:
        by_rule[item.rule.name].append(item.finding)
    for item in said:
        for name in explained(by_name, item.rule):
            for effect in by_rule.get(name, ()):
                if _may_follow(item.finding, effect, related):
                    yield effect, _Cause(item.finding, proved=False)


def explained(by_name: Mapping[str, ir.Rule], rule: ir.Rule) -> list[str]:
    """Names of the rules whose findings may follow from those of a rule."""
    found: dict[str, None] = {}
    for word in rule.explains:
        if word in by_name:
            found[word] = None
        else:
            found |= {name: None for name, other in by_name.items() if word in (other.code, *other.aliases)}
    found.pop(rule.name, None)
    return list(found)


def _may_follow(cause: Finding, effect: Finding, related: Callable[[], Related]) -> bool:
    """Whether time and subject allow it: begun not later, not long over, about the same where both are about something.

    The legs of one call are one event, whichever of them began first.
    """
    if not _in_order(cause, effect) and not _legs_of_one_call(cause, effect, related):
        return False
    last = cause.last_seen or cause.first_seen
    if last is not None and effect.first_seen is not None and effect.first_seen > last + ECHO:
        return False
    if not cause.subject or not effect.subject or set(cause.subject) & set(effect.subject):
        return True
    return bool(set(cause.subject) & widened(effect.subject, related()))


def _legs_of_one_call(cause: Finding, effect: Finding, related: Callable[[], Related]) -> bool:
    calls = {subject for subject in cause.subject if subject.startswith("call:")}
    return bool(calls) and cause.local is effect.local and bool(calls & widened(effect.subject, related()))


def _in_order(cause: Finding, effect: Finding) -> bool:
    """Whether the cause began first; what has no time holds throughout, and two clocks cannot be compared."""
    if cause.first_seen is None or effect.first_seen is None:
        return True
    return cause.local is effect.local and cause.first_seen <= effect.first_seen
