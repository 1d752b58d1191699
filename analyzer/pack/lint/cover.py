"""Samples: whether they prove the whole rule, and whether the rule is narrow enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from analyzer.pack import ir
from analyzer.pack.errors import Problem
from analyzer.pack.evaluate import judge_all
from analyzer.pack.lint.base import SampleRows, Subject
from analyzer.pack.lower import referenced
from analyzer.pack.match import compile_test
from analyzer.pack.rule import Draft
from analyzer.pack.why import describe
from parsers.facts.base import Row

BROAD_ROWS = 8
BROAD_SHARE = 0.5


class Uncovered:
    """A part of the condition that no sample proves."""

    name = "uncovered"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Alternatives that are true in no firing sample, and detections that the condition does not name."""
        for draft in subject.drafts.values():
            condition = draft.rule.condition
            if condition is None or not draft.rule.code:
                continue
            rows = [row for rows in subject.samples(draft)["fires"] for row in rows.get(draft.rule.table, ())]
            if rows:
                for part in _unproved(condition, rows, wanted=True):
                    words = " and ".join(describe(leaf) for leaf in _leaves(part))
                    yield draft.document.problem(f"no firing sample proves: {words}", "samples", "fires")
            detection = getattr(draft.sigma, "detection", None)
            for name in sorted(set(detection.detections) - referenced(detection)) if detection else ():
                yield draft.document.problem(f"the condition does not name {name!r}", "detection", name)


def _unproved(expr: ir.Expr, rows: list[Row], *, wanted: bool) -> Iterator[ir.Expr]:
    """Parts that are ``wanted`` on no row on which everything above them is."""
    if isinstance(expr, ir.Not):
        yield from _unproved(expr.part, rows, wanted=not wanted)
        return
    proving = [row for row in rows if compile_test(expr, type(row))(row) is wanted]
    if not proving:
        yield expr
    elif isinstance(expr, ir.All | ir.Any):
        for part in expr.parts:
            yield from _unproved(part, proving, wanted=wanted)


def _leaves(expr: ir.Expr) -> list[ir.Leaf]:
    if isinstance(expr, ir.All | ir.Any):
        return [leaf for part in expr.parts for leaf in _leaves(part)]
    return _leaves(expr.part) if isinstance(expr, ir.Not) else [expr]


class TooBroad:
    """A rule that fires on most of what other rules know as harmless."""

    name = "too-broad"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules above info that fire on more than half of the other rules' silent samples of their tables."""
        silent: dict[str, list[tuple[str, SampleRows]]] = defaultdict(list)
        for name, draft in subject.drafts.items():
            for rows in subject.samples(draft)["silent"]:
                for table in rows:
                    silent[table].append((name, rows))
        for draft in subject.drafts.values():
            yield from self._check(draft, subject, silent)

    def _check(
        self, draft: Draft, subject: Subject, silent: dict[str, list[tuple[str, SampleRows]]]
    ) -> Iterator[Problem]:
        rule = draft.rule
        if not rule.code or rule.level == "info":
            return
        others = [rows for table in rule.tables for name, rows in silent[table] if name != rule.name]
        fired = sum(bool(judge_all(subject.rules, rule, rows).hits) for rows in others)
        if len(others) >= BROAD_ROWS and fired > BROAD_SHARE * len(others):
            yield draft.document.problem(
                f"{rule.code} fires on {fired} of {len(others)} samples that are harmless", "detection"
            )
