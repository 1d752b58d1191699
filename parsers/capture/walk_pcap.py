"""The classic pcap container: both byte orders, microseconds and nanoseconds, ends that are cut, damaged records."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from parsers.capture.magic import MODIFIED, MODIFIED_BYTES, PCAP
from parsers.capture.walk_damage import REACH, Damage

if TYPE_CHECKING:
    from parsers.capture.walk_reader import Reader

RECORD_LIMIT = 262_144
"""Longest record of common tools (bytes); a larger snaplen of the file counts, up to `SNAPLEN_LIMIT`."""
SNAPLEN_LIMIT = 16 * 1024 * 1024
SLICE = 16 * 1024 * 1024
CUT, ODD = 1, 4
"""What `Kernel.stopped` is before a record whose end is not there, and before one that may be damaged, or not."""
DAY = 86_400
EARLIEST = 10 * 365 * DAY


def read(reader: Reader, advance: Callable[[int], None]) -> None:
    """Feed all records to the reader's kernel; ``advance`` is called with the position now and then."""
    kernel, header = reader.kernel, bytes(reader.data[:24])
    if len(header) < 24:
        reader.problem(f"the pcap header is cut: {len(header)} bytes of 24")
        return
    magic = header[:4]
    order, nano = PCAP[magic] if magic in PCAP else (MODIFIED[magic], False)
    snaplen, link = struct.unpack_from(order + "II", header, 16)
    # the upper bits of the field hold the length of the frame check sequence
    link &= 0xFFFF
    reader.link_types.append(link)
    reader.snaplen = snaplen or None
    kernel.big, kernel.nano, kernel.link = order == ">", nano, link
    if magic in MODIFIED:
        reader.longer(MODIFIED_BYTES)
    kernel.limit = max(RECORD_LIMIT, min(snaplen, SNAPLEN_LIMIT))
    at, damage = 24, Damage(reader.content)
    while (at := reader.reach(at, 1)) < len(reader.data):
        at = reader.pcap(at, min(len(reader.data), at + SLICE))
        advance(at)
        if kernel.stopped == 0:
            continue
        if kernel.stopped == CUT and not reader.content.final:
            at = reader.reach(at, len(reader.data) - at + 1)
            continue
        at = reader.reach(at, REACH + 4 * (reader.header + kernel.limit))
        if kernel.stopped == ODD and _leads_on(reader, order, at):
            kernel.trusted = at
            continue
        found = _resync(reader, damage, order, at)
        place = reader.place(at)
        if found is None:
            if kernel.stopped == CUT or reader.frames:
                what = "ends inside" if kernel.stopped == CUT else "is damaged at"
                if damage.too_much:
                    what = "is damaged in too many places, the last of them"
                reader.problem(
                    f"the file {what} record {reader.frames + 1} (byte {place} of {reader.content.size}); "
                    "what is before it was read",
                    last=True,
                )
            else:
                reader.problem(
                    f"no record can be read: the first one, at byte {place}, has an impossible length or time"
                )
            return
        reader.problem(
            f"record {reader.frames + 1} at byte {place} is damaged: {found - at} bytes were passed over, "
            f"reading goes on at byte {reader.place(found)}; frame numbers from here on count only what was read"
        )
        at = found


def _leads_on(reader: Reader, order: str, at: int) -> bool:
    """Whether another record, or the end, follows a record that is odd: captures may be merged, and lengths wrong."""
    data, kernel = reader.data, reader.kernel
    unpack = struct.Struct(order + "IIII").unpack_from
    seconds, _, length, _ = unpack(data, at)
    here = at + reader.header + length
    if here + reader.header > len(data):
        return True
    then, part, length, original = unpack(data, here)
    return bool(
        part < (1_000_000_000 if kernel.nano else 1_000_000)
        and 0 < length <= kernel.limit
        and original <= SNAPLEN_LIMIT
        and (length <= original or abs(then - seconds) <= DAY)
    )


def _resync(reader: Reader, damage: Damage, order: str, at: int) -> int | None:
    """The next place from which records make sense, null if none.

    First by the time of the last good one; where there is none, or where it was damaged itself, any time will do.
    """
    kernel, found = reader.kernel, None
    if kernel.frame:
        last = kernel.now // 1_000_000_000
        # candidates have one of few values in the upper half of the seconds
        halves = {((last + shift) >> 16) & 0xFFFF for shift in (-DAY, -DAY // 2, 0, DAY // 2, DAY)}
        marks = {half.to_bytes(2, "little" if order == "<" else "big") for half in halves}
        found = _sensible(reader, order, damage.places(at, marks, 2 if order == "<" else 0), last)
    return _sensible(reader, order, damage.everywhere(at), None) if found is None else found


def _sensible(reader: Reader, order: str, places: Iterable[int], last: int | None) -> int | None:
    """The first place at which three records in a row (or records up to the exact end) make sense.

    Sense: a time within a day of the last good one (null: of the first of the three), less than a second of fraction, a
    length within the limit that is not above the original one.
    """
    data, kernel = reader.data, reader.kernel
    unpack = struct.Struct(order + "IIII").unpack_from
    fraction, limit = 1_000_000_000 if kernel.nano else 1_000_000, kernel.limit
    for place in places:
        here, good, about = place, 0, last
        while good < 3:
            if here == len(data) and good:
                return place
            if here + reader.header > len(data):
                break
            seconds, part, length, original = unpack(data, here)
            if about is None:
                about = seconds if seconds > EARLIEST else -DAY
            if (
                abs(seconds - about) > DAY
                or part >= fraction
                or not 0 < length <= min(limit, original)
                or original > SNAPLEN_LIMIT
            ):
                break
            here += reader.header + length
            if here > len(data):
                break
            good += 1
        if good == 3:
            return place
    return None
