"""A block of complete records in memory: its lines, where records begin, and what their prefixes say."""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeAlias

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Octets: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]
Kinds: TypeAlias = NDArray[np.int16]

QUOTE = 160
NONE: Ints = np.zeros(0, dtype=np.int64)


class Lines(Struct, frozen=True):
    """Where lines begin and end (at their newline)."""

    begins: Ints
    ends: Ints
    newlines: int

    def until(self, offset: int) -> Lines:
        """The lines before an offset at which a line begins."""
        count = int(np.searchsorted(self.begins, offset))
        return Lines(self.begins[:count], self.ends[:count], min(count, self.newlines))

    def at(self, offsets: Ints) -> Ints:
        """Indices of the lines in which the offsets lie."""
        return np.searchsorted(self.begins, offsets, side="right") - 1


class Levels(Struct, frozen=True):
    """Levels of the records of one layout in one block: the first ones that differ, in the order in which they were met (eight
    bytes as a number, and how often), and how many records have yet another one.
    """

    words: list[tuple[int, int]]
    others: int


class Prefixes(Struct, frozen=True):
    """What the prefixes of a block's records say.

    ``kinds``: a record's layout (-1: not understood); ``first``, ``last``: the first and last record that is understood (-1:
    none). For each record with a time to the second ``timed`` has its number, ``times`` the milliseconds since midnight,
    ``dates`` 16 bytes as two words. ``levels``: an entry for each layout that has a level and occurs, in their order.
    """

    kinds: Kinds
    understood: int
    first: int
    last: int
    timed: Ints
    times: Ints
    dates: Words
    levels: list[Levels]


class Block(Struct):
    """Complete records. ``octets``: the content and what lies behind it in memory; ``cut``: the last one goes on behind it;
    ``base``: lines of the file before it; ``tail``: its first lines belong to a record that was too long to keep. ``days``: of each record, where the prefix has
    none (see `parsers.logs.clock.Clock.follow`).
    """

    data: memoryview
    octets: Octets
    lines: Lines
    starts: Ints
    prefixes: Prefixes | None
    cut: bool = False
    base: int = 0
    tail: bool = False
    days: Ints = NONE

    def text(self, begin: int, end: int, limit: int) -> str:
        """A part of the block, at most ``limit`` bytes, as text: UTF-8, else Windows-1252; without NULs and CRs at line ends."""
        raw = bytes(self.data[begin : min(end, begin + limit)])
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            cut_character = len(raw) == limit and error.start >= limit - 3
            text = raw.decode(errors="ignore") if cut_character else raw.decode("cp1252", errors="replace")
        return text.replace("\0", "").replace("\r\n", "\n").rstrip("\r\n")

    def line_number(self, offset: int) -> int:
        """The line in the file in which an offset lies, from 1."""
        # not numpy's search: that gives Python's lock away, and here it comes back only when another thread lets go of it
        return self.base + bisect_right(self.lines.begins.data, offset)

    def line(self, index: int) -> str:
        """One line, cut for quoting."""
        begin = int(self.lines.begins[index])
        return self.text(begin, int(self.lines.ends[index]), QUOTE)


def filled(octets: Octets, lines: Lines) -> NDArray[np.bool_]:
    """Which lines have content."""
    length = lines.ends - lines.begins
    some: NDArray[np.bool_] = (length > 1) | ((length == 1) & (octets[lines.begins] != 13))
    return some


def distinct(values: Ints) -> Ints:
    """Ascending, each once. What ``np.unique`` does, without the masked arrays that it imports."""
    ordered = np.sort(values)
    if len(ordered) < 2:
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
