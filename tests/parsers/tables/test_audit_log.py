"""The audit log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.log import Audit
from parsers.tables import audit_log
from parsers.tables.audit_log import PARSERS
from tests.parsers.config.reading import read

HEADER = "id,time_stamp,source,ip,action,object_type,user_name,object_name,prev_data,new_data\n"
CHANGE = (
    '7,2026-11-12 09:02:11.120000+00,1,203.0.113.5,2,4,admin,105,"{""AuthPassword"":""hunter2222""}",'
    '"{""AuthPassword"":""hunter3333"",""Enabled"":false}"\n'
)
OPENING = "8,2026-11-12 09:03:11+00,1,203.0.113.5,5,1,anna,Web client,,\n"


def test_only_changes_become_rows() -> None:
    found = read(PARSERS, HEADER + OPENING * 50 + CHANGE + OPENING, "audit_log.csv")
    assert (found.kind, found.claim, found.problems) == ("audit_log", 90, [])
    assert (found.tally.records, found.tally.understood) == (52, 52)
    (change,) = found.of(Audit)
    assert change.time == datetime(2026, 11, 12, 9, 2, 11, 120_000, tzinfo=UTC)
    assert (change.user, change.ip, change.object_name, change.action, change.changed) == (
        "admin", "203.0.113.5", "105", "2", True,
    )  # fmt: skip
    assert change.source.row == 51
    assert change.source.text == "2026-11-12 09:02:11.120000+00,203.0.113.5,2,4,admin,105"


def test_data_that_is_there_and_empty_is_no_change() -> None:
    line = "9,2026-11-12 09:04:11+00,1,203.0.113.5,5,1,anna,Web client,{},null\n"
    found = read(PARSERS, HEADER + line + CHANGE, "audit_log.csv")
    assert (len(found.of(Audit)), found.tally.understood) == (1, 2)


def test_a_time_that_cannot_be_read_is_said() -> None:
    found = read(
        PARSERS, HEADER + CHANGE + CHANGE.replace("2026-11-12 09:02:11.120000+00", "12/11/2026 09:02"), "a.csv"
    )
    assert (found.tally.records, found.tally.understood, len(found.of(Audit))) == (2, 1, 2)
    assert found.problems == ["no time can be read in row 2: '12/11/2026 09:02' stands there"]


def test_passwords_never_leave() -> None:
    found = read(PARSERS, HEADER + CHANGE, "audit_log.csv")
    assert "hunter" not in repr(found.rows) + repr(found.problems)
    assert {"hunter2222", "hunter3333"} <= found.secrets


def test_text_form_of_data() -> None:
    line = '9,2026-11-12 09:02:11+00,1,203.0.113.5,2,4,admin,105,,"AuthPassword: ""hunter4444"", Enabled: true"\n'
    found = read(PARSERS, HEADER + line, "x.csv")
    assert "hunter4444" in found.secrets
    assert "hunter4444" not in repr(found.rows)


def test_missing_columns_and_bad_times() -> None:
    assert read(PARSERS, "id,time_stamp\n1,2\n", "audit_log.csv").tally.unreadable
    assert read(PARSERS, "id,time_stamp\n1,2\n", "other.csv").kind is None
    found = read(PARSERS, HEADER + CHANGE.replace("2026-11-12 09:02:11.120000+00", "soon"), "audit_log.csv")
    assert (found.tally.records, found.tally.understood) == (1, 0)


def test_number_of_rows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "ROW_LIMIT", 3)
    found = read(PARSERS, HEADER + CHANGE * 5, "audit_log.csv")
    assert (len(found.of(Audit)), found.tally.records) == (3, 5)
    assert found.problems == ["5 changes: the limit of 3 is reached, the others are only counted"]


@given(st.binary(max_size=300))
def test_nothing_raises(data: bytes) -> None:
    read(PARSERS, HEADER.encode() + data, "audit_log.csv")
