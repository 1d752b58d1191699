"""Conditions of the policy file."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.pack import ir
from analyzer.pack.match import compile_test
from analyzer.scope.condition import ConditionError, lower
from analyzer.scope.situation import NOWHERE, CaseFacts


def verdict(detection: Any, **facts: Any) -> bool | None:
    """What a detection says of these facts."""
    return compile_test(lower(detection), CaseFacts)(CaseFacts(source=NOWHERE, fields=facts))


def test_lowers_to_the_records_of_the_signatures() -> None:
    assert lower({"hosting": ["a", "b"], "calls|gt": 4}) == ir.All(
        (ir.Any((ir.Text("hosting", "a"), ir.Text("hosting", "b"))), ir.Compare("calls", "gt", 4))
    )
    assert lower({"a": {"x": None}, "b": {"y": True}, "condition": "a or not b"}) == ir.Any(
        (ir.IsNull("x"), ir.Not(ir.Bool("y", True)))
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"a": True, "b": True, "c": True}, True),
        ({"a": True, "b": False, "c": True}, True),
        ({"a": True, "b": False, "c": False}, False),
        ({"a": False, "b": None, "c": None}, False),
        ({"a": True, "b": None, "c": False}, None),
        ({"a": None, "b": True, "c": True}, None),
        ({"a": True, "b": True, "c": None}, True),
    ],
)
def test_three_values(facts: dict[str, Any], expected: bool | None) -> None:
    detection = {"a": {"a": True}, "b": {"b": True}, "c": {"c": True}, "condition": "a and (b or c)"}
    assert verdict(detection, **facts) is expected


def test_binding() -> None:
    detection = {"a": {"a": True}, "b": {"b": True}, "c": {"c": True}, "condition": "a or b and not c"}
    assert verdict(detection, a=True, b=False, c=True) is True
    assert verdict(detection, a=False, b=True, c=True) is False
    assert verdict(detection, a=False, b=True, c=False) is True


@pytest.mark.parametrize("calls", [4, 64, 65, None])
def test_comparison(calls: int | None) -> None:
    assert verdict({"calls|lte": 64}, calls=calls) is (None if calls is None else calls <= 64)


def test_null_and_exists_are_never_unknown() -> None:
    assert verdict({"x": None}) is True
    assert verdict({"x": None}, x=1) is False
    assert verdict({"x|exists": True}) is False
    assert verdict([{"x": None}, {"x": False}]) is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"a": {"x": 1}, "condition": "a and"},
        {"a": {"x": 1}, "condition": "a b"},
        {"a": {"x": 1}, "condition": "(a"},
        {"a": {"x": 1}, "condition": "b"},
        {"a": {"x": 1}, "condition": "a & b"},
        {"a": {"x": 1}, "condition": ""},
        {"x|contains": "y"},
        {"x|gt": "y"},
        {"x": {"y": 1}},
        {},
        "a",
    ],
)
def test_wrong_conditions_are_refused(wrong: Any) -> None:
    with pytest.raises(ConditionError):
        lower(wrong)
