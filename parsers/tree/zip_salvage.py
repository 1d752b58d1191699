"""Finding the members of a zip by their own headers, where there is no directory (PKWARE APPNOTE.TXT 4.3.7, 4.3.9, 4.5.3)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from parsers.tree.budget import Budget
from parsers.tree.zip_entry import Entry

_HEADER = b"PK\x03\x04"
_NEXT = (_HEADER, b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")
_DESCRIPTOR = b"PK\x07\x08"
_SCAN_BYTES = 1024 * 1024


def mtime(extra: bytes, dos: tuple[int, int, int, int, int, int]) -> datetime | None:
    """When a member was written: the extended time stamp (header id 0x5455, UTC), else the DOS time (a wall clock)."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 0x5455 and length >= 5 and at + 9 <= len(extra) and extra[at + 4] & 1:
            return datetime.fromtimestamp(struct.unpack_from("<I", extra, at + 5)[0], UTC)
        at += 4 + length
    try:
        return datetime(*dos, tzinfo=UTC)
    except ValueError:
        return None


def headers(view: memoryview, place: str, budget: Budget) -> Iterator[Entry]:
    """All members whose local header is readable, up to one more than the limit of members."""
    at, count = _find(view, 0, (_HEADER,)), 0
    while at is not None and count <= budget.max_members:
        budget.check_time(place)
        found = _header(view, at)
        if found is None:
            at = _find(view, at + 4, (_HEADER,))
            continue
        count += 1
        yield found
        at = _find(view, found.start + found.packed, (_HEADER,))


def _header(view: memoryview, at: int) -> Entry | None:
    fixed = bytes(view[at : at + 30])
    if len(fixed) < 30:
        return None
    _, version, flags, method, clock, day, crc, packed, size, name_length, extra_length = struct.unpack(
        "<IHHHHHIIIHH", fixed
    )
    start = at + 30 + name_length + extra_length
    if version & 0xFF > 63 or start > len(view) or not name_length:
        return None
    raw = bytes(view[at + 30 : at + 30 + name_length])
    extra = bytes(view[at + 30 + name_length : start])
    known_size: int | None = size
    known_crc: int | None = crc
    if 0xFFFFFFFF in {packed, size}:
        size, packed = _zip64(extra, size, packed)
        known_size = size
    if flags & 0x8 and not packed:
        # compressed content does not hold a signature but by rare chance; an end of the stream within it is found anyway
        following = _find(view, start, (_DESCRIPTOR, *_NEXT))
        packed, known_size, known_crc = (following if following is not None else len(view)) - start, None, None
    return Entry(
        name=raw.decode("utf-8" if flags & 0x800 else "cp437", "replace"),
        start=start,
        packed=packed,
        size=known_size,
        crc=known_crc,
        method=method,
        encrypted=bool(flags & 0x1),
        mtime=mtime(extra, _dos(day, clock)),
    )


def _dos(day: int, clock: int) -> tuple[int, int, int, int, int, int]:
    return (day >> 9) + 1980, day >> 5 & 15, day & 31, clock >> 11, clock >> 5 & 63, (clock & 31) * 2


def _zip64(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1 and length >= 16 and at + 20 <= len(extra):
            wide_size, wide_packed = struct.unpack_from("<QQ", extra, at + 4)
            return wide_size, wide_packed
        at += 4 + length
    return size, packed


def _find(view: memoryview, start: int, signatures: tuple[bytes, ...]) -> int | None:
    """Where the first of the signatures stands, from ``start`` on."""
    at, step = start, 4096
    while at < len(view):
        window = bytes(view[at : at + step + 3])
        places = [place for place in map(window.find, signatures) if place >= 0]
        if places:
            return at + min(places)
        at, step = at + step, min(2 * step, _SCAN_BYTES)
    return None
