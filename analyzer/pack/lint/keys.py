"""Keys: what is missing, what contradicts another, what stands twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from analyzer.finding import DOUBTFUL, SEVERITIES
from analyzer.pack import ir
from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Subject
from analyzer.pack.rule import Draft

WANTED = ("grade", "falsepositives", "references", "tags")


class MissingKeys:
    """Keys that a rule loads without, but that its reader misses."""

    name = "missing-keys"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules without a grade of evidence, false positives, references, or an area."""
        for draft in subject.drafts.values():
            if not draft.rule.code:
                continue
            for key in WANTED:
                if not draft.document.data.get(key):
                    yield draft.document.problem(f"{draft.rule.code} has no {key}", key)
            if not draft.rule.areas:
                yield draft.document.problem(f"{draft.rule.code} has no tag area.…", "tags")


class LevelAgainstConfidence:
    """A level that the evidence cannot carry."""

    name = "level-confidence"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules of doubtful confidence or inferred evidence above low."""
        low = SEVERITIES.index("low")
        for draft in subject.drafts.values():
            rule = draft.rule
            if not rule.code or SEVERITIES.index(rule.level) >= low:
                continue
            if rule.confidence < DOUBTFUL:
                text = f"{rule.code}: confidence {rule.confidence} is below {DOUBTFUL}, so the level is at most low"
                yield draft.document.problem(text, "level")
            if rule.grade == "inferred":
                yield draft.document.problem(f"{rule.code}: inferred evidence is at most low", "level")


class UnknownClause:
    """A tag of a clause that the policy does not have."""

    name = "unknown-clause"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules whose ``scope.…`` tag names no clause."""
        for draft in subject.drafts.values():
            clause = draft.rule.clause
            if clause is not None and subject.clauses is not None and clause not in subject.clauses:
                yield draft.document.problem(f"the policy has no clause {clause!r}", "tags")


class Duplicates:
    """Codes, ids and conditions that stand in two rules."""

    name = "duplicate"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """The second of two rules with the same code, alias, id or meaning."""
        seen: dict[tuple[str, Any], Draft] = {}
        for draft in subject.drafts.values():
            rule = draft.rule
            own = () if _is_further(rule) else (rule.code,)
            marks: list[tuple[str, Any, str]] = [("code", code, "code") for code in (*own, *rule.aliases) if code]
            marks += [("id", rule.id, "id")] if rule.id else []
            meaning = rule.condition or rule.correlation
            if meaning is not None:
                marks.append(("meaning", (rule.tables[:1], msgspec.json.encode(meaning)), "detection"))
            for what, value, key in marks:
                other = seen.setdefault((what, value), draft)
                if other is not draft:
                    shown = "" if what == "meaning" else f" {value}"
                    place = f"{other.rule.file}:{other.rule.line}"
                    yield draft.document.problem(f"{what}{shown} is that of {other.rule.name} ({place})", key)


def _is_further(rule: ir.Rule) -> bool:
    """Whether it is a further rule of its code (``scope_10_trunk``)."""
    return rule.name != rule.code.lower().replace("-", "_")


class Generate:
    """Sigma silences the rules of a correlation unless it says ``generate: true``: that has to be meant."""

    name = "generate"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Correlations over rules with a code that do not say whether these still speak."""
        rules = subject.rules
        for draft in subject.drafts.values():
            joined = draft.rule.correlation
            if joined is None or "generate" in draft.document.data["correlation"]:
                continue
            if any(rules[name].code for name in joined.rules if name in rules):
                yield draft.document.problem(
                    "say generate: true or false: without it the rules are silent", "correlation"
                )
