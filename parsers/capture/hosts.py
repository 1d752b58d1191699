"""The hosts that speak SIP in a capture, and which of them is the PBX, a trunk, a phone or a scanner."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct, field

from parsers.capture.address import is_private, split
from parsers.capture.agents import device, is_scanner, is_server, pbx_version
from parsers.facts.capture import SipMessage

_USERS_KEPT = 2000
_NUMBERS_KEPT = 200
_TAIL = 9
"""Last digits by which a long number is known whatever prefix stands before it."""
_GUESSES = 3
"""Forms of one number that nobody but a toll probe dials: ``0044…``, ``90044…``, ``901144…``."""
LONG_NUMBER = re.compile(r"^\+?\d{10,24}$")
_MARK = "sip:123@1.1.1.1"


class Host(Struct):
    """What one IP address did.

    ``agents`` are its texts with the first message that showed each, ``sent`` and ``received`` count requests by method
    (repeats left out), ``registers_at`` are the hosts it sent REGISTER to, ``calls`` those it sent INVITE, ACK or BYE to,
    ``welcomed_by`` those that let its INVITE ring or answered it, ``dialled`` the forms of the long numbers it called by
    their last digits. ``bears_mark``: its Contact is that of a well-known scanner.
    """

    ip: str
    agents: dict[str, SipMessage] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    registers_at: set[str] = field(default_factory=set)
    registered_by: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    called_by: set[str] = field(default_factory=set)
    welcomed_by: set[str] = field(default_factory=set)
    dialled: dict[str, set[str]] = field(default_factory=dict)
    relays: bool = False
    bears_mark: bool = False

    @property
    def version(self) -> str | None:
        """The 3CX version it names (the newest where it was updated meanwhile), empty for a 3CX that names none, null when it
        is no 3CX.
        """
        found = [v for v in map(pbx_version, self.agents) if v is not None]
        return max(found, key=_parts) if found else None

    @property
    def version_message(self) -> SipMessage | None:
        """The first message that names the version."""
        named = (m for agent, m in self.agents.items() if pbx_version(agent) == self.version)
        return next(named, None) if self.version else None

    @property
    def scanner(self) -> bool:
        """It calls itself by a scanner's name or bears a scanner's mark."""
        return self.bears_mark or any(is_scanner(agent) for agent in self.agents)

    @property
    def guesses_prefixes(self) -> bool:
        """It tries one number with one prefix after another."""
        return not self.registers_at and any(len(forms) >= _GUESSES for forms in self.dialled.values())


def _parts(version: str) -> list[int]:
    """For comparing: 20.0.10 is newer than 20.0.9."""
    return [int(part) for part in version.split(".") if part]


class Hosts(Struct):
    """All SIP hosts of a capture and the parts they play. Null answers mean that the capture does not tell.

    ``pbx`` are the addresses of the customer's PBX (several only where loopback addresses join in), ``pbx_sure`` says
    that its version may be believed, ``trunks`` the servers of providers, ``phones`` user agents.
    """

    by_ip: dict[str, Host] = field(default_factory=dict)
    pbx: set[str] = field(default_factory=set)
    pbx_sure: bool = False
    trunks: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    scanners: set[str] = field(default_factory=set)

    def is_pbx(self, ip: str | None) -> bool | None:
        """Whether a host is the PBX; null while no PBX is known."""
        return ip in self.pbx if self.pbx and ip else None

    def is_trunk(self, ip: str | None) -> bool | None:
        """Whether a host is a trunk's server; null where it is neither that, nor a phone, nor the PBX for certain."""
        if not self.pbx or ip is None:
            return None
        if ip in self.trunks:
            return True
        return False if ip in self.pbx or ip in self.phones or ip in self.scanners else None

    def is_phone(self, ip: str | None) -> bool | None:
        """Whether a host is a phone; null where nothing tells."""
        if ip in self.phones:
            return True
        return False if ip in self.pbx or ip in self.trunks or ip in self.scanners else None


def read_hosts(messages: Iterable[SipMessage]) -> Hosts:
    """Collect the hosts of all messages (retransmissions marked before) and decide their parts.

    The PBX is the only host with a 3CX agent to which user agents register or send calls, or which itself registers
    elsewhere. Where several hosts have a 3CX agent, it is the one that registers with trunks; else the one that phones
    register to plays the PBX's part, but its version is not believed (it may be a bridge's other end).
    """
    hosts = Hosts()
    places: dict[str, str] = {}
    for m in messages:
        if m.src is None or m.dst is None:
            continue
        src = places.get(m.src) or places.setdefault(m.src, split(m.src)[0])
        dst = places.get(m.dst) or places.setdefault(m.dst, split(m.dst)[0])
        _note(hosts, m, src, dst)
    _find_pbx(hosts)
    ours = hosts.pbx.union(*(hosts.by_ip[ip].registers_at for ip in hosts.pbx))
    hosts.scanners = {
        ip for ip, host in hosts.by_ip.items() if (host.scanner or host.guesses_prefixes) and ip not in ours
    }
    hosts.phones = {ip for ip, host in hosts.by_ip.items() if _plays_phone(hosts, host)}
    hosts.trunks = {ip for ip, host in hosts.by_ip.items() if _plays_trunk(hosts, host)}
    return hosts


def _note(hosts: Hosts, m: SipMessage, src: str, dst: str) -> None:
    sender = hosts.by_ip.get(src) or hosts.by_ip.setdefault(src, Host(src))
    receiver = hosts.by_ip.get(dst) or hosts.by_ip.setdefault(dst, Host(dst))
    method = m.method
    if method is None:
        agent = m.server or m.user_agent
        if agent and agent not in sender.agents and len(sender.agents) < 50:
            sender.agents[agent] = m
        if m.cseq_method == "INVITE" and 100 < (m.status or 0) < 300:
            receiver.welcomed_by.add(src)
        return
    if m.via_count > 1:
        sender.relays = True
    elif m.user_agent and m.user_agent not in sender.agents and len(sender.agents) < 50:
        sender.agents[m.user_agent] = m
    if m.retransmission:
        return
    sender.bears_mark = sender.bears_mark or bool(m.contact and m.contact.startswith(_MARK))
    sender.sent[method] = sender.sent.get(method, 0) + 1
    receiver.received[method] = receiver.received.get(method, 0) + 1
    if method == "REGISTER":
        sender.registers_at.add(dst)
        if len(receiver.registered_by) < _USERS_KEPT:
            receiver.registered_by.add(src)
    elif method in {"INVITE", "ACK", "BYE"}:  # of a call that began before the capture only the end is seen
        sender.calls.add(dst)
        if len(receiver.called_by) < _USERS_KEPT:
            receiver.called_by.add(src)
        if method == "INVITE" and m.to_user and len(sender.dialled) < _NUMBERS_KEPT and LONG_NUMBER.match(m.to_user):
            sender.dialled.setdefault(m.to_user[-_TAIL:], set()).add(m.to_user)


def _find_pbx(hosts: Hosts) -> None:
    tcx = {ip for ip, host in hosts.by_ip.items() if host.version is not None}
    outside = {ip for ip in tcx if not ip.startswith("127.") and ip != "::1"}
    loopback = tcx - outside if outside else set()
    tcx = outside or tcx
    used = {ip for ip in tcx if _serves(hosts, ip)}
    if len(tcx) == 1 and used:
        hosts.pbx, hosts.pbx_sure = tcx | loopback, True
        return
    served = {ip for ip in used if hosts.by_ip[ip].registered_by - tcx}
    with_trunk = {ip for ip in used if hosts.by_ip[ip].registers_at - tcx}
    if len(with_trunk) == 1 and served <= with_trunk:
        hosts.pbx, hosts.pbx_sure = with_trunk | loopback, True
    elif len(served) == 1:
        hosts.pbx = served | loopback


def _serves(hosts: Hosts, ip: str) -> bool:
    """User agents register or send calls to it, or it registers itself (with a trunk)."""
    host = hosts.by_ip[ip]
    callers = {other for other in host.called_by if not hosts.by_ip[other].scanner}
    return bool(host.registered_by or callers or host.registers_at or host.calls)


def _plays_phone(hosts: Hosts, host: Host) -> bool:
    if host.ip in hosts.pbx or host.ip in hosts.scanners or host.version is not None or host.registered_by:
        return False
    if any(is_server(agent) for agent in host.agents):
        return False
    if any(device(agent) for agent in host.agents):
        return True
    return bool(host.registers_at) and not host.relays


def _plays_trunk(hosts: Hosts, host: Host) -> bool:
    """A host that the PBX registers with; or one that is no phone, either public or a server by its agent, and that the
    PBX calls or takes calls from (strangers whose calls are all refused are none).
    """
    if not hosts.pbx or host.ip in hosts.pbx or host.ip in hosts.scanners or host.ip in hosts.phones:
        return False
    if any(host.ip in hosts.by_ip[ip].registers_at for ip in hosts.pbx):
        return True
    if host.registers_at & hosts.pbx:
        return False
    spoken = bool(host.welcomed_by & hosts.pbx) or any(host.ip in hosts.by_ip[ip].calls for ip in hosts.pbx)
    return spoken and (is_private(host.ip) is False or any(is_server(agent) for agent in host.agents))
