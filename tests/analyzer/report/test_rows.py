from __future__ import annotations

from datetime import UTC, datetime

from analyzer.report.rows import table
from parsers.facts import Source
from parsers.facts.capture import Call, Registration, StunExchange


def at(second: float, frame: int = 1) -> Source:
    return Source(artifact="a.pcap", frame=frame, time=datetime.fromtimestamp(second, UTC).isoformat())


def test_rows_seen_first_come_first_whatever_their_key() -> None:
    asked = [
        StunExchange(source=at(t, t), client=f"192.0.2.{10 - t}:1", server="192.0.2.53:3478", first_frame=t)
        for t in (17, 3, 5)
    ]
    assert [row["first_frame"] for row in table(asked, "client", "server", by_time=True)] == [3, 5, 17]
    assert [row["first_frame"] for row in table(asked, "first_frame")] == [3, 5, 17]
    registered = [Registration(source=at(2.5), aor="a@x"), Registration(source=at(2), aor="b@x")]
    assert [row["aor"] for row in table(registered, "aor", by_time=True)] == ["b@x", "a@x"]


def test_call_whose_beginning_is_unknown_stands_where_it_was_seen_and_equal_times_go_by_key() -> None:
    late = Call(source=at(9), call_id="late", start=datetime.fromtimestamp(9, UTC))
    cut = Call(source=at(1), call_id="cut", start=None)
    same = Call(source=at(9), call_id="also", start=datetime.fromtimestamp(9, UTC))
    unknown = Call(source=Source(), call_id="0")
    assert [row["call_id"] for row in table([late, unknown, cut, same], "call_id", by_time=True)] == [
        "cut", "also", "late", "0",
    ]  # fmt: skip
