"""Rules over rows: hits, what could not be decided, and correlations in sliding windows.

A hit has a time or is a state (a row of a table without a time column, which holds throughout). Hits of the server's wall
clock and hits in UTC are never put into one window: how far the two are apart is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from analyzer.pack import ir, tables
from analyzer.pack.match import Test, as_text, compile_test
from analyzer.pack.why import deciding_fields, leaf_tests, undecided_by
from parsers.facts.base import ALSO, Row, Source


class Hit(Struct, eq=False):
    """One time a rule was true. A correlation's hit has ``members`` and the values of its group-by in ``group``."""

    rule: ir.Rule
    row: Row
    start: datetime | None
    end: datetime | None
    local: bool
    state: bool
    members: tuple[Hit, ...] = ()
    group: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rule: ir.Rule, row: Row) -> Hit:
        """The hit of a rule on a row."""
        start, end = tables.span(row)
        return cls(rule, row, start, end, tables.is_local(row), tables.is_state(row))

    def value(self, name: str) -> Any:  # noqa: ANN401 - columns of all types
        """A column of the row, or a value of the group."""
        return self.group[name] if name in self.group else self.row.get(name)

    def sources(self) -> list[Source]:
        """The places of the fields that made the rule true: those that have a place of their own first, for they show what is
        wrong, then that of the row. What has been counted over many rows and has no place is left out where others have one.
        """
        if self.members:
            return list(dict.fromkeys(source for member in self.members for source in member.sources()))
        if self.rule.condition is None:
            return [self.row.source]
        fields = deciding_fields(self.rule.condition, self.row)
        own = dict.fromkeys(self.row.sources[name] for name in fields if name in self.row.sources)
        found = [*own] if own and all(name in self.row.sources for name in fields) else [*own | {self.row.source: None}]
        if ALSO in self.row.sources:
            found.append(self.row.sources[ALSO])
        return [source for source in found if source.artifact or source.ticket] or found[:1]


class Outcome(Struct):
    """What one rule gave: its hits, and how many rows or hits could not be decided, by the field that was not known."""

    hits: list[Hit] = field(default_factory=list)
    undecided: Counter[str] = field(default_factory=Counter)


def judge_rows(rule: ir.Rule, test: Test, rows: Iterable[Row], outcome: Outcome) -> None:
    """Add the hits of a rule over some rows of one class to its outcome."""
    leaves: list[tuple[str, Test]] | None = None
    for row in rows:
        verdict = test(row)
        if verdict:
            outcome.hits.append(Hit.of(rule, row))
        elif verdict is None and rule.condition is not None:
            if leaves is None:
                leaves = leaf_tests(rule.condition, type(row))
            outcome.undecided[", ".join(undecided_by(leaves, row))] += 1


def judge_all(rules: Mapping[str, ir.Rule], wanted: ir.Rule, rows: Mapping[str, Sequence[Row]]) -> Outcome:
    """The outcome of one rule, with those of the rules it rests on, over the rows of each table."""
    if wanted.correlation is not None:
        parts = {name: judge_all(rules, rules[name], rows) for name in wanted.correlation.rules}
        return correlate(wanted, wanted.correlation, parts)
    outcome = Outcome()
    table_rows = rows.get(wanted.table, ())
    if table_rows and wanted.condition is not None:
        judge_rows(wanted, compile_test(wanted.condition, type(table_rows[0])), table_rows, outcome)
    return outcome


def correlate(rule: ir.Rule, wanted: ir.Correlation, parts: Mapping[str, Outcome]) -> Outcome:
    """The hits of a correlation: one for each value of its group-by for which it is true."""
    outcome = Outcome()
    groups: dict[tuple[str, ...], list[Hit]] = {}
    shown: dict[tuple[str, ...], dict[str, str]] = {}
    for name in dict.fromkeys(wanted.rules):
        for hit in parts[name].hits:
            if hit.start is None and not hit.state:
                outcome.undecided["time"] += 1
                continue
            for values in _keys(wanted, hit, outcome):
                key = tuple(value.lower() for value in values)
                groups.setdefault(key, []).append(hit)
                shown.setdefault(key, dict(zip(wanted.group_by, values, strict=True)))
    for key, hits in sorted(groups.items()):
        found = _in_clocks(wanted, hits, outcome)
        if found:
            outcome.hits.append(_joined(rule, found, shown[key]))
    return outcome


def _keys(wanted: ir.Correlation, hit: Hit, outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """The values of the group-by, one tuple for each combination of the elements of lists."""
    keys: list[tuple[str, ...]] = [()]
    for name in wanted.group_by:
        value = hit.value(wanted.aliases.get(name, {}).get(hit.rule.name, name))
        values = value if isinstance(value, list | tuple) else (value,)
        texts = list(dict.fromkeys(as_text(item) for item in values if item is not None))
        if not texts:
            outcome.undecided[name] += 1
            return
        keys = [(*key, text) for key in keys for text in texts]
    yield from keys


def _in_clocks(wanted: ir.Correlation, hits: list[Hit], outcome: Outcome) -> list[Hit]:
    """The hits that make it true, looked for in each clock by itself; states belong to both."""
    if wanted.type == "value_count":
        known = [hit for hit in hits if _counted(wanted, hit)]
        if len(known) < len(hits):
            outcome.undecided[wanted.field or ""] += len(hits) - len(known)
        hits = known
    states = [hit for hit in hits if hit.start is None]
    if states and wanted.type == "temporal_ordered":
        outcome.undecided["time"] += len(states)
    timed = [hit for hit in hits if hit.start is not None]
    timed.sort(key=lambda hit: (hit.start, wanted.rules.index(hit.rule.name)))
    clocks = [[hit for hit in timed if hit.local is local] for local in (False, True)]
    for clock in filter(None, clocks) if timed else ([],):
        found = _ordered(wanted, clock) if wanted.type == "temporal_ordered" else _windows(wanted, clock, states)
        if found:
            return found
    if all(clocks):
        outcome.undecided["time zone of the logs"] += 1
    return []


def _windows(wanted: ir.Correlation, timed: list[Hit], states: list[Hit]) -> list[Hit]:
    """States and all hits that lie in a window in which there is enough."""
    inside: Counter[str] = Counter()
    for hit in states:
        inside.update(_counted(wanted, hit))
    if not timed:
        return states if _enough(wanted, inside) else []
    limit = timedelta(seconds=wanted.timespan_s)
    kept = [False] * len(timed)
    first = done = 0
    for last, hit in enumerate(timed):
        inside.update(_counted(wanted, hit))
        while _since(timed[first], hit) > limit:
            for name in _counted(wanted, timed[first]):
                inside[name] -= 1
                if not inside[name]:
                    del inside[name]
            first += 1
        if _enough(wanted, inside):
            for index in range(max(first, done), last + 1):
                kept[index] = True
            done = last + 1
    found = [hit for hit, keep in zip(timed, kept, strict=True) if keep]
    return states + found if found else []


def _counted(wanted: ir.Correlation, hit: Hit) -> list[str]:
    """What of a hit is counted: itself, its rule, or the values of the field."""
    if wanted.type == "event_count":
        return [""]
    if wanted.type == "temporal":
        return [hit.rule.name]
    name = wanted.field or ""
    value = hit.value(wanted.aliases.get(name, {}).get(hit.rule.name, name))
    values = value if isinstance(value, list | tuple) else (value,)
    return [as_text(item).lower() for item in values if item is not None]


def _enough(wanted: ir.Correlation, inside: Counter[str]) -> bool:
    if wanted.type == "event_count":
        return inside[""] >= wanted.minimum
    if wanted.type == "value_count":
        return len(inside) >= wanted.minimum
    return any(all(name in inside for name in needed) for needed in wanted.needs)


def _since(first: Hit, last: Hit) -> timedelta:
    assert first.start is not None
    assert last.start is not None
    return last.start - first.start


def _ordered(wanted: ir.Correlation, timed: list[Hit]) -> list[Hit]:
    """The hits of every chain in which the rules follow each other within the time span.

    ``chains[n]`` is the chain over the first n+1 rules that began last; a hit that ends a chain starts the search anew.
    """
    limit = timedelta(seconds=wanted.timespan_s)
    rules = wanted.rules
    chains: list[tuple[Hit, ...] | None] = [None] * len(rules)
    found: list[Hit] = []
    for hit in timed:
        for place in range(len(rules) - 1, -1, -1):
            if rules[place] != hit.rule.name:
                continue
            before = chains[place - 1] if place else ()
            if before is None or (before and _since(before[0], hit) > limit):
                continue
            chains[place] = (*before, hit)
        whole = chains[-1]
        if whole is not None:
            found.extend(whole)
            chains = [None] * len(rules)
    return found


def _joined(rule: ir.Rule, hits: list[Hit], group: dict[str, str]) -> Hit:
    """One hit out of several: those of each rule's first time come first, so that the evidence shows every rule."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.rule.name, hit)
    leading = list(first.values())
    members = tuple(leading + [hit for hit in hits if hit not in leading])
    timed = [hit for hit in hits if hit.start is not None]
    return Hit(
        rule,
        members[0].row,
        min((hit.start for hit in timed if hit.start), default=None),
        max((hit.end or hit.start for hit in timed if hit.start), default=None),
        any(hit.local for hit in timed),
        state=not timed,
        members=members,
        group=group,
    )
