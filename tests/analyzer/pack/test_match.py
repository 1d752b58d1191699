"""Conditions in three values."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pack import ir
from analyzer.pack.match import RegexError, compile_regex, compile_test
from analyzer.pack.why import deciding_fields, describe, judged, nearest_rows, undecided_fields
from analyzer.system import System
from parsers.facts.base import Row, Source
from parsers.facts.capture import Call
from parsers.facts.inventory import Phone
from parsers.facts.log import LogRecord

HERE = Source(artifact="x")


def phone(**values: Any) -> Phone:
    return Phone(source=HERE, **values)


def verdict(expr: ir.Expr, row: Row) -> bool | None:
    return compile_test(expr, type(row))(row)


def on_value(leaf: ir.Leaf, value: Any) -> bool | None:
    """A leaf over field ``x`` on a call whose derived field has this value."""
    return verdict(leaf, Call(source=HERE, call_id="c", derived={"x": value, "y": "ABC"}))


@pytest.mark.parametrize(
    ("leaf", "value", "expected"),
    [
        (ir.Text("x", "Acme"), "ACME", True),
        (ir.Text("x", "Acme"), "Acme2", False),
        (ir.Text("x", "Acme", cased=True), "ACME", False),
        (ir.Text("x", "ñu", "contains"), "EL ÑU", True),
        (ir.Text("x", "cm", "contains"), "ACME", True),
        (ir.Text("x", "ac", "startswith"), "ACME", True),
        (ir.Text("x", "ac", "endswith"), "ACME", False),
        (ir.Text("x", "12"), 12, True),
        (ir.Text("x", "12"), 12.0, True),
        (ir.Text("x", "true"), True, True),
        (ir.Text("x", "2026-11-12", "startswith"), datetime(2026, 11, 12, tzinfo=UTC), True),
        (ir.Regex("x", r"a\d+$"), "xa12", True),
        (ir.Regex("x", r"a\d+$"), "xA12", False),
        (ir.Regex("x", r"a\d+$", "i"), "xA12", True),
        (ir.Regex("x", r"\Aa.*b\z", "is"), "A\nB", True),
        (ir.Regex("x", "b"), "a\udc80b", True),
        (ir.Number("x", 4100), 4100, True),
        (ir.Number("x", 4100), "4100", True),
        (ir.Number("x", 4100), "no number", False),
        (ir.Number("x", 1), True, False),
        (ir.Bool("x", value=True), True, True),
        (ir.Bool("x", value=True), False, False),
        (ir.Bool("x", value=True), "True", True),
        (ir.Bool("x", value=True), 1, False),
        (ir.Compare("x", "lt", 5), 4.9, True),
        (ir.Compare("x", "lt", 5), 5, False),
        (ir.Compare("x", "lte", 5), 5, True),
        (ir.Compare("x", "gt", 5), 5, False),
        (ir.Compare("x", "gte", 5), "5.0", True),
        (ir.Compare("x", "neq", 5), 5, False),
        (ir.Compare("x", "lt", 5), "no number", None),
        (ir.Compare("x", "lt", 5), "nan", None),
        (ir.Compare("x", "lt", 5), True, None),
        (ir.Compare("x", "lt", 5), datetime(2026, 11, 12, tzinfo=UTC), None),
        (ir.Cidr("x", "10.0.0.0/8"), "10.1.2.3", True),
        (ir.Cidr("x", "10.0.0.0/8"), "10.1.2.3:5060", True),
        (ir.Cidr("x", "10.0.0.0/8"), "192.0.2.1", False),
        (ir.Cidr("x", "10.0.0.0/8"), "2001:db8::1", False),
        (ir.Cidr("x", "2001:db8::/32"), "[2001:db8::1]:5060", True),
        (ir.Cidr("x", "10.0.0.0/8"), "pbx.example.com", None),
        (ir.IsNull("x"), 0, False),
        (ir.IsNull("x"), "", False),
        (ir.Exists("x", wanted=True), 0, True),
        (ir.Exists("x", wanted=False), 0, False),
        (ir.FieldRef("x", "y"), "abc", True),
        (ir.FieldRef("x", "y", "startswith"), "abcd", True),
        (ir.FieldRef("x", "y", "endswith"), "abcd", False),
        (ir.FieldRef("x", "y", "contains"), "xabcx", True),
        (ir.FieldRef("x", "nothing"), "abc", None),
    ],
)
def test_leaves(leaf: ir.Leaf, value: Any, expected: bool | None) -> None:
    assert on_value(leaf, value) is expected


def test_numbers_of_two_fields_are_compared_as_numbers() -> None:
    row = Call(source=HERE, call_id="c", derived={"x": 10, "y": "10.0"})
    assert verdict(ir.FieldRef("x", "y"), row) is True


COMPARING: list[ir.Leaf] = [
    ir.Text("x", "a"),
    ir.Text("x", "", "contains"),
    ir.Regex("x", ".*"),
    ir.Number("x", 0),
    ir.Bool("x", value=False),
    ir.Compare("x", "lt", 5),
    ir.Cidr("x", "0.0.0.0/0"),
    ir.FieldRef("x", "y"),
]


@pytest.mark.parametrize("leaf", COMPARING)
def test_comparing_a_null_is_unknown_and_so_is_its_opposite(leaf: ir.Leaf) -> None:
    assert on_value(leaf, None) is None
    row = Call(source=HERE, call_id="c")
    assert verdict(ir.Not(leaf), row) is None


def test_null_and_exists_are_never_unknown() -> None:
    assert on_value(ir.IsNull("x"), None) is True
    assert on_value(ir.Exists("x", wanted=True), None) is False
    assert on_value(ir.Exists("x", wanted=False), None) is True


@pytest.mark.parametrize(
    ("values", "expected"),
    [(["105", "106"], True), (["106"], False), ([], False), ([None, "106"], None), ([None, "105"], True)],
)
def test_any_element_of_a_list(values: list[str | None], expected: bool | None) -> None:
    assert on_value(ir.Text("x", "105"), values) is expected


def test_columns_come_before_entries_and_entries_of_both_sorts_are_found() -> None:
    record = LogRecord(source=HERE, kind="k", text="t", fields={"remote_addr": "192.0.2.1"})
    assert verdict(ir.Text("remote_addr", "192.0.2.1"), record) is True
    system = System(source=HERE, fields={"SystemStatus.LocalIpValid": False})
    assert verdict(ir.Bool("SystemStatus.LocalIpValid", value=False), system) is True
    assert verdict(ir.Text("nothing", "x"), system) is None


def test_expressions_that_re2_does_not_take() -> None:
    with pytest.raises(RegexError, match="invalid perl operator"):
        compile_regex(ir.Regex("x", "(?=a)"))


def test_a_hostile_text_takes_linear_time() -> None:
    assert on_value(ir.Regex("x", "^(a+)+$"), "a" * 50_000 + "!") is False


VALUES = (True, False, None)
STATES: dict[bool | None, ir.Leaf] = {
    True: ir.Text("vendor", "a"),
    False: ir.Text("vendor", "b"),
    None: ir.Text("model", "a"),
}
ROW = phone(vendor="a", model=None)


def kleene_and(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def kleene_or(*parts: bool | None) -> bool | None:
    return True if True in parts else None if None in parts else False


def kleene_not(part: bool | None) -> bool | None:
    return None if part is None else not part


@pytest.mark.parametrize("values", list(product(VALUES, repeat=3)))
def test_truth_tables(values: tuple[bool | None, ...]) -> None:
    parts = tuple(STATES[value] for value in values)
    assert verdict(ir.All(parts), ROW) is kleene_and(*values)
    assert verdict(ir.Any(parts), ROW) is kleene_or(*values)
    assert verdict(ir.Not(parts[0]), ROW) is kleene_not(values[0])


trees = st.recursive(
    st.sampled_from(list(STATES.values())),
    lambda inner: st.one_of(
        st.builds(ir.Not, inner),
        st.builds(ir.All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(ir.Any, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)


@given(trees, trees)
def test_de_morgan(a: ir.Expr, b: ir.Expr) -> None:
    assert verdict(ir.Not(ir.All((a, b))), ROW) is verdict(ir.Any((ir.Not(a), ir.Not(b))), ROW)
    assert verdict(ir.Not(ir.Any((a, b))), ROW) is verdict(ir.All((ir.Not(a), ir.Not(b))), ROW)
    assert verdict(ir.Not(ir.Not(a)), ROW) is verdict(a, ROW)


@given(trees, st.sampled_from(["a", "b"]))
def test_learning_a_value_never_overturns_a_verdict(tree: ir.Expr, value: str) -> None:
    before = verdict(tree, ROW)
    if before is not None:
        assert verdict(tree, phone(vendor="a", model=value)) is before


@given(trees)
def test_a_condition_over_nulls_alone_never_fires(tree: ir.Expr) -> None:
    assert verdict(tree, phone(vendor=None, model=None)) is None


@given(trees)
def test_what_decided_alone_makes_it_true(tree: ir.Expr) -> None:
    fields = deciding_fields(tree, ROW)
    assert bool(fields) is (verdict(tree, ROW) is True)
    assert set(fields) <= {"vendor"}


def test_deciding_fields_put_what_was_to_be_so_first() -> None:
    expr = ir.All((ir.Not(ir.Text("model", "x")), ir.Any((ir.Text("vendor", "a"), ir.Text("ip", "z")))))
    row = phone(vendor="a", model="y", ip="w")
    assert deciding_fields(expr, row) == ["vendor", "model"]
    assert undecided_fields(expr, phone(vendor="a")) == ["model", "ip"]


def test_nearest_rows_have_the_fewest_failing_leaves() -> None:
    expr = ir.All((ir.Text("vendor", "a"), ir.Text("model", "b"), ir.Not(ir.Text("ip", "c"))))
    far, near, middle = phone(vendor="x", ip="c"), phone(vendor="a", model="b", ip="c"), phone(vendor="a", ip="c")
    found = nearest_rows(expr, [far, near, middle], 2)
    assert [item.row for item in found] == [near, middle]
    assert [item.failing for item in found] == [1, 2]
    assert [item.holds for item in judged(expr, near)] == [True, True, False]


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (ir.Text("x", "a", "contains"), "x contains 'a'"),
        (ir.Regex("x", "a+", "i"), "x matches /a+/i"),
        (ir.Regex("x", "…", "is", "a*"), "x is 'a*'"),
        (ir.Number("x", 3), "x is 3"),
        (ir.Bool("x", value=True), "x is true"),
        (ir.Compare("x", "gte", 3), "x >= 3"),
        (ir.Cidr("x", "10.0.0.0/8"), "x is in 10.0.0.0/8"),
        (ir.IsNull("x"), "x is null"),
        (ir.Exists("x", wanted=False), "x has no value"),
        (ir.FieldRef("x", "y", "startswith"), "x starts with the value of y"),
    ],
)
def test_words(leaf: ir.Leaf, words: str) -> None:
    assert describe(leaf) == words
