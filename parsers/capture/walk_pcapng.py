"""The pcapng container: sections of either byte order, interfaces with their own time units, packet and statistics blocks.

Name resolution, comment, decryption and unknown blocks are passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

from parsers.capture.walk_damage import REACH, Damage

if TYPE_CHECKING:
    from parsers.capture.walk_reader import Reader

MAGIC = b"\n\r\r\n"
SECTION = 0x0A0D0D0A
BYTE_ORDER = b"\x1a\x2b\x3c\x4d"
INTERFACE, OLD_PACKET, SIMPLE, STATISTICS, ENHANCED = 1, 2, 3, 5, 6
BLOCK_LIMIT = 64 * 1024 * 1024
MAX_INTERFACES = 4096
SLICE = 16 * 1024 * 1024
CUT, OTHER = 1, 3
"""What `Kernel.stopped` is before a block whose end is not there, and before one that is no enhanced packet block."""
HEAD = 12
"""Bytes of a block that tell its kind, length and, of a section, byte order."""


class _Section:
    """State of the section that is being read."""

    def __init__(self) -> None:
        self.order = "<"
        self.snaplens: list[int] = []
        self.drops: dict[int, int] = {}


def read(reader: Reader, advance: Callable[[int], None]) -> None:
    """Feed all packets to the reader's kernel; ``advance`` is called with the position now and then."""
    kernel, content = reader.kernel, reader.content
    kernel.limit = BLOCK_LIMIT
    section, damage = _Section(), Damage(content)
    at = 0
    while (at := reader.reach(at, 1)) < len(reader.data):
        at = reader.pcapng(at, min(len(reader.data), at + SLICE))
        advance(at)
        if kernel.stopped == 0:
            continue
        if kernel.stopped == CUT and not content.final:
            at = reader.reach(at, len(reader.data) - at + 1)
            continue
        if kernel.stopped == OTHER:
            at = reader.reach(at, HEAD)
            at = reader.reach(at, min(_size(reader.data, at, section.order), BLOCK_LIMIT))
            after = _block(reader, section, at)
            if after is not None:
                at = after
                continue
        at = reader.reach(at, REACH + BLOCK_LIMIT)
        found = _resync(reader.data, at, section.order, damage)
        place = reader.place(at)
        if found is None:
            cut = kernel.stopped == CUT or _declared(reader.data, at, section.order) > content.size - place
            what = "ends inside" if cut else "is damaged at"
            if damage.too_much:
                what = "is damaged in too many places, the last of them"
            reader.problem(
                f"the file {what} the block at byte {place} of {content.size}, "
                f"after frame {reader.frames}; what is before it was read",
                last=True,
            )
            break
        reader.problem(
            f"the block at byte {place} is damaged: {found - at} bytes were passed over, "
            f"reading goes on at byte {reader.place(found)}; frame numbers from here on count only what was read"
        )
        at = found
    _end_section(reader, section)


def _declared(data: memoryview, at: int, order: str) -> int:
    return int(struct.unpack_from(order + "I", data, at + 4)[0]) if len(data) - at >= 8 else 8


def _size(data: memoryview, at: int, order: str) -> int:
    """The length that a block names, which a section does in its own byte order."""
    if bytes(data[at : at + 4]) == MAGIC and bytes(data[at + 8 : at + 12]) in (BYTE_ORDER, BYTE_ORDER[::-1]):
        order = ">" if bytes(data[at + 8 : at + 12]) == BYTE_ORDER else "<"
    return _declared(data, at, order)


def _block(reader: Reader, section: _Section, at: int) -> int | None:
    """Read one block that is no enhanced packet block; the place behind it, null when its lengths cannot be."""
    data, kernel = reader.data, reader.kernel
    if len(data) - at < HEAD:
        return None
    kind = struct.unpack_from(section.order + "I", data, at)[0]
    if bytes(data[at : at + 4]) == MAGIC:
        order = "<" if bytes(data[at + 8 : at + 12]) == BYTE_ORDER[::-1] else ">"
        if order == ">" and bytes(data[at + 8 : at + 12]) != BYTE_ORDER:
            return None
        kind = SECTION
    else:
        order = section.order
    size = struct.unpack_from(order + "I", data, at + 4)[0]
    if size < 12 or size & 3 or size > BLOCK_LIMIT or size > len(data) - at:
        return None
    if struct.unpack_from(order + "I", data, at + size - 4)[0] != size:
        return None
    if kind == SECTION:
        _end_section(reader, section)
        section.order = order
        section.snaplens = []
        section.drops = {}
        kernel.big = order == ">"
        kernel.interfaces = 0
    elif kind == INTERFACE and size >= 20:
        _interface(reader, section, at, size)
    elif kind == STATISTICS and size >= 24:
        _statistics(section, data, at, size)
    elif not _packet(reader, section, at, kind, size):
        return None
    return at + int(size)


def _packet(reader: Reader, section: _Section, at: int, kind: int, size: int) -> bool:
    """Read a simple or an old packet block; false when its lengths cannot be. Other blocks are passed over."""
    data, kernel, order = reader.data, reader.kernel, section.order
    if kind == SIMPLE and size >= 16 and kernel.interfaces:
        original = struct.unpack_from(order + "I", data, at + 8)[0]
        snaplen = section.snaplens[0] or original
        # this block has no time of its own
        kernel.clock(-1)
        kernel.record(kernel.links[0], at + 12, min(original, snaplen, size - 16), original)
    elif kind == OLD_PACKET and size >= 32:
        number, _, high, low, length, original = struct.unpack_from(order + "HHIIII", data, at + 8)
        if number >= kernel.interfaces or length > size - 32:
            return False
        kernel.clock(kernel.stamp(number, high, low))
        kernel.record(kernel.links[number], at + 28, length, original)
    return True


def _statistics(section: _Section, data: memoryview, at: int, size: int) -> None:
    """Interface statistics: what the interface (isb_ifdrop) and the operating system (isb_osdrop) lost, last count."""
    order = section.order
    number = struct.unpack_from(order + "I", data, at + 8)[0]
    drops = [
        struct.unpack(order + "Q", value)[0]
        for code, value in _options(data, at + 20, at + size - 4, order)
        if code in (5, 7) and len(value) == 8
    ]
    if drops:
        section.drops[number] = max(section.drops.get(number, 0), sum(drops))


def _end_section(reader: Reader, section: _Section) -> None:
    if section.drops:
        reader.dropped = (reader.dropped or 0) + sum(section.drops.values())


def _interface(reader: Reader, section: _Section, at: int, size: int) -> None:
    """An interface description: link type, snaplen, time unit and offset."""
    data, order = reader.data, section.order
    link, _, snaplen = struct.unpack_from(order + "HHI", data, at + 8)
    resolution, offset = 6, 0
    for code, value in _options(data, at + 16, at + size - 4, order):
        if code == 9 and len(value) == 1:
            resolution = value[0]
        elif code == 14 and len(value) == 8:
            offset = struct.unpack(order + "q", value)[0]
    if len(section.snaplens) >= MAX_INTERFACES:
        reader.problem(f"more than {MAX_INTERFACES} interfaces in one section; packets of the others are not read")
        return
    section.snaplens.append(snaplen)
    if link not in reader.link_types:
        reader.link_types.append(link)
    if snaplen:
        reader.snaplen = max(reader.snaplen or 0, snaplen)
    unit, scale = _unit(resolution)
    if abs(offset) > 9_000_000_000:
        unit, offset = 3, 0
    if unit == 3:
        reader.problem(
            f"interface {len(section.snaplens) - 1}: time unit {resolution:#04x} or offset is out of range, "
            "its packets keep the time of the packet before"
        )
    reader.interface(link, unit, scale, offset * 1_000_000_000)


def _unit(resolution: int) -> tuple[int, int]:
    """How if_tsresol turns into nanoseconds; see `Kernel.stamp`."""
    power = resolution & 0x7F
    if resolution & 0x80:
        return (2, power) if power <= 63 else (3, 1)
    if power <= 9:
        return 0, 10 ** (9 - power)
    return (1, 10 ** (power - 9)) if power <= 27 else (3, 1)


def _options(data: memoryview, at: int, end: int, order: str) -> Iterator[tuple[int, bytes]]:
    """The options of a block, up to opt_endofopt or the first that does not fit."""
    while at + 4 <= end:
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == 0 or at + 4 + size > end:
            return
        yield code, bytes(data[at + 4 : at + 4 + size])
        at += 4 + (size + 3 & ~3)


def _resync(data: memoryview, at: int, order: str, damage: Damage) -> int | None:
    """The next place where a block of a known kind has the same length at its start and at its end."""
    endian: Literal["little", "big"] = "little" if order == "<" else "big"
    own = endian
    marks = {kind.to_bytes(4, own) for kind in (ENHANCED, STATISTICS, INTERFACE)} | {MAGIC}
    for place in damage.places(at + 3, marks):
        if bytes(data[place : place + 4]) == MAGIC:
            # a section has its own byte order
            endian = "big" if bytes(data[place + 8 : place + 12]) == BYTE_ORDER else "little"
        else:
            endian = own
        size = int.from_bytes(data[place + 4 : place + 8], endian)
        end = place + size
        fits = 20 <= size <= BLOCK_LIMIT and not size & 3 and end <= len(data)
        if fits and data[end - 4 : end] == data[place + 4 : place + 8]:
            return place
    return None
