"""Runs a pack over the facts of a case."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import Struct

from analyzer.detect.dispatch import judge_tables
from analyzer.detect.finding import findings_of, order
from analyzer.detect.merge import one_per_problem
from analyzer.detect.related import related
from analyzer.detect.roots import Said, assign_roles
from analyzer.finding import Finding, SignatureCoverage
from analyzer.i18n import current_language
from analyzer.pack import Pack, ir, tables
from analyzer.pack.evaluate import Outcome, correlate
from analyzer.pack.finding_row import FindingRow
from analyzer.pack.relations import looked_for
from parsers.collecting import without_collecting
from parsers.facts import Facts
from parsers.facts.base import Row


class Detection(Struct):
    """What a pack said of a case. ``outcomes`` are by the rule's Sigma name, for explaining."""

    findings: list[Finding]
    coverage: SignatureCoverage
    outcomes: dict[str, Outcome]


@without_collecting()
def run(pack: Pack, facts: Facts, looked: Iterable[str] | None = None) -> Detection:
    """Judge every rule over the tables of a case.

    ``looked`` names the tables that some artifact of the case could have filled: those that are empty are silent, all others
    are "could not look"; null means the tables that have rows. Texts are in the current language (`analyzer.i18n`). Findings
    are sorted by severity, code, subject, first time.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for table, some in facts.tables().items():
        rows[table] = list(some)
    seen = set(rows) | set(looked if looked is not None else ()) | {tables.FINDING}
    plain = [rule for rule in pack.by_name.values() if rule.correlation is None]
    over_facts = [rule for rule in plain if rule.table != tables.FINDING]
    outcomes = judge_tables(pack, over_facts, rows)
    _correlate(pack, outcomes)
    said = _say(pack, outcomes)
    # rules over findings see those of all other rules, never each other's
    behind_row: dict[int, Finding] = {}
    for finding in sorted((item.finding for item in said), key=order):
        row = FindingRow.of(finding)
        behind_row[id(row)] = finding
        rows[tables.FINDING].append(row)
    over_findings = [rule for rule in plain if rule.table == tables.FINDING]
    before = set(outcomes)
    outcomes |= judge_tables(pack, over_findings, rows)
    _correlate(pack, outcomes)
    said += _say(pack, {name: outcome for name, outcome in outcomes.items() if name not in before})
    roots = assign_roles(pack.by_name, said, behind_row, cache(lambda: related(rows)))
    findings = one_per_problem(said, roots)
    return Detection(findings, _coverage(pack, outcomes, findings, seen), outcomes)


def _correlate(pack: Pack, outcomes: dict[str, Outcome]) -> None:
    """Add every correlation whose rules have been judged, those that rest on correlations after these."""
    waiting = [rule for rule in pack.by_name.values() if rule.correlation is not None and rule.name not in outcomes]
    while waiting:
        ready = [
            rule for rule in waiting if rule.correlation and all(name in outcomes for name in rule.correlation.rules)
        ]
        if not ready:
            return
        for rule in ready:
            if rule.correlation is not None:
                outcomes[rule.name] = correlate(rule, rule.correlation, outcomes)
        waiting = [rule for rule in waiting if rule.name not in outcomes]


def _say(pack: Pack, outcomes: dict[str, Outcome]) -> list[Said]:
    language = current_language()
    return [
        Said(pack.by_name[name], finding, hits)
        for name, outcome in outcomes.items()
        if outcome.hits and pack.by_name[name].code and name not in pack.silenced
        for finding, hits in findings_of(pack.by_name[name], outcome.hits, language)
    ]


def _coverage(
    pack: Pack, outcomes: dict[str, Outcome], findings: Sequence[Finding], seen: set[str]
) -> SignatureCoverage:
    """By code: one whose rules look at several tables ran when one of them did."""
    coverage = SignatureCoverage()
    fired = {finding.code for finding in findings}
    by_code: dict[str, list[ir.Rule]] = defaultdict(list)
    for rule in pack.rules:
        by_code[rule.code].append(rule)
    for code, rules in by_code.items():
        lacking = {rule.name: _lacking(rule, pack, seen) for rule in rules}
        if all(lacking.values()):
            ways = [" and ".join(dict.fromkeys(map(tables.needs, names))) for names in lacking.values()]
            coverage.skipped.append((code, " or ".join(dict.fromkeys(ways))))
            continue
        coverage.ran += 1
        coverage.fired += code in fired
        undecided: Counter[str] = Counter()
        for rule in rules:
            undecided.update(_undecided(rule, pack, outcomes))
        if undecided:
            coverage.unknown += 1
            fields = list(dict.fromkeys(name for text in undecided for name in text.split(", ")))
            coverage.undecided.append((code, ", ".join(fields), sum(undecided.values())))
    coverage.silent = coverage.ran - coverage.fired
    return coverage


def _lacking(rule: ir.Rule, pack: Pack, seen: set[str]) -> list[str]:
    """The tables without which a rule cannot fire, of those that nobody looked at.

    A rule over findings of certain codes lacks what the rules of these codes lack.
    """
    joined = rule.correlation
    if joined is not None:
        lacking = {name: _lacking(pack.by_name[name], pack, seen) for name in joined.rules}
        ways = joined.needs or tuple((name,) for name in joined.rules)
        missing = [[table for name in way for table in lacking[name]] for way in ways]
        return min(missing, key=len)
    if rule.table != tables.FINDING:
        return [] if rule.table in seen else [rule.table]
    codes = looked_for(rule)
    makers = [other for other in pack.rules if other.code in codes and tables.FINDING not in other.tables]
    return min((_lacking(other, pack, seen) for other in makers), key=len, default=[])


def _undecided(rule: ir.Rule, pack: Pack, outcomes: dict[str, Outcome]) -> Counter[str]:
    """What kept a rule from being decided. What is unknown to a correlation's rules counts only where knowing it could make
    the correlation true: all other rules that it needs have hits or are undecided themselves.
    """
    total = Counter(outcomes[rule.name].undecided)
    joined = rule.correlation
    if joined is None:
        return total
    below = {name: _undecided(pack.by_name[name], pack, outcomes) for name in joined.rules}
    counted: dict[str, None] = {}
    for way in joined.needs or tuple((name,) for name in joined.rules):
        if all(outcomes[name].hits or below[name] for name in way):
            counted |= dict.fromkeys(way)
    return sum((below[name] for name in counted), total)
