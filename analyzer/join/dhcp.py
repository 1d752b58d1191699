"""What DHCP gives to phones, against what the case knows of phones and of the PBX (docs/facts.md)."""

from __future__ import annotations

from analyzer.join.wire import configured
from analyzer.system import System
from parsers.capture.address import canonical
from parsers.facts import Facts
from parsers.facts.capture import DhcpExchange, DnsQuery, SipPeer
from parsers.facts.inventory import Phone


def join_dhcp(facts: Facts, system: System) -> None:
    """Fill ``of_phone`` and ``leads_to_pbx`` of exchanges."""
    rows = facts.of(DhcpExchange)
    if not rows:
        return
    macs = {phone.mac for phone in facts.of(Phone) if phone.mac}
    addresses = configured(facts, "local_ip") | configured(facts, "public_ip")
    addresses |= {peer.ip for peer in facts.of(SipPeer) if peer.role == "pbx"}
    fqdn = system.value("fqdn")
    names = {fqdn.rstrip(".").casefold()} if isinstance(fqdn, str) else set()
    names |= {query.name for query in facts.of(DnsQuery) if addresses & set(query.answers)}
    for row in rows:
        host = row.provisioning_host
        row.derived["of_phone"] = bool(row.derived.get("named_phone")) or row.mac in macs
        known = names if host and canonical(host) is None else addresses
        row.derived["leads_to_pbx"] = host in known if host and known else None
