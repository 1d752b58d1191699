"""What each host sent, and requests outside calls and registrations: probes, guesses, keep-alives, subscriptions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from parsers.capture.address import host_of, is_private
from parsers.capture.agents import is_server
from parsers.capture.calls import CallState
from parsers.capture.hosts import LONG_NUMBER, Hosts
from parsers.capture.registrations import Cycle, RegistrationState, most_within
from parsers.capture.transactions import Transaction, seconds
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage, SipPeer, SipTransaction

TRANSACTION_LIMIT = 50_000
_OLD_NONCES = 10
"""So often no client of its own forgets that it got a new nonce."""


class _Tried(Struct):
    users: set[str] = field(default_factory=set)
    failed: list[datetime | None] = field(default_factory=list)
    failed_users: set[str] = field(default_factory=set)
    not_found: set[str] = field(default_factory=set)
    refused: int = 0
    welcomed: int = 0
    probes: int = 0
    probes_answered: int = 0
    evidence: Source | None = None
    reply: Source | None = None
    first: datetime | None = None
    last: datetime | None = None
    malformed: int = 0
    calls_taken: int = 0
    calls_5xx: int = 0
    rang_ms: list[float] = field(default_factory=list)


def read_peers(
    messages: Iterable[SipMessage], hosts: Hosts, calls: list[CallState], registrations: list[RegistrationState]
) -> list[SipPeer]:
    """A row for each host that sent a request, a response with an agent, or a response to a call, by address."""
    tried: dict[str, _Tried] = {ip: _Tried() for ip in hosts.by_ip}
    for m in messages:
        own = tried.get(host_of(m.src) or "")
        if own is None:
            continue
        own.first = own.first or m.time
        own.last = m.time or own.last
        own.malformed += "malformed" in m.derived
        if m.method is None:
            own.reply = own.reply or m.source
            _note_reply(tried.get(host_of(m.dst) or ""), m)
        elif m.method != "ACK":
            own.evidence = own.evidence or m.source
            user = m.to_user if m.method == "REGISTER" else m.from_user
            if user and len(own.users) < 5000:
                own.users.add(user)
    for registration in registrations:
        own = tried.get(host_of(registration.row.client) or "")
        if own is not None:
            guessing = registration.row.derived["old_nonces"] >= _OLD_NONCES
            refused = [c for c in registration.cycles if c.requests and _is_failed_try(c, guessing=guessing)]
            own.failed += [c.requests[0].time for c in refused]
            if refused:
                own.failed_users.add(registration.row.user or "")
    for state in calls:
        own = tried.get(state.caller_host or "")
        if own is not None and _is_probe(state, hosts):
            own.probes += 1
            own.probes_answered += state.ok is not None
        taker = tried.get(state.callee_host or "")
        if taker is not None and state.invites:
            taker.calls_taken += 1
            taker.calls_5xx += 500 <= (state.row.final_status or 0) < 600
            if state.row.pdd_ms is not None:
                taker.rang_ms.append(state.row.pdd_ms)
    rows = (_row(hosts, ip, own) for ip, own in sorted(tried.items()))
    return [row for row in rows if row is not None]


def _is_failed_try(cycle: Cycle, *, guessing: bool) -> bool:
    """Credentials were refused; tools that guess passwords make one try after another for a nonce that is long replaced."""
    return cycle.refused_credentials or (guessing and cycle.failed and cycle.requests[0].has_credentials)


def unmask(hosts: Hosts, calls: list[CallState]) -> None:
    """A stranger whose call the PBX passed on to a trunk with the number unchanged is no provider, though its call was taken.

    Providers call the customer's numbers; what is forwarded from there goes to another one.
    """
    own = hosts.pbx.union(*(hosts.by_ip[ip].registers_at for ip in hosts.pbx))
    own |= {
        state.callee_host for state in calls if state.caller_host in hosts.pbx and state.invites and state.callee_host
    }
    by_id = {state.row.call_id: state for state in calls}
    for state in calls:
        ip = state.caller_host
        if ip is None or ip not in hosts.trunks or ip in own or is_private(ip) is not False:
            continue
        called = state.row.to_user or ""
        legs = [by_id[call_id] for call_id in state.row.linked if call_id in by_id]
        passed_on = any(leg.caller_host in hosts.pbx and leg.row.to_user == called for leg in legs)
        known = any(m.has_credentials for m in state.invites) or any(map(is_server, hosts.by_ip[ip].agents))
        if passed_on and not known and LONG_NUMBER.match(called):
            hosts.trunks.discard(ip)
            hosts.scanners.add(ip)


def _note_reply(own: _Tried | None, m: SipMessage) -> None:
    if own is None or m.retransmission or m.status is None:
        return
    if 200 <= m.status < 300:
        own.welcomed += m.cseq_method != "OPTIONS"
    elif m.status >= 300:
        own.refused += 1
        if m.status == 404 and m.to_user and len(own.not_found) < 5000:
            own.not_found.add(m.to_user)


def _is_probe(state: CallState, hosts: Hosts) -> bool:
    """A call by a stranger to a long number: caller neither PBX, trunk nor phone, no credentials, ten digits and more."""
    caller = state.caller_host
    if not hosts.pbx or caller in hosts.pbx or caller in hosts.trunks or caller in hosts.phones:
        return False
    known = any(m.has_credentials for m in state.invites)
    return not known and bool(LONG_NUMBER.match(state.row.to_user or ""))


def _row(hosts: Hosts, ip: str, own: _Tried) -> SipPeer | None:
    host = hosts.by_ip[ip]
    agents = list(host.agents)
    shown = next((message.source for message in host.agents.values()), None)
    evidence = own.evidence or shown or (own.reply if own.calls_taken else None)
    if evidence is None:
        return None
    named = host.version_message
    row = SipPeer(
        source=evidence,
        sources={"version": named.source} if named else {},
        ip=ip,
        agents=agents[:20],
        version=host.version or None,
        requests=dict(sorted(host.sent.items())),
        users=len(own.users),
        first=own.first,
        last=own.last,
    )
    if ip in hosts.pbx:
        row.role = "pbx"
    elif ip in hosts.scanners:
        row.role = "scanner"
    elif ip in hosts.trunks:
        row.role = "trunk"
    elif ip in hosts.phones:
        row.role = "phone"
    sent = any(method != "ACK" for method in host.sent)
    row.derived = {
        "public": is_private(ip) is False,
        "scanner": host.scanner and ip not in hosts.pbx,
        "all_refused": own.welcomed == 0 if sent else None,
        "scanner_severity": "info" if own.welcomed == 0 else "medium",
        "refused": own.refused,
        "accepted": own.welcomed,
        "failed_auth": len(own.failed),
        "failed_auth_60s": most_within(own.failed, 60),
        "failed_users": len(own.failed_users),
        "users_not_found": len(own.not_found),
        "toll_probes": own.probes,
        "toll_probes_answered": own.probes_answered,
        "relays": host.relays,
        "malformed": own.malformed,
        "calls_taken": own.calls_taken,
        "calls_5xx_pct": round(100 * own.calls_5xx / own.calls_taken, 2) if own.calls_taken else None,
        "calls_rung": len(own.rang_ms),
        "pdd_p95_ms": sorted(own.rang_ms)[math.ceil(0.95 * len(own.rang_ms)) - 1] if own.rang_ms else None,
    }
    return row


def other_transactions(
    groups: Iterable[tuple[str, list[Transaction]]], hosts: Hosts, capture_end: datetime | None
) -> list[SipTransaction]:
    """Rows of the transactions that are neither INVITE, ACK, CANCEL, BYE nor REGISTER, in order of their first sending."""
    rows: list[SipTransaction] = []
    for call_id, group in groups:
        for transaction in group:
            request = transaction.request
            if request is None or transaction.method in {
                "INVITE",
                "CANCEL",
                "BYE",
                "REGISTER",
                "PRACK",
                "UPDATE",
                "INFO",
            }:
                continue
            if len(rows) >= TRANSACTION_LIMIT:
                return rows
            rows.append(_transaction(call_id, transaction, request, hosts, capture_end))
    return rows


def _transaction(
    call_id: str, transaction: Transaction, request: SipMessage, hosts: Hosts, capture_end: datetime | None
) -> SipTransaction:
    final = transaction.final
    if final is not None:
        waited: float | None = seconds(request, final)
    else:
        waited = (capture_end - request.time).total_seconds() if capture_end and request.time else None
    row = SipTransaction(
        source=request.source,
        method=transaction.method,
        src=request.src,
        dst=request.dst,
        transport=request.transport,
        call_id=call_id,
        user=request.to_user,
        event=request.headers.get("event"),
        status=transaction.status,
        answered=transaction.answered,
        retransmissions=len(transaction.requests) - 1,
        waited_s=round(waited, 6) if waited is not None else None,
        time=request.time,
    )
    src, dst = host_of(request.src), host_of(request.dst)
    row.derived = {
        "from_pbx": hosts.is_pbx(src),
        "to_pbx": hosts.is_pbx(dst),
        "from_trunk": hosts.is_trunk(src),
        "to_trunk": hosts.is_trunk(dst),
        "to_phone": hosts.is_phone(dst),
        "multicast": is_private(dst or "") is None,
        "timer_f_expired": not transaction.answered and (waited or 0) >= 32,
    }
    if final is not None:
        row.sources["status"] = final.source
    return row
