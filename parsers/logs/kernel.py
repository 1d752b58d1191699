"""Finds lines and records in a block of log, and reads how the records begin.

As `parsers.capture.kernel` this file runs as it is, and is compiled with the types of ``kernel.pxd`` where Cython was there
when the project was built. Interpreted it is far slower than numpy, so that `parsers.logs.vector` does the same work then
(`parsers.logs.passes` chooses); only tests run it so, to compare all three. Numbers are masked where C would wrap, every
read is compared with the bounds of its buffer (one that was not given yet has a length of 0), words are read by
`Kernel.word_at` and `Kernel.fits`, and each loop moves on by construction.

One class on purpose: what is called for each line has to be inlined. The content is given twice, as bytes and as
little-endian words of eight bytes, so that no address is ever made.
"""

# ruff: noqa: ANN401, PLR0917 - any buffer; columns
from __future__ import annotations

from typing import Any

try:
    import cython
except ImportError:  # nobody needs it for a kernel that runs interpreted
    from parsers import interpreted as cython

MASK = 0xFFFFFFFFFFFFFFFF
ONES = 0x0101010101010101
LOWER = 0x7F7F7F7F7F7F7F7F
HIGH = 0x8080808080808080
NEWLINES = 0x0A0A0A0A0A0A0A0A

NUMBERS = 4
"""Numbers of each word of a mask, see `parsers.logs.layout.Mask`."""
PICTURE = 3
"""Numbers of a picture: begin and end of its mask, bytes that its line has at least."""
LAYOUT = 16
"""Numbers of a layout: begin and end of its mask, place and length of its date, of its level, count and places of the digits
of its time.
"""
TO_THE_SECOND = 6
DISTINCT = 64
"""Levels of one layout in one block that are told apart."""


class Kernel:
    """``pictures`` (each `PICTURE` numbers) say how records begin; where there are none, each line with content is a record.
    ``firsts`` has an entry a byte: whether a record may begin with it. ``limit``: how many layouts there may be.
    """

    def __init__(self, firsts: Any, pictures: Any, limit: int) -> None:
        self.firsts = firsts
        self.pictures = pictures
        self.picture_size = len(pictures)
        self.known = 0
        self.learning = True
        self.levels = memoryview(bytearray(8 * DISTINCT * limit)).cast("Q")
        self.counts = memoryview(bytearray(8 * DISTINCT * limit)).cast("q")
        self.distinct = memoryview(bytearray(8 * limit)).cast("q")
        self.others = memoryview(bytearray(8 * limit)).cast("q")

    def learn(self, layouts: Any, masks: Any) -> None:
        """Take in the layouts (each `LAYOUT` numbers) that are known by now, and the numbers of all masks."""
        self.layouts = layouts
        self.masks = masks
        self.known = len(layouts) // LAYOUT

    def block(self, octets: Any, words: Any) -> None:
        """Turn to the next block; what was found in the one before is forgotten."""
        self.octets = octets
        self.words = words
        self.at = self.lines = self.records = 0
        self.understood = self.timed = 0
        self.first = self.last = -1
        for kind in range(self.known):
            self.distinct[kind] = self.others[kind] = 0

    # ---- lines

    def find(self, complete: int, begins: Any, ends: Any, starts: Any) -> bool:
        """Write where the lines of the first ``complete`` bytes begin and end, and where records begin, into columns of one
        length. False where that is too short: called again with longer ones that begin with the same, this goes on.
        """
        room = len(begins)
        words = self.words
        done = True
        with cython.nogil:
            ones, high, newlines = ONES, HIGH, NEWLINES
            begin = self.at
            count = self.lines
            found = self.records
            index = begin >> 3
            last = (complete + 7) >> 3
            marks = 0
            while begin < complete:
                end = -1
                while end < begin:
                    while marks == 0 and index < last:
                        value = words[index] ^ newlines
                        # 80 in the first byte that is a newline, and in those that are; behind it perhaps in others
                        marks = (value - ones) & ~value & high
                        index += 1
                    if marks == 0:
                        end = complete
                        break
                    mark = marks & (~marks + 1)
                    marks ^= mark
                    end = (index << 3) - 9 + (((((mark - 1) & ones) * ones) & MASK) >> 56)
                    if self.octets[end] != 10:
                        end = -1
                end = min(end, complete)
                if count >= room:
                    done = False
                    break
                begins[count] = begin
                ends[count] = end
                count += 1
                if self.starts(begin, end):
                    starts[found] = begin
                    found += 1
                begin = end + 1
            self.at = begin
            self.lines = count
            self.records = found
        return done

    def starts(self, begin: int, end: int) -> int:
        """Whether a record begins with a line."""
        length = end - begin
        if self.picture_size == 0:
            return length > 1 or (length == 1 and self.octets[begin] != 13)
        if length == 0 or self.firsts[self.octets[begin]] == 0:
            return 0
        place = 0
        while place < self.picture_size:
            if length >= self.pictures[place + 2] and self.fits(begin, self.pictures[place], self.pictures[place + 1]):
                return 1
            place += PICTURE
        return 0

    # ---- beginnings of records

    def read(self, starts: Any, at: int, kinds: Any, seen: Any, times: Any, stamps: Any) -> int:
        """Go on with record ``at``. Gives the number of all records, or of one that has to be learnt first.

        ``kinds``: number of the layout, -1 for none. For each record with a time to the second ``seen`` has its number,
        ``times`` the milliseconds since midnight, ``stamps`` two words with the bytes of its date.
        """
        count = len(starts)
        with cython.nogil:
            while at < count:
                begin = starts[at]
                kind = 0
                field = 0
                while kind < self.known and not self.fits(begin, self.layouts[field], self.layouts[field + 1]):
                    kind += 1
                    field += LAYOUT
                if kind == self.known:
                    if self.learning:
                        break
                    kinds[at] = -1
                else:
                    kinds[at] = kind
                    if self.understood == 0:
                        self.first = at
                    self.last = at
                    self.understood += 1
                    if self.layouts[field + 6] >= TO_THE_SECOND:
                        row = self.timed
                        seen[row] = at
                        times[row] = self.time(begin, field + 7, self.layouts[field + 6])
                        size = self.layouts[field + 3]
                        stamps[2 * row] = self.part(begin + self.layouts[field + 2], size)
                        stamps[2 * row + 1] = self.part(begin + self.layouts[field + 2] + 8, size - 8)
                        self.timed = row + 1
                    if self.layouts[field + 5] > 0:
                        self.level(kind, self.part(begin + self.layouts[field + 4], self.layouts[field + 5]))
                at += 1
        return at

    def time(self, begin: int, field: int, digits: int) -> int:
        """Milliseconds since midnight."""
        hours = self.digit(begin, field) * 10 + self.digit(begin, field + 1)
        minutes = self.digit(begin, field + 2) * 10 + self.digit(begin, field + 3)
        seconds = self.digit(begin, field + 4) * 10 + self.digit(begin, field + 5)
        time = ((hours * 60 + minutes) * 60 + seconds) * 1000
        if digits > 6:
            time += self.digit(begin, field + 6) * 100
        if digits > 7:
            time += self.digit(begin, field + 7) * 10
        if digits > 8:
            time += self.digit(begin, field + 8)
        return time

    def digit(self, begin: int, field: int) -> int:
        """The digit at a place of a layout."""
        return self.octets[begin + self.layouts[field]] & 15  # type: ignore[no-any-return]

    def level(self, kind: int, word: int) -> int:
        """Count the level of a record."""
        slot = kind * DISTINCT
        stop = slot + self.distinct[kind]
        while slot < stop:
            if self.levels[slot] == word:
                self.counts[slot] += 1
                return 0
            slot += 1
        if self.distinct[kind] < DISTINCT:
            self.distinct[kind] += 1
            self.levels[slot] = word
            self.counts[slot] = 1
        else:
            self.others[kind] += 1
        return 0

    def counted(self) -> list[tuple[list[tuple[int, int]], int]]:
        """For each layout whose levels were counted: the different ones with how often, and how many others there were."""
        return [
            (
                [
                    (self.levels[slot], self.counts[slot])
                    for slot in range(kind * DISTINCT, kind * DISTINCT + self.distinct[kind])
                ],
                self.others[kind],
            )
            for kind in range(self.known)
            if self.distinct[kind]
        ]

    # ---- bytes

    def fits(self, at: int, begin: int, end: int) -> int:
        """Whether the bytes at an offset are as a mask wants them."""
        index = at >> 3
        shift = (at & 7) << 3
        lower = self.words[index]
        while begin < end:
            index += 1
            upper = self.words[index]
            # in two steps, since C shifts by less than 64
            value = (lower >> shift) | (((upper << 1) << (63 - shift)) & MASK)
            value = ((value & self.masks[begin]) | self.masks[begin + 1]) ^ self.masks[begin + 2]
            if (((value & LOWER) + self.masks[begin + 3]) | value) & HIGH:
                return 0
            lower = upper
            begin += NUMBERS
        return 1

    def part(self, at: int, size: int) -> int:
        """Up to eight bytes from an offset on, as a number."""
        if size <= 0:
            return 0
        value = self.word_at(at)
        if size >= 8:
            return value
        return value & (MASK >> (64 - (size << 3)))

    def word_at(self, at: int) -> int:
        """The eight bytes at an offset."""
        index = at >> 3
        shift = (at & 7) << 3
        return (self.words[index] >> shift) | (((self.words[index + 1] << 1) << (63 - shift)) & MASK)  # type: ignore[no-any-return]
