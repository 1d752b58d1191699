"""Derived facts that rest on several registrations, or on a capture as a whole; each is defined in docs/facts.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from parsers.capture.address import host_of, is_private
from parsers.capture.calls import CallState
from parsers.capture.hosts import Hosts
from parsers.capture.registrations import Cycle, RegistrationState, most_within
from parsers.capture.sip_header import address
from parsers.facts.capture import Capture, SipMessage, TlsSession

LOCAL_NAME = ".local"
"""Browsers hide their addresses behind such names (mDNS candidates)."""
STORM_S = 10


def of_registrations(states: Sequence[RegistrationState], hosts: Hosts) -> None:
    """What other registrations of the same client, extension or Contact say of each."""
    by_client: dict[str | None, list[RegistrationState]] = defaultdict(list)
    by_aor: dict[str, list[RegistrationState]] = defaultdict(list)
    for state in states:
        by_client[host_of(state.row.client)].append(state)
        by_aor[state.row.aor].append(state)
    for state in states:
        row, d = state.row, state.row.derived
        client = host_of(row.client)
        same = by_client[client]
        d["client_public"] = is_private(client) is False if client else None
        d["from_scanner"] = client in hosts.scanners
        d["client_users"] = len({other.row.user for other in same})
        d["client_users_refused"] = len({other.row.user for other in same if other.row.status == "rejected"})
        d["aor_turns"] = _turns(by_aor[row.aor])
        d["registered_elsewhere"] = _later(state, by_aor[row.aor])
        d["contact_shared_with"] = sorted({other.row.aor for other in same if _clash(state, other)})


def _accepted(cycle: Cycle) -> datetime | None:
    final = cycle.final
    if not cycle.requests or final is None or not 200 <= (final.status or 0) < 300:
        return None
    return cycle.requests[-1].time


def _turns(states: Iterable[RegistrationState]) -> int:
    """How often a client registered again after another one had: A, B, A is one turn."""
    done = sorted(
        (when, host_of(cycle.requests[-1].src) or "")
        for state in states
        for cycle in state.cycles
        if (when := _accepted(cycle)) is not None
    )
    seen: set[str] = set()
    turns = 0
    for (_, before), (_, client) in pairwise(done):
        seen.add(before)
        turns += client != before and client in seen
    return turns


def _later(state: RegistrationState, same: Iterable[RegistrationState]) -> bool:
    """Another client registered the same address of record after this one's last message."""
    last = state.messages[-1].time
    times = (_accepted(cycle) for other in same if other is not state for cycle in other.cycles)
    return last is not None and any(when is not None and when > last for when in times)


def _clash(state: RegistrationState, other: RegistrationState) -> bool:
    """Two devices behind one address that give the same public Contact: only one of them can be reached (RFC 3261 10.2.1).

    One device with several lines sends them from one port.
    """
    mine, theirs = state.row, other.row
    if mine.aor == theirs.aor or mine.client == theirs.client or not mine.contact or not theirs.contact:
        return False
    if any(m.transport != "udp" for m in (state.messages[0], other.messages[0])):
        return False
    first, second = address(f"<{mine.contact}>"), address(f"<{theirs.contact}>")
    public = first.host is not None and is_private(first.host) is False
    return public and (first.host, first.port or 5060) == (second.host, second.port or 5060)


def of_calls(states: Iterable[CallState]) -> None:
    """``mdns_candidates``: ICE candidates of the call whose address is hidden behind a name (RFC 8828)."""
    for state in states:
        hosts = {host for _, sdp, _ in state.negotiation.seen for media in sdp.media for host, _, _ in media.candidates}
        state.row.derived["mdns_candidates"] = sum(host.endswith(LOCAL_NAME) for host in hosts)


def of_tls(rows: Iterable[TlsSession], hosts: Hosts) -> None:
    """Which parts client and server of a TLS connection play in SIP."""
    for row in rows:
        row.derived["from_phone"] = hosts.is_phone(host_of(row.client))
        row.derived["from_pbx"] = hosts.is_pbx(host_of(row.client))
        row.derived["to_pbx"] = hosts.is_pbx(host_of(row.server))


def of_capture(capture: Capture, messages: Iterable[SipMessage], registered: Iterable[RegistrationState]) -> None:
    """Load of registrations at the PBX, secrets on the wire, and whether the loopback interface is in the file."""
    starts = [
        cycle.requests[0].time
        for state in registered
        if state.row.derived["to_pbx"]
        for cycle in state.cycles
        if cycle.requests
    ]
    refused = secret = 0
    loopback = False
    for m in messages:
        refused += m.cseq_method == "REGISTER" and m.status == 503 and not m.retransmission
        loopback = loopback or (m.src or "").startswith(("127.", "[::1]"))
        keys = m.sdp is not None and any(media.crypto for media in m.sdp.media) and m.transport != "tls"
        if m.has_credentials or keys:
            secret += 1
            capture.sources.setdefault("secret_messages", m.source)
    capture.derived["register_peak_10s"] = most_within(starts, STORM_S)
    capture.derived["registers_503"] = refused
    capture.derived["loopback_sip"] = loopback
    capture.derived["secret_messages"] = secret
