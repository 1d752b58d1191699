"""Blocked addresses that are our own: the provider's, a site's, a phone's, the PBX's."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from analyzer.i18n import translate as _
from analyzer.system import System
from parsers.capture.address import canonical, host_of
from parsers.facts import Facts
from parsers.facts.block import Block
from parsers.facts.capture import SipPeer
from parsers.facts.inventory import Phone, Sbc, Trunk
from parsers.facts.log import Event

BLACKLISTED = 12290
"""``The IP 198.51.100.23 has been blacklisted for 86400 sec``"""

OWNER_LIMIT = 10_000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def join_blocks(facts: Facts, system: System) -> None:
    """``belongs_to`` of blocked addresses and of events about them: whose address it is, in words; null for strangers.

    ``own_severity``: ``high`` for a single phone's address, else ``critical``.
    """
    owners = dict(list(_owners(facts, system))[:OWNER_LIMIT])
    if not owners:
        return
    for block in facts.of(Block):
        network = _network(block)
        if block.action != "deny" or network is None:
            continue
        own = next((pair for address, pair in owners.items() if ipaddress.ip_address(address) in network), None)
        if own is not None:
            block.derived["belongs_to"], block.derived["own_severity"] = own
    for event in facts.of(Event):
        own = owners.get(canonical(str(event.fields.get("ip"))) or "") if event.event_id == BLACKLISTED else None
        if own is not None:
            event.fields["belongs_to"], event.fields["own_severity"] = own


def _owners(facts: Facts, system: System) -> Iterator[tuple[str, tuple[str, str]]]:
    """Address → (whose it is, how bad its block is). Later ones stand before earlier ones."""
    named: list[tuple[str | None, str, str]] = [(phone.ip, phone.label, "high") for phone in facts.of(Phone)]
    named += [
        (peer.ip, _("the provider at {ip}").format(ip=peer.ip), "critical")
        for peer in facts.of(SipPeer)
        if peer.role == "trunk"
    ]
    for sbc in facts.of(Sbc):
        named += [(address, f"SBC {sbc.name}", "critical") for address in (sbc.public_ip, sbc.local_ip)]
    named += [(trunk.host, trunk.label, "critical") for trunk in facts.of(Trunk)]
    named += [(_text(system.value(name)), _("the PBX itself"), "critical") for name in ("public_ip", "local_ip")]
    for address, words, severity in named:
        host = canonical(host_of(address) or "")
        if host:
            yield host, (words, severity)


def _network(block: Block) -> Network | None:
    try:
        text = f"{block.address}/{block.mask}" if block.mask and "/" not in block.address else block.address
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
