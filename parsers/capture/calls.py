"""One row for each Call-ID with an INVITE transaction; columns and definitions are the report's contract."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from parsers.capture.address import host_of
from parsers.capture.hosts import Hosts
from parsers.capture.negotiation import Negotiation, Side, fax_outcome, holds, negotiate, union_s
from parsers.capture.transactions import Pair, Transaction, transactions
from parsers.facts.capture import Call, SipMessage

_LEGS_KEPT = 64
Outcome = Literal["answered", "busy", "declined", "cancelled", "rejected", "no_response", "incomplete"]


class CallState(Struct):
    """A call and everything that was read for it; rows of streams and derived facts are built on it.

    ``finals`` and ``provisional`` are the responses to the first INVITE and its repetitions with credentials, on all hops,
    ``final`` the one that counts, ``ok`` the first 2xx. ``unread``: there are responses that the capture cut before their
    Call-ID or CSeq, any of which may be an answer.
    """

    row: Call
    messages: list[SipMessage]
    first: SipMessage
    transactions: list[Transaction]
    negotiation: Negotiation
    invites: list[SipMessage]
    provisional: list[SipMessage]
    finals: list[SipMessage]
    final: SipMessage | None
    ok: SipMessage | None
    bye: SipMessage | None
    cancel: SipMessage | None
    hold_spans: list[tuple[Side, datetime, datetime]] = field(default_factory=list)
    until: datetime | None = None
    unread: bool = False

    @property
    def caller_host(self) -> str | None:
        """IP address of the sender of the first INVITE."""
        return host_of(self.row.caller)

    @property
    def callee_host(self) -> str | None:
        """IP address of its receiver."""
        return host_of(self.row.callee)

    def side_of(self, message: SipMessage) -> Side:
        """Who sent a message, whatever hop it was seen on. Where tags do not tell, the caller's address does."""
        tag = self.first.from_tag
        if tag is None or tag not in {message.from_tag, message.to_tag}:  # RFC 2543 knew no tags, and some lose them
            return "caller" if message.src == self.row.caller else "callee"
        return "caller" if (message.from_tag == tag) == (message.method is not None) else "callee"


def is_call(group: list[SipMessage]) -> bool:
    """At least one message with CSeq method INVITE."""
    return any(m.cseq_method == "INVITE" or m.method == "INVITE" for m in group)


def build_call(
    call_id: str, group: list[SipMessage], capture_end: datetime | None, unread: frozenset[Pair] = frozenset()
) -> CallState:
    """The row of one Call-ID. ``group`` is in order of time with repeats marked, ``capture_end`` the last packet's time,
    ``unread`` who sent whom responses without a Call-ID.
    """
    invite_requests = [m for m in group if m.method == "INVITE"]
    first = invite_requests[0] if invite_requests else next(m for m in group if m.cseq_method == "INVITE")
    initial = _initial(group, invite_requests)
    invites = [m for m in invite_requests if m.to_tag is None]
    tags = {m.from_tag for m in invites}
    any_tag = not tags or None in tags  # an INVITE may be cut before it
    to_invites = [m for m in group if m.status and m.cseq_method == "INVITE" and (any_tag or m.from_tag in tags)]
    responses = [m for m in to_invites if m.cseq in initial and not m.retransmission]
    finals = [m for m in responses if (m.status or 0) >= 200]
    ok = next((m for m in finals if (m.status or 0) < 300), None)
    is_request = first.method is not None
    row = Call(
        source=first.source,
        call_id=call_id,
        from_user=first.from_user,
        to_user=first.to_user,
        caller=first.src if is_request else first.dst,
        callee=first.dst if is_request else first.src,
        transport=first.transport,
        start=first.time if is_request else None,
    )
    state = CallState(
        row=row,
        messages=group,
        first=first,
        transactions=transactions(group),
        negotiation=negotiate(group, first.from_tag),
        invites=invites,
        provisional=[m for m in responses if (m.status or 0) < 200],
        finals=finals,
        final=ok or _last_final(finals, invites, row.caller),
        ok=ok,
        bye=next((m for m in group if m.method == "BYE"), None),
        cancel=next((m for m in group if m.method == "CANCEL"), None),
        unread=(row.callee, row.caller) in unread or any(m.truncated and m.status for m in group),
    )
    _fill_times(state)
    _fill_outcome(state)
    _fill_media(state, capture_end)
    for name, message in (("final_status", state.final), ("answered", state.ok), ("end", state.bye or state.cancel)):
        if message is not None:
            row.sources[name] = message.source
    return state


def _initial(group: list[SipMessage], invites: list[SipMessage]) -> set[int | None]:
    """CSeq numbers of INVITEs outside a dialog; where none was captured, or one is cut before its CSeq, those of responses whose
    INVITE is missing, too.
    """
    outside: set[int | None] = {m.cseq for m in invites if m.to_tag is None}
    if outside and None not in outside:
        return outside
    inside = {m.cseq for m in invites if m.cseq is not None}
    return outside | {m.cseq for m in group if m.status and m.cseq_method == "INVITE" and m.cseq not in inside}


def _last_final(finals: list[SipMessage], invites: list[SipMessage], caller: str | None) -> SipMessage | None:
    """The last final response that the caller got; a challenge that was answered with credentials does not count."""
    answered = {m.cseq for m in invites if m.has_credentials}
    latest = max((n for n in answered if n is not None), default=-1)
    counting = [m for m in finals if m.status not in {401, 407} or (m.cseq or 0) >= latest]
    at_caller = [m for m in counting if m.dst == caller]
    chosen = at_caller or counting
    return chosen[-1] if chosen else None


def _ms(start: datetime | None, end: datetime | None) -> float | None:
    """Milliseconds between two times; null where one is unknown, or the second came first (the ringing of another fork)."""
    if start is None or end is None or end < start:
        return None
    return round((end - start).total_seconds() * 1000, 3)


def _fill_times(state: CallState) -> None:
    row = state.row
    ringing = next((m for m in state.provisional if 180 <= (m.status or 0) <= 189), None)
    row.answered = state.ok.time if state.ok else None
    row.pdd_ms = _ms(row.start, ringing.time if ringing else None)
    row.ring_ms = _ms(ringing.time if ringing else None, row.answered)
    row.answered_after_ms = _ms(row.start, row.answered)
    row.retransmissions = sum(1 for m in state.messages if m.retransmission and m.method and m.method != "ACK")
    row.response_retransmissions = sum(1 for m in state.messages if m.retransmission and m.status)


def _fill_outcome(state: CallState) -> None:
    row, final = state.row, state.final
    row.final_status = final.status if final else None
    row.outcome = _outcome(state)
    row.ack = _ack(state)
    if state.bye is not None:
        row.end = state.bye.time
        row.end_by = state.side_of(state.bye)
        if row.answered and row.end and row.end >= row.answered:  # a BYE in an early dialog may cross the answer
            row.duration_s = round((row.end - row.answered).total_seconds(), 6)
    elif state.ok is None:
        failed = final.time if final else None
        ends = [t for t in (state.cancel.time if state.cancel else None, failed) if t is not None]
        row.end = min(ends, default=None)
        row.end_by = "caller" if state.cancel is not None else None
    reasons = (final if (row.final_status or 0) >= 300 else None, state.cancel, state.bye)
    row.reason = next((m.reason for m in reasons if m is not None and m.reason), None)
    row.user_agents = _agents(state)


def _outcome(state: CallState) -> Outcome:
    status = state.row.final_status
    if state.ok is not None:
        return "answered"
    if status in {486, 600}:
        return "busy"
    if status == 603:
        return "declined"
    if state.cancel is not None and status in {487, None}:
        return "cancelled"
    if status is not None:
        return "rejected"
    # a response to anything in the call is one: to an INVITE with credentials that was not captured, to BYE
    answered = state.unread or any(m.status for m in state.messages)
    return "no_response" if state.invites and not answered else "incomplete"


def _ack(state: CallState) -> Literal["ok", "mismatched", "missing"] | None:
    if state.ok is None:
        return None
    acks = {(m.from_tag, m.cseq, m.to_tag) for m in state.messages if m.method == "ACK"}
    if (state.ok.cseq, state.ok.to_tag) in {(cseq, to_tag) for _, cseq, to_tag in acks}:
        return "ok"
    if any(m.truncated for m in state.messages if m.method == "ACK"):
        return None
    finals = [m for m in state.messages if m.cseq_method == "INVITE" and (m.status or 0) >= 200]
    others = {(m.from_tag, m.cseq, m.to_tag) for m in finals}
    return "mismatched" if acks - others else "missing"


def _agents(state: CallState) -> dict[str, str | None]:
    """The agents of both sides: requests name them in User-Agent, responses in Server or User-Agent. A proxy's 100 is no help."""
    first: dict[Side, SipMessage] = {}
    best: dict[Side, SipMessage] = {}
    for m in state.messages:
        if not (m.user_agent or m.server) or m.status == 100:
            continue
        side = state.side_of(m)
        first.setdefault(side, m)
        if m.method == "INVITE" or (m.status or 0) >= 180:
            best.setdefault(side, m)
    return {side: _agent(best.get(side) or first.get(side)) for side in ("caller", "callee")}


def _agent(m: SipMessage | None) -> str | None:
    if m is None:
        return None
    return m.server if m.status and m.server else m.user_agent or m.server


def _fill_media(state: CallState, capture_end: datetime | None) -> None:
    row, negotiation = state.row, state.negotiation
    settled = [e for e in negotiation.settled if (e.status or 0) >= 200]
    state.until = row.end or (capture_end if state.ok else row.end)
    if state.ok is not None and settled:
        state.hold_spans = holds(negotiation, state.until)
        row.hold_s = round(union_s(state.hold_spans), 3) if not any(e.partial for e in settled) else None
    halves = [(e.offer, e.answer) for e in negotiation.settled if e.answer is not None]
    if any(offer.encrypted and answer.encrypted for offer, answer in halves):
        row.encrypted = True
    elif halves:  # keys may stand in the part of a description that was not captured
        row.encrypted = None if any(e.partial for e in negotiation.settled) else False
    fax = fax_outcome(negotiation)
    row.t38, row.derived["t38_status"] = fax.word, fax.status
    if fax.message is not None:
        row.sources["t38"] = fax.message.source


def info_digits(state: CallState) -> list[tuple[Side, list[tuple[datetime | None, str]]]]:
    """DTMF of SIP INFO by side, each key with its time; behind a proxy the first hop counts."""
    found: list[tuple[Side, list[tuple[datetime | None, str]]]] = []
    digits = [m for m in state.messages if m.method == "INFO" and m.derived.get("dtmf") and not m.retransmission]
    sides: tuple[Side, Side] = ("caller", "callee")
    for side in sides:
        own = [m for m in digits if state.side_of(m) == side]
        if own:
            keys = [(m.time, m.derived["dtmf"]) for m in own if (m.src, m.dst) == (own[0].src, own[0].dst)]
            found.append((side, keys))
    return found


def link_legs(states: list[CallState], hosts: Hosts) -> None:
    """Fill ``linked``: two Call-IDs of one call through a back-to-back user agent.

    The second leg begins at most 10 s after the first and before its end, and either starts on the host (same address)
    that got the first with one of its numbers (the last seven digits count) in common, or carries both numbers unchanged
    within one second (a session border controller whose sides have different addresses).
    """
    ordered = sorted((s for s in states if s.row.start is not None), key=lambda s: (s.row.start, s.row.call_id))
    received: dict[object, deque[CallState]] = {}
    for later in ordered:
        numbers = (_tail(later.row.from_user), _tail(later.row.to_user))
        keys = hosts.pbx if later.caller_host in hosts.pbx else {later.caller_host}
        candidates = [s for key in (*sorted(keys, key=str), numbers) for s in received.get(key, ())]
        matching = [s for s in reversed(candidates) if _same_call(s, later, hosts)]
        if matching:
            best = max(matching, key=lambda s: _likeness(s, later))
            best.row.linked.append(later.row.call_id)
            later.row.linked.append(best.row.call_id)
        for key in (later.callee_host, numbers):
            received.setdefault(key, deque(maxlen=_LEGS_KEPT)).append(later)
    for state in states:
        state.row.linked = sorted(set(state.row.linked))


def _tail(user: str | None) -> str:
    return (user or "").lstrip("+")[-7:].lower()


def _likeness(earlier: CallState, later: CallState) -> int:
    a, b = earlier.row, later.row
    pairs = ((a.from_user, b.from_user), (a.to_user, b.to_user))
    return sum(1 for x, y in pairs if _tail(x) and _tail(x) == _tail(y))


def _same_call(earlier: CallState, later: CallState, hosts: Hosts) -> bool:
    a, b = earlier.row, later.row
    if a.start is None or b.start is None:
        return False
    gap = (b.start - a.start).total_seconds()
    if gap > 10 or (a.end is not None and b.start > a.end):
        return False
    likeness = _likeness(earlier, later)
    host = earlier.callee_host
    same_host = host is not None and (host == later.caller_host or {host, later.caller_host} <= hosts.pbx)
    if same_host and (a.caller, a.callee) != (b.caller, b.callee):
        return likeness >= 1
    return likeness == 2 and gap <= 1 and earlier.caller_host != later.caller_host
