"""Derived facts of a call that need its signalling and its RTP together; each is defined in docs/facts.md."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.capture.calls import CallState
from parsers.capture.negotiation import OTHER, Side
from parsers.capture.notes import StreamStats

FAX_EVENTS = frozenset({"(32)", "(36)", "(37)", "(38)", "(39)", "(40)"})
"""Events of RFC 4734 that a fax sends: ANS, CNG, and the bits of V.21 on both channels."""


def derive(state: CallState, own: list[tuple[Side, StreamStats]]) -> None:
    """Fill ``derived`` of a call with what its streams (with the side that sends each) say of its exchanges."""
    d = state.row.derived
    d["rtp_on_hold_s"] = _on_hold(state, own)
    d["rtp_after_t38_s"] = _after_t38(state, own)
    d["fax_tones"] = any(event.digit in FAX_EVENTS for _, stats in own for event in stats.dtmf)


def _on_hold(state: CallState, own: Iterable[tuple[Side, StreamStats]]) -> float | None:
    """How long the side that was put on hold went on sending during the last hold; null where none lasts to the end."""
    if not state.hold_spans or state.until is None:
        return None
    holder, start, end = state.hold_spans[-1]
    if end != state.until:
        return None
    held = [stats.last for side, stats in own if side == OTHER[holder]]
    return round(max((min(last, end) - start).total_seconds() for last in held), 3) if held else None


def _after_t38(state: CallState, own: Iterable[tuple[Side, StreamStats]]) -> float | None:
    """How long the side that accepted T.38 went on with RTP; null without an accepted offer.

    A stream that is still there after the call turned back to audio may have paused meanwhile: it does not count.
    """
    settled = state.negotiation.settled
    accepted = next(
        (i for i, e in enumerate(settled) if e.offer.fax and e.answer and (fax := e.answer.fax) and fax.port), None
    )
    if accepted is None:
        return None
    exchange, later = settled[accepted], settled[accepted + 1 :]
    start = exchange.answered_at.time if exchange.answered_at else None
    end = later[0].offered_at.time if later else state.until
    if start is None:
        return None
    ends = [stats.last for side, stats in own if side == OTHER[exchange.by] and (end is None or stats.last <= end)]
    return round(max([0.0, *((last - start).total_seconds() for last in ends)]), 3)
