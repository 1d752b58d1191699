"""Derived facts that need all calls and registrations of a trunk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime

from parsers.capture.address import host_of
from parsers.capture.calls import CallState
from parsers.capture.registrations import RegistrationState


def derive(states: list[CallState], registered: list[RegistrationState]) -> None:
    """Fill ``trunk``, ``trunk_calls_up``, ``beyond_trunk_calls`` and ``rinstance_dropped`` of the calls, ``contact_severity`` of
    the registrations (docs/facts.md).
    """
    own = [r for r in registered if r.row.derived["by_pbx"] and r.row.registrar]
    marked = {host_of(r.row.registrar) for r in own if r.row.derived["rinstance"]}
    up: dict[str, tuple[list[datetime], list[datetime]]] = {}
    for state in states:
        d = state.row.derived
        trunk = state.callee_host if d["to_trunk"] else state.caller_host if d["from_trunk"] else None
        d["trunk"] = trunk
        d["rinstance_dropped"] = trunk in marked and not d["rinstance_in_uri"] if d["from_trunk"] else None
        if trunk is not None and state.row.answered is not None:
            starts, ends = up.setdefault(trunk, ([], []))
            starts.append(state.row.answered)
            if state.row.end is not None:
                ends.append(state.row.end)
    for starts, ends in up.values():
        starts.sort()
        ends.sort()
    for state in states:
        start, trunk = state.row.start, state.row.derived["trunk"]
        starts, ends = up.get(trunk or "", ([], []))
        state.row.derived["trunk_calls_up"] = (
            bisect_left(starts, start) - bisect_right(ends, start) if start is not None and trunk is not None else None
        )
    _limits(states)
    reached = {host_of(state.row.caller) for state in states if state.row.derived["from_trunk"]}
    for registration in registered:
        found = registration.row.derived["trunk"] in reached
        registration.row.derived["contact_severity"] = "info" if found else "low"


def _limits(states: list[CallState]) -> None:
    """``beyond_trunk_calls``: more calls were up than when any call of the trunk was answered."""
    most: dict[str, int] = {}
    for state in states:
        d = state.row.derived
        if d["trunk"] is not None and d["trunk_calls_up"] is not None and state.row.answered is not None:
            most[d["trunk"]] = max(most.get(d["trunk"], 0), d["trunk_calls_up"])
    for state in states:
        d = state.row.derived
        up, known = d["trunk_calls_up"], most.get(d["trunk"] or "")
        d["beyond_trunk_calls"] = up > known if up is not None and known is not None else None
