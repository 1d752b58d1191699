"""What is given twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from parsers.facts import Row, Source
from parsers.facts.capture import Call, Capture
from parsers.facts.cdr import Cdr
from parsers.facts.log import Audit, Event, LogCoverage, LogRecord, Quality
from tests.analyzer.join.conftest import Joined

FIRST, LAST = (datetime(2026, 11, 13, 9, minute, tzinfo=UTC) for minute in (0, 5))


def capture(name: str, packets: int = 40) -> Capture:
    return Capture(
        source=Source(artifact=name), artifact=name, packets=packets, first=FIRST, last=LAST, sip_requests={"INVITE": 1}
    )


def call(name: str, call_id: str = "c1") -> Call:
    return Call(source=Source(artifact=name, frame=1), call_id=call_id)


def test_a_copy_counts_once(joined: Joined) -> None:
    facts, _ = joined(capture("a.pcap"), call("a.pcap"), capture("b.zip!/a.pcap"), call("b.zip!/a.pcap"))
    assert [row.source.artifact for row in facts.of(Call)] == ["a.pcap"]
    assert [(row.artifact, row.packets, row.duplicates) for row in facts.of(Capture)] == [
        ("a.pcap", 40, 0),
        ("b.zip!/a.pcap", 40, 40),
    ]
    assert [row.sip_requests for row in facts.of(Capture)] == [{"INVITE": 1}, {}]


def test_another_capture_of_the_same_minutes_is_no_copy(joined: Joined) -> None:
    facts, _ = joined(capture("a.pcap"), call("a.pcap"), capture("b.pcap", 41), call("b.pcap", "c2"))
    assert len(facts.of(Call)) == 2
    assert [row.duplicates for row in facts.of(Capture)] == [0, 0]


def test_files_that_are_read_together_are_kept(joined: Joined) -> None:
    """Of a bundle and its unpacked folder only the one was read as a capture of two files."""
    later = capture("z/2.pcap")
    later.derived["continues"] = "z/1.pcap"
    facts, _ = joined(capture("a/2.pcap"), call("a/2.pcap", "c2"), later, call("z/2.pcap"))
    assert [row.call_id for row in facts.of(Call)] == ["c1"]
    assert [(row.artifact, row.duplicates) for row in facts.of(Capture)] == [("a/2.pcap", 40), ("z/2.pcap", 0)]


NOON = datetime(2026, 11, 13, 12, tzinfo=UTC)


def log(name: str, records: int = 3, text: str = "Route failed") -> list[Row]:
    levels = {"info": records}
    return [
        LogCoverage(
            source=Source(artifact=name), kind="service_log", records=records, first=FIRST, last=LAST, levels=levels
        ),
        LogRecord(source=Source(artifact=name, line=2), kind="service_log", time=FIRST, text=text),
    ]


def test_a_log_under_two_names_is_one_log(joined: Joined) -> None:
    facts, _ = joined(*log("Logs/a.log"), *log("b.zip!/Logs/a (1).log"), *log("c.log", 4), *log("d.log", text="other"))
    assert [row.source.artifact for row in facts.of(LogRecord)] == ["Logs/a.log", "c.log", "d.log"]
    assert [row.source.artifact for row in facts.of(LogCoverage)] == ["Logs/a.log", "c.log", "d.log"]


def test_logs_without_times_are_never_copies(joined: Joined) -> None:
    rows = [LogCoverage(source=Source(artifact=name), kind="coded_log", records=3) for name in ("a.log", "b.log")]
    assert len(joined(*rows)[0].of(LogCoverage)) == 2


def event(
    name: str, row: int, second: float, message: str = "Trunk 10000 has changed status to\nUnregistered"
) -> Event:
    return Event(
        source=Source(artifact=name, row=row), event_id=4100, time=NOON + timedelta(seconds=second), message=message
    )


def test_events_of_two_exports_count_once(joined: Joined) -> None:
    live = "Trunk 10000 has changed status to Unregistered"
    rows: list[Row] = [
        event("eventlog.csv", 1, 5.25),
        event("eventlog.csv", 2, 5.75),  # twice within a second, in one file: two events
        event("eventlog.csv", 3, 9),
        event("EventLogs.json", 1, 5, live),
        event("EventLogs.json", 2, 9, live),
        event("EventLogs.json", 3, 9, live),  # once more than the other file has it
        event("EventLogs.json", 4, 70, live),
    ]
    facts, _ = joined(*rows)
    assert [(row.source.artifact, row.source.row) for row in facts.of(Event)] == [
        ("eventlog.csv", 1), ("eventlog.csv", 2), ("eventlog.csv", 3), ("EventLogs.json", 3), ("EventLogs.json", 4),
    ]  # fmt: skip


def test_what_an_event_holds_goes_with_it(joined: Joined) -> None:
    rows: list[Row] = []
    for name in ("a.csv", "b.csv"):
        rows += [event(name, 1, 0, "{…}"), Quality(source=Source(artifact=name, row=1), time=NOON, number="105")]
    facts, _ = joined(*rows, Quality(source=Source(artifact="b.csv", row=2), time=NOON, number="106"))
    assert [(row.source.artifact, row.number) for row in facts.of(Quality)] == [("a.csv", "105"), ("b.csv", "106")]


def test_calls_and_changes_of_two_files_count_once(joined: Joined) -> None:
    rows: list[Row] = []
    for name in ("cdr.log", "cdr-261113120000.1.log"):
        rows += [
            Cdr(source=Source(artifact=name, line=1), call_id="A_1", history_id="1", start=NOON, from_number="105"),
            Cdr(source=Source(artifact=name, line=2), start=NOON),
            Audit(source=Source(artifact=name, row=1), time=NOON, user="admin", object_name="105"),
            Audit(source=Source(artifact=name, row=2), user="admin", object_name="105"),
        ]
    facts, _ = joined(*rows)
    assert (len(facts.of(Cdr)), len(facts.of(Audit))) == (3, 3)
