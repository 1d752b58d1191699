"""When an answer is due."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from analyzer.i18n import language
from analyzer.scope import sla
from analyzer.ticket_values import moment
from tests.analyzer.scope.making import judged


def due(created: str, country: str | None) -> str:
    """The due time of 48 hours."""
    return sla.due(moment(created), 48, country, "sla.48h").due


@pytest.mark.parametrize(
    ("created", "country", "expected"),
    [
        ("2026-11-16T09:30:00+01:00", "ES", "2026-11-18T09:30:00+01:00"),
        ("2026-06-12T16:00:00+02:00", "DE", "2026-06-16T16:00:00+02:00"),  # 8 h of Friday, Monday, 16 h of Tuesday
        ("2026-03-16T07:00:00+13:00", "NZ", "2026-03-18T07:00:00+13:00"),  # Monday there, Sunday in UTC
        ("2026-11-12T11:00:00+01:00", "ES", "2026-11-16T11:00:00+01:00"),
        ("2026-06-13T15:00:00+02:00", "DE", "2026-06-17T00:00:00+02:00"),  # a Saturday: all of Monday and Tuesday
        ("2026-03-27T10:00:00+01:00", "ES", "2026-03-31T10:00:00+01:00"),  # the clocks change on the 29th
        ("2026-12-24T10:00:00+00:00", "GB", "2026-12-30T10:00:00+00:00"),  # Boxing Day is observed on Monday the 28th
        ("2026-12-24T10:00:00+00:00", None, "2026-12-29T10:00:00+00:00"),
        ("2026-07-02T09:00:00-04:00", "US", "2026-07-07T09:00:00-04:00"),  # 4 July is observed on Friday the 3rd
        ("2026-12-31T12:00:00+01:00", None, "2027-01-05T12:00:00+01:00"),  # 1 January anywhere, and a weekend
        ("2026-01-01T12:00:00+03:00", "AC", "2026-01-06T00:00:00+03:00"),
        ("2026-11-16T00:00:00+00:00", None, "2026-11-18T00:00:00+00:00"),
        ("2026-11-16T23:59:59+00:00", None, "2026-11-18T23:59:59+00:00"),
    ],
)
def test_due(created: str, country: str | None, expected: str) -> None:
    assert due(created, country) == expected


def test_rule_names_what_it_rests_on() -> None:
    def rule(created: str, country: str | None) -> str:
        return sla.due(moment(created), 48, country, "sla.48h").rule

    assert rule("2026-11-16T09:30:00+01:00", "ES") == "sla.48h: 48 hours of business days, Spain"
    assert "no country given" in rule("2026-11-16T09:30:00+01:00", None)
    assert "holidays are not known" in rule("2026-11-16T09:30:00+01:00", "AC")
    assert rule("2026-11-16T09:30:00", "ES").endswith("no time zone given, so UTC")


def test_country_in_the_readers_language() -> None:
    with language("de"):
        assert "Spanien" in sla.due(moment("2026-11-16T09:30:00+01:00"), 48, "ES", "sla.48h").rule


def test_a_zone_counts_with_its_offset_of_that_day() -> None:
    created = moment(datetime(2026, 3, 27, 10, tzinfo=ZoneInfo("Europe/Madrid")))
    assert sla.due(created, 48, "ES", "sla.48h").due == "2026-03-31T10:00:00+01:00"


def test_on_the_route() -> None:
    route = judged().route
    assert route.sla is not None
    assert route.sla.due == "2026-11-18T09:30:00+01:00"


def test_no_creation_no_due_time() -> None:
    route = judged(without=["created"]).route
    assert route.sla is None
    assert any("does not say when" in reason.why for reason in route.reasons if reason.clause == "sla.48h")
