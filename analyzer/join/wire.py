"""What captures say against what is configured: the name of the PBX in DNS, its public address, the trunk of a call.

Null means: cannot be known from this case.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from analyzer.system import System
from parsers.capture.address import canonical, host_of, is_private
from parsers.facts import Facts, Source
from parsers.facts.capture import Call, DnsQuery, Registration, SipPeer, StunExchange, TcpOpening
from parsers.facts.inventory import Trunk
from parsers.facts.system import SystemSeen

CONFIGURED_RANK = 70
"""Sources that know the PBX's address from its own configuration, not from the wire."""
ADDRESS_TYPES = frozenset({"A", "AAAA"})


def join_wire(facts: Facts, system: System) -> None:
    """Give DNS questions ``for_pbx``, calls the settings of their trunk, the system what others see of it; STUN that the PBX
    itself asks, by its configured address, is of kind ``pbx``; TCP connections whose they are.
    """
    _names(facts, system)
    _own_stun(facts)
    _public(facts, system)
    trunks = _addresses(facts)
    _trunks(facts, trunks)
    _openings(facts, system, trunks)


def _names(facts: Facts, system: System) -> None:
    """``for_pbx``: the question is for the PBX's own name; ``public_answer``: some answer is a public address."""
    fqdn = system.value("fqdn")
    own = fqdn.rstrip(".").casefold() if isinstance(fqdn, str) else None
    six: list[DnsQuery] = []
    for query in facts.of(DnsQuery):
        query.derived["for_pbx"] = query.name.rstrip(".").casefold() == own if own else None
        query.derived["public_answer"] = any(is_private(answer) is False for answer in query.answers)
        if query.derived["for_pbx"] and query.qtype == "AAAA" and any(_version(a) == 6 for a in query.answers):
            six.append(query)
    asked = any(query.derived["for_pbx"] and query.qtype == "AAAA" for query in facts.of(DnsQuery))
    system.fields["fqdn_has_ipv6"] = bool(six) if asked else None
    if six:
        system.sources["fqdn_has_ipv6"] = six[0].source
    peers = facts.of(SipPeer)
    system.fields["ipv6_peers"] = sum(_version(peer.ip) == 6 for peer in peers) if peers else None


def _version(address: str | None) -> int | None:
    try:
        return ipaddress.ip_address(address).version if address else None
    except ValueError:
        return None


def configured(facts: Facts, name: str) -> set[str]:
    """The addresses of the PBX (``local_ip``, ``public_ip``) by its own configuration, not by the wire."""
    rows = (row for row in facts.of(SystemSeen) if row.key == name and row.rank >= CONFIGURED_RANK)
    return {host for row in rows if (host := canonical(str(row.value)))}


def _own_stun(facts: Facts) -> None:
    own = configured(facts, "local_ip")  # behind the public address there may be phones as well
    for asked in facts.of(StunExchange):
        if asked.kind in {"phone", "unknown"} and host_of(asked.client) in own:
            asked.kind = "pbx"


def _public(facts: Facts, system: System) -> None:
    """``public_ip_seen``: the addresses under which STUN servers and providers see the PBX (RFC 3581 section 4)."""
    seen: dict[str, Source] = {}
    for row in facts.of(Registration):
        address = row.derived.get("public_address")
        if row.derived.get("to_trunk") and isinstance(address, str):
            seen.setdefault(address, row.source)
    for asked in facts.of(StunExchange):
        if asked.kind == "pbx":
            for mapped in asked.mapped:
                host = host_of(mapped)
                if host and is_private(host) is False:
                    seen.setdefault(host, asked.source)
    system.fields["public_ip_seen"] = sorted(seen) or None
    if seen:
        system.sources["public_ip_seen"] = seen[min(seen)]


def _trunks(facts: Facts, by_ip: Mapping[str, Sequence[Trunk]]) -> None:
    """``trunk_number``, ``trunk_label``, ``trunk_calls_left`` and every setting of the trunk (``trunk.Gateway.SRTPMode``) for its
    calls; ``trunk_numbers`` where several trunks of one provider may have carried a call.
    """
    for call in facts.of(Call) if by_ip else ():
        trunks = by_ip.get(str(call.derived.get("trunk")), ())
        if len(trunks) != 1:
            if trunks:
                call.derived["trunk_numbers"] = [trunk.number for trunk in trunks]
            continue
        trunk = trunks[0]
        call.derived["trunk_number"], call.derived["trunk_label"] = trunk.number, trunk.label
        up, most = call.derived.get("trunk_calls_up"), trunk.simultaneous_calls
        call.derived["trunk_calls_left"] = most - up if isinstance(up, int) and most else None
        call.derived["trunk_limit"] = most
        call.sources["trunk_limit"] = trunk.source_of("simultaneous_calls")
        for name, value in trunk.derived.items():
            call.derived[f"trunk.{name}"] = value
            call.sources[f"trunk.{name}"] = trunk.source_of(name)


def _openings(facts: Facts, system: System, trunks: Mapping[str, Sequence[Trunk]]) -> None:
    """``by_pbx`` and ``to_trunk`` of TCP connections by the configuration, where the capture does not tell."""
    local = system.value("local_ip")
    for opening in facts.of(TcpOpening):
        d = opening.derived
        if d.get("by_pbx") is None and isinstance(local, str):
            d["by_pbx"] = opening.client == local
        if not d.get("to_trunk") and d.get("server_host") in trunks:
            d["to_trunk"] = True


def _addresses(facts: Facts) -> dict[str, list[Trunk]]:
    """Trunks by the addresses of their hosts: written there, or answered by DNS. Where the trunks have one host, and its name
    is never asked for, the calls to the only trunk address of the capture are theirs.
    """
    answers: dict[str, set[str]] = defaultdict(set)
    for query in facts.of(DnsQuery):
        if query.qtype in ADDRESS_TYPES:
            answers[query.name.rstrip(".").casefold()].update(query.answers)
    owners: dict[str, list[Trunk]] = defaultdict(list)
    hosts: dict[str, list[Trunk]] = defaultdict(list)
    for trunk in facts.of(Trunk):
        if trunk.host:
            hosts[trunk.host.rstrip(".").casefold()].append(trunk)
    for host, trunks in hosts.items():
        for address in {host} | answers[host]:
            owners[address] += trunks
    if len(hosts) == 1:
        met = _met(facts.of(Call))
        if len(met) == 1 and not met & set(owners):
            owners[met.pop()] = next(iter(hosts.values()))
    return dict(owners)


def _met(calls: Iterable[Call]) -> set[str]:
    return {str(call.derived["trunk"]) for call in calls if call.derived.get("trunk")}
