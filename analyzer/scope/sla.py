"""When an answer is due: consecutive hours of business days from the ticket's creation.

Business days are Monday to Friday without the country's national public holidays (observed days included) and without
1 January and 25 December anywhere. Days are those of the ticket's own offset, which is kept when clocks change.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, timedelta

from analyzer.forms import country as country_name
from analyzer.i18n import translate as _
from analyzer.i18n import translate_plural
from analyzer.ticket_values import Moment
from analyzer.verdict import Sla

FIXED_DAYS = ((1, 1), (12, 25))
"""Month and day of the holidays that hold anywhere."""

MOST_DAYS = 400


def due(created: Moment, hours: int, country: str | None, clause: str) -> Sla:
    """The due time with the ticket's offset, and the rule that gave it."""
    holidays = _holidays(country)
    at = created.time
    left = timedelta(hours=hours)
    for _day in range(MOST_DAYS):
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if _works(at.date(), () if holidays is None else holidays):
            if left <= midnight - at:
                at += left
                break
            left -= midnight - at
        at = midnight
    return Sla(due=_text(at), rule=f"{clause}: {_rule(created, hours, country, known=holidays is not None)}")


def _works(day: date, holidays: Container[date]) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in FIXED_DAYS and day not in holidays


def _holidays(country: str | None) -> Container[date] | None:
    """A country's national public holidays, worked out year by year as they are asked for; null where there are none."""
    if country is None:
        return None
    import holidays

    try:
        found: Container[date] = holidays.country_holidays(country)
    except NotImplementedError:
        return None
    return found


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _rule(created: Moment, hours: int, country: str | None, *, known: bool) -> str:
    if country is None:
        said = translate_plural(
            "{hours} hour of business days; no country given, so weekends, 1 January and 25 December only",
            "{hours} hours of business days; no country given, so weekends, 1 January and 25 December only",
            hours,
        )
        text = said.format(hours=hours)
    elif not known:
        said = translate_plural(
            "{hours} hour of business days, {country}, whose holidays are not known; weekends, 1 January and 25 December only",
            "{hours} hours of business days, {country}, whose holidays are not known; weekends, 1 January and 25 December only",
            hours,
        )
        text = said.format(hours=hours, country=country_name(country))
    else:
        said = translate_plural(
            "{hours} hour of business days, {country}", "{hours} hours of business days, {country}", hours
        )
        text = said.format(hours=hours, country=country_name(country))
    return text if created.zone_given else _("{rule}; no time zone given, so UTC").format(rule=text)
