"""Offers and answers of one call (RFC 3264, with the exchanges of RFC 3261 section 13.2.1 and RFC 3311)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from parsers.capture.sdp import Media, Sdp
from parsers.facts.capture import SipMessage

Side = Literal["caller", "callee"]
SEEN_LIMIT, EXCHANGE_LIMIT = 200, 1000
"""Different descriptions, and exchanges, of one call that are followed."""
Key = tuple[str | None, int | None, str | None]
"""Whose request (From tag; each side counts its own CSeq), number, method."""
OTHER: dict[Side, Side] = {"caller": "callee", "callee": "caller"}


class Exchange(Struct):
    """One offer and what became of it.

    ``by`` sent the offer; ``status`` is the final (or, while none is there, the last provisional) response that settled it,
    null where none was seen.
    """

    by: Side
    offer: Sdp
    offered_at: SipMessage
    answer: Sdp | None = None
    answered_at: SipMessage | None = None
    status: int | None = None
    refused_by: SipMessage | None = None
    cut: bool = False
    """The ACK that may bear the answer was not captured to its end."""

    @property
    def partial(self) -> bool:
        """One of its descriptions was not captured to its end."""
        return self.offer.partial or (self.answer is not None and self.answer.partial)

    def of(self, side: Side) -> Sdp | None:
        """What one side said in this exchange."""
        return self.offer if side == self.by else self.answer


class Negotiation(Struct):
    """All exchanges of a call in order. ``seen`` lists every different description with the first message that
    had it, for addresses on all hops.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    seen: list[tuple[Side, Sdp, SipMessage]] = field(default_factory=list)
    unanswered_delayed_offer: bool = False

    @property
    def settled(self) -> list[Exchange]:
        """Exchanges with both halves and no refusal."""
        return [e for e in self.exchanges if e.answer is not None and (e.status or 0) < 300]


def negotiate(group: Iterable[SipMessage], caller_tag: str | None) -> Negotiation:
    """Follow the session descriptions of one call. ``caller_tag`` is the From tag of the first INVITE.

    The same exchange seen on several hops is one: the first hop's description stands in `Exchange`, all of them in ``seen``.
    """
    result = Negotiation()
    open_offers: dict[Key, Exchange] = {}
    empty_invites: set[Key] = set()
    noted: set[tuple[int, Side, str | None]] = set()
    for m in group:
        side: Side = "caller" if (m.from_tag == caller_tag) == (m.method is not None) else "callee"
        key: Key = (m.from_tag, m.cseq, "INVITE" if m.cseq_method == "ACK" else m.cseq_method)
        sdp: Sdp | None = m.sdp
        if sdp is not None and (id(sdp), side, m.src) not in noted and len(noted) < SEEN_LIMIT:
            noted.add((id(sdp), side, m.src))
            result.seen.append((side, sdp, m))
        if m.method in {"INVITE", "UPDATE"}:
            if sdp is None:
                if m.method == "INVITE" and not m.truncated:  # a cut one may have an offer
                    empty_invites.add(key)
            elif key not in open_offers:
                _offer(result, open_offers, key, Exchange(side, sdp, m))
        elif m.method in {"ACK", "PRACK"}:
            _late_answer(result, open_offers, m, sdp)
        elif m.status is not None and m.cseq_method in {"INVITE", "UPDATE"}:
            exchange = open_offers.get(key)
            if exchange is not None:
                _settle(exchange, m, sdp, side)
            elif sdp is not None and key in empty_invites and m.status < 300:
                _offer(result, open_offers, key, Exchange(side, sdp, m))
    result.unanswered_delayed_offer = any(
        e.offered_at.status == 200 and e.answer is None and not e.cut for e in result.exchanges
    )
    return result


def _offer(
    result: Negotiation, open_offers: dict[Key, Exchange],
    key: Key, exchange: Exchange,
) -> None:  # fmt: skip
    if len(result.exchanges) < EXCHANGE_LIMIT:
        open_offers[key] = exchange
        result.exchanges.append(exchange)


def _late_answer(result: Negotiation, open_offers: dict[Key, Exchange], m: SipMessage, sdp: Sdp | None) -> None:
    """An ACK (or PRACK) that answers the offer of a response."""
    exchange = open_offers.get((m.from_tag, m.cseq, "INVITE"))
    if m.method == "PRACK":
        exchange = next((e for e in reversed(result.exchanges) if e.offered_at.method is None), None)
    if exchange is None or exchange.offered_at.method is not None or exchange.answer is not None:
        return
    if sdp is not None:
        exchange.answer, exchange.answered_at, exchange.status = sdp, m, 200
    elif m.truncated:
        exchange.cut = True


def _settle(exchange: Exchange, m: SipMessage, sdp: Sdp | None, side: Side) -> None:
    status = m.status or 0
    if exchange.offered_at.method is None:  # the offer came in a response: only ACK or PRACK answers it
        return
    if status >= 300:
        if exchange.status is None or exchange.status < 200:
            exchange.status, exchange.refused_by = status, m
        return
    if sdp is not None and side != exchange.by and (exchange.answer is None or (exchange.status or 0) < 200 <= status):
        exchange.answer = sdp
        if exchange.answered_at is None or status >= 200:
            exchange.answered_at = m
    if exchange.status is None or exchange.status < 200:
        exchange.status = status


def holds(negotiation: Negotiation, until: datetime | None) -> list[tuple[Side, datetime, datetime]]:
    """When which side had put the other on hold: (holder, from, to), by offer and answer of the first audio line."""
    spans: list[tuple[Side, datetime, datetime]] = []
    begun: dict[Side, datetime] = {}
    for exchange in negotiation.settled:
        when = exchange.answered_at.time if exchange.answered_at else None
        if when is None or (exchange.status or 0) < 200:
            continue
        for side in ("caller", "callee"):
            sdp = exchange.of(side)
            audio = sdp.first() if sdp else None
            held = audio is not None and audio.port != 0 and audio.on_hold
            if held and side not in begun:
                begun[side] = when
            elif not held and side in begun and audio is not None:
                spans.append((side, begun.pop(side), when))
    spans += [(side, start, until) for side, start in begun.items() if until is not None and until > start]
    return sorted(spans, key=lambda span: span[1])


def union_s(spans: list[tuple[Side, datetime, datetime]]) -> float:
    """Seconds that at least one of the spans covers."""
    total, reached = 0.0, None
    for _, start, end in sorted(spans, key=lambda span: span[1]):
        begin = max(start, reached) if reached else start
        if end > begin:
            total += (end - begin).total_seconds()
            reached = end
    return total


class FaxOutcome(Struct):
    """What became of T.38, the status of the response that settled it, and the exchange."""

    word: Literal["offered", "accepted", "refused"] | None = None
    status: int | None = None
    exchange: Exchange | None = None

    @property
    def message(self) -> SipMessage | None:
        """The message that settled it, else the offer."""
        found = self.exchange
        return (found.refused_by or found.answered_at or found.offered_at) if found is not None else None


def fax_outcome(negotiation: Negotiation) -> FaxOutcome:
    """What became of T.38.

    A T.38 line answered with port 0 is refused though the response is a 2xx (RFC 3264 section 6); 401, 407 and 491 settle
    nothing.
    """
    best = FaxOutcome()
    for exchange in negotiation.exchanges:
        if exchange.offer.fax is None:
            continue
        status = exchange.status
        if status is not None and 200 <= status < 300:
            fax = exchange.answer.fax if exchange.answer else None
            if fax is not None and fax.port:
                return FaxOutcome("accepted", status, exchange)
            best = FaxOutcome("refused", status, exchange)
        elif status is not None and status >= 300 and status not in {401, 407, 491}:
            best = FaxOutcome("refused", status, exchange)
        elif best.word is None:
            best = FaxOutcome("offered", status if status is not None and status >= 200 else None, exchange)
    return best


def common_voice(offer: Media, answer: Media) -> list[str]:
    """Voice codecs that stand in both, in the answer's order; names and clocks must be equal."""
    offered = {(c.name.lower(), c.clock) for c in offer.codecs.values()}
    return [
        c.name
        for c in answer.codecs.values()
        if (c.name.lower(), c.clock) in offered and c.name not in {"telephone-event", "CN", "red"}
    ]
