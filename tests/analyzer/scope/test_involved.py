"""Which phones a named extension or call involves, where several stand behind one address."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.facts.base import Row
from parsers.facts.capture import Call, Registration, SipPeer
from parsers.facts.inventory import Phone
from tests.analyzer.scope.making import (
    clauses,
    generic_trunk,
    judged,
    phone,
    source,
    stun_phone,
    trunk,
    unknown_phone,
)

NAT = "203.0.113.77"
OUT = ("excludes", "excluded.unsupported-trunk")
ASKS = ("requires", "excluded.unsupported-trunk")


def eol_phone(extension: str = "233", **columns: Any) -> Phone:
    return phone(extension, **{"standing": "eol", "status": "eol"} | columns)


def registration(user: str, client: str) -> Registration:
    return Registration(source=source(), aor=f"{user}@pbx.example", user=user, client=client)


def call(caller: str, from_user: str, call_id: str = "7@pbx", **columns: Any) -> Call:
    base = {"callee": "192.0.2.1:5060", "to_user": "900111222"}
    return Call(source=source(), call_id=call_id, caller=caller, from_user=from_user, **base | columns)


def excluded(rows: list[Row], involves: str) -> set[str]:
    return clauses(judged({"problem": "audio", "involves": [involves]}, rows=rows), "excludes")


@pytest.mark.parametrize(
    ("involves", "expected"),
    [
        ("ext:231", set()),
        ("call:7@pbx", set()),
        ("ext:233", {"excluded.eol-phones"}),
        ("call:8@pbx", {"excluded.eol-phones"}),
        (f"phone:{NAT}", {"excluded.eol-phones"}),
    ],
)
def test_another_users_phone_behind_the_same_address_is_not_meant(involves: str, expected: set[str]) -> None:
    rows: list[Row] = [
        phone("231", ip=NAT),
        eol_phone("233", ip=NAT),
        registration("231", f"{NAT}:5062"),
        registration("233", f"{NAT}:5063"),
        call(f"{NAT}:5062", "231"),
        call(f"{NAT}:5063", "233", "8@pbx"),
    ]
    assert excluded(rows, involves) == expected


@pytest.mark.parametrize("involves", ["ext:231", "call:7@pbx"])
def test_a_phone_without_known_user_at_the_address_is_meant(involves: str) -> None:
    rows: list[Row] = [
        eol_phone("233", ip=NAT, extensions=[]),
        eol_phone("234", ip=NAT, extensions=["234"], standing="supported", status="supported"),
        registration("231", f"{NAT}:5062"),
        call(f"{NAT}:5062", "231"),
    ]
    assert excluded(rows, involves) == {"excluded.eol-phones"}


@pytest.mark.parametrize("involves", ["ext:231", "call:7@pbx"])
def test_the_only_phone_at_the_address_is_meant_whoever_uses_it(involves: str) -> None:
    rows: list[Row] = [eol_phone("233", ip=NAT), registration("231", f"{NAT}:5062"), call(f"{NAT}:5062", "231")]
    assert excluded(rows, involves) == {"excluded.eol-phones"}


def test_a_call_is_of_the_phone_that_made_it_not_of_all_phones_of_its_extension() -> None:
    rows: list[Row] = [
        phone("231", ip="192.0.2.31"),
        stun_phone("232", ip="198.51.100.31", extensions=["231"]),
        call("192.0.2.31:5060", "231", linked=["8@pbx"]),
        call("192.0.2.1:5060", "231", "8@pbx", callee="192.0.2.9:5060"),
    ]
    assert excluded(rows, "call:7@pbx") == set()
    assert excluded(rows, "ext:231") == {"excluded.stun-phones"}


def test_a_call_from_an_unknown_address_may_be_of_any_phone_of_its_extension() -> None:
    rows: list[Row] = [phone("231"), stun_phone("232", extensions=["231"]), call("203.0.113.5:5060", "231")]
    assert excluded(rows, "call:7@pbx") == {"excluded.stun-phones"}


def test_a_phone_that_rang_is_part_of_the_call() -> None:
    rows: list[Row] = [
        phone("231", ip="192.0.2.31"),
        stun_phone("232", ip="198.51.100.31", extensions=["231"]),
        call("203.0.113.5:5060", "900111222", to_user="231", linked=["8@pbx", "9@pbx"]),
        call("192.0.2.1:5060", "900111222", "8@pbx", callee="192.0.2.31:5060", to_user="231"),
        call("192.0.2.1:5060", "900111222", "9@pbx", callee="198.51.100.31:5060", to_user="231"),
    ]
    assert excluded(rows, "call:7@pbx") == {"excluded.stun-phones"}


def trunk_call(**derived: Any) -> Call:
    made = call("192.0.2.1:5060", "34910000000", callee="203.0.113.50:5060")
    made.derived |= {"trunk": "203.0.113.50"} | derived
    return made


TRUNK_CALLS: list[tuple[list[Row], dict[str, Any], set[tuple[str, str]]]] = [
    ([generic_trunk("10000"), generic_trunk("10001")], {"trunk_numbers": ["10000", "10001"]}, {OUT}),
    ([generic_trunk("10000"), generic_trunk("10001", host="b.example")], {}, {OUT}),
    ([trunk("10000"), trunk("10001")], {"trunk_numbers": ["10000", "10001"]}, set()),
    ([trunk("10000"), generic_trunk("10001")], {"trunk_numbers": ["10000", "10001"]}, {ASKS}),
    ([trunk("10000"), generic_trunk("10001")], {}, {ASKS}),
    ([trunk("10000", host="203.0.113.50"), generic_trunk("10001", host="203.0.113.50")], {"trunk_numbers": ["10000", "10001"]}, {ASKS}),
    ([trunk("10000", host="203.0.113.50"), generic_trunk("10001")], {}, set()),
    ([trunk("10000"), generic_trunk("10001", host="198.51.100.9")], {}, set()),
    ([trunk("10000"), generic_trunk("10001")], {"trunk_number": "10001"}, {OUT}),
    ([trunk("10000"), generic_trunk("10001")], {"trunk": None}, set()),
    ([], {}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("trunks", "derived", "expected"), TRUNK_CALLS)
def test_the_trunk_of_a_call_that_may_be_one_of_several(
    trunks: list[Row], derived: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    rows = [phone("231", extensions=["231", "34910000000"]), *trunks, trunk_call(**derived)]
    result = judged({"problem": "calls", "involves": ["call:7@pbx"]}, rows=rows)
    strict = {(reason.effect, reason.clause) for reason in result.verdict.reasons if reason.effect != "advises"}
    assert strict == expected


def test_the_question_names_the_trunks_that_it_may_be_and_the_call() -> None:
    rows = [phone("231", extensions=["34910000000"]), trunk("10000"), generic_trunk("10001"), trunk_call()]
    result = judged({"problem": "calls", "involves": ["call:7@pbx"]}, rows=rows)
    [missing] = result.verdict.missing
    assert "trunk 203.0.113.50 (10000 / 10001)" in missing.what
    assert (missing.if_yes, missing.if_no) == ("in_scope", "out_of_scope")
    [reason] = [reason for reason in result.verdict.reasons if reason.effect == "requires"]
    assert reason.evidence == [source()]


@pytest.mark.parametrize(
    ("trunks", "name", "expected"),
    [
        ([trunk("10000"), generic_trunk("10001")], "34910000123", {ASKS}),  # a dialled number, of either of them
        ([trunk("10000"), generic_trunk("10001")], "trunk 10001", {OUT}),
        ([trunk("10000"), generic_trunk("10001")], "10000 (Nordtel)", set()),
        ([trunk("10000"), generic_trunk("10001")], "Cobre", {OUT}),
        ([trunk("10000", host="203.0.113.5"), generic_trunk("10001")], "203.0.113.50", {ASKS}),
        ([trunk("10000", host="203.0.113.50"), generic_trunk("10001")], "203.0.113.5", {ASKS}),
        ([generic_trunk("10001")], "+34 910 000 123", {OUT}),
        ([trunk("10000")], "34910000123", set()),
        ([trunk("10000")], "99999", {ASKS}),
        ([], "34910000123", {ASKS}),
    ],
)
def test_a_trunk_by_a_name_that_is_not_quite_its_own(
    trunks: list[Row], name: str, expected: set[tuple[str, str]]
) -> None:
    result = judged({"problem": "trunk", "involves": [f"trunk:{name}"]}, rows=trunks)
    strict = {(reason.effect, reason.clause) for reason in result.verdict.reasons if reason.effect != "advises"}
    assert strict == expected


def test_another_3cx_is_reached_over_a_bridge() -> None:
    other = SipPeer(source=source(), ip="203.0.113.50", version="20.0.9.995")
    bridge = trunk("10008", type="bridge", name="Branch", standing="unknown", status="unknown", template_type=None)
    for trunks in ([trunk("10000"), bridge], [trunk("10000"), generic_trunk("10001")]):
        rows = [phone("231", extensions=["34910000000"]), *trunks, trunk_call(), other]
        assert judged({"problem": "calls", "involves": ["call:7@pbx"]}, rows=rows).verdict.scope == "in_scope"


def test_parts_that_are_not_involved_stand_behind_those_that_are_of_the_same_clause() -> None:
    rows = [stun_phone("231"), unknown_phone("233"), unknown_phone("234"), trunk()]
    unknown = "Not known whether supported: Zetavox ZX-900 of extension {}."
    reasons = judged({"involves": ["ext:231", "ext:233"]}, rows=rows).verdict.reasons
    assert [(row.effect, row.clause, row.why) for row in reasons[:2]] == [
        ("excludes", "excluded.stun-phones", "Configured through STUN: Yealink T54W of extension 231."),
        (
            "requires",
            "excluded.unsupported-phones",
            f"{unknown.format(233)} Not part of the problem: {unknown.format(234)}",
        ),
    ]
