"""Call detail records."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.cdr import Cdr
from parsers.tables import cdr
from parsers.tables.cdr import PARSERS
from tests.parsers.config.reading import read

V18 = (
    "Call 700001,00000AAA11BB22CC_101,00:01:10,2026/02/01 09:00:00,2026/02/01 09:00:05,2026/02/01 09:01:15,TerminatedByDst,"
    "015550100,Ext.800,10000,800,800,ReplacedDst,Ext.101,101,,,,,Chain: 015550100;Ext.800;Ext.101;"
)
V20 = (
    "Call 700002,1a2b3c4d00010000_55,00:00:31,2026/03/03 08:00:00,,2026/03/03 08:00:38,src_participant_terminated,015550101,"
    "Ext.801,10001,801,801,ReplacedDst,Ext.102,102,,,,,Chain: 015550101;Ext.801;Ext.102;,Line,Queue,Extension,015550101,"
    "Support,Ann Example,"
)


def test_short_form() -> None:
    found = read(PARSERS, V18 + "\r\n", "cdr.log")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("cdr", 90, 1, 1)
    call = found.one(Cdr)
    assert (call.history_id, call.call_id, call.duration_s, call.local) == ("700001", "00000AAA11BB22CC_101", 70, True)
    assert call.start == datetime(2026, 2, 1, 9, tzinfo=UTC)
    assert call.answered == datetime(2026, 2, 1, 9, 0, 5, tzinfo=UTC)
    assert call.end == datetime(2026, 2, 1, 9, 1, 15, tzinfo=UTC)
    assert (call.reason, call.change, call.from_number, call.to_number) == (
        "TerminatedByDst",
        "ReplacedDst",
        "015550100",
        "Ext.800",
    )
    assert (call.from_dn, call.to_dn, call.dialled, call.final_number, call.final_dn) == (
        "10000",
        "800",
        "800",
        "Ext.101",
        "101",
    )
    assert (call.chain, call.from_type, call.from_name) == ("015550100;Ext.800;Ext.101;", None, None)
    assert (call.source.line, call.source.time) == (1, "2026/02/01 09:00:00")


@pytest.mark.parametrize("text", [V20, V20.removesuffix(","), V20.removeprefix("Call "), f"\ufeff{V20}"])
def test_long_form(text: str) -> None:
    call = read(PARSERS, text, "cdr-260303080000.700002.log").one(Cdr)
    assert (call.history_id, call.answered) == ("700002", None)
    assert (call.from_type, call.to_type, call.final_type) == ("line", "queue", "extension")
    assert (call.from_name, call.to_name, call.final_name) == ("015550101", "Support", "Ann Example")


@pytest.mark.parametrize("name", ["Example, Ann", "Example, Ann, Dr"])
def test_names_with_commas_are_left_out_not_guessed(name: str) -> None:
    found = read(PARSERS, V20.replace("Ann Example", name), "cdr.log")
    call = found.one(Cdr)
    assert (call.from_name, call.to_name, call.final_name, call.final_type) == (None, None, None, "extension")
    assert call.missed_queue_calls is None
    assert found.tally.understood == 1


def test_another_order_gives_what_is_plain_by_its_form() -> None:
    line = "2026/02/01 09:00:00,2026/02/01 09:00:05,2026/02/01 09:01:15,015550100,101,00000AAA11BB22CC_101,00:01:10,TerminatedBySrc\n"
    found = read(PARSERS, line * 2, "cdr.log")
    call = found.of(Cdr)[0]
    assert (call.call_id, call.duration_s, call.reason) == ("00000AAA11BB22CC_101", 70, "TerminatedBySrc")
    assert (call.answered, call.from_number) == (datetime(2026, 2, 1, 9, 0, 5, tzinfo=UTC), None)
    assert (found.tally.records, found.tally.understood) == (2, 2)
    assert found.problems == [
        "line 1 and 1 more: not the documented order of fields; only what is plain by its form is taken"
    ]


def test_two_times_alone_do_not_tell_answer_from_end() -> None:
    call = read(PARSERS, "2026/02/01 09:00:00,2026/02/01 09:01:15,x\n", "cdr.log").one(Cdr)
    assert (call.start, call.answered, call.end) == (datetime(2026, 2, 1, 9, tzinfo=UTC), None, None)


def test_table_of_newer_versions() -> None:
    text = (
        "cdr_id,call_history_id,source_dn_number,source_dn_type,source_participant_phone_number,destination_dn_number,"
        "destination_dn_type,creation_method,termination_reason,cdr_started_at,cdr_ended_at,cdr_answered_at\n"
        "0a1b,9f00,10000,provider,015550100,800,queue,call_init,polling,2026-03-03 08:00:00.5+00,2026-03-03 08:00:31+00,\n"
    )
    found = read(PARSERS, text, "cdr_output.csv")
    assert (found.kind, found.claim) == ("cdr", 90)
    call = found.one(Cdr)
    assert (call.call_id, call.history_id, call.creation, call.reason) == ("0a1b", "9f00", "call_init", "polling")
    assert (call.from_dn, call.from_type, call.from_number, call.to_dn, call.to_type) == (
        "10000", "provider", "015550100", "800", "queue",
    )  # fmt: skip
    assert (call.start, call.answered, call.local) == (datetime(2026, 3, 3, 8, 0, 0, 500_000, tzinfo=UTC), None, False)
    assert (call.source.row, call.duration_s) == (1, 30)


def test_other_files_are_not_claimed() -> None:
    assert read(PARSERS, "a,b,c\n", "x.log").kind is None
    assert read(PARSERS, "2026/11/12 10:14:00.118|0021|Trac| text, more, text\n", "x.log").kind is None
    assert read(PARSERS, "garbage\n", "cdr.log").claim == 30
    assert read(PARSERS, "garbage\n", "cdr.log").tally.understood == 0


def test_number_of_rows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdr, "ROW_LIMIT", 2)
    found = read(PARSERS, f"{V18}\n" * 5, "cdr.log")
    assert (len(found.of(Cdr)), found.tally.records, found.tally.understood) == (2, 5, 5)
    assert found.problems == ["more than the limit of 2 calls: the others are only counted"]


def test_repetition_is_read_in_no_time() -> None:
    for piece in (",", "0" * 8 + "_1,", "00:00:00,", "a,", "2026/02/01 09:00:00,"):
        read(PARSERS, piece * 20_000, "cdr.log")


@given(st.text(',Call 0123456789/:_\nTerminatedByDst;"', max_size=300))
def test_nothing_raises(text: str) -> None:
    read(PARSERS, text, "cdr.log")
    read(PARSERS, V18[: len(text)] + text, "cdr.log")
