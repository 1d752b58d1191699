from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.facts import Row, Source
from parsers.facts.capture import Capture
from parsers.facts.log import Event, LogCoverage, LogRecord
from tests.analyzer.join.conftest import Joined

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)


def record(seconds: float, text: str, kind: str = "service_log", line: int = 1, *, local: bool = True) -> LogRecord:
    return LogRecord(
        source=Source(artifact="a.log", line=line, text=text),
        kind=kind,
        time=NOON + timedelta(seconds=seconds),
        local=local,
        text=text,
    )


def ended(prefix_s: float, utc_s: float, line: int = 1) -> LogRecord:
    end = (NOON + timedelta(seconds=utc_s)).strftime("%Y-%m-%d %H:%M:%S.%f")
    return record(
        prefix_s, f"CHR: [CallFlowParser] Processing X Record: CallDBId={{123}}; EndTime={{{end}}};", line=line
    )


def event(seconds: float, message: str) -> Event:
    return Event(
        source=Source(artifact="eventlog.csv", row=1),
        event_id=1,
        time=NOON + timedelta(seconds=seconds),
        message=message,
    )


def test_utc_times_inside_records_give_the_offset_and_logs_are_shifted(joined: Joined) -> None:
    rows: list[Row] = [ended(7200.02, 0, 4), ended(7260.9, 60, 9), ended(7300.3, 100, 12), record(0, "something else")]
    coverage = LogCoverage(source=Source(), kind="service_log", records=4, first=NOON, last=NOON + timedelta(hours=3))
    facts, system = joined(*rows, coverage)
    offset = system.columns["log_utc_offset_s"]
    assert offset.value == 7200
    assert offset.source.line == 4
    assert offset.source.text.startswith("3 records joined, +7200 s, spread 0.900 s; CHR:")
    assert facts.of(LogRecord)[3].time == NOON - timedelta(hours=2)
    assert {r.local for r in facts.of(LogRecord)} == {False}
    [log] = facts.of(LogCoverage)
    assert (log.first, log.last, log.local) == (NOON - timedelta(hours=2), NOON + timedelta(hours=1), False)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ended(7200, 0), ended(7260, 60)],
        [ended(7200, 0), ended(7260, 60), ended(7203, 0)],
        [ended(100, 0), ended(160, 60), ended(220, 120)],
        [ended(7200, 0)] * 3 + [ended(3600, 0)] * 3,
        [ended(60 * 3600, 0)] * 5,
        [record(0, "EndTime={2026-99-99 00:00:00}")] * 5,
        [record(0, "EndTime={" + "9" * 30_000)] * 3,
    ],
)  # fmt: skip
def test_thin_or_contradicting_evidence_gives_no_offset(joined: Joined, rows: list[LogRecord]) -> None:
    facts, system = joined(*rows)
    assert "log_utc_offset_s" not in system.columns
    assert all(row.local for row in facts.of(LogRecord))


def test_times_that_are_near_each_other_are_no_evidence(joined: Joined) -> None:
    """Same second but for the hour, yet other texts: nothing says that these are the same thing."""
    rows: list[Row] = []
    for n in range(5):
        rows += [
            event(n * 60, f"Trunk 1000{n} has changed status to Registered"),
            record(3600 + n * 60, f"[Some.Logger] text {n}"),
        ]
    assert "log_utc_offset_s" not in joined(*rows)[1].columns


def test_the_same_text_in_both_worlds(joined: Joined) -> None:
    rows: list[Row] = []
    for n in range(3):
        text = f"Trunk 1000{n} has changed status to Unregistered"
        rows += [event(n * 60, text), record(-12_600 + n * 60 + 0.5, f" [_3CX.Events] {text}")]
    facts, system = joined(*rows)
    assert system.value("log_utc_offset_s") == -12_600
    assert facts.of(LogRecord)[0].time == NOON + timedelta(seconds=0.5)


@pytest.mark.parametrize(("records", "offset"), [(4, 3600), (3, None), (5, None)])
def test_repeated_texts_join_only_when_as_many_stand_on_either_side(
    joined: Joined, records: int, offset: int | None
) -> None:
    text = "Trunk 10000 has changed status to Unregistered"
    rows: list[Row] = [event(n * 600, text) for n in range(4)]
    rows += [record(3600 + n * 600, text) for n in range(records)]
    assert joined(*rows)[1].value("log_utc_offset_s") == offset


def test_what_a_parser_or_a_capture_counted(joined: Joined) -> None:
    counted = LogCoverage(
        source=Source(artifact="a.log"), kind="service_log", derived={"utc_offsets": {3600: 14, 3601.5: 2}}
    )
    assert joined(counted)[1].value("log_utc_offset_s") == 3600
    broken = LogCoverage(source=Source(), kind="service_log", derived={"utc_offsets": {"x": 14, 3600: -3, 7200: None}})
    assert joined(broken)[1].value("log_utc_offset_s") is None
    capture = Capture(source=Source(artifact="dump.pcap"), artifact="dump.pcap", tz_offset_s=3600, joined_messages=5)
    assert joined(capture)[1].value("log_utc_offset_s") == 3600


def test_an_sbc_has_its_own_clock(joined: Joined) -> None:
    rows = [ended(7200, 0), ended(7260, 60), ended(7300, 100), record(0, "alive", "sbc_log")]
    facts, _ = joined(*rows)
    sbc = facts.of(LogRecord)[3]
    assert (sbc.time, sbc.local) == (NOON, True)


def test_a_log_in_utc_stays(joined: Joined) -> None:
    facts, _ = joined(ended(7200, 0), ended(7260, 60), ended(7300, 100), record(0, "x", local=False))
    assert facts.of(LogRecord)[3].time == NOON


def test_no_offset_at_all_is_an_offset_of_zero(joined: Joined) -> None:
    _, system = joined(ended(0.1, 0), ended(60.2, 60), ended(100, 100))
    assert system.columns["log_utc_offset_s"].value == 0


def test_times_at_the_edge_of_the_calendar(joined: Joined) -> None:
    edge = LogRecord(source=Source(), kind="service_log", time=datetime.min.replace(tzinfo=UTC), text="x")
    facts, _ = joined(ended(7200, 0), ended(7260, 60), ended(7300, 100), edge)
    assert facts.of(LogRecord)[3].time == datetime.min.replace(tzinfo=UTC)


def day_log(name: str, day: int, ahead: int, joins: int = 3) -> list[Row]:
    """A log of one day that runs ``ahead`` hours before UTC, with so many records that tell it."""
    noon = datetime(2026, 10, day, 12, tzinfo=UTC)
    rows: list[Row] = [
        LogCoverage(
            source=Source(artifact=name), kind="service_log", records=9, first=noon - timedelta(hours=11), last=noon
        )
    ]
    for n in range(joins):
        end = (noon + timedelta(minutes=n) - timedelta(hours=ahead)).strftime("%Y-%m-%d %H:%M:%S.%f")
        text = f"CHR: [CallFlowParser] Processing X Record: CallDBId={{{n}}}; EndTime={{{end}}};"
        source = Source(artifact=name, line=n + 1, text=text)
        rows.append(
            LogRecord(source=source, kind="service_log", time=noon + timedelta(minutes=n, seconds=0.1), text=text)
        )
    return rows


def test_summer_time_ends_within_the_case(joined: Joined) -> None:
    days = [
        day_log("s.24.log", 24, 2),
        day_log("s.26.log", 26, 1),
        day_log("c.24.log", 24, 2, 0),
        day_log("c.27.log", 27, 1, 0),
    ]
    open_day = day_log("c.25.log", 25, 1, 0)
    facts, system = joined(*(row for day in (*days, open_day) for row in day))
    offset = system.columns["log_utc_offset_s"]
    assert (offset.value, [value for value, _ in offset.also]) == (3600, [7200])
    assert offset.source.artifact == "s.26.log"
    assert offset.source.text.startswith("3 records joined, +3600 s, spread 0.100 s; CHR:")
    found = {log.source.artifact: (log.last, log.local) for log in facts.of(LogCoverage)}
    assert found == {
        "s.24.log": (datetime(2026, 10, 24, 10, tzinfo=UTC), False),
        "c.24.log": (datetime(2026, 10, 24, 10, tzinfo=UTC), False),
        "s.26.log": (datetime(2026, 10, 26, 11, tzinfo=UTC), False),
        "c.27.log": (datetime(2026, 10, 27, 11, tzinfo=UTC), False),
        "c.25.log": (datetime(2026, 10, 25, 12, tzinfo=UTC), True),  # the day of the change: nothing tells
    }
    first = facts.of(LogRecord)[0]
    assert (first.time, first.local) == (datetime(2026, 10, 24, 10, 0, 0, 100_000, tzinfo=UTC), False)


def test_the_log_in_which_the_clock_changes_has_no_single_offset(joined: Joined) -> None:
    """Half of what joins it names the one, half the other: it stays in the wall clock."""
    changing = [*day_log("s.25.log", 25, 2), *day_log("s.25.log", 25, 1)[1:]]
    days = [day_log("s.24.log", 24, 2), changing, day_log("s.26.log", 26, 1)]
    facts, system = joined(*(row for day in days for row in day))
    assert system.columns["log_utc_offset_s"].value == 3600
    local = {log.source.artifact: log.local for log in facts.of(LogCoverage)}
    assert local == {"s.24.log": False, "s.25.log": True, "s.26.log": False}


@pytest.mark.parametrize(
    "days",
    [
        [day_log("a.log", 24, 2), day_log("b.log", 24, 1)],  # at the same time
        [day_log("a.log", 24, 3), day_log("b.log", 26, 1)],  # no summer time
        [
            day_log("a.log", 24, 2),
            day_log("b.log", 26, 1),
            day_log("c.log", 27, 2),
            day_log("d.log", 28, 1),
        ],  # to and fro
        [day_log("a.log", 24, 2), day_log("b.log", 26, 1), day_log("a.log", 25, 1), day_log("b.log", 25, 2)],  # mixed
    ],
)
def test_two_offsets_that_no_summer_time_explains(joined: Joined, days: list[list[Row]]) -> None:
    facts, system = joined(*(row for day in days for row in day))
    assert "log_utc_offset_s" not in system.columns
    assert all(log.local for log in facts.of(LogCoverage))


def test_an_hour_apart_but_not_agreed_on_gives_no_offset(joined: Joined) -> None:
    """Three joins each for two offsets, and two for others: less than four fifths agree."""
    days = [day_log("a.log", 24, 2), day_log("b.log", 26, 1), day_log("c.log", 27, 5, 1), day_log("d.log", 28, 9, 1)]
    assert "log_utc_offset_s" not in joined(*(row for day in days for row in day))[1].columns
    assert joined(*(row for day in days[:2] for row in day))[1].value("log_utc_offset_s") == 3600
