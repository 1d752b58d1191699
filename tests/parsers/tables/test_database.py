"""Tables of the PBX's database: quality, voicemail, queue calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.call_centre import QueueCall, Voicemail
from parsers.facts.log import Quality
from parsers.tables.database import PARSERS
from tests.parsers.config.reading import read

QUALITY = (
    "call_history_id,call_id,time_stamp,summary,a_number,b_number,a_useragent,a_address,a_codec,b_codec,a_mos_to_pbx,b_mos_to_pbx,"
    "a_mos_from_pbx,b_mos_from_pbx,a_rx,b_rx,a_rx_loss,b_rx_loss,a_rx_jitter,a_duration"
)


def test_two_sides_of_a_call() -> None:
    row = (
        "x,7,2026-11-12 09:00:00.5+00,No RTCP,104,0305550100,Example 1,192.0.2.4,PCMU,PCMA,4.1,0,2.3,0,460,0,40,,38,12"
    )
    got = read(PARSERS, f"\ufeff{QUALITY}\n{row}\n", "cl_quality.csv")
    assert (got.kind, got.tally.records, got.tally.understood) == ("cl_quality", 1, 1)
    near, far = got.of(Quality)
    assert (near.number, near.codec, near.mos_from_pbx, near.mos_to_pbx) == ("104", "PCMU", 2.3, 4.1)
    assert (near.rx_lost, near.rx_packets, near.loss_pct, near.rx_jitter, near.duration_s) == (40, 460, 8.0, 38.0, 12.0)
    assert (near.time, near.reason) == (datetime(2026, 11, 12, 9, 0, 0, 500000, tzinfo=UTC), "No RTCP")
    assert (far.mos_from_pbx, far.mos_to_pbx, far.loss_pct, far.rx_lost) == (
        None,
        None,
        None,
        None,
    )  # 0 is not measured
    assert near.source.row == 1


@pytest.mark.parametrize(("written", "failed"), [("t", True), ("1", True), ("f", False), ("", None), ("NULL", None)])
def test_voicemail(written: str, failed: bool | None) -> None:
    text = f"__name,callee,created_time,notify_failed,attempts,lasterror\nx,104,20260913150955.22,{written},3,refused\n"
    got = read(PARSERS, text, "s_voicemail.csv").one(Voicemail)
    assert (got.extension, got.notify_failed, got.attempts, got.last_error) == ("104", failed, 3, "refused")
    assert got.time == datetime(2026, 9, 13, 15, 9, 55, tzinfo=UTC)


def test_queue_calls() -> None:
    text = "q_num,time_start,count_polls,count_dialed,count_rejected\n801,2026-11-12 09:00:00+00,3,3,1\n802,,0,0,0\n,x,1,1,1\n803,,,,\n"
    got = read(PARSERS, text, "callcent_queuecalls.csv")
    one, none, unknown = got.of(QueueCall)
    assert (one.queue, one.polls, one.rejected, one.rejected_pct) == ("801", 3, 1, 33.3)
    assert (none.rejected_pct, unknown.rejected_pct, unknown.polls) == (None, None, None)
    assert (got.tally.records, got.tally.understood) == (4, 3)


def test_other_tables_are_not_claimed() -> None:
    assert read(PARSERS, "callee,caller\n1,2\n", "s_voicemail.csv").kind is None


@given(
    st.binary(max_size=200),
    st.sampled_from([QUALITY, "callee,notify_failed,lasterror", "q_num,count_polls,count_rejected"]),
)
def test_nothing_raises(data: bytes, header: str) -> None:
    read(PARSERS, header.encode() + b"\n" + data, "x.csv")
