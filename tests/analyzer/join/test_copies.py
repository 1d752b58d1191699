"""One capture given twice."""

from __future__ import annotations

from datetime import UTC, datetime

from parsers.facts import Source
from parsers.facts.capture import Call, Capture
from tests.analyzer.join.conftest import Joined

FIRST, LAST = (datetime(2026, 11, 13, 9, minute, tzinfo=UTC) for minute in (0, 5))


def capture(name: str, packets: int = 40) -> Capture:
    return Capture(
        source=Source(artifact=name), artifact=name, packets=packets, first=FIRST, last=LAST, sip_requests={"INVITE": 1}
    )


def call(name: str) -> Call:
    return Call(source=Source(artifact=name, frame=1), call_id="c1")


def test_a_copy_counts_once(joined: Joined) -> None:
    facts, _ = joined(capture("a.pcap"), call("a.pcap"), capture("b.zip!/a.pcap"), call("b.zip!/a.pcap"))
    assert [row.source.artifact for row in facts.of(Call)] == ["a.pcap"]
    assert [(row.artifact, row.packets, row.duplicates) for row in facts.of(Capture)] == [
        ("a.pcap", 40, 0),
        ("b.zip!/a.pcap", 40, 40),
    ]
    assert [row.sip_requests for row in facts.of(Capture)] == [{"INVITE": 1}, {}]


def test_another_capture_of_the_same_minutes_is_no_copy(joined: Joined) -> None:
    facts, _ = joined(capture("a.pcap"), call("a.pcap"), capture("b.pcap", 41), call("b.pcap"))
    assert len(facts.of(Call)) == 2
    assert [row.duplicates for row in facts.of(Capture)] == [0, 0]
