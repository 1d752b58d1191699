"""Parts that no rule can tell apart are one group; what is changed of some splits it, and every part comes out as it was meant."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.scope.engine import columns_of
from analyzer.scope.groups import PartsOf, grouped
from analyzer.scope.judge import judge, situation_of
from analyzer.scope.situation import NOWHERE, Part
from tests.analyzer.scope.making import MAKERS, POLICY, finding, given


def part(place: int, **fields: Any) -> Part:
    key = f"phone:{place}"
    return Part(
        of="phone", kind="phone", key=key, label=key, fields={"model": "T1", **fields}, source=NOWHERE, place=place
    )


def keys(groups: Any) -> list[list[str]]:
    return [[part.key for part in group.parts] for group in groups]


def test_parts_are_together_that_agree_in_the_columns_of_rules() -> None:
    parts = [part(0, mac="a"), part(1, mac="b", model="T2"), part(2, mac="c"), part(3, unseen=True), part(4)]
    assert keys(grouped(parts, ("model",), frozenset())) == [
        ["phone:0", "phone:2", "phone:4"],
        ["phone:1"],
        ["phone:3"],
    ]
    assert keys(grouped(parts, (), frozenset({"phone:2"}))) == [
        ["phone:0", "phone:1", "phone:4"],
        ["phone:2"],
        ["phone:3"],
    ]
    parts[4].excused = frozenset({"x"})
    assert keys(grouped(parts[:1] + parts[4:], ("model",), frozenset())) == [["phone:0"], ["phone:4"]]


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        ({"phone:7"}, [["phone:0", "phone:1", "phone:2"]]),
        ({"phone:1"}, [["phone:0", "phone:2"], ["phone:1"]]),
        ({"phone:0", "phone:1", "phone:2", "phone:7"}, [["phone:0", "phone:1", "phone:2"]]),
    ],
)
def test_a_change_of_some_splits_the_group(changed: set[str], left: list[list[str]]) -> None:
    (group,) = grouped([part(place, mac=str(place)) for place in range(3)], ("model",), frozenset())
    found = list(group.changed(frozenset(changed), {"model": "T9"}))
    assert keys(found) == left
    assert {shown.key: shown.fields["model"] for one in found for shown in one.shown} == {
        key: "T9" if key in changed else "T1" for key in ("phone:0", "phone:1", "phone:2")
    }
    assert [shown.fields["mac"] for one in found for shown in one.shown if shown.key == "phone:1"] == ["1"]
    gone = [p for one in group.changed(frozenset(changed), {"removed": True}) for p in one.parts]
    assert {p.key for p in gone} == {"phone:0", "phone:1", "phone:2"} - changed
    assert group.fields["model"] == "T1"


def test_a_second_change_is_on_top_of_the_first() -> None:
    (group,) = grouped([part(0), part(1)], ("model",), frozenset({"phone:0", "phone:1"}))
    (once,) = group.changed(group.keys, {"model": "T2", "stun": False})
    (twice,) = once.changed(group.keys, {"model": "T3"})
    assert [shown.fields for shown in twice.shown] == [{"model": "T3", "stun": False}] * 2
    assert twice.fields == {"model": "T3", "stun": False}
    assert (twice.named, twice.unnamed().named, twice.unnamed().fields) == (True, False, twice.fields)


def test_parts_of_groups_come_in_their_order() -> None:
    parts = [part(place, model=f"T{place % 2}") for place in range(5)]
    even, odd = grouped(parts, ("model",), frozenset())
    together = PartsOf([[even, odd]])
    assert [p.key for p in together] == list(together.subjects()) == [f"phone:{n}" for n in range(5)]
    apart = PartsOf([[odd], [even]])
    assert list(apart.subjects()) == [p.key for p in apart] == ["phone:1", "phone:3", "phone:0", "phone:2", "phone:4"]
    assert (len(apart), len(PartsOf()), bool(PartsOf())) == (5, 0, False)
    assert apart.keys == together.keys == {f"phone:{n}" for n in range(5)}
    assert PartsOf().keys == frozenset()
    assert (apart[0].key, [p.key for p in apart[1:3]]) == ("phone:1", ["phone:3", "phone:0"])


def test_a_site_of_many_phones_is_asked_about_as_few() -> None:
    rows = [MAKERS[kind](str(231 + place)) for place in range(300) for kind in (("phone", "stun", "eol")[place % 3],)]
    situation, _ = situation_of(POLICY, given(rows=rows, ticket={"involves": ["ext:231"], "problem": "audio"}))
    assert len(situation.parts) == 300
    assert len(situation.groups) == 4
    assert set(columns_of(POLICY)) >= {"stun_confidence", "standing"}
    verdict = judge(POLICY, given(rows=rows)).verdict
    assert verdict.scope == "in_scope"
    assert verdict.installation == "out_of_scope"


def test_findings_that_are_no_root_excuse_their_parts() -> None:
    rows = [MAKERS["stun"](str(231 + place)) for place in range(3)]
    subject = [f"phone:{row.get('mac')}" for row in rows]
    context, root = (finding("SCOPE-07", areas=["phone"], severity="high") for _ in range(2))
    context.clause = root.clause = "excluded.stun-phones"
    context.subject, context.role = subject[:2], "context"
    root.subject, root.role = subject[1:], "root"
    situation, _ = situation_of(POLICY, given(rows=rows, findings=[context, root]))
    assert {p.key: p.excused for p in situation.parts} == {
        subject[0]: frozenset({"excluded.stun-phones"}),
        subject[1]: frozenset(),
        subject[2]: frozenset(),
    }
