"""How registrations were kept up: renewed in time, too late, or in vain (RFC 3261 section 10.2.4); docs/facts.md."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from parsers.capture.registrations import TIMER_F_S, Cycle, RegistrationState, granted_by

GRACE_S = 1.0
"""A registrar and a capture may count a second differently."""


def derive(state: RegistrationState, capture_end: datetime | None) -> None:
    """Fill ``not_renewed``, ``late_renewals``, ``longest_gap_s`` and ``renewal_unanswered`` of a registration."""
    row, d = state.row, state.row.derived
    asked = [cycle for cycle in state.cycles if cycle.requests]
    gaps = [(gap, after) for before, after in pairwise(asked) if (gap := _gap(state, before, after)) is not None]
    d["late_renewals"] = len(gaps)
    d["longest_gap_s"] = round(max(gap for gap, _ in gaps), 1) if gaps else None
    for name, place in (("late_renewals", gaps[0]), ("longest_gap_s", max(gaps, key=lambda g: g[0]))) if gaps else ():
        row.sources[name] = place[1].requests[0].source
    vain = next((asked[-n] for n in range(len(asked), 0, -1) if not any(c.responses for c in asked[-n:])), None)
    d["renewal_unanswered"] = _in_vain(state, vain, capture_end)
    d["not_renewed"] = _not_renewed(state, vain, capture_end)
    if vain is not None:
        row.sources["renewal_unanswered"] = vain.requests[0].source


def _in_vain(state: RegistrationState, vain: Cycle | None, capture_end: datetime | None) -> bool:
    """Whether a registration that stands is asked for anew, and for 32 s and more until the end nothing comes back."""
    start = vain.requests[0].time if vain is not None else None
    if state.row.status != "registered" or state.unread or start is None or capture_end is None:
        return False
    return (capture_end - start).total_seconds() >= TIMER_F_S


def _not_renewed(state: RegistrationState, vain: Cycle | None, capture_end: datetime | None) -> bool | None:
    """A registration ran out within the capture and no REGISTER came in time; null where none was granted."""
    if state.row.status != "registered" or not state.row.expires_s or capture_end is None:
        return None
    last = next((m for m in reversed(state.messages) if (m.status or 0) >= 200), None)
    if last is None or last.time is None:
        return None
    tried = vain.requests[0].time if vain is not None else None
    return ((tried or capture_end) - last.time).total_seconds() > state.row.expires_s + GRACE_S


def _gap(state: RegistrationState, before: Cycle, after: Cycle) -> float | None:
    """Seconds for which a granted registration had run out when the client asked anew; null where it had not."""
    ok, again = before.final, after.requests[0]
    if ok is None or ok.time is None or again.time is None or (ok.status or 0) >= 300:
        return None
    granted = granted_by(state, ok)
    over = (again.time - ok.time).total_seconds() - granted if granted else 0.0
    return over if over > GRACE_S else None
