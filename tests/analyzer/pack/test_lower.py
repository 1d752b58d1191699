"""Sigma's language to conditions."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.pack import ir
from tests.analyzer.pack.rules import condition, faults, rule


def leaf(key: str, value: Any, table: str = "phone") -> ir.Expr:
    return condition({"a": {key: value}, "condition": "a"}, table)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("vendor", "Acme", ir.Text("vendor", "Acme")),
        ("vendor", "", ir.Text("vendor", "")),
        ("vendor|cased", "Acme", ir.Text("vendor", "Acme", cased=True)),
        ("vendor|contains", "cm", ir.Text("vendor", "cm", "contains")),
        ("vendor|startswith", "Ac", ir.Text("vendor", "Ac", "startswith")),
        ("vendor|endswith", "me", ir.Text("vendor", "me", "endswith")),
        ("vendor", "*cm*", ir.Text("vendor", "cm", "contains")),
        ("vendor", "Ac*", ir.Text("vendor", "Ac", "startswith")),
        ("vendor", r"what\?", ir.Text("vendor", "what?")),
        ("vendor|contains|cased", "cm", ir.Text("vendor", "cm", "contains", cased=True)),
        ("vendor", "A*e?", ir.Regex("vendor", r"\AA.*e.\z", "is", "A*e?")),
        ("vendor|cased", "A*e", ir.Regex("vendor", r"\AA.*e\z", "s", "A*e")),
        ("vendor", "*", ir.Regex("vendor", r"\A.*\z", "is", "*")),
        ("vendor|re", r"Ac+me\d", ir.Regex("vendor", r"Ac+me\d")),
        ("vendor|re|i", "x", ir.Regex("vendor", "x", "i")),
        ("vendor|re|i|m|s", "x", ir.Regex("vendor", "x", "ims")),
        ("stun_confidence", 85, ir.Number("stun_confidence", 85)),
        ("stun_confidence|lt", 60.5, ir.Compare("stun_confidence", "lt", 60.5)),
        ("stun_confidence|lte", 60, ir.Compare("stun_confidence", "lte", 60)),
        ("stun_confidence|gt", 60, ir.Compare("stun_confidence", "gt", 60)),
        ("stun_confidence|gte", 60, ir.Compare("stun_confidence", "gte", 60)),
        ("stun_confidence|neq", 60, ir.Not(ir.Number("stun_confidence", 60))),
        ("stun", True, ir.Bool("stun", value=True)),
        ("stun", None, ir.IsNull("stun")),
        ("stun|exists", False, ir.Exists("stun", wanted=False)),
        ("ip|cidr", "10.0.0.0/8", ir.Cidr("ip", "10.0.0.0/8")),
        ("ip|cidr", "fc00::/7", ir.Cidr("ip", "fc00::/7")),
        ("mac|fieldref", "ip", ir.FieldRef("mac", "ip")),
        ("mac|fieldref|startswith", "ip", ir.FieldRef("mac", "ip", "startswith")),
        ("mac|fieldref|contains", "ip", ir.FieldRef("mac", "ip", "contains")),
        ("vendor", ["A", "B"], ir.Any((ir.Text("vendor", "A"), ir.Text("vendor", "B")))),
        ("vendor", ["A", None], ir.Any((ir.Text("vendor", "A"), ir.IsNull("vendor")))),
        (
            "vendor|contains|all",
            ["A", "B"],
            ir.All((ir.Text("vendor", "A", "contains"), ir.Text("vendor", "B", "contains"))),
        ),
    ],
)
def test_values(key: str, value: Any, expected: ir.Expr) -> None:
    assert leaf(key, value) == expected


A, B, C = ir.Text("vendor", "A"), ir.Text("model", "B"), ir.Bool("stun", value=True)
NAMED = {"sel_a": {"vendor": "A"}, "sel_b": {"model": "B"}, "other": {"stun": True}}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sel_a", A),
        ("sel_a and sel_b", ir.All((A, B))),
        ("sel_a or sel_b and other", ir.Any((A, ir.All((B, C))))),
        ("not (sel_a or sel_b)", ir.Not(ir.Any((A, B)))),
        ("1 of sel*", ir.Any((A, B))),
        ("any of sel*", ir.Any((A, B))),
        ("all of sel*", ir.All((A, B))),
        ("1 of them", ir.Any((A, B, C))),
        ("all of them", ir.All((A, B, C))),
        ("sel_a and not 1 of other*", ir.All((A, ir.Not(C)))),
    ],
)
def test_conditions(words: str, expected: ir.Expr) -> None:
    assert condition({**NAMED, "condition": words}) == expected


def test_maps_are_and_lists_of_maps_are_or() -> None:
    assert condition({"a": {"vendor": "A", "model": "B"}, "condition": "a"}) == ir.All((A, B))
    assert condition({"a": [{"vendor": "A"}, {"model": "B"}], "condition": "a"}) == ir.Any((A, B))


def test_keywords_look_into_the_text_of_logs() -> None:
    found = condition({"a": ["gone", "dis?", 42], "condition": "a"}, "log")
    assert found == ir.Any(
        (
            ir.Text("text", "gone", "contains"),
            ir.Regex("text", r"\A.*dis..*\z", "is", "dis?"),
            ir.Text("text", "42", "contains"),
        )
    )


@pytest.mark.parametrize(
    ("detection", "line", "words"),
    [
        ({"a": ["word"], "condition": "a"}, 14, "only known for category log"),
        ({"a": {"vendor|base64offset": "x"}, "condition": "a"}, 15, "SigmaExpansion is not known"),
        ({"a": {"vendor|windash": "-x"}, "condition": "a"}, 15, "SigmaExpansion is not known"),
        ({"a": {"stun_confidence|hour": 3}, "condition": "a"}, 15, "SigmaTimestampPart is not known"),
        ({"a": {"vendor|expand": "%x%"}, "condition": "a"}, 15, "placeholder"),
        ({"a": {"vendor": "x"}, "condition": "b"}, 16, "'b'"),
        ({"a": {"vendor": "x"}, "condition": "1 of b*"}, 16, "'b*'"),
        ({"a": {"vendor": "x"}, "condition": "a and"}, 16, "Expected"),
        ({"a": {"vendor": "x"}, "condition": ["a", "a"]}, 16, "exactly one condition"),
        ({"a": {"vendor": "x"}, "condition": "a | count() > 3"}, 16, "pipe syntax"),
        ({"a": {"vendro": "x"}, "condition": "a"}, 15, "no field 'vendro'; did you mean 'vendor'?"),
        ({"a": {"vendor|re": "(?=x)"}, "condition": "a"}, 15, "(?="),
        ({"a": {"vendor|re": r"(a)\1"}, "condition": "a"}, 15, "invalid escape"),
        ({"a": {"vendor|nothing": "x"}, "condition": "a"}, 15, "nothing"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(detection: dict[str, Any], line: int, words: str) -> None:
    data = rule(detection=detection)
    found = faults(data)
    assert len(found) == 1
    assert words in found[0]
    assert found[0].startswith(f"x.yaml:{line}"), found


def test_names_that_yaml_reads_as_truth_values() -> None:
    data = rule(detection={False: {"vendor": "x"}, "condition": "off"})
    assert any("take another word" in text for text in faults(data))
