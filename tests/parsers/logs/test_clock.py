from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from parsers.logs.dates import day_in_name, day_of, moment


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026/11/12", "ymd", date(2026, 11, 12)),
        ("20261112", "ymd", date(2026, 11, 12)),
        ("06/05/2026", "dmy", date(2026, 5, 6)),
        ("13/Nov/2026", "mon", date(2026, 11, 13)),
        ("Nov  3", "mon", date(2026, 11, 3)),
        ("Nov 14", "mon", date(2026, 11, 14)),
        ("Dec 31", "mon", date(2025, 12, 31)),
        ("2026-11-13", "mon", date(2026, 11, 13)),
        ("Feb 29", "mon", None),
        ("2026/13/12", "ymd", None),
        ("31/02/2026", "dmy", None),
        ("Foo 12", "mon", None),
        ("", "ymd", None),
    ],
)
def test_day(text: str, order: str, day: date | None) -> None:
    assert day_of(text, order, datetime(2026, 11, 13, 7, tzinfo=UTC)) == day


def test_day_without_year_needs_to_know_when_the_file_was_written() -> None:
    assert day_of("Nov 13", "mon") is None


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("10:00:00.123", None, ("2026-11-13T10:00:00.123000+00:00", True)),
        ("100000.123", None, ("2026-11-13T10:00:00.123000+00:00", True)),
        ("10:00:00,5", None, ("2026-11-13T10:00:00.500000+00:00", True)),
        ("10:00", None, ("2026-11-13T10:00:00+00:00", True)),
        ("10:00:00", "+0200", ("2026-11-13T08:00:00+00:00", False)),
        ("10:00:00", "-03:30", ("2026-11-13T13:30:00+00:00", False)),
        ("10:00:00", "+02", ("2026-11-13T08:00:00+00:00", False)),
        ("10:00:00", "UTC", ("2026-11-13T10:00:00+00:00", False)),
        ("10:00:00", "Z", ("2026-11-13T10:00:00+00:00", False)),
        ("10:00:00", "CET", ("2026-11-13T10:00:00+00:00", True)),
        ("25:00:00", None, (None, True)),
        ("", None, (None, True)),
    ],
)
def test_moment(text: str, zone: str | None, expected: tuple[str | None, bool]) -> None:
    time, local = moment(date(2026, 11, 13), text, zone)
    assert (time.isoformat() if time else None, local) == expected


def test_no_day_no_moment() -> None:
    assert moment(None, "10:00:00") == (None, True)
    assert moment(date(1, 1, 1), "00:00:00", "+0200") == (None, True)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("3CXMediaServer.2026-08-07.log", date(2026, 8, 7)),
        ("x_20260807.log", date(2026, 8, 7)),
        ("x-2026_08_07.1.log", date(2026, 8, 7)),
        ("3CXMediaServer.log", None),
        ("x-2026-02-31.log", None),
        ("x-12026080711.log", None),
    ],
)
def test_day_in_name(name: str, day: date | None) -> None:
    assert day_in_name(name) == day
