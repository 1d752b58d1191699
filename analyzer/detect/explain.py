"""Why a rule did or did not fire on a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct, field

from analyzer.detect.dispatch import by_pattern
from analyzer.detect.run import Detection, run
from analyzer.finding import Finding
from analyzer.pack import Pack, ir, tables
from analyzer.pack.evaluate import Outcome
from analyzer.pack.finding_row import FindingRow
from analyzer.pack.match import compile_test
from analyzer.pack.why import describe, nearest_rows
from parsers.facts import Facts
from parsers.facts.base import Row, Source

State = Literal["fired", "silent", "undecided", "skipped"]
CANDIDATES = 3
_VERDICTS: dict[bool | None, str] = {True: "holds", False: "does not hold", None: "cannot be told"}


class Step(Struct, frozen=True):
    """One leaf of the condition on one row. ``value`` is what stands in its field, null where nothing is known."""

    words: str
    verdict: str
    value: object


class Candidate(Struct, frozen=True):
    """A row that fired (``holds``), or that is near to it: its place and how each leaf fared."""

    source: Source
    steps: tuple[Step, ...]
    holds: bool = False


class Explanation(Struct):
    """What became of one rule. ``parts`` are the rules that a correlation rests on.

    ``needs`` says in words what a skipped rule lacks; ``undecided`` how many rows could not be decided, by field.
    """

    rule: ir.Rule
    state: State
    rows: int
    hits: int
    needs: str | None = None
    undecided: dict[str, int] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    parts: list[Explanation] = field(default_factory=list)


def explain_on(pack: Pack, rule: ir.Rule, facts: Facts, looked: Iterable[str] | None = None) -> Explanation:
    """Why ``rule`` fired or not on the facts of a case; the arguments are those of `analyzer.detect.run`."""
    detection = run(pack, facts, looked)
    rows = {name: list(some) for name, some in facts.tables().items()}
    over_findings = {item.code for item in pack.rules if tables.FINDING in item.tables}
    rows[tables.FINDING] = [FindingRow.of(item) for item in detection.findings if item.code not in over_findings]
    seen = set(rows) | set(looked or ()) | {tables.FINDING}
    return _explain(pack, rule, detection, rows, seen)


def _explain(
    pack: Pack, rule: ir.Rule, detection: Detection, rows: dict[str, list[Row]], seen: set[str]
) -> Explanation:
    outcome = detection.outcomes.get(rule.name, Outcome())
    lacking = [table for table in rule.tables if table not in seen]
    state: State = "fired" if outcome.hits else "silent"
    if not outcome.hits and outcome.undecided:
        state = "undecided"
    if not outcome.hits and len(lacking) == len(rule.tables):
        state = "skipped"
    found = Explanation(
        rule,
        state,
        rows=sum(len(rows.get(table, ())) for table in rule.tables),
        hits=sum(len(hit.members) or 1 for hit in outcome.hits),
        needs=" and ".join(dict.fromkeys(map(tables.needs, lacking))) or None,
        undecided=dict(outcome.undecided),
        findings=[item for item in detection.findings if rule.code and item.code == rule.code],
    )
    if rule.correlation is not None:
        names = dict.fromkeys(rule.correlation.rules)
        found.parts = [_explain(pack, pack.by_name[name], detection, rows, seen) for name in names]
    elif rule.condition is not None:
        found.candidates = _candidates(rule.condition, _near(pack, rule, rows.get(rule.table, ())))
    return found


def _near(pack: Pack, rule: ir.Rule, rows: Sequence[Row]) -> Sequence[Row]:
    """Of logs only the records in which a text of the rule stands."""
    return by_pattern(pack, [rule], rows)[0][1] if rule.table == tables.LOG else rows


def _candidates(condition: ir.Expr, rows: Sequence[Row]) -> list[Candidate]:
    return [
        Candidate(
            near.row.source_of(next((item.leaf.field for item in near.leaves), "")),
            tuple(
                Step(
                    f"not {describe(item.leaf)}" if item.negated else describe(item.leaf),
                    _VERDICTS[item.holds],
                    near.row.get(item.leaf.field),
                )
                for item in near.leaves
            ),
            holds=compile_test(condition, type(near.row))(near.row) is True,
        )
        for near in nearest_rows(condition, rows, CANDIDATES)
    ]
