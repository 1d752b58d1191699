"""Synthetic captures: frames and files made byte by byte."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address

T0 = 1_700_000_000_000_000_000
MAC = bytes.fromhex("0200000000010200000000 02".replace(" ", ""))


@dataclass(frozen=True)
class Record:
    """One packet of a capture: time ns, captured bytes, original length (null: all captured)."""

    time: int
    data: bytes
    original: int | None = None


def ethernet(payload: bytes, kind: int = 0x0800, tags: Iterable[int] = ()) -> bytes:
    head = MAC
    for tag in tags:
        head += struct.pack(">HH", 0x8100, tag)
    return head + struct.pack(">H", kind) + payload


def ipv4(
    src: str, dst: str, payload: bytes, *, kind: int = 17, ident: int = 1, ttl: int = 64, tos: int = 0, fragment: int = 0,
    options: bytes = b"", total: int | None = None,
) -> bytes:  # fmt: skip
    size = 20 + len(options)
    return (
        struct.pack(
            ">BBHHHBBH4s4s", 0x40 | size // 4, tos, size + len(payload) if total is None else total, ident, fragment, ttl,
            kind, 0, ip_address(src).packed, ip_address(dst).packed,
        ) + options + payload
    )  # fmt: skip


def ipv6(src: str, dst: str, payload: bytes, *, kind: int = 17, tos: int = 0) -> bytes:
    head = struct.pack(">IHBB", 6 << 28 | tos << 20, len(payload), kind, 64)
    return head + ip_address(src).packed + ip_address(dst).packed + payload


def udp(sport: int, dport: int, payload: bytes) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(
    sport: int, dport: int, seq: int, payload: bytes = b"", flags: int = 0x18, *, ack: int = 1, window: int = 8192
) -> bytes:  # fmt: skip
    numbers = sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF
    return struct.pack(">HHIIBBHHH", *numbers, 0x50, flags, window, 0, 0) + payload


def rtp(
    seq: int, stamp: int, payload: bytes = b"\x01\x02\x03\x04" * 40, *, kind: int = 0, ssrc: int = 0x1234, marker: bool = False
) -> bytes:  # fmt: skip
    return struct.pack(">BBHII", 0x80, kind | marker << 7, seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


def packet(src: str, sport: int, dst: str, dport: int, payload: bytes, *, ident: int = 1, tos: int = 0) -> bytes:
    """A UDP datagram over IPv4 over Ethernet."""
    return ethernet(ipv4(src, dst, udp(sport, dport, payload), ident=ident, tos=tos))


def pcap(
    records: Iterable[Record], *, link: int = 1, order: str = "<", nano: bool = False, snaplen: int = 262144
) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for record in records:
        seconds, rest = divmod(record.time, 1_000_000_000)
        original = len(record.data) if record.original is None else record.original
        part = rest if nano else rest // 1000
        out.append(struct.pack(order + "IIII", seconds, part, len(record.data), original) + record.data)
    return b"".join(out)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, snaplen: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def enhanced(data: bytes, ticks: int, number: int = 0, order: str = "<", original: int | None = None) -> bytes:
    size = len(data) if original is None else original
    return block(
        6, struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), size) + data, order
    )
