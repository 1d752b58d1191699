from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parsers.facts import Row, Source
from parsers.facts.cdr import Cdr
from parsers.facts.log import LogRecord
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined

THURSDAY = datetime(2026, 11, 12, 3, tzinfo=UTC)


def call(to: str | None = "00252610000", start: datetime = THURSDAY, minutes: int = 10, **columns: Any) -> Cdr:
    known = {"from_number": "Ext.101", "to_number": to, "local": True}
    return Cdr(source=Source(), start=start, end=start + timedelta(minutes=minutes), **(known | columns))


def old() -> Cdr:
    return call("600100200", THURSDAY - timedelta(days=8))


def derived(joined: Joined, *rows: Row) -> list[dict[str, Any]]:
    facts, _ = joined(*rows)
    return [row.derived for row in facts.of(Cdr)]


@pytest.mark.parametrize(
    ("to", "prefix"),
    [
        ("00252610000", "+252"),
        ("+44 20 7946 0000", "+442"),
        ("01118765550100", "+1876"),
        ("+12125550100", "+1212"),
        ("600100200", None),
        ("0049", None),
        (None, None),
    ],
)
def test_numbers_abroad(joined: Joined, to: str | None, prefix: str | None) -> None:
    [found] = derived(joined, call(to))
    assert (found["extension"], found["prefix"], found["international"]) == ("101", prefix, prefix is not None)


@pytest.mark.parametrize(
    ("columns", "extension"),
    [
        ({"from_number": "015550100", "from_type": "line", "from_dn": "10000"}, None),
        ({"from_number": "Ann", "from_type": "extension", "from_dn": "102"}, "102"),
        ({"from_number": "Ext."}, None),
    ],
)
def test_who_called(joined: Joined, columns: dict[str, Any], extension: str | None) -> None:
    [found] = derived(joined, call(**columns))
    assert (found["extension"], found["international"]) == (extension, extension is not None)


def test_hours_are_the_servers(joined: Joined) -> None:
    hours = [derived(joined, call(start=THURSDAY.replace(hour=hour)))[0]["out_of_hours"] for hour in (6, 7, 19, 20)]
    assert hours == [True, False, False, True]
    assert derived(joined, call(start=THURSDAY.replace(day=14, hour=12)))[0]["out_of_hours"] is True
    assert derived(joined, call(local=False))[0]["out_of_hours"] is None


def test_new_and_known_countries(joined: Joined) -> None:
    later = THURSDAY + timedelta(days=3)
    found = derived(
        joined, old(), call(), call(start=THURSDAY + timedelta(hours=2)), call(start=later), call("0044207946")
    )
    assert [row.get("new_prefix") for row in found] == [None, True, True, False, True]
    assert derived(joined, call())[0]["new_prefix"] is None


def test_calls_at_the_same_time(joined: Joined) -> None:
    at = [THURSDAY + timedelta(minutes=n) for n in (0, 5, 9, 30)]
    found = derived(joined, *(call(start=start) for start in at), call(start=at[1], from_number="Ext.102"))
    assert [row["concurrent"] for row in found] == [1, 2, 3, 1, 1]


def test_records_without_a_start(joined: Joined) -> None:
    facts, _ = joined(Cdr(source=Source()), SystemSeen(source=Source(), key="version", value="20.0", rank=90))
    assert facts.of(Cdr)[0].derived == {}


@pytest.mark.parametrize(("hour", "outside"), [(4, True), (5, False), (17, False), (18, True)])
def test_hours_of_records_in_utc_are_the_servers_by_the_offset(joined: Joined, hour: int, outside: bool) -> None:
    ahead = [row for n in range(3) for row in told(n)]
    [found] = derived(joined, *ahead, call(start=THURSDAY.replace(hour=hour), local=False))
    assert found["out_of_hours"] is outside


def told(minute: int) -> list[Row]:
    """A record of a server two hours ahead of UTC that names its time in UTC too."""
    utc = THURSDAY.replace(hour=9, minute=minute)
    text = f"CHR: [CallFlowParser] Processing X Record: EndTime={{{utc:%Y-%m-%d %H:%M:%S}.000}};"
    return [LogRecord(source=Source(line=minute + 1), kind="service_log", time=utc + timedelta(hours=2), text=text)]
