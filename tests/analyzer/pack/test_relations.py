"""The lint of ``explains``, ``root`` and rules over findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analyzer.pack.rules import count_rule, event_part, faults, rule
from tests.analyzer.pack.test_lint import found, one

NAME = "relations"


def named(code: str, vendor: str, **changes: Any) -> dict[str, Any]:
    """A rule whose meaning is its own."""
    return rule(
        code,
        detection={"it": {"vendor": vendor}, "condition": "it"},
        samples={"fires": [{"phone": [{"vendor": vendor}]}], "silent": [{"phone": [{"vendor": "Other"}]}]},
        **changes,
    )


def over_findings(name: str, code: str) -> dict[str, Any]:
    part = event_part(name, 0)
    part["logsource"] = {"product": "3cx", "category": "finding"}
    part["detection"] = {"it": {"code": code}, "condition": "it"}
    return part


def joined(root: str) -> dict[str, Any]:
    both = [{"code": "A-01"}, {"code": "B-01"}]
    return count_rule(
        "COR-01",
        {"type": "temporal", "rules": ["cor_01_a", "cor_01_b"], "condition": None, "group-by": None},
        root=root,
        message="both",
        tags=["area.phone"],
        samples={"fires": [{"finding": both}], "silent": [{"finding": both[:1]}]},
    )


def test_relations_without_fault(tmp_path: Path) -> None:
    parts = [over_findings("cor_01_a", "A-01"), over_findings("cor_01_b", "B-01")]
    rules = [named("A-01", "a", explains=["B-01", "b_01"]), named("B-01", "b", aliases=["B-02"])]
    assert found(tmp_path, *rules, *parts, joined("cor_01_a")) == []
    assert found(tmp_path, named("A-01", "a", explains=["B-02"]), rules[1]) == []


def test_a_code_that_no_rule_has(tmp_path: Path) -> None:
    assert "there is no signature 'B-01'" in one(tmp_path, NAME, rule(explains=["B-01"]))


def test_findings_that_no_rule_makes(tmp_path: Path) -> None:
    rules = [named("A-01", "a"), named("B-01", "b", aliases=["B-02"]), over_findings("part", "B-02")]
    assert "no signature makes findings of 'B-02': write B-01" in one(tmp_path, NAME, *rules)
    assert "no signature makes findings of 'C-01' [" in one(tmp_path, NAME, over_findings("part", "C-01"))


def test_what_is_installed_is_explained_by_nothing(tmp_path: Path) -> None:
    rules = [named("A-01", "a", explains=["SCOPE-07"]), named("SCOPE-07", "b")]
    assert "SCOPE-07 says what is in the installation" in one(tmp_path, NAME, *rules)


def test_circles(tmp_path: Path) -> None:
    rules = [
        named("A-01", "a", explains=["B-01"]),
        named("B-01", "b", explains=["C-01"]),
        named("C-01", "c", explains=["A-01"]),
    ]
    assert [text.split(": ")[1] for text in found(tmp_path, *rules)] == [
        f"{code} would explain itself [relations]" for code in ("A-01", "B-01", "C-01")
    ]


def test_a_circle_through_a_correlation(tmp_path: Path) -> None:
    parts = [over_findings("cor_01_a", "A-01"), over_findings("cor_01_b", "B-01")]
    rules = [named("A-01", "a"), named("B-01", "b", explains=["A-01"])]
    texts = found(tmp_path, *rules, *parts, joined("cor_01_a"))
    assert len(texts) == 1
    assert texts[0].endswith("B-01 would explain itself [relations]")
    assert found(tmp_path, *rules, *parts, joined("cor_01_b")) == []


def test_a_root_that_makes_no_finding(tmp_path: Path) -> None:
    rules = [named("A-01", "a"), over_findings("cor_01_a", "A-01"), event_part("cor_01_b", 1)]
    data = joined("cor_01_b")
    data["samples"] = {"fires": [{"finding": [{"code": "A-01", "time": "2026-11-12"}], "event": [{"event_id": 1, "time": "2026-11-12"}]}], "silent": [{"event": []}]}  # fmt: skip
    assert "root 'cor_01_b' makes no finding" in one(tmp_path, NAME, *rules, data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rule(root="abc_01"), "root belongs to a correlation"),
        (joined("cor_01_c"), "root 'cor_01_c' is none of the correlation's rules"),
        (rule(role="unrelated"), "role 'unrelated' is not known (one of root, context)"),
        (rule(explains={"A-01": 1}), "explains must be a list of texts"),
    ],
)
def test_what_does_not_load(data: dict[str, Any], words: str) -> None:
    assert any(words in text for text in faults(data))
