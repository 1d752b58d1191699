"""What is named as part of the problem and stands in none of the files."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.scope import judge
from parsers.facts.capture import Call
from parsers.facts.inventory import Extension
from tests.analyzer.scope.making import POLICY, crm, finding, given, phone, source, trunk

SAID = "is named as part of the problem and stands in none of the files"


def notes(*about: str, **more: Any) -> list[str]:
    reasons = judge(POLICY, given(about=list(about), **more)).verdict.reasons
    return [reason.why for reason in reasons if SAID in reason.why]


def test_a_slip_of_the_pen_is_said_with_what_there_is() -> None:
    assert notes("trunk:1000O") == [f"trunk:1000O {SAID}, which have 10000."]
    assert notes("ext:299") == [f"ext:299 {SAID}, which have 231, 232."]


def test_it_is_advice_and_changes_nothing() -> None:
    with_note, without = judge(POLICY, given(about=["ext:299"])), judge(POLICY, given(about=["ext:231"]))
    assert with_note.verdict.scope == without.verdict.scope
    row = next(reason for reason in with_note.verdict.reasons if SAID in reason.why)
    assert (row.clause, row.effect) == ("ticket.description", "advises")


@pytest.mark.parametrize(
    "about", ["ext:231", "trunk:10000", "trunk:nordtel", "phone:805ec00000e7", "integration:Teams", "call:7@pbx"]
)
def test_what_is_there_or_cannot_be_compared_is_not_said(about: str) -> None:
    assert notes(about) == []


def test_without_any_trunk_in_the_files_nothing_can_be_compared() -> None:
    assert notes("trunk:77", rows=[phone("231")]) == []
    assert notes("trunk:77", rows=[]) == []


def test_an_extension_is_known_without_a_phone_of_its_own() -> None:
    listed = [phone("231"), Extension(source=source(), number="231"), Extension(source=source(), number="299")]
    assert notes("ext:299", rows=listed) == []
    assert notes("ext:300", rows=listed) == [f"ext:300 {SAID}, which have 231, 299."]


def test_a_call_and_who_takes_part_in_it() -> None:
    call = Call(
        source=source(),
        call_id="a1",
        caller="192.0.2.9:5060",
        from_user="299",
        callee="192.0.2.1:5060",
        to_user="15550100",
    )
    assert notes("call:a1", "ext:299", rows=[call]) == []
    assert notes("call:b2", rows=[call]) == [f"call:b2 {SAID}, which have a1."]


def test_integrations() -> None:
    assert notes("integration:Larch", rows=[crm()]) == []
    assert notes("integration:Birch", rows=[crm()]) == [f"integration:Birch {SAID}, which have Larch."]


def test_what_a_finding_is_about_is_in_the_files() -> None:
    assert notes("ext:299", findings=[finding("MED-05", subject=["ext:299"])]) == []


def test_several_are_each_said_and_many_known_ones_are_cut() -> None:
    rows = [trunk(str(10000 + place), name=f"Line {place}") for place in range(9)]
    (why,) = notes("trunk:7x", "trunk:8x", rows=rows)
    assert why.count(SAID) == 2
    assert "which have 10000, 10001, 10002, 10003, 10004, 10005, 3 more." in why
