"""What texts of logs say about days and times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from parsers import lazy

MONTHS: Mapping[str, int] = {
    name: place + 1
    for place, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_ZONE = lazy.pattern(r"([+-])(\d{2}):?(\d{2})?$")
_NAME_DATE = lazy.pattern(r"(?<!\d)(20\d{2})([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")


@lru_cache(maxsize=1024)
def day_of(text: str, order: str, near: datetime | None = None) -> date | None:
    """The day that a text names (``2026/11/12``, ``12/11/2026``, ``20261112``, ``12/Nov/2026``, ``Nov 12``).

    A date without year (syslog) is the last such day before ``near``, the time at which the file was written.
    """
    try:
        name = re.search(r"[A-Za-z]{3}", text) if order == "mon" else None
        if name:
            numbers = re.findall(r"\d+", text)
            month = MONTHS[name[0].lower()]
            if len(numbers) > 1:
                return date(int(numbers[1]), month, int(numbers[0]))
            if near is None:
                return None
            found = date(near.year, month, int(numbers[0]))
            return found if found <= near.date() + timedelta(days=1) else found.replace(year=near.year - 1)
        digits = re.sub(r"\D", "", text)
        if order == "dmy":
            return date(int(digits[4:8]), int(digits[2:4]), int(digits[:2]))
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except (ValueError, IndexError, KeyError):
        return None


def day_in_name(name: str) -> date | None:
    """The day in a file name: ``3CXMediaServer.2026-08-07.log``."""
    match = _NAME_DATE.search(name)
    return day_of(match[1] + match[3] + match[4], "ymd") if match else None


def moment(day: date | None, text: str, zone: str | None = None) -> tuple[datetime | None, bool]:
    """Day and time of day as a UTC datetime, and whether it is wall clock (true) or truly UTC (false).

    A zone is an offset (``+0200``) or ``UTC``, ``GMT``, ``Z``; abbreviations of other zones mean too many things and
    leave it the wall clock.
    """
    digits = text.replace(":", "").replace(".", "").replace(",", "")
    if day is None or len(digits) < 4:
        return None, True
    try:
        time = datetime(
            day.year, day.month, day.day, int(digits[:2]), int(digits[2:4]), min(int(digits[4:6] or 0), 59),
            int((digits[6:12] or "0").ljust(6, "0")), tzinfo=UTC,
        )  # fmt: skip
        if zone:
            if zone.upper() in {"UTC", "GMT", "Z"}:
                return time, False
            offset = _ZONE.match(zone)
            if offset:
                minutes = int(offset[2]) * 60 + int(offset[3] or 0)
                return time - timedelta(minutes=minutes if offset[1] == "+" else -minutes), False
    except (ValueError, OverflowError):
        return None, True
    return time, True
