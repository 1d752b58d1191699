from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from analyzer.redact.secrets import Scrubber
from analyzer.report import rows
from analyzer.report.rows import moment
from analyzer.report.shown import shown
from parsers.facts import Source
from parsers.facts.base import Row
from parsers.facts.capture import Call, Registration, StunExchange


def at(second: float, frame: int = 1) -> Source:
    return Source(artifact="a.pcap", frame=frame, time=datetime.fromtimestamp(second, UTC).isoformat())


def table(items: list[Row], *order: str, by_time: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shown({"rows": rows.table(items, *order, by_time=by_time)}, Scrubber())["rows"]
    return found


def test_rows_seen_first_come_first_whatever_their_key() -> None:
    asked: list[Row] = [
        StunExchange(source=at(t, t), client=f"192.0.2.{10 - t}:1", server="192.0.2.53:3478", first_frame=t)
        for t in (17, 3, 5)
    ]
    assert [row["first_frame"] for row in table(asked, "client", "server", by_time=True)] == [3, 5, 17]
    assert [row["first_frame"] for row in table(asked, "first_frame")] == [3, 5, 17]
    registered: list[Row] = [Registration(source=at(2.5), aor="a@x"), Registration(source=at(2), aor="b@x")]
    assert [row["aor"] for row in table(registered, "aor", by_time=True)] == ["b@x", "a@x"]


def test_call_whose_beginning_is_unknown_stands_where_it_was_seen_and_equal_times_go_by_key() -> None:
    late = Call(source=at(9), call_id="late", start=datetime.fromtimestamp(9, UTC))
    cut = Call(source=at(1), call_id="cut", start=None)
    same = Call(source=at(9), call_id="also", start=datetime.fromtimestamp(9, UTC))
    unknown = Call(source=Source(), call_id="0")
    assert [row["call_id"] for row in table([late, unknown, cut, same], "call_id", by_time=True)] == [
        "cut", "also", "late", "0",
    ]  # fmt: skip


def test_moments_have_six_digits_behind_the_point() -> None:
    whole = datetime(2026, 11, 12, 9, 14, tzinfo=UTC)
    assert moment(whole) == "2026-11-12T09:14:00.000000Z"
    assert moment(whole.replace(microsecond=120)) == "2026-11-12T09:14:00.000120Z"
    assert moment(whole.replace(microsecond=120), local=True) == "2026-11-12T09:14:00.000120"
    assert moment(whole.replace(tzinfo=timezone(timedelta(hours=2)))) == "2026-11-12T09:14:00.000000Z"
    assert moment(datetime.min.replace(tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
    assert moment(None) is None
