"""Addresses as text, and the packets that ICMP errors quote."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address

from msgspec import Struct

from parsers.capture.spliced import Spliced

FRAGMENT, AUTHENTICATION = 44, 51
EXTENSIONS = frozenset({0, 43, 60, FRAGMENT, AUTHENTICATION})
"""Extension headers of IPv6: options for each hop, routing, options for the destination, fragment, authentication."""
HEADERS = 16


@lru_cache(maxsize=65536)
def text(version: int, high: int, low: int) -> str:
    """An address of the kernel's tables as text (IPv6 in its short form, RFC 5952)."""
    if version == 4:
        return f"{low >> 24}.{low >> 16 & 255}.{low >> 8 & 255}.{low & 255}"
    return str(IPv6Address(high << 64 | low))


class Quoted(Struct, frozen=True):
    """A UDP or TCP packet quoted by an ICMP error: protocol number, addresses, both ports as 32 bits, its payload's place."""

    protocol: int
    src_hi: int
    src: int
    dst_hi: int
    dst: int
    ports: int
    place: int
    have: int
    truncated: bool


def quoted(data: memoryview | Spliced, version: int, at: int, end: int) -> Quoted | None:
    """The packet that an ICMP error quotes from ``at`` to ``end`` (RFC 792, RFC 4443); null where no ports are to be seen."""
    if version == 4:
        if end - at < 28 or data[at] >> 4 != 4:
            return None
        header = (data[at] & 15) * 4
        total, protocol, offset = _number(data, at + 2, 2), data[at + 9], _number(data, at + 6, 2) & 0x1FFF
        src_hi, src, dst_hi, dst = 0, _number(data, at + 12, 4), 0, _number(data, at + 16, 4)
    else:
        if end - at < 48 or data[at] >> 4 != 6:
            return None
        total, offset = _number(data, at + 4, 2) + 40, 0
        protocol, behind = upper(data, data[at + 6], at + 40, end)
        header = behind - at
        src_hi, src = _number(data, at + 8, 8), _number(data, at + 16, 8)
        dst_hi, dst = _number(data, at + 24, 8), _number(data, at + 32, 8)
    place = at + header
    if header < 20 or offset or end - place < 8 or protocol not in (6, 17):
        return None
    stop = min(end, at + max(total, header + 8))
    ports = _number(data, place, 4)
    header = 8
    if protocol == 6:
        header = max(data[place + 12] >> 4, 5) * 4 if stop - place > 12 else 20
    payload = min(place + header, stop)
    return Quoted(protocol, src_hi, src, dst_hi, dst, ports, payload, stop - payload, at + total > end)


def upper(data: bytes | memoryview | Spliced, kind: int, at: int, end: int) -> tuple[int, int]:
    """The protocol behind the extension headers of IPv6 (RFC 8200 section 4) and where it begins; that of a header that is cut,
    or of a fragment that is not the first, itself.
    """
    for _ in range(HEADERS):
        if kind not in EXTENSIONS or end - at < 8 or (kind == FRAGMENT and _number(data, at + 2, 2) & 0xFFF8):
            break
        size = 8 if kind == FRAGMENT else (data[at + 1] + 2) * 4 if kind == AUTHENTICATION else (data[at + 1] + 1) * 8
        if end - at < size:
            break
        kind, at = data[at], at + size
    return kind, at


def _number(data: bytes | memoryview | Spliced, at: int, size: int) -> int:
    """Bytes in network order."""
    return int.from_bytes(data[at : at + size], "big")
