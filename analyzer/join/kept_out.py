"""Whose address the PBX keeps out: registrations, calls and trunks beside the PBX's own blacklist."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from msgspec import Struct

from analyzer.join.blocks import BLACKLISTED, Network
from parsers.capture.address import host_of
from parsers.facts import Facts, Source
from parsers.facts.block import Block
from parsers.facts.capture import Call, Registration
from parsers.facts.inventory import Trunk
from parsers.facts.log import Event

BEFORE = timedelta(seconds=5)
"""A block that is written down so much later than its first effect."""
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Kept(Struct, frozen=True):
    """One network that is kept out (or let in), since when and until when, where that is known."""

    network: Network
    source: Source
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, address: _Address, time: datetime | None) -> bool:
        """Whether an address was kept out at a time; a time that is not known is any time."""
        if address not in self.network:
            return False
        if time is None or self.since is None or self.until is None:
            return True
        return self.since - BEFORE <= time <= self.until


def join_kept_out(facts: Facts) -> None:
    """``peer_blocked`` of registrations, calls and trunks, with the address in ``blocked_peer``; null where the case has no
    blacklist.
    """
    denied, allowed = _lists(facts)
    if not denied and not facts.of(Block):
        return
    for registration in facts.of(Registration):
        own = registration.registrar if registration.derived.get("by_pbx") else registration.client
        _mark(registration, own, None, denied, allowed)
    for call in facts.of(Call):
        other = call.callee if call.derived.get("by_pbx") else call.caller
        _mark(call, other, call.start, denied, allowed)
    for trunk in facts.of(Trunk):
        _mark(trunk, trunk.host, None, denied, allowed)


def _lists(facts: Facts) -> tuple[list[_Kept], list[_Kept]]:
    denied: list[_Kept] = []
    allowed: list[_Kept] = []
    for row in facts.of(Block):
        network = _network(row.address, row.mask)
        if network is not None:
            (allowed if row.action == "allow" else denied).append(_Kept(network, row.source))
    for event in facts.of(Event):
        if event.event_id != BLACKLISTED or event.time is None:
            continue
        network, seconds = _network(str(event.fields.get("ip") or ""), None), event.fields.get("seconds")
        if network is not None and isinstance(seconds, (int, float)) and 0 < seconds < 10**9:
            until = event.time + timedelta(seconds=seconds)
            denied.append(_Kept(network, event.source, event.time, until))
    return denied, allowed


def _network(address: str, mask: str | None) -> Network | None:
    try:
        return ipaddress.ip_network(f"{address}/{mask}" if mask else address, strict=False)
    except ValueError:
        return None


def _mark(
    row: Registration | Call | Trunk,
    address: str | None,
    time: datetime | None,
    denied: list[_Kept],
    allowed: list[_Kept],
) -> None:
    try:
        peer = ipaddress.ip_address(host_of(address) or "")
    except ValueError:
        return
    found = next((kept for kept in denied if kept.holds(peer, time)), None)
    if any(kept.holds(peer, time) for kept in allowed):
        found = None
    row.derived["peer_blocked"] = found is not None
    row.derived["blocked_peer"] = str(peer) if found else None
    if found:
        row.sources["peer_blocked"] = found.source
