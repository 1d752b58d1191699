"""The end of life on a day: what is over now was only announced before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from analyzer.catalog import Catalog, standing
from analyzer.catalog.schema import EndOfLife
from analyzer.catalog.standing import PhoneMarks, Standing


def ends(state: Any, **days: Any) -> EndOfLife:
    """A vendor's notice."""
    return EndOfLife(vendor="Zetavox", model="ZX-900", state=state, basis="vendor_notice", confidence=90, **days)


def on(day: str, row: EndOfLife) -> Standing:
    """The standing of a phone of which nothing else is known."""
    return standing.phone(PhoneMarks(), [], [row], date.fromisoformat(day))


@pytest.mark.parametrize(
    ("row", "day", "rung"),
    [
        (ends("end_of_support", end_of_support="2021-01-31"), "2021-02-01", "eol"),
        (ends("end_of_support", end_of_support="2021-01-31"), "2021-01-31", "believed_eol"),
        (ends("end_of_support", end_of_sale="2016-02-01", end_of_support="2021-01-31"), "2019-06-01", "believed_eol"),
        (ends("end_of_support"), "2019-06-01", "eol"),
        (ends("eol", end_of_sale="2006-05"), "2006-05-31", "believed_eol"),
        (ends("eol", end_of_sale="2006-05"), "2006-06-01", "eol"),
        (ends("eol", end_of_sale="2016-02-01", end_of_support="2021-01-31"), "2019-06-01", "eol"),
        (ends("eol", end_of_support="2021-01-31"), "2019-06-01", "believed_eol"),
        (ends("eol"), "2019-06-01", "eol"),
        (ends("eol_announced", end_of_support="2031-10"), "2031-10-15", "believed_eol"),
        (ends("eol_announced", end_of_support="2031-10"), "2031-11-01", "eol"),
        (ends("end_of_sale"), "2031-11-01", "believed_eol"),
        (ends("current"), "2031-11-01", "unknown"),
    ],
)
def test_the_rung_on_a_day(row: EndOfLife, day: str, rung: str) -> None:
    assert on(day, row).name == rung


def test_before_the_day_it_is_told_as_announced() -> None:
    row = ends("end_of_support", announced="2015-08-03", end_of_support="2021-01-31")
    assert on("2019-06-01", row).why.startswith("end of life announced (announced ")
    assert on("2022-06-01", row).why.startswith("end of support (announced ")


def test_a_phone_of_the_packaged_list() -> None:
    for day, rung in (("2014-06-01", "unknown"), ("2019-06-01", "believed_eol"), ("2021-02-01", "eol")):
        catalog = Catalog.load(date.fromisoformat(day))
        ends_then = catalog.eol("Cisco", "7942G")
        assert standing.phone(PhoneMarks(), [], ends_then, catalog.day).name == rung
