"""Messages by call, repeats marked, and each request with its responses (RFC 3261 section 17)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from parsers.facts.capture import SipMessage

Key = tuple[object, ...]
Pair = tuple[str | None, str | None]


class Transaction(Struct):
    """One request, its repeats and its responses on one hop, matched by top Via branch and CSeq.

    ``requests`` holds the first sending and all repeats, ``provisional`` and ``finals`` the responses without repeats.
    ``requests`` is empty when only responses were captured.
    """

    method: str
    cseq: int | None
    requests: list[SipMessage] = field(default_factory=list)
    provisional: list[SipMessage] = field(default_factory=list)
    finals: list[SipMessage] = field(default_factory=list)

    @property
    def request(self) -> SipMessage | None:
        """The first sending."""
        return self.requests[0] if self.requests else None

    @property
    def final(self) -> SipMessage | None:
        """The last final response."""
        return self.finals[-1] if self.finals else None

    @property
    def status(self) -> int | None:
        """Status of the last final response."""
        return self.finals[-1].status if self.finals else None

    @property
    def answered(self) -> bool:
        """Anything at all came back."""
        return bool(self.provisional or self.finals)

    @property
    def challenged(self) -> bool:
        """Ended with a demand for credentials."""
        return self.status in {401, 407}


def seconds(first: SipMessage, last: SipMessage) -> float:
    """Seconds from one message to another; 0 where a time is unknown."""
    if first.time is None or last.time is None:
        return 0.0
    return (last.time - first.time).total_seconds()


def unread_responses(messages: Iterable[SipMessage]) -> frozenset[Pair]:
    """Who sent whom responses that the capture cut before their Call-ID: nobody can tell what they answer."""
    return frozenset((m.src, m.dst) for m in messages if m.truncated and m.status and m.call_id is None)


def by_call(messages: Iterable[SipMessage]) -> dict[str, list[SipMessage]]:
    """Messages by Call-ID, in order; those without one are left out."""
    groups: dict[str, list[SipMessage]] = {}
    for message in messages:
        if message.call_id is not None:
            group = groups.get(message.call_id)
            if group is None:
                groups[message.call_id] = [message]
            else:
                group.append(message)
    return groups


def mark_repeats(group: Iterable[SipMessage]) -> None:
    """Set ``retransmission`` on each message of one Call-ID that repeats an earlier one.

    Requests: same source, destination, top Via branch and CSeq; responses: the same, and status and To tag.
    """
    seen: set[Key] = set()
    for m in group:
        key: Key = (m.src, m.dst, m.branch, m.cseq, m.cseq_method, m.method or (m.status, m.to_tag))
        if key in seen:
            m.retransmission = True
        else:
            seen.add(key)


def transactions(group: Iterable[SipMessage]) -> list[Transaction]:
    """The transactions of one Call-ID on all hops, in order of their first message. ACK belongs to none.

    A response is matched by branch and CSeq, not by address: it may come from another address than the request went to.
    The same branch on two hops (a device in between that adds no Via) makes two transactions: a response then belongs to
    the one whose requester it is sent to.
    """
    found: list[Transaction] = []
    by_hop: dict[Key, Transaction] = {}
    by_sender: dict[Key, Transaction] = {}
    any_hop: dict[Key, Transaction] = {}
    for m in group:
        if m.method == "ACK":
            continue
        key: Key = (m.branch, m.cseq, m.cseq_method)
        own = by_hop.get((*key, m.src, m.dst)) if m.method else by_sender.get((*key, m.dst)) or any_hop.get(key)
        if own is None:
            own = Transaction(m.method or m.cseq_method or "", m.cseq)
            found.append(own)
            any_hop.setdefault(key, own)
            if m.method:
                by_hop[*key, m.src, m.dst] = own
                by_sender.setdefault((*key, m.src), own)
        if m.method:
            own.requests.append(m)
        elif not m.retransmission:
            (own.finals if (m.status or 0) >= 200 else own.provisional).append(m)
    return found
