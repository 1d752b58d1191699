"""One row for each (address of record, client IP) that registers; columns and definitions are the report's contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise, zip_longest

from msgspec import Struct, field

from parsers.capture import refusals
from parsers.capture.address import host_of, is_private, split
from parsers.capture.hosts import Hosts
from parsers.capture.sip_header import address
from parsers.capture.transactions import Pair, seconds
from parsers.facts.capture import Registration, SipMessage

TIMER_F_S = 32.0
"""64 * T1: how long a client waits for any answer (RFC 3261 section 17.1.2.2)."""


class Cycle(Struct):
    """A REGISTER and its repetitions with credentials, and the responses to them."""

    requests: list[SipMessage] = field(default_factory=list)
    responses: list[SipMessage] = field(default_factory=list)

    @property
    def final(self) -> SipMessage | None:
        """The last final response."""
        return next((m for m in reversed(self.responses) if (m.status or 0) >= 200), None)

    @property
    def failed(self) -> bool:
        """No response at all, or a last final response of 300 and more. A challenge that was answered is no end."""
        final = self.final
        if final is None:
            return not self.responses
        return (final.status or 0) >= 300 and not self.answered_challenge

    @property
    def answered_challenge(self) -> bool:
        """The last final response is a challenge, and credentials for it were sent after it."""
        final = self.final
        if final is None or final.status not in {401, 407}:
            return False
        last = self.requests[-1] if self.requests else None
        return last is not None and last.has_credentials and (last.cseq or 0) > (final.cseq or 0)

    @property
    def refused_credentials(self) -> bool:
        """Credentials were refused: by 403, 404 or 410, or, made for the challenge before, by another without ``stale``.

        Not every server says ``stale`` of an old nonce: a challenge to credentials of unknown age says nothing.
        """
        asked: set[int | None] = set()
        pending: SipMessage | None = None
        for m in sorted((*self.requests, *self.responses), key=lambda m: m.frame or 0):
            if m.method:
                pending = m if m.has_credentials else None
            elif pending is not None and m.cseq == pending.cseq:
                again = m.status in {401, 407} and not m.challenge_stale and pending.nonce_mark in asked
                if again or m.status in {403, 404, 410}:
                    return True
            if m.status in {401, 407}:
                asked.add(m.nonce_mark)
        return False


class RegistrationState(Struct):
    """The messages of one row, in order."""

    row: Registration
    messages: list[SipMessage] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    unread: bool = False
    """There are responses of which the capture has no Call-ID, any of which may be an answer."""


def read_registrations(
    messages: Iterable[SipMessage], unread: frozenset[Pair] = frozenset()
) -> list[RegistrationState]:
    """Rows of all REGISTER messages (repeats marked before), in the order of their first message; ``unread`` says who sent
    whom responses without a Call-ID.
    """
    states: dict[tuple[str, str], RegistrationState] = {}
    for m in messages:
        if m.method != "REGISTER" and m.cseq_method != "REGISTER":
            continue
        client = m.src if m.method else m.dst
        host = host_of(client)
        if client is None or host is None or m.to_host is None:
            continue
        domain = f"[{m.to_host}]" if ":" in m.to_host else m.to_host
        aor = f"{m.to_user}@{domain}" if m.to_user else domain
        state = states.get((aor, host))
        if state is None:
            state = states[aor, host] = RegistrationState(Registration(source=m.source, aor=aor, user=m.to_user))
        state.messages.append(m)
    for state in states.values():
        _fill(state, unread)
    return list(states.values())


def _cycles(messages: list[SipMessage]) -> list[Cycle]:
    cycles: list[Cycle] = []
    by_cseq: dict[tuple[str | None, int | None], Cycle] = {}
    latest: dict[str | None, Cycle] = {}
    """By Call-ID: two devices behind one address may register the same extension at the same time."""
    for m in messages:
        if m.retransmission:
            continue
        key = (m.call_id, m.cseq)
        if m.method is None:
            cycle = by_cseq.get(key)
            if cycle is None:
                cycle = by_cseq[key] = Cycle()
                cycles.append(cycle)
            cycle.responses.append(m)
            continue
        last = latest.get(m.call_id)
        if last is None or not _repeats(last, m):
            last = latest[m.call_id] = Cycle()
            cycles.append(last)
        last.requests.append(m)
        by_cseq[key] = last
    return cycles


def _repeats(last: Cycle, m: SipMessage) -> bool:
    """Whether a REGISTER answers the challenge of a cycle. Where no response at all was captured, it must have had one when
    the request before it bore no credentials.
    """
    challenge = last.final
    if m.truncated and not m.has_credentials and challenge is not None and challenge.cseq is not None:
        # credentials may stand where it is cut
        return challenge.status in {401, 407} and m.cseq == challenge.cseq + 1
    if not m.has_credentials or not last.requests:
        return False
    if challenge is not None:
        return challenge.status in {401, 407} and m.nonce_mark == challenge.nonce_mark
    before = last.requests[-1]
    return not last.responses and not before.has_credentials and m.cseq in {before.cseq, (before.cseq or 0) + 1}


def _fill(state: RegistrationState, unread: frozenset[Pair]) -> None:
    row = state.row
    requests = [m for m in state.messages if m.method]
    last = requests[-1] if requests else None
    state.cycles = _cycles(state.messages)
    if last is not None:
        row.client, row.registrar, row.contact, row.user_agent = last.src, last.dst, last.contact, last.user_agent
        row.user_agent = last.user_agent or next((m.user_agent for m in reversed(requests) if m.user_agent), None)
    else:
        row.client, row.registrar = state.messages[-1].dst, state.messages[-1].src
    state.unread = (row.registrar, row.client) in unread
    row.requests = len(requests)
    row.attempts = sum(1 for c in state.cycles if c.requests)
    row.failures = sum(1 for c in state.cycles if c.requests and c.failed and (c.responses or not state.unread))
    finals = [m for m in state.messages if (m.status or 0) >= 200]
    if finals:
        row.last_status = finals[-1].status
        row.sources["last_status"] = row.sources["status"] = finals[-1].source
    granted = next((m for m in reversed(finals) if (m.status or 0) < 300), None)
    row.expires_s = granted_by(state, granted) if granted else None
    _fill_status(state, finals)


def _fill_status(state: RegistrationState, finals: list[SipMessage]) -> None:
    row = state.row
    if not row.requests:
        row.status = "unknown"
    elif not finals:
        row.status = "unknown" if state.unread or any(m.status for m in state.messages) else "no_response"
    elif (row.last_status or 0) < 300:
        row.status = "unregistered" if row.expires_s == 0 else "registered"
    elif row.last_status in {401, 407}:
        cycle = next((c for c in state.cycles if finals[-1] in c.responses), None)
        row.status = "unknown" if cycle is not None and cycle.answered_challenge else "challenged"
    else:
        row.status = "rejected"


def granted_by(state: RegistrationState, ok: SipMessage) -> int | None:
    """Seconds that a 2xx granted to the contact of its request; 0 when it was removed (RFC 3261 section 10.3)."""
    request = next((m for m in state.messages if m.method and m.cseq == ok.cseq and m.call_id == ok.call_id), None)
    if request is not None and request.expires == 0:
        return 0
    if ok.contact and request is not None and request.contact:
        bound = address(f"<{ok.contact}>")
        wanted = address(f"<{request.contact}>")
        if (bound.user, bound.host, bound.port) != (wanted.user, wanted.host, wanted.port):
            return _listed(ok, wanted.text, request.expires)
    if ok.expires is not None:
        return ok.expires
    return request.expires if request is not None else None


def _listed(ok: SipMessage, wanted: str, asked: int | None) -> int | None:
    """The expiry of one contact among several of a 2xx."""
    found: int | None = ok.derived.get("contacts", {}).get(wanted)
    return found if found is not None else ok.expires if ok.expires is not None else asked


def derive(state: RegistrationState, hosts: Hosts, capture_end: datetime | None) -> None:
    """Fill ``derived``: what the rules compare (docs/facts.md)."""
    row, d = state.row, state.row.derived
    client, registrar = host_of(row.client), host_of(row.registrar)
    d["by_pbx"] = hosts.is_pbx(client)
    d["to_pbx"] = hosts.is_pbx(registrar)
    d["to_trunk"] = bool(d["by_pbx"]) and not d["to_pbx"] if d["by_pbx"] is not None else None
    requests = [m for m in state.messages if m.method]
    d["trunk"] = registrar if d["to_trunk"] else None
    d["registrar_changed"] = _registrar_changed(state)
    d["retransmissions"] = sum(1 for m in requests if m.retransmission)
    d["auth_rounds"] = max((sum(1 for m in c.requests if m.has_credentials) for c in state.cycles), default=0)
    refused = [c for c in state.cycles if c.refused_credentials]
    accepted = any((m.status or 0) // 100 == 2 for c in state.cycles for m in c.responses)
    d["rejected_with_valid_digest"] = bool(refused) and not accepted
    d["refused_credentials"] = len(refused)
    d["refused_status"] = refused[-1].final.status if refused and refused[-1].final else None
    d["unanswered_s"], d["timer_f_expired"] = _silence(state, capture_end)
    _place(state, refused)
    d["failed_auth_60s"] = most_within([c.requests[0].time for c in refused if c.requests], 60)
    d["failures_60s"] = most_within([c.requests[0].time for c in state.cycles if c.requests and c.failed], 60)
    final = next((m for m in reversed(state.messages) if (m.status or 0) >= 200), None)
    d["reason"] = (final.reason or final.warning or final.reason_phrase) if final else None
    d["answered_from_other_host"] = host_of(final.src) != registrar if final and row.requests else None
    refusals.of_registration(state.messages, d, row.sources)
    d["interval_too_brief_loop"] = _brief_loop(state)
    d["changes"] = _changes(state)
    d["short_expiry"] = row.expires_s is not None and 0 < row.expires_s < 60
    d["rinstance"] = bool(row.contact and ";rinstance=" in row.contact.lower())
    _derive_addresses(state)


def _silence(state: RegistrationState, capture_end: datetime | None) -> tuple[float | None, bool | None]:
    """Longest wait of a request that nothing came back to, and whether timer F ran out in the capture.

    The wait ends with the capture, or, where the registrar answers at times, with the next attempt: nobody waits any longer.
    """
    answers = any(m.status for m in state.messages)
    waits: list[tuple[float, SipMessage]] = []
    last = {(m.branch, m.cseq): m for m in state.messages if m.method}
    asked = [c for c in state.cycles if c.requests]
    for cycle, after in zip_longest(asked, asked[1:]):
        if cycle.responses:
            continue
        start = cycle.requests[0]
        end = last[start.branch, start.cseq]
        until = after.requests[0].time if after is not None and answers else capture_end
        left = (until - start.time).total_seconds() if until and start.time else 0.0
        waits.append((max(seconds(start, end), left), end))
    if not waits or state.unread:
        return None, False
    longest, message = max(waits, key=lambda wait: wait[0])
    if longest >= TIMER_F_S:
        state.row.sources["timer_f_expired"] = message.source
    return round(longest, 3), longest >= TIMER_F_S


def _place(state: RegistrationState, refused: list[Cycle]) -> None:
    """Where what is out of the ordinary stands: the refusal, the interval that is too short, the grant."""
    sources = state.row.sources
    final = refused[-1].final if refused else None
    if final is not None:
        for name in ("rejected_with_valid_digest", "refused_status", "refused_credentials"):
            sources[name] = final.source
    brief = next((m for m in reversed(state.messages) if m.status == 423), None)
    if brief is not None:
        sources["interval_too_brief_loop"] = brief.source
    granted = next((m for m in reversed(state.messages) if (m.status or 0) // 100 == 2), None)
    if granted is not None:
        for name in ("short_expiry", "not_renewed"):
            sources[name] = granted.source
    rewritten = next((m for m in state.messages if m.status and m.via_rport is not None), None)
    if rewritten is not None:
        sources["port_rewritten"] = rewritten.source


def most_within(times: list[datetime | None], window_s: float) -> int:
    """The largest number of times within a sliding window."""
    known = sorted(t for t in times if t is not None)
    most = start = 0
    for end, when in enumerate(known):
        while (when - known[start]).total_seconds() > window_s:
            start += 1
        most = max(most, end - start + 1)
    return most


def _brief_loop(state: RegistrationState) -> bool:
    """The Min-Expires of a 423 that the next request did not heed (RFC 3261 section 10.3 step 7)."""
    demand: int | None = None
    ignored = 0
    for m in state.messages:
        if m.status == 423:
            text = m.headers.get("min-expires", "")
            demand = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        elif m.method and demand is not None and not m.retransmission:
            ignored += (m.expires or 0) < demand
            demand = None
    return ignored > 0


def _changes(state: RegistrationState) -> int:
    """How often the outcome of a cycle turned from good to bad or back."""
    outcomes = [not c.failed for c in state.cycles if c.requests and (c.final is not None or c.failed)]
    return sum(1 for a, b in pairwise(outcomes) if a != b)


def _registrar_changed(state: RegistrationState) -> bool:
    """A registrar that had answered before fell silent, and the next request went to another host."""
    good: set[str | None] = set()
    asked = [c for c in state.cycles if c.requests]
    for cycle, after in pairwise(asked):
        host = host_of(cycle.requests[-1].dst)
        if cycle.responses:
            good.add(host)
        elif host in good and host_of(after.requests[0].dst) != host:
            return True
    return False


def _derive_addresses(state: RegistrationState) -> None:
    """What NAT did to the addresses: RFC 3581, RFC 5626."""
    row, d = state.row, state.row.derived
    requests = [m for m in state.messages if m.method]
    responses = [m for m in state.messages if m.status]
    registrar = host_of(row.registrar)
    contact = address(row.contact) if row.contact else None
    public_peer = registrar is not None and is_private(registrar) is False
    private = contact is not None and contact.host is not None and is_private(contact.host)
    d["contact_host"] = contact.host if contact is not None else None
    d["contact_private_to_public"] = bool(public_peer and private)
    d["no_rport"] = bool(requests) and not requests[-1].via_has_rport
    ports = {split(m.dst)[1] for m in responses if m.dst}
    seen = {m.via_rport for m in responses if m.via_rport is not None}
    d["port_rewritten"] = bool(seen and ports and not seen & ports) if seen else None
    received = {m.via_received for m in responses if m.via_received}
    hosts = {host_of(m.dst) for m in responses}
    d["received_differs"] = bool(received - hosts) if received else None
    d["public_address"] = next((r for r in sorted(received) if is_private(r) is False), None)
    sent = requests[-1] if requests else None
    via_port = split(sent.via_sent_by)[1] or 5060 if sent and sent.via_sent_by else None
    source_port = split(sent.src)[1] if sent and sent.src else None
    d["answered_on_via_port"] = (
        any(split(m.dst)[1] == via_port for m in responses if m.dst)
        if sent and not sent.via_has_rport and via_port != source_port and responses
        else False
    )
