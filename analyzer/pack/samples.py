"""The samples of a rule: its unit test. Log lines go through the real parser, rows become rows of the real classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec.structs import FieldInfo, fields

from analyzer.pack import ir, tables
from analyzer.pack.document import Document
from analyzer.pack.errors import Problem, RuleError
from analyzer.pack.evaluate import judge_all
from analyzer.pack.rule import nearest
from analyzer.pack.why import describe, nearest_rows
from parsers.api import LineScanner, Sink
from parsers.facts.base import Row, Source
from parsers.tree.member import Member

SIDES = ("fires", "silent")
_MAX_LINES = 1000


def check_samples(
    rule: ir.Rule, rules: Mapping[str, ir.Rule], document: Document, scanner: LineScanner
) -> list[Problem]:
    """What is wrong with the samples of a rule: none of a kind, unreadable ones, ones that contradict the rule."""
    samples = document.data.get("samples")
    if not isinstance(samples, dict):
        return [document.problem("samples must be a mapping with fires and silent", "samples")]
    problems = [
        document.problem(f"samples.{key} is not known{nearest(str(key), SIDES)}", "samples", str(key))
        for key in samples
        if key not in SIDES
    ]
    for side in SIDES:
        entries = samples.get(side)
        if not isinstance(entries, list) or not entries:
            problems.append(
                document.problem(f"at least one sample that {_SIDE_WORDS[side]} is needed", "samples", side)
            )
            continue
        for index, entry in enumerate(entries):
            try:
                fault = _check(rule, rules, entry, scanner, fires=side == "fires")
            except RuleError as error:
                problems.append(document.problem(str(error), "samples", side, index, *error.path))
            else:
                if fault:
                    problems.append(document.problem(fault, "samples", side, index))
    return problems


_SIDE_WORDS = {"fires": "fires", "silent": "stays silent"}


def _check(
    rule: ir.Rule,
    rules: Mapping[str, ir.Rule],
    entry: Any,  # noqa: ANN401 - YAML
    scanner: LineScanner,
    *,
    fires: bool,
) -> str | None:
    rows = sample_rows(entry, scanner)
    outcome = judge_all(rules, rule, rows)
    if bool(outcome.hits) is fires:
        return None
    if not fires:
        return "this sample is to be silent, but the rule fires on it"
    return f"this sample is to fire, but the rule is silent on it{_reason(rule, rows)}"


def _reason(rule: ir.Rule, rows: Mapping[str, Sequence[Row]]) -> str:
    if rule.condition is None:
        return ""
    of_table = rows.get(rule.table, ())
    if not of_table:
        return f": it gives no row of table {rule.table!r}"
    near = nearest_rows(rule.condition, of_table, 1)[0]
    failing = [f"{describe(item.leaf)} is {_VERDICTS[item.verdict]}" for item in near.leaves if not item.holds]
    return f": {'; '.join(failing)}"


_VERDICTS = {True: "true", False: "false", None: "unknown"}


def sample_rows(entry: Any, scanner: LineScanner) -> dict[str, list[Row]]:  # noqa: ANN401 - YAML
    """The rows of a sample by table. Raises `RuleError` with the path inside the sample."""
    if not isinstance(entry, dict):
        raise RuleError("a sample is a mapping: {kind: …, lines: […]} or {table: [rows]}")
    found: dict[str, list[Row]] = {}
    if "kind" in entry or "lines" in entry:
        for row in _read_lines(entry.get("kind"), entry.get("lines"), scanner):
            found.setdefault(row.table, []).append(row)
    for table, rows in entry.items():
        if table in ("kind", "lines"):
            continue
        kind = tables.classes().get(table)
        if kind is None:
            raise RuleError(f"table {table!r} is not known{nearest(str(table), tables.classes())}", str(table))
        if not isinstance(rows, list):
            raise RuleError(f"{table} must be a list of rows", str(table))
        found.setdefault(table, []).extend(make_row(kind, row, (str(table), index)) for index, row in enumerate(rows))
    return found


def _read_lines(kind: Any, lines: Any, scanner: LineScanner) -> list[Row]:  # noqa: ANN401 - YAML
    from parsers.registry import parser_of

    if not isinstance(kind, str) or not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise RuleError("a sample of a log has kind (a text) and lines (a list of texts)", "lines")
    if len(lines) > _MAX_LINES:
        raise RuleError(f"a sample has at most {_MAX_LINES} lines", "lines")
    try:
        parser = parser_of(kind)
    except KeyError:
        raise RuleError(f"no parser reads artifacts of kind {kind!r}", "kind") from None
    rows: list[Row] = []
    artifact = f"sample.{kind}"
    sink = Sink(artifact=artifact, add=rows.append, scanner=scanner)
    tally = parser.parse(Member.of_bytes(artifact, "".join(f"{line}\n" for line in lines).encode()), sink)
    if not tally.understood:
        raise RuleError(f"the parser of {kind!r} understands none of these lines", "lines")
    return rows


def make_row(kind: type[Row], values: Any, path: tuple[str | int, ...] = ()) -> Row:  # noqa: ANN401 - YAML
    """A row out of a mapping. Columns that are not given keep their default, those without one are null (not known).

    Names that are no columns go to ``derived`` or ``fields``. Raises `RuleError` for a name that has no place.
    """
    if not isinstance(values, dict):
        raise RuleError(f"a row of {kind.table} is a mapping of columns to values", *path)
    known = tables.columns(kind)
    extra = tables.open_names(kind)
    given: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in values.items():
        if name in known:
            given[name] = _value(known[name], value, (*path, str(name)))
        elif extra is not None:
            others[name] = value
        else:
            raise RuleError(f"table {kind.table!r} has no column {name!r}{nearest(str(name), known)}", *path, str(name))
    if extra is not None and others:
        given[extra] = {**given.get(extra, {}), **others}
    for column in _columns(kind):
        if column.required and column.name not in ("source", *given):
            given[column.name] = None
    text = ", ".join(f"{name}: {value}" for name, value in values.items())
    row = path[-1] + 1 if path and isinstance(path[-1], int) else None
    return kind(source=Source(artifact="sample", row=row, text=text), **given)


@cache
def _columns(kind: type[Row]) -> tuple[FieldInfo, ...]:
    return fields(kind)  # which evaluates the annotations of the class each time


def _value(kind: str, value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - columns of all types
    if "datetime" not in kind or value is None:
        return value
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise RuleError(f"{value!r} is no time in ISO 8601", *path) from None
    if not isinstance(value, datetime):
        raise RuleError(f"{value!r} is no time in ISO 8601", *path)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
