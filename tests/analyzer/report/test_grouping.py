"""Findings in the order in which a reader works through them."""

from __future__ import annotations

from typing import Any

from analyzer.report.grouping import grouped
from analyzer.report.text import render, tally
from tests.analyzer.report.test_html import page
from tests.analyzer.report.test_text import finding, report


def made(code: str, **changes: Any) -> dict[str, Any]:
    return finding("x") | {"code": code, "message": f"says {code}"} | changes


FINDINGS = [
    made("SYS-01", severity="critical", subject=["ext:1"]),
    made("SYS-06", severity="critical", role="contributing", caused_by="SYS-01"),
    made("TRK-02", owner="provider"),
    made("CFG-01", severity="medium"),
    made("SYS-01", severity="medium", subject=["ext:2"]),
    made("CFG-28", severity="low", role="contributing", caused_by="SYS-01", subject=["ext:2"]),
    made("COR-13", severity="low", role="context", owner="3cx"),
]


def shape(findings: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    return [
        (group.title, [(p.finding["code"], [f["code"] for f in p.follows]) for p in group.problems])
        for group in grouped(findings)
    ]


def test_groups_by_who_acts_with_what_follows_below() -> None:
    assert shape(FINDINGS) == [
        ("Fix yourself", [("SYS-01", ["SYS-06"]), ("CFG-01", []), ("SYS-01", ["CFG-28"])]),
        ("Ask the provider", [("TRK-02", [])]),
        ("Worth knowing", [("COR-13", [])]),
    ]


def test_the_group_with_the_worst_problem_is_first() -> None:
    findings = [made("SYS-18", severity="critical", owner="3cx"), made("CFG-01"), made("PRV-05", owner="vendor")]
    assert [title for title, _ in shape(findings)] == ["Open a ticket", "Fix yourself", "Ask the vendor"]


def test_what_follows_from_something_that_is_not_shown_stands_alone() -> None:
    assert shape(FINDINGS[1:2]) == [("Fix yourself", [("SYS-06", [])])]


def test_nothing_is_no_group() -> None:
    assert grouped([]) == []


def test_the_terminal_shows_what_follows_further_right() -> None:
    lines = render(report(findings=FINDINGS)).splitlines()
    start = lines.index("  Fix yourself: 3")
    assert lines[start + 1].startswith("  critical SYS-01   says SYS-01")
    follow = next(number for number, line in enumerate(lines) if "SYS-06" in line)
    assert lines[follow].startswith("      ↳ critical SYS-06   says SYS-06")
    assert lines[follow + 1] == "          contributing, caused by SYS-01"
    assert lines.index("  Fix yourself: 3") < follow < lines.index("  Ask the provider: 1")


def test_the_page_has_what_follows_in_a_box_of_its_own() -> None:
    text = page(findings=FINDINGS)
    assert text.index("<h3>Fix yourself: 3</h3>") < text.index("<h3>Ask the provider: 1</h3>")
    box = text[text.index('<div class="follows">') :]
    assert "says SYS-06" in box[: box.index("</div>")]
    assert text.count('class="follows"') == 2
    assert text.count("<details") == len(FINDINGS)


def test_the_head_counts_problems_and_what_follows() -> None:
    assert tally(FINDINGS) == "1 critical, 1 high, 2 medium, 1 low, 2 that follow from them"
    assert tally(FINDINGS[:1]) == "1 critical"
    assert tally([]) == "none"
    assert "Findings (1 critical, 1 high, 2 medium, 1 low, 2 that follow from them)" in page(findings=FINDINGS)


NOTES = [
    made("CFG-01"),
    made("SEC-05", severity="info"),
    made("SEC-13", severity="info", owner="3cx"),
    made("SYS-06", severity="info", role="contributing", caused_by="CFG-01"),
    made("CAP-01", severity="info", subject=["ext:9"]),
    made("MED-05", severity="medium", role="contributing", caused_by="CAP-01", subject=["ext:9"]),
]


def test_notes_are_worth_knowing_whoever_owns_them() -> None:
    assert shape(NOTES) == [
        ("Fix yourself", [("CFG-01", ["SYS-06"]), ("CAP-01", ["MED-05"])]),
        ("Worth knowing", [("SEC-05", []), ("SEC-13", [])]),
    ]


def test_terminal_and_page_count_the_same() -> None:
    text, shown = render(report(findings=NOTES)), page(findings=NOTES)
    assert "  Fix yourself: 2\n" in text
    assert "<h3>Fix yourself: 2</h3>" in shown
    assert "<h3>Worth knowing: 2</h3>" in shown
    assert "Worth knowing" not in text  # nothing of that group is shown
    assert "3 notes of level info: see --verbose" in text
    assert "  Worth knowing: 2\n" in render(report(findings=NOTES), verbose=True)


def test_a_note_from_which_something_follows_stands_above_it() -> None:
    lines = render(report(findings=NOTES)).splitlines()
    head = next(number for number, line in enumerate(lines) if "says CAP-01" in line)
    assert any("↳ medium" in line and "says MED-05" in line for line in lines[head:])
