"""Several rules of one code that speak of one problem: one finding."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from analyzer.finding import Finding
from parsers.facts.base import Source
from parsers.facts.capture import Call
from tests.analyzer.detect.test_roots import FURTHER, event_rule
from tests.analyzer.detect.test_run import NINE, detect, event, phone
from tests.analyzer.pack.rules import rule

THIRD = "5e0c9b1d-1111-4000-8000-000000000003"


def phone_rule(name: str, vendor: str, **changes: Any) -> dict[str, Any]:
    samples = {"fires": [{"phone": [{"vendor": vendor}]}], "silent": [{"phone": [{"vendor": "x"}]}]}
    detection = {"it": {"vendor|contains": vendor}, "condition": "it"}
    return rule("A-01", name=name, detection=detection, samples=samples, **changes)


def two_rules(**changes: Any) -> list[dict[str, Any]]:
    return [
        event_rule("A-01", 1, explains=["a_01_after"], level="medium"),
        event_rule("A-01", 2, name="a_01_after", id=FURTHER, **changes),
    ]


def rows_of(finding: Finding) -> list[int | None]:
    return [source.row for source in finding.evidence]


def test_what_follows_from_its_own_code_adds_to_it(tmp_path: Path) -> None:
    rows = [event(1, 0), event(2, 1, event_id=2), event(3, 2, event_id=2), event(4, 3)]
    (finding,) = detect(tmp_path, two_rules(level="high"), *rows).findings
    assert (finding.role, finding.caused_by, finding.severity, finding.count) == ("root", None, "high", 4)
    assert (finding.first_seen, finding.last_seen) == (NINE, NINE + timedelta(minutes=3))
    assert rows_of(finding) == [1, 2, 3, 4]


def test_findings_that_their_rule_tells_apart_stay(tmp_path: Path) -> None:
    found = detect(tmp_path, two_rules(group_by=["message"]), event(1, 0), event(2, 1, event_id=2)).findings
    assert len(found) == 2


def test_what_comes_first_does_not_follow(tmp_path: Path) -> None:
    assert len(detect(tmp_path, two_rules(), event(1, 5), event(2, 1, event_id=2)).findings) == 2


def test_two_rules_about_the_same_phone(tmp_path: Path) -> None:
    rules = [phone_rule("a_01", "Ac"), phone_rule("a_01_other", "me", id=FURTHER, level="high")]
    found = detect(tmp_path, rules, phone(1, vendor="Acme"), phone(2, vendor="Ac"))
    assert [(item.severity, item.subject, item.count) for item in found.findings] == [
        ("high", ["phone:800000000001"], 2),
        (found.findings[1].severity, ["phone:800000000002"], 1),
    ]


def test_two_phones_of_one_extension_are_two_problems(tmp_path: Path) -> None:
    rules = [phone_rule("a_01", "Ac"), phone_rule("a_01_other", "me", id=FURTHER)]
    rows = [
        phone(1, vendor="Ac", extensions=["105"]), phone(2, vendor="me", extensions=["105"])
    ]  # fmt: skip
    assert len(detect(tmp_path, rules, *rows).findings) == 2


def test_what_follows_from_one_third_thing(tmp_path: Path) -> None:
    rules = [
        event_rule("A-01", 1, explains=["B-01"]),
        event_rule("B-01", 2, id=FURTHER),
        event_rule("B-01", 3, name="b_01_other", id=THIRD),
    ]
    rows = [event(1, 0), event(2, 1, event_id=2), event(3, 2, event_id=3)]
    found = detect(tmp_path, rules, *rows).findings
    assert [(item.code, item.caused_by, item.count) for item in found] == [("A-01", None, 1), ("B-01", "A-01", 2)]
    assert len(detect(tmp_path, rules, *rows[1:]).findings) == 2  # without the root they are two


def call_rule(message: str) -> dict[str, Any]:
    samples = {
        "fires": [{"call": [{"call_id": "x", "final_status": 488}]}],
        "silent": [{"call": [{"call_id": "x", "final_status": 200}]}],
    }
    logsource = {"product": "3cx", "category": "call"}
    detection = {"it": {"final_status": 488}, "condition": "it"}
    return rule("A-01", logsource=logsource, detection=detection, message=message, samples=samples)


def calls(tmp_path: Path, message: str) -> list[Finding]:
    rows = [Call(source=Source(artifact="a", frame=n), call_id=f"c{n}", callee=f"192.0.2.{n // 3}:5060", final_status=488) for n in (1, 2, 3)]  # fmt: skip
    return detect(tmp_path, [call_rule(message)], *rows).findings


def test_calls_of_which_the_same_is_said_are_one_problem(tmp_path: Path) -> None:
    first, other = calls(tmp_path, "{callee} refused.")
    assert (first.subject, first.count, first.message) == (["call:c1", "call:c2"], 2, "192.0.2.0:5060 refused.")
    assert [source.frame for source in first.evidence] == [1, 2]
    assert (other.subject, other.count) == (["call:c3"], 1)


def test_calls_that_the_words_tell_apart_stay(tmp_path: Path) -> None:
    assert [item.count for item in calls(tmp_path, "{call_id} was refused.")] == [1, 1, 1]


def test_phones_of_which_the_same_is_said_stay(tmp_path: Path) -> None:
    found = detect(tmp_path, [phone_rule("a_01", "Ac")], phone(1, vendor="Ac"), phone(2, vendor="Ac")).findings
    assert [item.subject for item in found] == [["phone:800000000001"], ["phone:800000000002"]]


def test_a_call_and_a_phone_of_which_the_same_is_said_stay(tmp_path: Path) -> None:
    data = call_rule("refused")
    data["subject"] = ["{subject_of}"]
    rows = [
        Call(source=Source(artifact="a", frame=n), call_id=f"c{n}", final_status=488, derived={"subject_of": subject})
        for n, subject in enumerate(("call:c1", "phone:800000000001"))
    ]
    found = detect(tmp_path, [data], *rows).findings
    assert [(item.subject, item.count) for item in found] == [(["call:c1"], 1), (["phone:800000000001"], 1)]


def test_the_span_reaches_to_the_last_of_either(tmp_path: Path) -> None:
    [finding] = detect(tmp_path, two_rules(), event(1, 0), event(2, 7, event_id=2)).findings
    assert (finding.first_seen, finding.last_seen) == (NINE, NINE + timedelta(minutes=7))
