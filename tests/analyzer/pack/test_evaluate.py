"""Correlations in sliding windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.pack import ir
from analyzer.pack.evaluate import Hit, Outcome, correlate, judge_all
from analyzer.pack.finding_row import FindingRow
from parsers.facts.base import Row, Source
from parsers.facts.inventory import Phone
from parsers.facts.log import Event, LogRecord

START = datetime(2026, 11, 12, 9, tzinfo=UTC)
HERE = Source(artifact="x")


def plain(name: str, **changes: Any) -> ir.Rule:
    values: dict[str, Any] = {
        "code": "", "name": name, "id": "", "status": "test", "level": "high", "owner": "partner", "confidence": 90,
        "tables": ("event",), "condition": ir.Exists("event_id", wanted=True), "texts": {"en": ir.Texts("t", "m", "r")},
    }  # fmt: skip
    return ir.Rule(**(values | changes))


A, B, C = plain("a"), plain("b"), plain("c")


def hit(rule: ir.Rule, minutes: float | None, **fields: Any) -> Hit:
    time = None if minutes is None else START + timedelta(minutes=minutes)
    return Hit.of(rule, Event(source=HERE, event_id=1, time=time, fields=fields))


def wanted(kind: ir.CorrelationType, *names: str, **changes: Any) -> ir.Correlation:
    values: dict[str, Any] = {"type": kind, "rules": names, "timespan_s": 3600, "needs": (names,)}
    return ir.Correlation(**(values | changes))


def run(joined: ir.Correlation, *hits: Hit) -> Outcome:
    parts = {name: Outcome([item for item in hits if item.rule.name == name]) for name in joined.rules}
    return correlate(plain("joined", condition=None, correlation=joined), joined, parts)


def count(minimum: int, **changes: Any) -> ir.Correlation:
    return wanted("event_count", "a", needs=(), minimum=minimum, **changes)


def test_event_count_in_a_window_that_slides() -> None:
    times = (0, 50, 70, 105, 500)
    found = run(count(3), *(hit(A, minute) for minute in times))
    [joined] = found.hits
    assert [member.start for member in joined.members] == [START + timedelta(minutes=m) for m in (50, 70, 105)]
    assert (joined.start, joined.end) == (START + timedelta(minutes=50), START + timedelta(minutes=105))
    assert not run(count(4), *(hit(A, minute) for minute in times)).hits


def test_the_window_has_both_of_its_ends() -> None:
    assert run(count(2), hit(A, 0), hit(A, 60)).hits
    assert not run(count(2), hit(A, 0), hit(A, 60.001)).hits


def test_groups_are_apart_and_their_case_does_not_matter() -> None:
    joined = count(2, group_by=("trunk",))
    found = run(joined, hit(A, 0, trunk="One"), hit(A, 1, trunk="two"), hit(A, 2, trunk="ONE"), hit(A, 3))
    assert [item.group for item in found.hits] == [{"trunk": "One"}]
    assert found.undecided == {"trunk": 1}


def test_aliases_name_the_field_of_each_rule() -> None:
    joined = wanted("temporal", "a", "b", group_by=("who",), aliases={"who": {"a": "trunk", "b": "number"}})
    assert run(joined, hit(A, 0, trunk="1"), hit(B, 1, number="1")).hits
    assert not run(joined, hit(A, 0, trunk="1"), hit(B, 1, number="2")).hits


def test_a_list_belongs_to_the_group_of_each_element() -> None:
    rule = plain("a", tables=("phone",))
    phones = [Phone(source=HERE, extensions=["105", "106"]), Phone(source=HERE, extensions=["106"])]
    found = run(count(2, group_by=("extensions",)), *(Hit.of(rule, phone) for phone in phones))
    assert [item.group for item in found.hits] == [{"extensions": "106"}]


def test_value_count_counts_different_values() -> None:
    joined = wanted("value_count", "a", needs=(), minimum=3, field="ip")
    same = [hit(A, minute, ip="10.0.0.1") for minute in range(5)]
    assert not run(joined, *same).hits
    assert not run(joined, *same, hit(A, 5, ip="10.0.0.2"), hit(A, 100, ip="10.0.0.3")).hits
    found = run(joined, *same, hit(A, 5, ip="10.0.0.2"), hit(A, 50, ip="10.0.0.3"), hit(A, 51))
    assert len(found.hits[0].members) == 7
    assert found.undecided == {"ip": 1}


def test_temporal_wants_all_in_any_order() -> None:
    joined = wanted("temporal", "a", "b")
    assert run(joined, hit(B, 0), hit(A, 59)).hits
    assert not run(joined, hit(B, 0), hit(A, 61)).hits
    assert not run(joined, hit(B, 0), hit(B, 1)).hits


def test_temporal_with_alternatives() -> None:
    joined = wanted("temporal", "a", "b", "c", needs=(("a", "b"), ("a", "c")))
    assert run(joined, hit(A, 0), hit(C, 5)).hits
    assert not run(joined, hit(B, 0), hit(C, 5)).hits


def test_the_first_hit_of_each_rule_leads() -> None:
    [joined] = run(wanted("temporal", "a", "b"), *(hit(A, minute) for minute in range(10)), hit(B, 20)).hits
    assert [member.rule.name for member in joined.members[:3]] == ["a", "b", "a"]
    assert len(joined.members) == 11


def test_temporal_ordered_wants_the_order() -> None:
    joined = wanted("temporal_ordered", "a", "b", "c")
    assert run(joined, hit(A, 0), hit(B, 10), hit(C, 20)).hits
    assert not run(joined, hit(B, 0), hit(A, 10), hit(C, 20)).hits
    assert not run(joined, hit(A, 0), hit(B, 10), hit(C, 61)).hits
    late = run(joined, hit(A, 0), hit(A, 30), hit(B, 40), hit(C, 85))
    assert [member.start for member in late.hits[0].members] == [START + timedelta(minutes=m) for m in (30, 40, 85)]


def test_temporal_ordered_takes_the_same_moment_as_in_order() -> None:
    assert run(wanted("temporal_ordered", "a", "b"), hit(B, 0), hit(A, 0)).hits


def test_every_chain_counts() -> None:
    found = run(wanted("temporal_ordered", "a", "b"), hit(A, 0), hit(B, 1), hit(A, 300), hit(B, 301), hit(A, 302))
    assert len(found.hits[0].members) == 4


def test_states_hold_at_any_time() -> None:
    state = plain("s", tables=("phone",))
    phone = Phone(source=HERE, vendor="a")
    assert run(wanted("temporal", "a", "s"), hit(A, 0), Hit.of(state, phone)).hits
    assert run(wanted("temporal", "s", "s2"), Hit.of(state, phone), Hit.of(plain("s2"), phone)).hits
    ordered = run(wanted("temporal_ordered", "a", "s"), hit(A, 0), Hit.of(state, phone))
    assert not ordered.hits
    assert ordered.undecided == {"time": 1}


def test_a_finding_without_a_time_is_a_state_a_record_without_one_is_unknown() -> None:
    finding = FindingRow(source=HERE, code="SYS-01")
    assert Hit.of(plain("f", tables=("finding",)), finding).state
    found = run(count(1), hit(A, None))
    assert not found.hits
    assert found.undecided == {"time": 1}


def test_wall_clock_and_utc_are_never_in_one_window() -> None:
    log = plain("b", tables=("log",))
    record = LogRecord(source=HERE, kind="k", time=START, local=True)
    joined = wanted("temporal", "a", "b")
    apart = run(joined, hit(A, 0), Hit.of(log, record))
    assert not apart.hits
    assert apart.undecided == {"time zone of the logs": 1}
    shifted = LogRecord(source=HERE, kind="k", time=START, local=False)
    assert run(joined, hit(A, 0), Hit.of(log, shifted)).hits


def test_a_correlation_over_correlations() -> None:
    inner = plain("inner", condition=None, tables=(), correlation=count(2, group_by=("trunk",)))
    outer = plain("outer", condition=None, tables=(), correlation=wanted("temporal", "inner", "b", group_by=("trunk",)))
    rules = {"a": A, "b": plain("b", condition=ir.Number("event_id", 2)), "inner": inner, "outer": outer}
    rules["a"] = plain("a", condition=ir.Number("event_id", 1))
    rows: dict[str, Sequence[Row]] = {
        "event": [
            Event(source=HERE, event_id=number, time=START + timedelta(minutes=minute), fields={"trunk": "1"})
            for number, minute in ((1, 0), (1, 1), (2, 5))
        ]
    }
    [found] = judge_all(rules, outer, rows).hits
    assert found.group == {"trunk": "1"}
    assert [member.rule.name for member in found.members] == ["inner", "b"]
    assert len(found.sources()) == 1


minutes = st.lists(st.integers(0, 300), max_size=9)


@given(minutes, st.integers(1, 4))
def test_event_count_as_by_hand(times: list[int], minimum: int) -> None:
    groups = [chosen for chosen in combinations(sorted(times), minimum) if chosen[-1] - chosen[0] <= 60]
    found = run(count(minimum), *(hit(A, minute) for minute in times))
    assert bool(found.hits) is bool(groups)
    if groups:
        inside = [m for m in sorted(times) if any(chosen[0] <= m <= chosen[-1] for chosen in groups)]
        members = sorted(member.start for member in found.hits[0].members if member.start)
        assert members == [START + timedelta(minutes=m) for m in inside]


@given(minutes, minutes, minutes)
def test_temporal_as_by_hand(a: list[int], b: list[int], c: list[int]) -> None:
    hits = [hit(rule, minute) for rule, times in ((A, a), (B, b), (C, c)) for minute in times]
    expected = any(max(x, y, z) - min(x, y, z) <= 60 for x in a for y in b for z in c)
    assert bool(run(wanted("temporal", "a", "b", "c"), *hits).hits) is expected
    ordered = any(x <= y <= z <= x + 60 for x in a for y in b for z in c)
    assert bool(run(wanted("temporal_ordered", "a", "b", "c"), *hits).hits) is ordered


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3)), max_size=9), st.integers(1, 4))
def test_value_count_as_by_hand(pairs: list[tuple[int, int]], minimum: int) -> None:
    expected = any(
        len({value for minute, value in pairs if start <= minute <= start + 60}) >= minimum for start, _ in pairs
    )
    joined = wanted("value_count", "a", needs=(), minimum=minimum, field="ip")
    assert bool(run(joined, *(hit(A, minute, ip=value) for minute, value in pairs)).hits) is expected


def test_sources_are_those_of_the_deciding_fields() -> None:
    there = Source(artifact="x", path="value[0].ProvisionType")
    phone = Phone(source=HERE, sources={"provision_type": there}, provision_type="stun", vendor="v")
    rule = plain("p", tables=("phone",), condition=ir.Text("provision_type", "stun"))
    assert Hit.of(rule, phone).sources() == [there]
    both = plain("p", tables=("phone",), condition=ir.All((ir.Text("vendor", "v"), ir.Text("provision_type", "stun"))))
    assert Hit.of(both, phone).sources() == [there, HERE]


@pytest.mark.parametrize("kind", ["event_count", "value_count", "temporal", "temporal_ordered"])
def test_no_hits_at_all(kind: ir.CorrelationType) -> None:
    assert not run(wanted(kind, "a", "b", minimum=1, field="x")).hits
