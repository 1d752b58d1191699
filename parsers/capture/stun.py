"""STUN exchanges: who asks whom, and what for (RFC 8489, RFC 3489, RFC 8445, RFC 8656)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from parsers.capture import ip
from parsers.capture.address import canonical, join
from parsers.capture.notes import Note, NoteKind, utc, written
from parsers.facts.base import Source
from parsers.facts.capture import StunExchange

COOKIE = 0x2112A442
HEADER = 20
"""Bytes of a message without attributes."""
ATTRIBUTE_LIMIT = 64
TURN = frozenset({0x003, 0x004, 0x006, 0x007, 0x008, 0x009})
"""Allocate, Refresh, Send, Data, CreatePermission, ChannelBind."""
ICE = frozenset({0x0006, 0x0024, 0x0025, 0x8029, 0x802A})
"""USERNAME, PRIORITY, USE-CANDIDATE, ICE-CONTROLLED, ICE-CONTROLLING."""
_MAPPED, _USERNAME, _XOR_MAPPED, _XOR_MAPPED_OLD, _ERROR_CODE = 0x0001, 0x0006, 0x0020, 0x8020, 0x0009

Kind = Literal["turn", "ice", "keepalive", "media", "pbx", "phone", "unknown"]
Nature = Literal["turn", "ice", "plain"]
Endpoint = tuple[str, int]
_NAMES: dict[Nature, str] = {
    "turn": "TURN request", "ice": "STUN Binding Request of ICE", "plain": "STUN Binding Request",
}  # fmt: skip


class StunMessage(Struct):
    """One STUN message: method, class (0 request, 1 indication, 2 success, 3 error), transaction, and what it carries."""

    method: int
    message_class: int
    cookie: bool
    transaction: bytes
    attributes: frozenset[int]
    mapped: Endpoint | None
    error: int | None


class Asked(Struct):
    """All that went between one client and one server of the same nature (turn, ice or neither).

    ``sendings`` counts by transaction; ``mapped`` are the addresses that the server saw, in order.
    """

    client: Endpoint
    server: Endpoint
    nature: Nature
    source: Source
    first: datetime
    first_frame: int
    requests: int = 0
    sendings: dict[bytes, int] = field(default_factory=dict)
    answered: set[bytes] = field(default_factory=set)
    cookie: bool = True
    mapped: dict[Endpoint, None] = field(default_factory=dict)
    unreachable: int = 0
    errors: dict[int, int] = field(default_factory=dict)
    last_request: datetime | None = None
    last_answer: datetime | None = None
    last_answer_frame: int | None = None


class Surroundings(Struct):
    """What else the capture knows of addresses: who exchanges SIP, media addresses, the PBX, user agents."""

    sip_pairs: set[frozenset[Endpoint]] = field(default_factory=set)
    media: set[Endpoint] = field(default_factory=set)
    pbx: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)


def parse_stun(data: bytes) -> StunMessage | None:
    """One STUN message; null when the bytes are none. Attributes beyond `ATTRIBUTE_LIMIT` are not read."""
    if len(data) < HEADER or data[0] & 0xC0:
        return None
    kind, length, cookie = struct.unpack_from(">HHI", data)
    if length % 4:
        return None
    method = (kind & 0x000F) | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2
    message_class = (kind & 0x0010) >> 4 | (kind & 0x0100) >> 7
    attributes: set[int] = set()
    mapped: Endpoint | None = None
    error: int | None = None
    at, end = 20, min(len(data), 20 + length)
    for _ in range(ATTRIBUTE_LIMIT):
        if at + 4 > end:
            break
        name, size = struct.unpack_from(">HH", data, at)
        value = data[at + 4 : min(at + 4 + size, end)]
        if size or name != _USERNAME:
            attributes.add(name)  # RFC 3489 agents send an empty USERNAME: no sign of ICE
        if name in {_XOR_MAPPED, _XOR_MAPPED_OLD}:
            mapped = _endpoint(value, data[4:20]) or mapped
        elif name == _MAPPED and mapped is None:
            mapped = _endpoint(value, None)
        elif name == _ERROR_CODE and len(value) >= 4:
            error = (value[2] & 7) * 100 + value[3]
        at += 4 + size + (-size % 4)
    # a TURN server answers with the cookie; without it the 16 bytes behind the length are the transaction (RFC 3489)
    return StunMessage(method, message_class, cookie == COOKIE, data[4:20], frozenset(attributes), mapped, error)


def _endpoint(value: bytes, mask: bytes | None) -> Endpoint | None:
    if len(value) < 8 or value[1] not in {1, 2}:
        return None
    size = 4 if value[1] == 1 else 16
    if len(value) < 4 + size:
        return None
    port, low = int.from_bytes(value[2:4]), int.from_bytes(value[4 : 4 + size])
    if mask is not None:
        port ^= int.from_bytes(mask[:2])
        low ^= int.from_bytes(mask[:size])
    return ip.text(4 if size == 4 else 6, low >> 64, low & 0xFFFFFFFFFFFFFFFF), port


class StunReader:
    """Collects requests and their answers: an entry for each client, server and nature, in order of the first request.

    A response whose request was not captured opens no entry, nor does an indication (keep-alive of RFC 5626, TURN data).
    """

    def __init__(self, artifact: str) -> None:
        self.artifact = artifact
        self.found: dict[tuple[Endpoint, Endpoint, str], Asked] = {}
        self._pending: dict[tuple[Endpoint, bytes], Asked] = {}
        self._last: dict[tuple[Endpoint, Endpoint], Asked] = {}

    def read(self, note: Note) -> None:
        """Take a note of kind STUN or ICMP."""
        message = parse_stun(note.payload)
        src, dst = (note.src, note.sport), (note.dst, note.dport)
        if note.kind is NoteKind.ICMP:
            asked = self._quoted(note, message, src, dst)
            if asked is not None and is_unreachable(note):
                asked.unreachable += 1
        elif message is None:
            return
        elif message.message_class == 0:
            self._request(message, note, src, dst)
        elif message.message_class >= 2:
            _response(self._pending.get((dst, message.transaction)), message, note)

    def _quoted(self, note: Note, message: StunMessage | None, src: Endpoint, dst: Endpoint) -> Asked | None:
        """The exchange of a quoted request. Routers may quote no more than its UDP header (RFC 792): then the last one between
        the two addresses is meant.
        """
        if message is not None:
            return self._pending.get((src, message.transaction)) if message.message_class == 0 else None
        return self._last.get((src, dst)) if len(note.payload) < HEADER else None

    def _request(self, message: StunMessage, note: Note, src: Endpoint, dst: Endpoint) -> None:
        nature: Nature = "plain"
        if message.method in TURN:
            nature = "turn"
        elif message.attributes & ICE:
            nature = "ice"
        asked = self.found.get((src, dst, nature))
        if asked is None:
            source = Source(
                artifact=self.artifact,
                frame=note.frame,
                time=written(utc(note.time_ns)),
                text=f"{_NAMES[nature]} {join(*src)} > {join(*dst)}",
            )
            asked = self.found[src, dst, nature] = Asked(src, dst, nature, source, utc(note.time_ns), note.frame)
        asked.requests += 1
        asked.last_request = utc(note.time_ns)
        asked.cookie = asked.cookie and message.cookie
        asked.sendings[message.transaction] = asked.sendings.get(message.transaction, 0) + 1
        self._pending[src, message.transaction] = self._last[src, dst] = asked


TOO_LARGE = (3, 4)
"""Fragmentation is needed: the way is there, the packet only has to be smaller (RFC 792, RFC 1191)."""


def is_unreachable(note: Note) -> bool:
    """An ICMP error of type 3 (ICMPv6 type 1)."""
    wanted = 1 if ":" in note.src else 3
    return note.icmp is not None and note.icmp[0] == wanted


def _response(asked: Asked | None, message: StunMessage, note: Note) -> None:
    if asked is None:
        return
    asked.answered.add(message.transaction)
    asked.last_answer, asked.last_answer_frame = utc(note.time_ns), note.frame
    if message.mapped is not None:
        asked.mapped[message.mapped] = None
    if message.error is not None:
        asked.errors[message.error] = asked.errors.get(message.error, 0) + 1


def kind_of(asked: Asked, around: Surroundings) -> Kind:
    """What an exchange is: the first rule that holds."""
    if asked.nature != "plain":
        return asked.nature
    if frozenset({asked.client, asked.server}) in around.sip_pairs:
        return "keepalive"
    if asked.server in around.media or (asked.server[0], asked.server[1] - 1) in around.media:
        return "media"
    if asked.client[0] in around.pbx:
        return "pbx"
    return "phone" if asked.client[0] in around.agents else "unknown"


def row_of(asked: Asked, kind: Kind) -> StunExchange:
    """The report's row of one exchange."""
    return StunExchange(
        source=asked.source,
        client=join(*asked.client),
        server=join(*asked.server),
        kind=kind,
        requests=asked.requests,
        answered=len(asked.answered),
        cookie=asked.cookie,
        icmp_unreachable=asked.unreachable,
        first_frame=asked.first_frame,
        mapped=[join(*address) for address in asked.mapped],
        derived={
            "unanswered": asked.requests > 0 and not asked.answered,
            "most_sendings": max(asked.sendings.values(), default=0),
            "port_changed": any(port != asked.client[1] for _, port in asked.mapped) if asked.mapped else None,
            "behind_nat": any(host != canonical(asked.client[0]) for host, _ in asked.mapped) if asked.mapped else None,
            "error": min(asked.errors, default=None),
        },
    )


def symmetric_clients(found: Iterable[Asked]) -> set[Endpoint]:
    """Clients whose one socket got different ports of the same outer address from different servers (RFC 4787 section 4.1).

    Servers that see no outer address in common are reached over different lines: that is no symmetric NAT.
    """
    by_client: dict[Endpoint, dict[Endpoint, set[Endpoint]]] = {}
    for asked in found:
        if asked.nature == "plain" and asked.mapped:
            by_client.setdefault(asked.client, {}).setdefault(asked.server, set()).update(asked.mapped)
    return {
        client
        for client, servers in by_client.items()
        if len({server[0] for server in servers}) > 1
        and not set.intersection(*servers.values())
        and set.intersection(*({host for host, _ in seen} for seen in servers.values()))
    }


def answered_clients(found: Iterable[Asked]) -> set[str]:
    """Hosts that some STUN server answered outside of ICE and TURN."""
    return {asked.client[0] for asked in found if asked.nature == "plain" and asked.answered}
