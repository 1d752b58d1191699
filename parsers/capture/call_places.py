"""Where the derived facts of a call stand: the message that shows each, as evidence beside the call's first INVITE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from parsers.capture.calls import CallState
from parsers.capture.transactions import Transaction
from parsers.facts.capture import SipMessage

_FINALS = ("final_status", "warning_code", "retry_after", "unsupported", "replaces_status")

LARGE = 1300
"""RFC 3261 section 18.1.1: larger requests may not fit into one packet."""
Place = tuple[str, SipMessage | None]


def place(state: CallState) -> None:
    """Fill ``sources`` of a call for those of its derived facts that are out of the ordinary."""
    row = state.row
    for name, message in (*_signalling(state), *_of_answer(state), *_inside(state)):
        if message is not None:
            row.sources.setdefault(name, message.source)


def _signalling(state: CallState) -> Iterator[Place]:
    d, row = state.row.derived, state.row
    for name in _FINALS:
        yield name, state.final
    yield "outcome", (state.cancel if row.outcome == "cancelled" else None) or state.final or state.cancel
    said = next((m for m in (state.final, state.cancel, state.bye) if m is not None and m.reason == row.reason), None)
    if row.reason is not None:
        yield "reason", said
        yield "q850_cause", said
    for name in ("duration_s", "early_end"):
        yield name, state.bye
    yield "end_by", state.bye or state.cancel
    if row.retransmissions:
        yield "retransmissions", next(m for m in state.messages if m.retransmission and m.method not in {None, "ACK"})
    if (d["invite_bytes"] or 0) > LARGE:
        yield "invite_bytes", max(state.invites, key=lambda m: m.length)
    if d["credentials_unanswered"]:
        yield "credentials_unanswered", next((m for m in reversed(state.invites) if m.has_credentials), None)
    if d["redirect_followed"] is not None:
        yield "redirect_followed", next((m for m in state.finals if 300 <= (m.status or 0) < 400), None)
    if d["timer_b_expired"]:
        yield "timer_b_expired", state.invites[-1]
        yield "idle_fails_s", state.invites[-1]
    if d["too_small_422"]:
        yield "too_small_422", _last(m for m in state.messages if m.status == 422)
    if d["prack_missing"]:
        yield "prack_missing", next((m for m in state.messages if "rseq" in m.headers), None)


def _of_answer(state: CallState) -> Iterator[Place]:
    """The answer, its ACK, and the timer that it sets."""
    d, row = state.row.derived, state.row
    acks = [m for m in state.messages if m.method == "ACK"]
    if row.ack in {"missing", "mismatched"}:
        finals = {(m.cseq, m.to_tag) for m in state.finals}
        wrong = (m for m in acks if (m.cseq, m.to_tag) not in finals)
        yield "ack", (next(wrong, None) if row.ack == "mismatched" else None) or state.ok
        repeats = [m for m in state.messages if m.retransmission and m.status and m.cseq_method == "INVITE"]
        yield "ok_retransmitted", repeats[-1] if repeats else None
        yield "dropped_at_32s", state.bye
    if d["session_expired"]:
        yield "session_expired", state.bye
        yield "session_refreshed", state.ok
    if d["orphan_answers"]:
        acked = {m.to_tag for m in acks}
        answers = (m for m in state.finals if 200 <= (m.status or 0) < 300)
        yield "orphan_answers", next((m for m in answers if m.to_tag not in acked), None)
    if d["delayed_offer_unanswered"] and state.ok is not None:
        late = next(
            (e.offered_at for e in state.negotiation.exchanges if e.offered_at.status == 200 and e.answer is None), None
        )
        yield "delayed_offer_unanswered", next((m for m in acks if late is None or m.cseq == late.cseq), None)


def _inside(state: CallState) -> Iterator[Place]:
    """Requests inside the call."""
    inside = [t for t in state.transactions if t.request is not None and t.request.to_tag is not None]
    if not inside:
        return
    d = state.row.derived
    refreshes = [t for t in inside if t.method in {"INVITE", "UPDATE"}]
    if d["refresh_status"] is not None:
        bad = _last(t.final for t in refreshes if t.status == d["refresh_status"])
        yield "refresh_status", bad
        yield "ended_after_bad_refresh", state.bye
    if d["refresh_unanswered"]:
        yield "refresh_unanswered", _last(t.request for t in refreshes if not t.answered)
        yield "ended_after_silent_refresh", state.bye
    byes = [t for t in inside if t.method == "BYE"]
    if d["bye_unanswered"]:
        yield "bye_unanswered", _last(t.request for t in byes)
        yield "bye_repeats", _last(t.requests[-1] for t in byes if t.requests)
    yield "bye_status", _refused(byes)
    refers = [t for t in inside if t.method == "REFER"]
    yield "refer_status", _refused(refers)
    if refers:
        reports = (m for m in state.messages if "sipfrag_status" in m.derived and not m.retransmission)
        yield "transfer_status", _last(reports)
    if d["cseq_500"]:
        yield "cseq_500", _last(t.final for t in inside if t.status == 500)


def _refused(some: Iterable[Transaction]) -> SipMessage | None:
    return _last(t.final for t in some if (t.status or 0) >= 300)


def _last(messages: Iterable[SipMessage | None]) -> SipMessage | None:
    found = [m for m in messages if m is not None]
    return found[-1] if found else None
