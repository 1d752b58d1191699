"""Rules over columns say what rules say row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.detect import dispatch
from analyzer.detect.dispatch import judge_tables
from analyzer.pack import Pack, columns, ir, load_pack, match
from analyzer.pack.columns import Columns
from analyzer.pack.evaluate import Outcome, judge_rows
from analyzer.pack.match import compile_test
from parsers.facts.base import Row, Source
from parsers.facts.capture import Call
from parsers.facts.system import Setting

HERE = Source(artifact="x")
FIELDS = ("outcome", "final_status", "a", "b")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 1.0, 2.5, "1", "1.0", "true", "busy", "BUSY", "192.0.2.1:5060", "", float("nan"),
    ["busy", None], [], ("1", 2), [1], [True], (1,), [["busy"]], ["busy"], datetime(2026, 11, 12, tzinfo=UTC),
)  # fmt: skip


def leaves() -> st.SearchStrategy[ir.Leaf]:
    field = st.sampled_from(FIELDS)
    number = st.sampled_from([0, 1, 2.5])
    position = st.sampled_from(["equals", "contains", "startswith", "endswith"])
    return st.one_of(
        st.builds(ir.Text, field, st.sampled_from(["busy", "1", "true", ""]), position, st.booleans()),
        st.builds(ir.Regex, field, st.sampled_from(["^b", "1"]), st.just("i")),
        st.builds(ir.Number, field, number),
        st.builds(ir.Bool, field, st.booleans()),
        st.builds(ir.Compare, field, st.sampled_from(["lt", "lte", "gt", "gte", "neq"]), number),
        st.builds(ir.Cidr, field, st.just("192.0.2.0/24")),
        st.builds(ir.IsNull, field),
        st.builds(ir.Exists, field, st.booleans()),
        st.builds(ir.FieldRef, field, field, position),
    )


def conditions() -> st.SearchStrategy[ir.Expr]:
    def deeper(inner: st.SearchStrategy[ir.Expr]) -> st.SearchStrategy[ir.Expr]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(ir.All, several), st.builds(ir.Any, several), st.builds(ir.Not, inner))

    return st.recursive(leaves(), deeper, max_leaves=8)


def calls() -> st.SearchStrategy[list[Row]]:
    value = st.sampled_from(VALUES)
    derived = st.dictionaries(st.sampled_from(["a", "b", "final_status"]), value)
    call = st.builds(
        lambda status, more: Call(source=HERE, call_id="c", outcome="busy", final_status=status, derived=more),
        st.sampled_from([None, 486, 200]),
        derived,
    )
    return st.lists(call, min_size=1, max_size=12)


def rule(condition: ir.Expr) -> ir.Rule:
    texts = {"en": ir.Texts("t", "m", "r")}
    return ir.Rule(
        code="X-01", name="x_01", id="x", status="test", level="low", owner="partner", confidence=50, tables=("call",),
        condition=condition, texts=texts,
    )  # fmt: skip


def both(condition: ir.Expr, rows: list[Row]) -> tuple[Outcome, Outcome]:
    by_row, by_column = Outcome(), Outcome()
    judge_rows(rule(condition), compile_test(condition, type(rows[0])), rows, by_row)
    Columns(rows, ir.fields_of(condition)).judge(rule(condition), condition, by_column)
    return by_row, by_column


def assert_same(one: Outcome, two: Outcome) -> None:
    assert [id(hit.row) for hit in one.hits] == [id(hit.row) for hit in two.hits]
    assert list(one.undecided.items()) == list(two.undecided.items())


@given(conditions(), calls())
def test_same_verdicts(condition: ir.Expr, rows: list[Row]) -> None:
    assert_same(*both(condition, rows))


@given(conditions(), calls(), st.integers(0, 3), st.sampled_from([0, 1, 100]))
def test_same_verdicts_however_columns_are_read(condition: ir.Expr, rows: list[Row], codes: int, reading: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_CODES", codes)
        patch.setattr(columns, "_READING", reading)
        assert_same(*both(condition, rows))


@given(st.lists(conditions(), min_size=2, max_size=4), calls())
def test_rules_of_one_table_do_not_disturb_each_other(several: list[ir.Expr], rows: list[Row]) -> None:
    together = Columns(rows, [name for condition in several for name in ir.fields_of(condition)])
    for condition in several:
        by_row, by_column = Outcome(), Outcome()
        judge_rows(rule(condition), compile_test(condition, type(rows[0])), rows, by_row)
        together.judge(rule(condition), condition, by_column)
        assert_same(by_row, by_column)


def test_more_different_values_than_a_byte_holds() -> None:
    rows: list[Row] = [
        Call(source=HERE, call_id=str(n), derived={"a": n % 700 or None, "b": n % 3}) for n in range(2100)
    ]
    hot = ir.All((ir.Compare("a", "gte", 690), ir.Number("b", 1)))
    one, two = both(hot, rows)
    assert_same(one, two)
    assert [hit.row.get("call_id") for hit in two.hits] == [
        str(n) for n in range(2100) if n % 700 >= 690 and n % 3 == 1
    ]
    assert two.undecided == {"a": 1}


def test_lists_that_hold_the_same_are_one_value() -> None:
    column = columns._Column([["a"], ["a"], ("a",), ["b"], "a", None, [1], [True], [1.0]])
    assert column.values == [("a",), ("b",), "a", None, (1,), (True,), (1.0,)]
    assert list(map(type, (value[0] for value in column.values[4:]))) == [int, bool, float]
    assert column.digits(b"abcdefg") == b"aaabcdefg"
    assert columns._Column([["a"], [["a"]], [["a"]]]).values == [["a"], [["a"]], [["a"]]]


def test_what_takes_long_is_asked_only_where_the_rest_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Row] = [Call(source=HERE, call_id=f"c{n}", outcome="busy" if n == 7 else "answered") for n in range(99)]
    asked: list[str] = []
    plain = match.compile_regex

    def counting(leaf: ir.Regex) -> Any:
        asked.append(leaf.field)
        return plain(leaf)

    monkeypatch.setattr(match, "compile_regex", counting)
    found = Outcome()
    condition = ir.All((ir.Regex("call_id", "^c", "i"), ir.Text("outcome", "busy")))
    Columns(rows, ir.fields_of(condition)).judge(rule(condition), condition, found)
    assert [hit.row for hit in found.hits] == [rows[7]]
    assert len(asked) == 1


def test_equal_values_of_other_types_stay_apart() -> None:
    rows: list[Row] = [Call(source=HERE, call_id="c", derived={"a": value}) for value in (1, True, 1.0)]
    _, found = both(ir.Number("a", 1), rows)
    assert [hit.row for hit in found.hits] == [rows[0], rows[2]]
    _, found = both(ir.Bool("a", value=True), rows)
    assert [hit.row for hit in found.hits] == [rows[1]]


def test_what_is_not_known_is_named_in_the_order_of_the_rows() -> None:
    rows: list[Row] = [Call(source=HERE, call_id="c", derived=some) for some in ({"a": 1}, {}, {"b": 1}, {"a": 1})]
    both_known = ir.All((ir.Number("a", 1), ir.Number("b", 1)))
    _, found = both(both_known, rows)
    assert list(found.undecided.items()) == [("b", 2), ("a, b", 1), ("a", 1)]


def test_many_leaves() -> None:
    rows: list[Row] = [Call(source=HERE, call_id="c", derived=some) for some in ({"a": 1}, {})]
    assert_same(*both(ir.All(tuple(ir.Compare("a", "lt", limit) for limit in range(2, 80))), rows))


def test_the_shipped_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    pack: Pack = load_pack()
    rows: dict[str, list[Row]] = {
        "call": [Call(source=HERE, call_id=str(n), final_status=n % 700, outcome="rejected") for n in range(50)],
        "setting": [Setting(source=HERE, object="O", name=f"S{n % 9}", value=str(n)) for n in range(40)],
    }
    plain = [some for some in pack.by_name.values() if some.correlation is None]
    monkeypatch.setattr(dispatch, "MANY", 1000)
    row_by_row = judge_tables(pack, plain, rows)
    monkeypatch.setattr(dispatch, "MANY", 1)
    for name, outcome in judge_tables(pack, plain, rows).items():
        assert_same(row_by_row[name], outcome)
