"""The report's ``system`` object."""

from __future__ import annotations

from analyzer.report.system import system_object
from analyzer.system import System, SystemValue
from analyzer.ticket import Ticket
from parsers.facts import Source


def test_both_offsets_of_a_summer_say_what_they_rest_on() -> None:
    new, old = (Source(artifact=f"s.{day}.log", line=4, text=f"5 records joined, day {day}") for day in (26, 24))
    offset = SystemValue(value=3600, source=new, also=[(7200, old)])
    shown = system_object(System(source=Source(), columns={"log_utc_offset_s": offset}), Ticket())["log_utc_offset_s"]
    assert (shown["value"], shown["source"]["text"]) == (3600, "5 records joined, day 26")
    assert [(other["value"], other["source"]["artifact"], other["source"]["text"]) for other in shown["also"]] == [
        (7200, "s.24.log", "5 records joined, day 24")
    ]
