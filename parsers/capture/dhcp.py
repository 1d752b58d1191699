"""DHCP as far as the configuration of phones needs it: who asks, who answers, and which server the answer names (RFC 2131)."""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Iterable
from ipaddress import IPv4Address

from parsers.capture.address import canonical
from parsers.capture.notes import Note, utc
from parsers.facts.base import Source
from parsers.facts.capture import DhcpExchange

EXCHANGE_LIMIT = 20_000
OPTION_LIMIT = 200
_OPTIONS = 240
_HOSTNAME, _NTP, _VENDOR, _TYPE, _SERVER, _CLASS, _TFTP, _VLAN, _SERVERS, _URL = (
    12,
    42,
    43,
    53,
    54,
    60,
    66,
    132,
    150,
    160,
)
DISCOVER, OFFER, REQUEST, ACK, NAK, INFORM = 1, 2, 3, 5, 6, 8
PHONES = re.compile(
    r"(?i)\b(?:yealink|snom|fanvil|grandstream|polycom|htek|gigaset|panasonic|aastra|mitel|spectralink|audiocodes)"
)
_LINK = re.compile(r"(?i)(?:[a-z]{3,5}://)?(?:[^/@\s]*@)?(\[[0-9a-f:.]+\]|[a-z0-9.-]{1,253})(?::\d{1,5})?(?:/|$)")


class DhcpReader:
    """Collects a row for each transaction of a device."""

    def __init__(self, artifact: str) -> None:
        self.artifact = artifact
        self._rows: dict[tuple[bytes, bytes], DhcpExchange] = {}

    def read(self, note: Note) -> None:
        """Take a note of kind DHCP."""
        data = note.payload
        if len(data) <= _OPTIONS or data[1] != 1 or data[2] != 6:
            return
        options = read_options(data)
        kind = options.get(_TYPE, b"\0")[0]
        key = data[28:34], data[4:8]
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= EXCHANGE_LIMIT or kind not in {DISCOVER, OFFER, REQUEST, ACK, NAK, INFORM}:
                return
            row = self._rows[key] = self._row(note, data[28:34].hex())
        row.last = utc(note.time_ns)
        if data[0] == 1:
            row.requests += kind in {DISCOVER, REQUEST, INFORM}
            row.discovers += kind == DISCOVER
            row.vendor_class = _text(options.get(_CLASS)) or row.vendor_class
            row.hostname = _text(options.get(_HOSTNAME)) or row.hostname
        elif kind in {OFFER, ACK, NAK}:
            self._answer(row, note, kind, options)

    def rows(self) -> list[DhcpExchange]:
        """All transactions, with what the others of a device say (docs/facts.md)."""
        found = list(self._rows.values())
        by_mac: dict[str, list[DhcpExchange]] = defaultdict(list)
        for row in found:
            by_mac[row.mac].append(row)
        for same in by_mac.values():
            _derive(same)
        return found

    def _row(self, note: Note, mac: str) -> DhcpExchange:
        time = utc(note.time_ns)
        source = Source(artifact=self.artifact, frame=note.frame, time=time.isoformat(), text=f"DHCP of {mac}")
        return DhcpExchange(source=source, mac=mac, time=time)

    def _answer(self, row: DhcpExchange, note: Note, kind: int, options: dict[int, bytes]) -> None:
        server = _addresses(options.get(_SERVER))[:1] or [note.src]
        row.servers += [one for one in server if one not in row.servers and len(row.servers) < 20]
        if row.outcome == "ack" or (kind == OFFER and row.outcome is not None):
            return
        row.outcome = {OFFER: "offer", ACK: "ack", NAK: "nak"}[kind]  # type: ignore[assignment]
        if kind == NAK:
            return
        given = struct.unpack_from(">I", note.payload, 16)[0]
        row.address = str(IPv4Address(given)) if given else row.address
        row.provisioning_host, row.provisioning_option = _provisioning(options)
        vlan = options.get(_VLAN)
        row.vlan = _number(vlan) if vlan else None
        row.ntp = _addresses(options.get(_NTP))
        says = f"DHCP {row.outcome} of {server[0]} for {row.mac}"
        place = Source(artifact=self.artifact, frame=note.frame, time=utc(note.time_ns).isoformat(), text=says)
        row.sources |= dict.fromkeys(("outcome", "provisioning_host", "vlan"), place)


def read_options(data: bytes) -> dict[int, bytes]:
    """The options of a message by number; one that comes in several parts is joined (RFC 3396)."""
    found: dict[int, bytes] = {}
    at = _OPTIONS
    for _ in range(OPTION_LIMIT):
        if at >= len(data) or data[at] == 255:
            break
        if data[at] == 0:
            at += 1
            continue
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            break
        if data[at + 1]:
            found[data[at]] = found.get(data[at], b"") + data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found


def _derive(same: Iterable[DhcpExchange]) -> None:
    """Whether a device looked for a server again and again and never went on to ask one of them."""
    rows = list(same)
    discovers = sum(row.discovers for row in rows)
    first = min((row.time for row in rows if row.time is not None), default=None)
    last = max((row.last for row in rows if row.last is not None), default=None)
    for row in rows:
        row.derived["tries"] = discovers
        row.derived["tried_s"] = round((last - first).total_seconds(), 1) if first and last else None
        row.derived["in_vain"] = all(one.requests == one.discovers and one.outcome is None for one in rows)
        row.derived["named_phone"] = bool(PHONES.search(f"{row.vendor_class or ''} {row.hostname or ''}"))


def _provisioning(options: dict[int, bytes]) -> tuple[str | None, int | None]:
    """The host of the server for the configuration, and the option that names it."""
    for number in (_TFTP, _URL, _VENDOR):
        text = _text(options.get(number))
        # option 43 is anything: only a whole link is taken
        if text and (number != _VENDOR or "://" in text):
            found = _LINK.match(text)
            host = found[1] if found else None
            if host and any(letter.isalnum() for letter in host):
                return canonical(host) or host.lower().rstrip("."), number
    servers = _addresses(options.get(_SERVERS))
    return (servers[0], _SERVERS) if servers else (None, None)


def _addresses(data: bytes | None) -> list[str]:
    return [str(IPv4Address(data[at : at + 4])) for at in range(0, len(data) - 3, 4)][:8] if data else []


def _number(data: bytes) -> int | None:
    """A VLAN's number, as two or four bytes or as text."""
    if len(data) in {2, 4} and not data.isdigit():
        number = int.from_bytes(data)
    else:
        text = _text(data) or ""
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1
    return number if 0 <= number <= 4095 else None


def _text(data: bytes | None) -> str | None:
    if not data:
        return None
    text = data.rstrip(b"\0").decode("utf-8", "replace").strip()
    return text[:255] if text.isprintable() else None
