"""Which finding explains which: roles and causes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.detect import Detection
from analyzer.detect.finding import findings_of
from analyzer.detect.roots import Said, assign_roles
from analyzer.pack import ir
from analyzer.pack.evaluate import Hit
from parsers.facts.base import Row
from parsers.facts.capture import Call
from tests.analyzer.detect.test_run import NINE, at, detect, event, phone, record
from tests.analyzer.pack.rules import count_rule, event_part, log_rule, rule


def event_rule(code: str, event_id: int, **changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "logsource": {"product": "3cx", "category": "event"},
        "detection": {"it": {"event_id": event_id}, "condition": "it"},
        "message": code,
        "samples": {"fires": [{"event": [{"event_id": event_id}]}], "silent": [{"event": [{"event_id": 0}]}]},
    }
    return rule(code, **(data | changes))


FURTHER = "8f7f27ad-61a2-4a1f-8d1e-2b5b9d4a1b02"


def roles(found: Detection) -> dict[str, tuple[str, str | None]]:
    return {item.code: (item.role, item.caused_by) for item in found.findings}


ROOT, ALONE = ("root", None), {"A-01": ("root", None), "B-01": ("root", None)}
FOLDED = {"A-01": ROOT, "B-01": ("contributing", "A-01")}


def explaining(folder: Path, *rows: Row, **changes: Any) -> dict[str, tuple[str, str | None]]:
    rules = [event_rule("A-01", 1, explains=["B-01"]), event_rule("B-01", 2, **changes)]
    return roles(detect(folder, rules, *rows))


def test_what_follows_is_contributing(tmp_path: Path) -> None:
    assert explaining(tmp_path, event(1, 0), event(2, 5, event_id=2)) == FOLDED


@pytest.mark.parametrize(("minutes", "folded"), [(-1, False), (0, True), (60, True), (61, False), (None, True)])
def test_time_must_allow_it(tmp_path: Path, minutes: float | None, folded: bool) -> None:
    assert explaining(tmp_path, event(1, 0), event(2, minutes, event_id=2)) == (FOLDED if folded else ALONE)


def test_the_hour_counts_from_the_last_sign(tmp_path: Path) -> None:
    assert explaining(tmp_path, event(1, 0), event(2, 50), event(3, 100, event_id=2)) == FOLDED


def test_two_clocks_are_not_compared(tmp_path: Path) -> None:
    rules = [event_rule("A-01", 1, explains=["B-01"]), log_rule("B-01")]
    rows: list[Row] = [event(1, 0), record(2, "disk is gone", time=NINE + timedelta(minutes=5), local=True)]
    assert roles(detect(tmp_path, rules, *rows)) == ALONE


@pytest.mark.parametrize(
    ("cause", "effect", "folded"),
    [("105", "105", True), ("105", "106", False), (None, "105", True), ("105", None, True)],
)
def test_subjects_must_meet_where_both_have_one(
    tmp_path: Path, cause: str | None, effect: str | None, folded: bool
) -> None:
    rows = [event(1, 0, extension=cause), event(2, 5, event_id=2, extension=effect)]
    assert explaining(tmp_path, *rows) == (FOLDED if folded else ALONE)


@pytest.mark.parametrize("number", ["10000", "10001"])
def test_a_call_follows_from_its_trunk(tmp_path: Path, number: str) -> None:
    calls = rule(
        "B-01",
        logsource={"product": "3cx", "category": "call"},
        detection={"it": {"outcome": "no_response"}, "condition": "it"},
        message="no answer",
        samples={"fires": [{"call": [{"outcome": "no_response"}]}], "silent": [{"call": [{"outcome": "answered"}]}]},
    )
    call = Call(source=at(frame=1), call_id="c1", outcome="no_response", start=NINE, derived={"trunk_number": "10000"})
    found = detect(tmp_path, [event_rule("A-01", 1, explains=["B-01"]), calls], event(1, 0, trunk=number), call)
    assert roles(found) == (FOLDED if number == "10000" else ALONE)


def test_the_root_of_a_chain_is_named(tmp_path: Path) -> None:
    rules = [event_rule("A-01", 1, explains=["B-01"]), event_rule("B-01", 2, explains=["C-01"]), event_rule("C-01", 3)]
    found = detect(tmp_path, rules, *(event(n, n, event_id=n) for n in (1, 2, 3)))
    assert roles(found) == {**FOLDED, "C-01": ("contributing", "A-01")}


def test_a_circle_leaves_one_root(tmp_path: Path) -> None:
    rules = [event_rule("A-01", 1, explains=["B-01"]), event_rule("B-01", 2, explains=["A-01"])]
    found = roles(detect(tmp_path, rules, event(1, None), event(2, None, event_id=2)))
    assert sorted(role for role, _ in found.values()) == ["contributing", "root"]


def test_a_further_rule_of_the_same_code(tmp_path: Path) -> None:
    further = event_rule("A-01", 2, name="a_01_after", id=FURTHER, group_by=["severity"])
    found = detect(
        tmp_path, [event_rule("A-01", 1, explains=["a_01_after"]), further], event(1, 0), event(2, 1, event_id=2)
    )
    assert sorted((item.evidence[0].row, item.role, item.caused_by) for item in found.findings) == [
        (1, "root", None),
        (2, "contributing", "A-01"),
    ]


def test_the_most_severe_cause_is_named(tmp_path: Path) -> None:
    rules = [
        event_rule("A-01", 1, explains=["C-01"], level="medium"),
        event_rule("B-01", 2, explains=["C-01"], level="critical"),
        event_rule("C-01", 3),
    ]
    found = detect(tmp_path, rules, *(event(n, n, event_id=n) for n in (1, 2, 3)))
    assert roles(found)["C-01"] == ("contributing", "B-01")


def test_context_stays_context(tmp_path: Path) -> None:
    rows = (event(1, 0), event(2, 5, event_id=2))
    assert explaining(tmp_path, *rows, role="context")["B-01"] == ("context", "A-01")


def joined(root: str | list[str], *, ordered: bool = False) -> list[dict[str, Any]]:
    """A correlation over findings of A-01 and B-01."""
    parts = []
    for letter in "ab":
        part = event_part(f"cor_01_{letter}", 0)
        part["logsource"] = {"product": "3cx", "category": "finding"}
        part["detection"] = {"it": {"code": f"{letter.upper()}-01"}, "condition": "it"}
        parts.append(part)
    both = [{"code": "A-01", "time": "2026-11-12"}, {"code": "B-01", "time": "2026-11-12T00:01:00Z"}]
    data = count_rule(
        "COR-01",
        {
            "type": "temporal_ordered" if ordered else "temporal",
            "rules": ["cor_01_a", "cor_01_b"],
            "condition": None,
            "group-by": None,
            "timespan": "1d",
        },
        message="both",
        root=root,
        samples={"fires": [{"finding": both}], "silent": [{"finding": both[:1]}]},
    )
    return [event_rule("A-01", 1), event_rule("B-01", 2), *parts, data]


def test_the_root_of_a_correlation(tmp_path: Path) -> None:
    found = detect(tmp_path, joined("cor_01_a"), event(1, 0), event(2, 600, event_id=2))
    assert roles(found) == {**FOLDED, "COR-01": ("contributing", "A-01")}


def test_a_correlation_folds_nothing_that_began_earlier(tmp_path: Path) -> None:
    found = detect(tmp_path, joined("cor_01_b"), event(1, 0), event(2, 5, event_id=2))
    assert roles(found) == {**ALONE, "COR-01": ("contributing", "B-01")}


def test_a_correlation_that_is_the_root_itself(tmp_path: Path) -> None:
    found = detect(tmp_path, joined("cor_01"), event(1, 0), event(2, 5, event_id=2))
    assert roles(found) == {"A-01": ("contributing", "COR-01"), "B-01": ("contributing", "COR-01"), "COR-01": ROOT}


def test_a_correlation_without_root_folds_nothing(tmp_path: Path) -> None:
    rules = joined([])
    del rules[-1]["root"]
    assert roles(detect(tmp_path, rules, event(1, 0), event(2, 5, event_id=2))) == {**ALONE, "COR-01": ROOT}


def test_rules_with_findings_of_their_own_in_a_correlation(tmp_path: Path) -> None:
    data = count_rule(
        "COR-01",
        {"type": "temporal", "rules": ["log_01", "abc_01"], "condition": None, "group-by": None, "generate": True},
        message="both",
        root="log_01",
        samples={
            "fires": [{"phone": [{"vendor": "acme"}], "log": [{"time": "2026-11-12", "text": "disk is gone"}]}],
            "silent": [{"phone": []}],
        },
    )
    found = detect(tmp_path, [rule(), log_rule(), data], record(1, "disk is gone", time=NINE), phone(1), phone(2))
    assert [(item.code, item.role, item.caused_by, item.count) for item in found.findings] == [
        ("ABC-01", "contributing", "LOG-01", 2),
        ("COR-01", "contributing", "LOG-01", 3),
        ("LOG-01", "root", None, 1),
    ]


def test_what_is_unknown_counts_only_where_it_could_matter(tmp_path: Path) -> None:
    data = count_rule(
        "COR-01",
        {"type": "temporal", "rules": ["log_01", "abc_01"], "condition": None, "group-by": None, "generate": True},
        message="both",
        samples={
            "fires": [{"phone": [{"vendor": "acme"}], "log": [{"time": "2026-11-12", "text": "disk is gone"}]}],
            "silent": [{"phone": []}],
        },
    )
    rules = [rule(), log_rule(), data]
    quiet = detect(tmp_path / "a", rules, record(1, "all is well", time=NINE), phone(1, vendor=None))
    assert quiet.coverage.undecided == [("ABC-01", "vendor", 1)]
    open_ = detect(tmp_path / "b", rules, record(1, "disk is gone", time=NINE), phone(1, vendor=None))
    assert open_.coverage.undecided == [("ABC-01", "vendor", 1), ("COR-01", "vendor", 1)]


@pytest.mark.parametrize(("level", "folded"), [("medium", True), ("low", False), ("informational", False)])
def test_what_is_only_possible_explains_nothing_worse(tmp_path: Path, level: str, folded: bool) -> None:
    rules = [event_rule("A-01", 1, explains=["B-01"], level=level), event_rule("B-01", 2, level="high")]
    assert roles(detect(tmp_path, rules, event(1, 0), event(2, 5, event_id=2))) == (FOLDED if folded else ALONE)


def test_what_is_possible_explains_what_is_possible(tmp_path: Path) -> None:
    rules = [event_rule("A-01", 1, explains=["B-01"], level="low"), event_rule("B-01", 2, level="low")]
    assert roles(detect(tmp_path, rules, event(1, 0), event(2, 5, event_id=2))) == FOLDED


def test_a_trunk_by_its_address_is_that_address(tmp_path: Path) -> None:
    rows = [event(1, 0, ip="198.51.100.10"), event(2, 5, event_id=2, trunk="198.51.100.10")]
    assert explaining(tmp_path, *rows) == FOLDED


CODES = ("A-01", "B-01", "C-01", "D-01")


@given(
    edges=st.sets(st.tuples(st.sampled_from(CODES), st.sampled_from(CODES)), max_size=10),
    seen=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 10, 50, 200]), st.sampled_from(["105", "106", None])), max_size=8),
    levels=st.lists(st.sampled_from(["critical", "medium", "low"]), min_size=4, max_size=4),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whatever_explains_what_every_cause_is_a_root(
    edges: set[tuple[str, str]], seen: list[tuple[int, int | None, str | None]], levels: list[str]
) -> None:
    rules = {
        code.lower().replace("-", "_"): ir.Rule(
            code=code, name=code.lower().replace("-", "_"), id="", status="stable", level=level, owner="partner", confidence=90,  # type: ignore[arg-type]
            tables=("event",), explains=tuple(sorted(effect for cause, effect in edges if cause == code)),
            texts={"en": ir.Texts(code, code, code)},
        )
        for code, level in zip(CODES, levels, strict=True)
    }  # fmt: skip
    said: list[Said] = []
    for place, minutes, extension in seen:
        wanted = list(rules.values())[place]
        hit = Hit.of(wanted, event(1, minutes, extension=extension))
        [(finding, hits)] = findings_of(wanted, [hit], "en")
        said.append(Said(wanted, finding, hits))
    assign_roles(rules, said, {}, dict)
    roots = {item.finding.code for item in said if item.finding.role == "root"}
    assert bool(roots) is bool(said)
    for item in said:
        assert (item.finding.role == "contributing") is (item.finding.caused_by is not None)
        assert item.finding.caused_by is None or item.finding.caused_by in roots


def test_what_a_correlation_proves_goes_before_what_is_worse(tmp_path: Path) -> None:
    """B-01 may follow from C-01, which is more severe; that it follows from A-01 is shown."""
    worse = event_rule("C-01", 3, explains=["B-01"], level="critical", id="5d0f6f0e-1c5e-4c5b-9a53-3f1c2a7e9b11")
    found = detect(
        tmp_path, [*joined("cor_01_a"), worse], event(1, 0), event(2, 5, event_id=2), event(3, 0, event_id=3)
    )
    assert roles(found)["B-01"] == ("contributing", "A-01")
