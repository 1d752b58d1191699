"""The phones of a capture, and whether STUN answers stand in what they send."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

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
    agent text is a phone's.
    """
    rows: dict[Key, PhoneSeen] = {}
    sent: dict[str, list[SipMessage]] = {}
    for m in messages:
        if m.retransmission or m.src is None:
            continue
        agent = (m.user_agent or m.server) if m.method is None else m.user_agent
        if not agent or pbx_version(agent) is not None or is_scanner(agent) or is_server(agent):
            continue
        ip = _address(m, hosts)
        if ip is None or (m.method is None and (device(agent) is None or hosts.is_phone(ip) is not True)):
            continue
        sent.setdefault(ip, []).append(m)
        key: Key = (ip, _own_host(m), agent, _extension(m))
        row = rows.get(key)
        if row is None and len(rows) < PHONE_LIMIT and (m.method or not any(k[0] == ip for k in rows)):
            row = rows[key] = _row(m, ip, agent)
        if row is not None and m.instance_mac and row.mac is None:
            row.mac, row.sources["mac"] = m.instance_mac, m.source
    found = [row for key, row in rows.items() if key[3] is not None or not _named(rows, key)]
    for asked in stun:
        for row in found:
            if row.ip == asked.client[0]:
                _judge_stun(row, asked, sent.get(asked.client[0], []))
    return found


def _named(rows: dict[Key, PhoneSeen], key: Key) -> bool:
    """The same device stands in another row that knows its extension."""
    return any(other[0] == key[0] and other[2] == key[2] and other[3] is not None for other in rows)


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
    known = device(agent)
    return PhoneSeen(
        source=m.source,
        origin="capture",
        ip=ip,
        mac=known.mac if known else None,
        extension=_extension(m),
        vendor=known.vendor if known else None,
        model=known.model if known else None,
        firmware=known.firmware if known else None,
        user_agent=agent,
        kind=known.kind if known else None,
    )


def _judge_stun(row: PhoneSeen, asked: Asked, sent: list[SipMessage]) -> None:
    proof = next((m for when, m in _uses(asked, sent)), None)
    confidence = PROVEN if proof is not None else DISCOVERY_ONLY
    if row.stun_confidence is not None and row.stun_confidence >= confidence:
        return
    row.stun_used, row.stun_confidence, row.stun_server = True, confidence, join(*asked.server)
    row.sources["stun_used"] = row.sources["stun_server"] = asked.source
    if proof is not None:
        row.sources["stun_confidence"] = _quoting(proof, asked)


def _uses(asked: Asked, sent: list[SipMessage]) -> Iterable[tuple[datetime, SipMessage]]:
    """Messages sent after an answer that name the address in it."""
    for mapped, when in asked.mapped.items():
        for m in sent:
            if m.method is not None and m.time is not None and m.time >= when and _names(m, mapped, asked.client[0]):
                yield when, m


def _names(m: SipMessage, mapped: Endpoint, client: str) -> bool:
    """The mapped address stands in Contact, Via or SDP; where NAT changed nothing, address and port must be equal."""
    places: list[Endpoint] = []
    if m.contact and m.contact != "*":
        contact = address(f"<{m.contact}>")
        if contact.host:
            places.append((canonical(contact.host) or contact.host, contact.port or 5060))
    if m.via_sent_by:
        host, port = split(m.via_sent_by)
        places.append((canonical(host) or host, port or 5060))
    sdp: Sdp | None = m.sdp
    if sdp is not None:
        places += [(media.host, media.port) for media in sdp.media if media.host]
    if mapped[0] != client:
        return any(host == mapped[0] for host, _ in places)
    return mapped in places


def _quoting(proof: SipMessage, asked: Asked) -> Source:
    mapped = ", ".join(join(*a) for a in asked.mapped)
    line = proof.source.text.partition("\n")[0]
    named = f"Via: {proof.via_sent_by}; Contact: {proof.contact}"
    return Source(
        artifact=proof.source.artifact, frame=proof.source.frame, time=proof.source.time,
        text=f"{line}\n{named}\nSTUN answer of {join(*asked.server)}: {mapped}",
    )  # fmt: skip
