"""What call records say of calls abroad: where to, when, how many at once, and whether that is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from analyzer.system import System
from parsers import lazy
from parsers.facts import Facts
from parsers.facts.cdr import Cdr

_ABROAD = lazy.pattern(r"(?:\+|00|011)(?P<rest>[1-9]\d{6,20})")
_NORTH_AMERICA = "1"
OPENS, CLOSES, SATURDAY = 7, 20, 5
"""Office hours in the widest sense: Monday to Friday, 7 to 20 o'clock."""
KNOWN_BEFORE = timedelta(days=1)
LOOK_BACK = timedelta(days=7)


def join_toll(facts: Facts, system: System) -> None:
    """Fill ``derived`` of all call records (docs/facts.md)."""
    calls = [call for call in facts.of(Cdr) if call.start is not None]
    offset = system.value("log_utc_offset_s")
    for call in calls:
        call.derived["extension"] = _extension(call)
        call.derived["prefix"] = _prefix(call) if call.derived["extension"] else None
        call.derived["international"] = call.derived["prefix"] is not None
        call.derived["out_of_hours"] = _out_of_hours(call, offset if isinstance(offset, int) else None)
    for local in (False, True):
        _compare([call for call in calls if call.local is local])


def _extension(call: Cdr) -> str | None:
    """The extension that made an outgoing call: ``Ext.101``, or type ``extension``."""
    number = call.from_number or ""
    if number.startswith("Ext."):
        return number[4:] or None
    return (call.from_dn or number or None) if call.from_type == "extension" else None


def _prefix(call: Cdr) -> str | None:
    """The first three digits of an international number (four in North America): ``+252``; null for other numbers."""
    for number in (call.to_number, call.final_number, call.dialled):
        found = _ABROAD.fullmatch((number or "").replace(" ", ""))
        if found:
            return "+" + found["rest"][: 4 if found["rest"].startswith(_NORTH_AMERICA) else 3]
    return None


def _out_of_hours(call: Cdr, offset: int | None) -> bool | None:
    """By the server's clock; null where its distance from UTC is needed and not known."""
    start = call.start
    if start is not None and not call.local:
        start = start + timedelta(seconds=offset) if offset is not None else None
    if start is None:
        return None
    return start.weekday() >= SATURDAY or not OPENS <= start.hour < CLOSES


def _compare(calls: Sequence[Cdr]) -> None:
    """``new_prefix`` and ``concurrent`` of the international calls among records of one clock."""
    abroad = sorted((call for call in calls if call.derived["international"]), key=_start)
    begin = min((_start(call) for call in calls), default=None)
    first: dict[str, datetime] = {}
    for call in abroad:
        seen = first.setdefault(call.derived["prefix"], _start(call))
        reach = begin is not None and _start(call) - begin >= LOOK_BACK
        call.derived["new_prefix"] = _start(call) - seen <= KNOWN_BEFORE if reach else None
    by_extension: dict[str, list[Cdr]] = defaultdict(list)
    for call in abroad:
        by_extension[call.derived["extension"]].append(call)
    for own in by_extension.values():
        _count(own)


def _count(calls: Iterable[Cdr]) -> None:
    """``concurrent``: international calls of one extension that were up when each began, itself included."""
    up: list[datetime] = []
    for call in calls:
        up = [end for end in up if end > _start(call)]
        up.append(call.end or _start(call))
        call.derived["concurrent"] = len(up)


def _start(call: Cdr) -> datetime:
    assert call.start is not None
    return call.start
