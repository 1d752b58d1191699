"""Addresses as text, and the packets that ICMP errors quote."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address

from msgspec import Struct

from parsers.capture.spliced import Spliced


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
        header, offset = 40, 0
        total, protocol = _number(data, at + 4, 2) + 40, data[at + 6]
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


def _number(data: memoryview | Spliced, at: int, size: int) -> int:
    """Bytes in network order."""
    return int.from_bytes(data[at : at + size], "big")
