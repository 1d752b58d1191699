"""Where the derived facts of a call stand: the message that shows each, as evidence beside the call's first INVITE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from parsers.capture.calls import CallState
from parsers.capture.negotiation import Exchange
from parsers.capture.transactions import Transaction
from parsers.facts.capture import SipMessage

_OF_ANSWERS = (
    "no_common_codec", "audio_declined", "profile_changed", "crypto_tag_unknown", "ip_version_mismatch",
    "annexb_mismatch", "extra_codecs",
)  # fmt: skip
_FINALS = ("final_status", "warning_code", "q850_cause", "retry_after", "unsupported", "replaces_status")

Place = tuple[str, SipMessage | None]


def place(state: CallState) -> None:
    """Fill ``sources`` of a call for those of its derived facts that are out of the ordinary."""
    row = state.row
    for name, message in (*_signalling(state), *_inside(state), *_descriptions(state)):
        if message is not None:
            row.sources.setdefault(name, message.source)


def _signalling(state: CallState) -> Iterator[Place]:
    d, row = state.row.derived, state.row
    for name in _FINALS:
        yield name, state.final
    yield "outcome", state.final or state.cancel
    if d["timer_b_expired"]:
        yield "timer_b_expired", state.invites[-1]
    if row.ack in {"missing", "mismatched"}:
        yield "ack", state.ok
        repeats = [m for m in state.messages if m.retransmission and m.status and m.cseq_method == "INVITE"]
        yield "ok_retransmitted", repeats[-1] if repeats else None
        yield "dropped_at_32s", state.bye
    if d["too_small_422"]:
        yield "too_small_422", _last(m for m in state.messages if m.status == 422)
    if d["prack_missing"]:
        yield "prack_missing", next((m for m in state.messages if "rseq" in m.headers), None)
    if d["session_expired"]:
        yield "session_expired", state.bye
        yield "session_refreshed", state.ok
    if d["orphan_answers"]:
        acked = {m.to_tag for m in state.messages if m.method == "ACK"}
        yield "orphan_answers", next((m for m in state.finals if m.to_tag not in acked), None)


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
    if d["glare_unretried"]:
        yield "glare_unretried", _last(t.final for t in refreshes if t.status == 491)
    if d["in_dialog_challenge_unanswered"]:
        yield "in_dialog_challenge_unanswered", _last(t.final for t in inside if t.challenged)
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
    infos = [t for t in inside if t.method == "INFO"]
    yield "digit_rejected_status", _refused(infos)
    if d["cseq_500"]:
        yield "cseq_500", _last(t.final for t in inside if t.status == 500)


def _refused(some: Iterable[Transaction]) -> SipMessage | None:
    return _last(t.final for t in some if (t.status or 0) >= 300)


def _descriptions(state: CallState) -> Iterator[Place]:
    """Offers, answers and what is wrong with them."""
    d, negotiation = state.row.derived, state.negotiation
    answered = [e for e in negotiation.settled if e.answered_at is not None]
    for name in _OF_ANSWERS:
        if d[name] and answered:
            yield name, answered[-1].answered_at
    if d["events_negotiated"] is False and answered:
        yield "events_negotiated", answered[0].answered_at
    yield "t38", _of_fax(negotiation.exchanges)
    if d["delayed_offer_unanswered"] and state.ok is not None:
        yield "delayed_offer_unanswered", next((m for m in state.messages if m.method == "ACK"), None)
    if d["sdp_malformed"]:
        yield "sdp_malformed", next((m for _, sdp, m in negotiation.seen if sdp.malformed), None)
    if d["sdp_keys_in_clear"]:
        keys = (m for _, sdp, m in negotiation.seen if any(media.crypto for media in sdp.media))
        yield "sdp_keys_in_clear", next(keys, None)


def _of_fax(exchanges: Iterable[Exchange]) -> SipMessage | None:
    """What became of the last offer of T.38."""
    last = _last_of(e for e in exchanges if e.offer.fax is not None)
    return (last.refused_by or last.answered_at or last.offered_at) if last is not None else None


def _last(messages: Iterable[SipMessage | None]) -> SipMessage | None:
    found = [m for m in messages if m is not None]
    return found[-1] if found else None


def _last_of(exchanges: Iterable[Exchange]) -> Exchange | None:
    found = list(exchanges)
    return found[-1] if found else None
