"""Derived facts that rest on several registrations, or on a capture as a whole; each is defined in docs/facts.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice, pairwise

from parsers.capture.address import host_of, is_private
from parsers.capture.calls import CallState
from parsers.capture.hosts import Hosts
from parsers.capture.registrations import Cycle, RegistrationState, most_within
from parsers.capture.sip_header import address
from parsers.facts.capture import Capture, RtpStream, SipMessage

LOCAL_NAME = ".local"
"""Browsers hide their addresses behind such names (mDNS candidates)."""
STORM_S = 10
RIVALS_LOOKED_AT = 200
"""Streams to one address that are compared with each other."""
SHARED_LIMIT = 20
_Shared = tuple[str | None, str, int]


def of_registrations(states: Sequence[RegistrationState], hosts: Hosts) -> None:
    """What other registrations of the same client, extension or Contact say of each."""
    users: dict[str | None, set[str | None]] = defaultdict(set)
    refused: dict[str | None, set[str | None]] = defaultdict(set)
    by_aor: dict[str, list[RegistrationState]] = defaultdict(list)
    sharing: dict[_Shared, dict[str | None, list[str]]] = defaultdict(dict)
    for state in states:
        client = host_of(state.row.client)
        users[client].add(state.row.user)
        if state.row.status == "rejected":
            refused[client].add(state.row.user)
        by_aor[state.row.aor].append(state)
        if (key := _shared(state)) is not None:
            sharing[key].setdefault(state.row.client, []).append(state.row.aor)
    turns = {aor: _turns(same) for aor, same in by_aor.items()}
    latest = {aor: _latest(same) for aor, same in by_aor.items()}
    for state in states:
        row, d = state.row, state.row.derived
        client = host_of(row.client)
        d["client_public"] = is_private(client) is False if client else None
        d["from_scanner"] = client in hosts.scanners
        d["client_users"] = len(users[client])
        d["client_users_refused"] = len(refused[client])
        d["aor_turns"] = turns[row.aor]
        d["registered_elsewhere"] = _later(state, latest[row.aor])
        key = _shared(state)
        d["contact_shared_with"] = _others(state, sharing[key]) if key is not None else []


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


def _latest(states: Iterable[RegistrationState]) -> list[tuple[datetime, int]]:
    """The last accepted cycle of the two states that have the latest ones, each with its state's identity."""
    last = [
        (max(times), id(state))
        for state in states
        if (times := [w for c in state.cycles if (w := _accepted(c)) is not None])
    ]
    return sorted(last, reverse=True)[:2]


def _later(state: RegistrationState, latest: Iterable[tuple[datetime, int]]) -> bool:
    """Another client registered the same address of record after this one's last message."""
    last = state.messages[-1].time
    return last is not None and any(when > last for when, owner in latest if owner != id(state))


def _shared(state: RegistrationState) -> _Shared | None:
    """Client host and public Contact of a registration over UDP; null where two devices cannot clash."""
    row = state.row
    if not row.contact or state.messages[0].transport != "udp":
        return None
    contact = address(f"<{row.contact}>")
    if contact.host is None or is_private(contact.host) is not False:
        return None
    return host_of(row.client), contact.host, contact.port or 5060


def _others(state: RegistrationState, by_client: dict[str | None, list[str]]) -> list[str]:
    """Two devices behind one address that give the same public Contact: only one of them can be reached (RFC 3261 10.2.1).

    One device with several lines sends them from one port. At most `SHARED_LIMIT` are named.
    """
    found = (aor for client, aors in by_client.items() if client != state.row.client for aor in aors)
    return sorted(islice((aor for aor in found if aor != state.row.aor), SHARED_LIMIT))


def of_calls(states: Iterable[CallState]) -> None:
    """``mdns_candidates``: ICE candidates of the call whose address is hidden behind a name (RFC 8828)."""
    for state in states:
        hidden: set[str] = set()
        for _, sdp, message in state.negotiation.seen:
            hosts = {host for media in sdp.media for host, _, _ in media.candidates if host.endswith(LOCAL_NAME)}
            if hosts and not hidden:
                state.row.sources["mdns_candidates"] = message.source
            hidden |= hosts
        state.row.derived["mdns_candidates"] = len(hidden)


def of_streams(rows: Iterable[RtpStream]) -> None:
    """``rivals``: streams of other hosts to the same address and port that ran at the same time for a second and more."""
    by_end: dict[str, list[RtpStream]] = defaultdict(list)
    for row in rows:
        by_end[row.dst].append(row)
    for same in by_end.values():
        for row in same[:RIVALS_LOOKED_AT]:
            row.derived["rivals"] = sum(_overlap(row, other) >= 1 for other in same[:RIVALS_LOOKED_AT])
        for row in same[RIVALS_LOOKED_AT:]:
            row.derived["rivals"] = None


def _overlap(row: RtpStream, other: RtpStream) -> float:
    """Seconds in which streams of two hosts both ran."""
    times = (row.first, row.last, other.first, other.last)
    if host_of(row.src) == host_of(other.src) or None in times:
        return 0.0
    begin, end = max(filter(None, times[::2])), min(filter(None, times[1::2]))
    return (end - begin).total_seconds()


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
            if not secret:
                capture.sources["secret_messages"] = m.source
            secret += 1
    capture.derived["register_peak_10s"] = most_within(starts, STORM_S)
    capture.derived["registers_503"] = refused
    capture.derived["loopback_sip"] = loopback
    capture.derived["secret_messages"] = secret
