"""The phones of a capture, and whether STUN answers stand in what they send."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.capture.address import canonical, host_of, join, split
from parsers.capture.agents import device, is_scanner, is_server, pbx_version
from parsers.capture.hosts import Hosts
from parsers.capture.sdp import Sdp
from parsers.capture.sip_header import address
from parsers.capture.stun import Asked, Endpoint
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage
from parsers.facts.inventory import PhoneSeen

PHONE_LIMIT = 5000
PROVEN, DISCOVERY_ONLY = 85, 60
"""Confidence that a phone is set up with STUN: its answer is used, or there was only a question."""

Key = tuple[str | None, str | None, str, str | None]


def read_phones(messages: Iterable[SipMessage], hosts: Hosts, stun: list[Asked]) -> list[PhoneSeen]:
    """A row for each (address, own Via host, agent, extension), in order of the first message.

    ``stun`` are the exchanges of kind ``phone``. Behind a proxy or SBC (more than one Via) the phone's address is that of
    the last Via. The PBX, servers, SBCs and scanners are no phones; a user agent that never registers counts only when its
    agent text is a phone's, one without agent text only when it registers at the PBX.
    """
    rows: dict[Key, PhoneSeen] = {}
    sent: dict[str, list[SipMessage]] = {}
    paths: dict[Key, set[tuple[str, str | None]]] = {}
    for m in messages:
        if m.retransmission or m.src is None:
            continue
        agent = (m.user_agent or m.server) if m.method is None else m.user_agent
        if not agent:
            if m.method != "REGISTER" or host_of(m.dst) not in hosts.pbx:
                continue
            agent = ""
        elif pbx_version(agent) is not None or is_scanner(agent) or is_server(agent):
            continue
        ip = _address(m, hosts)
        if ip is None or (m.method is None and (device(agent) is None or hosts.is_phone(ip) is not True)):
            continue
        known = ip in sent
        sent.setdefault(ip, []).append(m)
        key: Key = (ip, _own_host(m), agent, _extension(m))
        paths.setdefault(key, set()).add((m.src, m.dst))
        row = rows.get(key)
        if row is None and len(rows) < PHONE_LIMIT and (m.method or not known):
            row = rows[key] = _row(m, ip, agent)
        if row is not None and m.instance_mac and row.mac is None:
            row.mac, row.sources["mac"] = m.instance_mac, m.source
    named = {(ip, agent) for ip, _, agent, extension in rows if extension is not None}
    found = {key: row for key, row in rows.items() if key[3] is not None or (key[0], key[2]) not in named}
    for key, row in found.items():
        row.served_by = sorted({host for _end, peer in paths[key] if peer and (host := _tcx(peer, hosts))})
    _judge_stun([(row, {end for end, _peer in paths[key]}) for key, row in found.items()], stun, sent)
    return list(found.values())


def _tcx(peer: str, hosts: Hosts) -> str | None:
    """The host of an address that is a 3CX."""
    ip = split(peer)[0]
    return ip if ip in hosts.by_ip and hosts.by_ip[ip].version is not None else None


def _address(m: SipMessage, hosts: Hosts) -> str | None:
    src = host_of(m.src)
    if m.method is not None and m.via_count > 1:
        return canonical(m.via_last_host or "") if device(m.user_agent or "") else None
    return src if src is not None and src in hosts.phones else None


def _own_host(m: SipMessage) -> str | None:
    """The host that the phone calls itself in its Via: it tells apart phones behind one public address."""
    return host_of(m.via_sent_by) if m.method else None


def _extension(m: SipMessage) -> str | None:
    if m.method == "REGISTER":
        return m.to_user
    return m.from_user if m.method in {"INVITE", "SUBSCRIBE", "PUBLISH"} and m.to_tag is None else None


def _row(m: SipMessage, ip: str, agent: str) -> PhoneSeen:
    known = device(agent) if agent else None
    return PhoneSeen(
        source=m.source,
        origin="capture",
        ip=ip,
        mac=known.mac if known else None,
        extension=_extension(m),
        vendor=known.vendor if known else None,
        model=known.model if known else None,
        firmware=known.firmware if known else None,
        user_agent=agent or None,
        kind=known.kind if known else None,
    )


def _judge_stun(rows: list[tuple[PhoneSeen, set[str]]], stun: list[Asked], sent: dict[str, list[SipMessage]]) -> None:
    """Say which phones use STUN; with each the ends it sends from. Several phones may stand behind one address: what proves
    that one of them does says nothing of the others.
    """
    by_ip: dict[str, list[tuple[PhoneSeen, set[str]]]] = {}
    for row, ends in rows:
        by_ip.setdefault(row.ip or "", []).append((row, ends))
    places = {ip: _places(sent.get(ip, [])) for ip in {asked.client[0] for asked in stun} & by_ip.keys()}
    proven: set[str] = set()
    open_: list[Asked] = []
    for asked in stun:
        ip = asked.client[0]
        if ip not in places:
            continue
        proof = _proof(asked, places[ip])
        if proof is None:
            open_.append(asked)
            continue
        meant = [row for row, ends in by_ip[ip] if proof.src in ends]
        if not meant and len(by_ip[ip]) > 1:
            open_.append(asked)  # one of them uses STUN, which is not known
            continue
        for row in meant or [by_ip[ip][0][0]]:
            if row.stun_confidence is None:
                _mark(row, asked, PROVEN)
                row.sources["stun_confidence"] = _quoting(proof, asked)
        proven.add(ip)
    for asked in open_:
        for row, ends in by_ip[asked.client[0]]:
            if row.stun_confidence is None and (asked.client[0] not in proven or join(*asked.client) in ends):
                _mark(row, asked, DISCOVERY_ONLY)


def _mark(row: PhoneSeen, asked: Asked, confidence: int) -> None:
    row.stun_used, row.stun_confidence, row.stun_server = True, confidence, join(*asked.server)
    row.sources["stun_used"] = row.sources["stun_server"] = asked.source


def _places(sent: list[SipMessage]) -> dict[Endpoint, SipMessage]:
    """Each address in Contact, Via or SDP of what a phone sent with the last message that names it.

    Port 0 stands for the host on any port. The Via of a response is another's, and so is the Contact of a refusal.
    """
    named: dict[Endpoint, SipMessage] = {}
    for m in sent:
        if m.time is None or (m.status or 0) >= 300:
            continue
        found: list[Endpoint] = []
        if m.contact and m.contact != "*":
            contact = address(f"<{m.contact}>")
            if contact.host:
                found.append((canonical(contact.host) or contact.host, contact.port or 5060))
        if m.via_sent_by and m.method is not None:
            host, port = split(m.via_sent_by)
            found.append((canonical(host) or host, port or 5060))
        sdp: Sdp | None = m.sdp
        if sdp is not None:
            found += [(media.host, media.port) for media in sdp.media if media.host]
        for host, port in found:
            named[host, port] = named[host, 0] = m
    return named


def _proof(asked: Asked, places: dict[Endpoint, SipMessage]) -> SipMessage | None:
    """A message that names the address in an answer; where NAT changed nothing, the port must be equal too.

    It may come before the answer: a phone asks again and again, and a capture begins anywhere.
    """
    for mapped in asked.mapped:
        m = places.get(mapped if mapped[0] == asked.client[0] else (mapped[0], 0))
        if m is not None:
            return m
    return None


def _quoting(proof: SipMessage, asked: Asked) -> Source:
    mapped = ", ".join(join(*a) for a in asked.mapped)
    line = proof.source.text.partition("\n")[0]
    named = f"Via: {proof.via_sent_by}; Contact: {proof.contact}"
    return Source(
        artifact=proof.source.artifact, frame=proof.source.frame, time=proof.source.time,
        text=f"{line}\n{named}\nSTUN answer of {join(*asked.server)}: {mapped}",
    )  # fmt: skip
