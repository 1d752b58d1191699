"""The same SIP messages in a log and in a capture: zone, skew, drift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.facts import Source
from parsers.facts.capture import Capture, SipMessage
from parsers.facts.log import LogCoverage
from tests.analyzer.join.conftest import Joined

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)


def message(number: int, seconds: float, *, line: int | None = None, **values: object) -> SipMessage:
    artifact = "trace.pcap" if line is None else "3CXGatewayService.log"
    source = Source(artifact=artifact, line=line, frame=number if line is None else None)
    given: dict[str, object] = {"method": "INVITE", "call_id": f"c{number}", "cseq": 1, "cseq_method": "INVITE", "branch": f"z9hG4bK{number}"}  # fmt: skip
    return SipMessage(source=source, time=NINE + timedelta(seconds=seconds), **(given | values))  # type: ignore[arg-type]


def capture() -> Capture:
    return Capture(source=Source(artifact="trace.pcap"), artifact="trace.pcap")


def pairs(count: int, ahead_s: float, step_s: float = 10, ppm: float = 0) -> list[SipMessage]:
    wire = [message(n, n * step_s) for n in range(count)]
    logged = [message(n, n * step_s * (1 + ppm / 1e6) + ahead_s, line=n + 1) for n in range(count)]
    return [*wire, *logged]


@pytest.mark.parametrize(
    ("ahead_s", "zone", "skew"),
    [
        (0.0, 0, 0.0),
        (0.25, 0, 0.25),
        (3600.0, 3600, 0.0),
        (-18000.5, -18000, -0.5),
        (20700.0, 20700, 0.0),
        (7237.0, 7200, 37.0),
        (-41.0, 0, -41.0),
        (1000.0, None, 1000.0),
    ],
)
def test_offset_is_a_zone_and_what_remains(joined: Joined, ahead_s: float, zone: int | None, skew: float) -> None:
    facts, _ = joined(capture(), *pairs(6, ahead_s))
    [row] = facts.of(Capture)
    assert (row.joined_messages, row.tz_offset_s, row.clock_skew_s) == (6, zone, skew)
    assert row.derived["clock_drift_ppm"] is None


def test_one_wrong_time_does_not_move_the_offset(joined: Joined) -> None:
    rows = pairs(6, 3600)
    rows[-1].time = NINE + timedelta(days=3)
    [row] = joined(capture(), *rows)[0].of(Capture)
    assert (row.tz_offset_s, row.clock_skew_s) == (3600, 0.0)


def test_too_few_joins_tell_nothing(joined: Joined) -> None:
    [row] = joined(capture(), *pairs(4, 3600))[0].of(Capture)
    assert (row.joined_messages, row.tz_offset_s, row.clock_skew_s) == (4, None, None)


def test_other_messages_are_not_joined(joined: Joined) -> None:
    wire = [message(n, n) for n in range(6)]
    others = [
        message(0, 0, line=1, branch="z9hG4bKother"),
        message(1, 1, line=2, cseq=2),
        message(2, 2, line=3, method=None, status=200),
        message(3, 3, line=4, call_id="other leg"),
        message(4, 4, line=5, call_id=None),
    ]
    [row] = joined(capture(), *wire, *others)[0].of(Capture)
    assert row.joined_messages == 0


def test_a_log_that_leaves_out_repeats_joins_the_first_sending(joined: Joined) -> None:
    repeats = [message(0, seconds) for seconds in (0, 0.5, 1.5, 3.5)]
    rows = [*repeats, *(message(n, n) for n in range(1, 6)), *(message(n, n + 60, line=n + 1) for n in range(6))]
    [row] = joined(capture(), *rows)[0].of(Capture)
    assert (row.joined_messages, row.clock_skew_s) == (6, 60.0)


def test_drift(joined: Joined) -> None:
    [row] = joined(capture(), *pairs(30, 2, step_s=60, ppm=80))[0].of(Capture)
    assert row.derived["clock_drift_ppm"] == pytest.approx(80, abs=0.5)


def test_times_of_messages_in_logs_are_put_on_utc(joined: Joined) -> None:
    log = LogCoverage(
        source=Source(artifact="3CXGatewayService.log"), kind="service_log", records=6, first=NINE, last=NINE
    )
    facts, system = joined(capture(), log, *pairs(6, 3600))
    assert system.value("log_utc_offset_s") == 3600
    logged = [row for row in facts.of(SipMessage) if row.source.line is not None]
    assert [row.time for row in logged] == [NINE + timedelta(seconds=10 * n) for n in range(6)]
