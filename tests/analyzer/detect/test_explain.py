"""Why a rule did or did not fire."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyzer.detect.explain import Explanation, explain_on
from parsers.facts import Facts
from parsers.facts.base import Row, Source
from parsers.facts.inventory import Phone
from parsers.facts.log import Event
from tests.analyzer.pack.rules import count_rule, event_part, pack, rule

DETECTION = {
    "odd": {"vendor": "Acme", "model": "T1"},
    "harmless": {"ip": "192.0.2.9"},
    "condition": "odd and not harmless",
}
SAMPLES = {"fires": [{"phone": [{"vendor": "Acme", "model": "T1", "ip": "x"}]}], "silent": [{"phone": [{}]}]}


def explain(folder: Path, rules: list[dict[str, Any]], code: str, *rows: Row, **how: Any) -> Explanation:
    made = pack(folder, *rules)
    wanted = made.rule(code)
    assert wanted is not None
    found = Facts()
    for row in rows:
        found.add(row)
    return explain_on(made, wanted, found, **how)


def phone(number: int, **values: Any) -> Phone:
    return Phone(source=Source(artifact="a", row=number), **values)


def test_the_nearest_rows_and_what_fails_on_them(tmp_path: Path) -> None:
    rows = [phone(1, vendor="x", ip="192.0.2.9"), phone(2, vendor="Acme", model="T2", ip="a"), phone(3, vendor="Acme")]
    found = explain(tmp_path, [rule(detection=DETECTION, samples=SAMPLES)], "ABC-01", *rows)
    assert (found.state, found.rows, found.hits, found.needs) == ("undecided", 3, 0, None)
    assert found.undecided == {"model, ip": 1}
    assert [candidate.source.row for candidate in found.candidates] == [2, 3, 1]
    assert [(step.words, step.verdict, step.value) for step in found.candidates[0].steps] == [
        ("vendor is 'Acme'", "holds", "Acme"),
        ("model is 'T1'", "does not hold", "T2"),
        ("not ip is '192.0.2.9'", "holds", "a"),
    ]
    assert [step.verdict for step in found.candidates[1].steps] == ["holds", "cannot be told", "cannot be told"]


def test_a_rule_that_fired(tmp_path: Path) -> None:
    found = explain(tmp_path, [rule()], "ABC-01", phone(1, vendor="Acme"))
    assert (found.state, found.hits) == ("fired", 1)
    assert [finding.message for finding in found.findings] == ["Acme unknown is odd."]


def test_a_rule_that_could_not_run(tmp_path: Path) -> None:
    found = explain(tmp_path, [rule()], "ABC-01")
    assert (found.state, found.needs) == ("skipped", "a live export, a backup or a capture")
    assert explain(tmp_path, [rule()], "ABC-01", looked={"phone"}).state == "silent"


def test_a_correlation_is_explained_by_its_parts(tmp_path: Path) -> None:
    times = [datetime(2026, 11, 12, 9, n, tzinfo=UTC) for n in range(2)]
    rows = [
        Event(source=Source(artifact="a", row=n), event_id=1, time=time, fields={"trunk": "1"})
        for n, time in enumerate(times)
    ]
    found = explain(tmp_path, [event_part("part_a", 1), count_rule()], "CNT-01", *rows)
    assert (found.state, found.hits) == ("silent", 0)
    [part] = found.parts
    assert (part.rule.name, part.state, part.hits) == ("part_a", "fired", 2)


def test_a_rule_over_findings_meets_those_of_the_others(tmp_path: Path) -> None:
    about = rule(
        "MET-01",
        logsource={"product": "3cx", "category": "finding"},
        detection={"a": {"code": "ABC-01", "severity": "critical"}, "condition": "a"},
        message="{code}",
        samples={"fires": [{"finding": [{"code": "ABC-01", "severity": "critical"}]}], "silent": [{"finding": []}]},
    )
    found = explain(tmp_path, [rule(), about], "MET-01", phone(1, vendor="Acme"))
    assert (found.state, found.rows, found.hits) == ("silent", 1, 0)
    [candidate] = found.candidates
    assert candidate.source.row == 1
    assert [(step.verdict, step.value) for step in candidate.steps] == [("holds", "ABC-01"), ("does not hold", "high")]


def test_findings_of_other_codes_are_not_its_own(tmp_path: Path) -> None:
    other = rule(code="XYZ-01", name="xyz_01", id="5d0f6f0e-1c5e-4c5b-9a53-3f1c2a7e9b12")
    found = explain(tmp_path, [rule(), other], "ABC-01", phone(1, vendor="Acme"))
    assert [finding.code for finding in found.findings] == ["ABC-01"]


def test_three_near_rows_are_shown(tmp_path: Path) -> None:
    rows = [phone(number, vendor="Acme", model="T2", ip="a") for number in range(1, 6)]
    found = explain(tmp_path, [rule(detection=DETECTION, samples=SAMPLES)], "ABC-01", *rows)
    assert [candidate.source.row for candidate in found.candidates] == [1, 2, 3]
