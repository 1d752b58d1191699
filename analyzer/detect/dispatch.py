"""Brings rules and rows together, so that a rule only meets rows that may matter to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from analyzer.pack import Pack, ir, tables
from analyzer.pack.columns import Columns
from analyzer.pack.evaluate import Outcome, judge_rows
from analyzer.pack.match import compile_test
from parsers.facts.base import Row

MANY = 16
"""Tables of so many rows and more are judged column by column."""


def judge_tables(pack: Pack, rules: Sequence[ir.Rule], rows: Mapping[str, Sequence[Row]]) -> dict[str, Outcome]:
    """The outcome of each rule that is no correlation, by name."""
    outcomes = {rule.name: Outcome() for rule in rules}
    by_table: dict[str, list[ir.Rule]] = defaultdict(list)
    for rule in rules:
        if rows.get(rule.table):
            by_table[rule.table].append(rule)
    for table, wanted in by_table.items():
        if table != tables.LOG and len(rows[table]) >= MANY:
            _judge_columns(wanted, rows[table], outcomes)
            continue
        for rule, some in _pairs(pack, table, wanted, rows[table]):
            for kind, same in groupby(some, key=type):
                if rule.condition is not None:
                    judge_rows(rule, compile_test(rule.condition, kind), same, outcomes[rule.name])
    return outcomes


def _judge_columns(rules: list[ir.Rule], rows: Sequence[Row], outcomes: Mapping[str, Outcome]) -> None:
    conditions = [(rule, rule.condition) for rule in rules if rule.condition is not None]
    fields = [field for _, condition in conditions for field in ir.fields_of(condition)]
    for _, same in groupby(rows, key=type):
        columns = Columns(list(same), fields)
        for rule, condition in conditions:
            columns.judge(rule, condition, outcomes[rule.name])


def _pairs(pack: Pack, table: str, rules: list[ir.Rule], rows: Sequence[Row]) -> list[tuple[ir.Rule, Sequence[Row]]]:
    if table == tables.LOG:
        return by_pattern(pack, rules, rows)
    column = tables.DISPATCH.get(table)
    if column is None:
        return [(rule, rows) for rule in rules]
    return _by_value(column, rules, rows)


def by_pattern(pack: Pack, rules: list[ir.Rule], rows: Sequence[Row]) -> list[tuple[ir.Rule, Sequence[Row]]]:
    """Log rules with the records in which one of their patterns stands."""
    scanner = pack.scanner()
    by_name: dict[str, list[Row]] = {rule.name: [] for rule in rules}
    for row in rows:
        found = scanner.patterns_in(str(row.get("text") or ""))
        numbers = range(len(pack.patterns)) if found is None else found
        for name in {name for number in numbers for name in pack.patterns[number].rules}:
            if name in by_name:
                by_name[name].append(row)
    return [(rule, by_name[rule.name]) for rule in rules]


def _by_value(column: str, rules: list[ir.Rule], rows: Sequence[Row]) -> list[tuple[ir.Rule, Sequence[Row]]]:
    """Rules that want certain values of a column with the rows that have them, the others with all rows."""
    by_value: dict[str, list[Row]] = defaultdict(list)
    unknown: list[Row] = []
    for row in rows:
        value = row.get(column)
        if value is None:
            unknown.append(row)
        else:
            by_value[str(value).lower()].append(row)
    place = {id(row): index for index, row in enumerate(rows)}
    pairs: list[tuple[ir.Rule, Sequence[Row]]] = []
    for rule in rules:
        values = wanted_values(rule.condition, column) if rule.condition is not None else None
        if values is None:
            pairs.append((rule, rows))
        else:
            some = [row for value in values for row in by_value.get(value, ())] + unknown
            pairs.append((rule, sorted(some, key=lambda row: place[id(row)])))
    return pairs


def wanted_values(expr: ir.Expr, column: str) -> frozenset[str] | None:
    """The values of a column, in lower case, one of which a row must have for the condition not to be false.

    Null where rows with any value may matter.
    """
    if isinstance(expr, ir.All):
        found = [values for values in (wanted_values(part, column) for part in expr.parts) if values is not None]
        return min(found, key=len, default=None)
    if isinstance(expr, ir.Any):
        parts = [wanted_values(part, column) for part in expr.parts]
        known = [values for values in parts if values is not None]
        return frozenset().union(*known) if len(known) == len(parts) else None
    if isinstance(expr, ir.Number) and expr.field == column and isinstance(expr.value, int):
        return frozenset({str(expr.value)})
    if isinstance(expr, ir.Text) and expr.field == column and expr.where == "equals":
        return frozenset({expr.value.lower()})
    return None
