"""The classic pcap container: both byte orders, microseconds and nanoseconds, ends that are cut, damaged records."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from parsers.capture.magic import MODIFIED, MODIFIED_BYTES, PCAP
from parsers.capture.walk_damage import Damage

if TYPE_CHECKING:
    from parsers.capture.walk_reader import Reader

RECORD_LIMIT = 262_144
"""Longest record of common tools (bytes); a larger snaplen of the file counts, up to `SNAPLEN_LIMIT`."""
SNAPLEN_LIMIT = 16 * 1024 * 1024
SLICE = 16 * 1024 * 1024
DAY = 86_400
EARLIEST = 10 * 365 * DAY
FIRST_WINDOW = 128 * 1024
"""Behind a damaged first record every byte may be the start of the next one; so far is looked."""


def read(reader: Reader, advance: Callable[[int], None]) -> None:
    """Feed all records to the reader's kernel; ``advance`` is called with the position now and then."""
    data, kernel = reader.data, reader.kernel
    if len(data) < 24:
        reader.problem(f"the pcap header is cut: {len(data)} bytes of 24")
        return
    magic = bytes(data[:4])
    order, nano = PCAP[magic] if magic in PCAP else (MODIFIED[magic], False)
    snaplen, link = struct.unpack_from(order + "II", data, 16)
    # the upper bits of the field hold the length of the frame check sequence
    link &= 0xFFFF
    reader.link_types.append(link)
    reader.snaplen = snaplen or None
    kernel.big, kernel.nano, kernel.link = order == ">", nano, link
    if magic in MODIFIED:
        reader.longer(MODIFIED_BYTES)
    kernel.limit = max(RECORD_LIMIT, min(snaplen, SNAPLEN_LIMIT))
    at, damage = 24, Damage(data)
    while at < len(data):
        before = at
        at = reader.pcap(at, min(len(data), at + SLICE))
        advance(at)
        if kernel.stopped == 0:
            continue
        found = _resync(
            data, at, order, kernel.now // 1_000_000_000, damage,
            nano=nano, limit=kernel.limit, frames=kernel.frame, size=reader.header,
        )  # fmt: skip
        if found is None:
            if kernel.stopped == 1 or at != before or kernel.frame:
                what = "ends inside" if kernel.stopped == 1 else "is damaged at"
                if damage.too_much:
                    what = "is damaged in too many places, the last of them"
                reader.problem(
                    f"the file {what} record {kernel.frame + 1} (byte {at} of {len(data)}); what is before it was read",
                    last=True,
                )
            else:
                reader.problem(f"no record can be read: the first one, at byte {at}, has an impossible length or time")
            return
        reader.problem(
            f"record {kernel.frame + 1} at byte {at} is damaged: {found - at} bytes were passed over, "
            f"reading goes on at byte {found}; frame numbers from here on count only what was read"
        )
        at = found


def _resync(
    data: memoryview, at: int, order: str, last: int, damage: Damage, *, nano: bool, limit: int, frames: int, size: int,
) -> int | None:  # fmt: skip
    """The next place from which three records in a row (or records up to the exact end) make sense, null if none.

    Sense: a time within a day of the last good one, less than a second of fraction, a length within the limit that is not
    above the original one. Where no record was read yet, the first of the three says what the time is about.
    """
    header = struct.Struct(order + "IIII").unpack_from
    fraction = 1_000_000_000 if nano else 1_000_000
    places: Iterable[int]
    if frames:
        # candidates have one of few values in the upper half of the seconds
        halves = {((last + shift) >> 16) & 0xFFFF for shift in (-DAY, -DAY // 2, 0, DAY // 2, DAY)}
        marks = {half.to_bytes(2, "little" if order == "<" else "big") for half in halves}
        places = damage.places(at, marks, 2 if order == "<" else 0)
    else:
        places = range(at + 1, min(at + FIRST_WINDOW, len(data)))
    for place in places:
        here, good, about = place, 0, last if frames else None
        while good < 3:
            if here == len(data) and good:
                return place
            if here + size > len(data):
                break
            seconds, part, length, original = header(data, here)
            if about is None:
                about = seconds if seconds > EARLIEST else -DAY
            if (
                abs(seconds - about) > DAY
                or part >= fraction
                or not 0 < length <= min(limit, original)
                or original > SNAPLEN_LIMIT
            ):
                break
            here += size + length
            if here > len(data):
                break
            good += 1
        if good == 3:
            return place
    return None
