"""Findings as a reader works through them: by who has to act, and what follows from a problem below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field

from analyzer.finding import SEVERITIES
from analyzer.i18n import mark

ACTIONS: dict[str, str] = {
    "partner": mark("Fix yourself"),
    "provider": mark("Ask the provider"),
    "vendor": mark("Ask the vendor"),
    "3cx": mark("Open a ticket"),
    "": mark("Worth knowing"),
}
"""What the reader does, by the owner of a finding; the last for what is no problem by itself."""
BESIDE = frozenset({"context", "unrelated"})


class Problem(Struct):
    """One finding of the report with those that follow from it."""

    finding: dict[str, Any]
    follows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def severity(self) -> str:
        """The worst of its findings."""
        severities: list[str] = [item["severity"] for item in (self.finding, *self.follows)]
        return min(severities, key=SEVERITIES.index)

    @property
    def is_note(self) -> bool:
        """Whether nothing of it stands above info: nobody has to act."""
        return self.severity == "info"


class Group(Struct):
    """What one action is about; ``title`` is to be translated."""

    title: str
    problems: list[Problem] = field(default_factory=list)


def grouped(findings: Sequence[dict[str, Any]]) -> list[Group]:
    """Groups by their worst problem; inside a group the order of the report. Nothing is left out: notes are worth knowing."""
    heads = [finding for finding in findings if not _cause(finding, findings)]
    problems = {id(finding): Problem(finding) for finding in heads}
    for finding in findings:
        cause = _cause(finding, findings)
        if cause is not None:
            problems[id(cause)].follows.append(finding)
    groups = {owner: Group(title) for owner, title in ACTIONS.items()}
    for problem in problems.values():
        beside = problem.finding["role"] in BESIDE or problem.is_note
        groups["" if beside else problem.finding["owner"]].problems.append(problem)
    *acting, known = groups.values()
    ordered = sorted((group for group in acting if group.problems), key=_worst)
    return [*ordered, *([known] if known.problems else [])]


def _cause(finding: dict[str, Any], findings: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The root that a finding names: of several with that code the one about the same, else the first."""
    if not finding["caused_by"]:
        return None
    roots = [other for other in findings if other["code"] == finding["caused_by"] and not other["caused_by"]]
    about = set(finding["subject"])
    return next((root for root in roots if about & set(root["subject"])), roots[0] if roots else None)


def _worst(group: Group) -> int:
    return min(SEVERITIES.index(problem.severity) for problem in group.problems)
