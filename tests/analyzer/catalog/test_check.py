from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzer.catalog.check import check
from analyzer.catalog.schema import LISTS
from analyzer.catalog.store import Stored, open_list, packaged_dir

TODAY = date(2026, 11, 22)


def remarks(name: str, text: str, as_of: date = TODAY) -> list[tuple[str, str]]:
    data = f"catalog: {name}\nas_of: {as_of}\n{text}".encode()
    stored = Stored(name=name, path=Path(f"{name}.yaml"), as_of=as_of, data=data)
    return [(remark.level, remark.text) for remark in check(stored, TODAY)]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_the_packaged_lists_have_no_error(name: str) -> None:
    stored = open_list(name, packaged_dir())
    assert [r.text for r in check(stored, max(TODAY, stored.as_of)) if r.level == "error"] == []


def test_age_is_said_from_the_91st_day() -> None:
    row = "rows: [{product: pbx, version: 20.0.9.995}]\n"
    assert remarks("builds", row, date(2026, 8, 24)) == []
    assert remarks("builds", row, date(2026, 8, 23)) == [("note", "its newest source is 91 days old (2026-08-23)")]


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("builds", "rows: [{product: pbx, version: latest}]", "pbx latest: not a version"),
        ("builds", "rows: [{product: pbx, version: '20'}, {product: pbx, version: '20'}]", "more than once"),
        (
            "builds",
            "rows: [{product: pbx, version: '20', first_known: 2027-01-01}]",
            "first_known 2027-01-01 lies in the future",
        ),
        (
            "eol",
            "rows: [{vendor: A, model: X-1, state: eol, basis: vendor_notice}]",
            "of basis vendor_notice without a source",
        ),
        (
            "eol",
            "rows: [{vendor: A, model: X-1, state: eol, basis: general_knowledge}, {vendor: a, model: x1, state: current, basis: general_knowledge}]",
            "more than once",
        ),
        (
            "eol",
            "rows: [{vendor: A, model: X1, state: eol, basis: b, source: s, announced: 2026-02-01, end_of_sale: 2025-01-01}]",
            "not in order",
        ),
        ("eol", "rows: [{vendor: A, model: X1, state: dead, basis: b}]", "dead"),
        ("eol", "rows: [{vendor: A, model: X1, state: eol, basis: b, confidence: 101}]", "confidence"),
        ("phone_status", "rows: [{vendor: A, match: '(a+)+', status: legacy, basis: b, source: s}]", "repeats a group"),
        (
            "phone_status",
            "rows: [{vendor: A, match: '(', status: legacy, basis: b, source: s}]",
            "regular expression (",
        ),
        (
            "phone_status",
            "rows: [{vendor: A, model: M, match: x, status: legacy, basis: b, source: s}]",
            "both model and match",
        ),
        (
            "agents",
            "rows: [{kind: phone, vendor: A, pattern: 'A (?P<model>B)', basis: seen, examples: [{text: C}]}]",
            "read as nothing",
        ),
        (
            "agents",
            "rows: [{kind: phone, vendor: A, pattern: 'A (?P<model>B)', basis: seen, examples: [{text: A B, model: C}]}]",
            "model read as B, not as C",
        ),
        ("cves", "rows: [{id: X, component: pbx, summary: s, confidence: 90, affected: [before 18]}]", "not a range"),
        ("trunks", "rows: [{provider: A, hosts: [Sip.Example]}]", "no host name in lower case"),
        ("hardware", "rows: []", "exactly one size"),
    ],
)
def test_what_is_wrong_is_named(name: str, rows: str, said: str) -> None:
    found = remarks(name, rows + "\n")
    assert [level for level, _ in found] == ["error"] * len(found)
    assert any(said in text for _, text in found), found


def test_a_day_in_the_future() -> None:
    found = remarks("builds", "rows: []\n", date(2026, 12, 1))
    assert found == [("error", "as_of 2026-12-01 lies in the future")]
