"""How records begin, compared for thousands of lines at once.

A `Mask` is a byte pattern of digits, letters, anything and literals, laid over the first bytes of many lines as 64-bit
words. Pictures of a format become masks that find record starts; the prefix of each new kind of record is matched once by
the format's regex, and the mask learnt from it (`Layouts`) then recognises all others of its kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from parsers.logs.format import LogFormat

Words: TypeAlias = NDArray[np.uint64]
Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]

WIDEST = 128
"""Bytes at the start of a line that are looked at."""
LAYOUT_LIMIT = 128
FAILURE_LIMIT = 10_000
"""Lines of one file that are tried by the regex in vain before all others like them are given up."""

_FIRST = {"9": (0xF0, 0x30), "A": (0xC0, 0x40), "?": (0, 0)}
_SECOND = {"9": (0, 6, 0xF0, 0x30), "A": (0x20, 5, 0x80, 0)}
"""Second look at a byte b: ((b | fold) + lift) & keep == want. Digits 30-39 lifted by 6 stay below 40; letters folded to
lower case (61-7A) lifted by 5 stay below 80 (and so do @ and `, which pass for letters)."""


class Mask(Struct, frozen=True):
    """What the first ``size`` bytes of a line must be; word by word."""

    size: int
    words: tuple[tuple[np.uint64, ...], ...]

    @classmethod
    def of(cls, text: bytes, classes: str) -> Mask:
        """``classes`` has a character a byte: ``9`` digit, ``A`` letter, ``?`` anything, ``=`` the byte itself."""
        count = -(-len(text) // 8)
        table = np.zeros((6, count * 8), dtype=np.uint8)
        for place, (byte, kind) in enumerate(zip(text, classes, strict=True)):
            table[:2, place] = _FIRST.get(kind, (0xFF, byte))
            table[2:, place] = _SECOND.get(kind, (0, 0, 0, 0))
        words = table.view(np.uint64)
        return cls(len(text), tuple(tuple(words[:, i]) for i in range(count)))

    def match(self, rows: Words) -> Bools:
        """Which rows (n lines, their first words) satisfy the mask."""
        good = np.ones(len(rows), dtype=np.bool_)
        for i, (keep, want, fold, lift, keep2, want2) in enumerate(self.words):
            word = rows[:, i]
            good &= (word & keep) == want
            if keep2:
                good &= (((word | fold) + lift) & keep2) == want2
        return good


def picture(text: str) -> Mask:
    """The mask of a picture: ``9999/99/99 99:99``."""
    return Mask.of(text.encode(), "".join(c if c in "9A?" else "=" for c in text))


def gather(buffer: NDArray[np.uint8], places: Ints, width: int) -> Words:
    """The first ``width`` bytes (a multiple of 8) at each place, as words. The buffer must reach that far."""
    window: NDArray[np.void] = np.ndarray(
        (len(buffer) - width + 1,), dtype=np.dtype((np.void, width)), buffer=buffer.data, strides=(1,)
    )
    return window[places].view(np.uint64).reshape(len(places), width // 8)


def groups(kinds: NDArray[np.int16], rows: Words) -> Iterator[tuple[int, Bools | slice, NDArray[np.uint8]]]:
    """For each layout that occurs: its index, which records have it, and the first bytes of these."""
    octets = rows.view(np.uint8)
    present = np.flatnonzero(np.bincount(kinds[kinds >= 0]) if len(kinds) else kinds)
    for index in present.tolist():
        of_kind = kinds == index
        if of_kind.all():
            yield index, slice(None), octets
        else:
            yield index, of_kind, octets[of_kind]


class Starts:
    """Finds the lines that begin a record."""

    def __init__(self, pictures: Sequence[str]) -> None:
        self.masks = [picture(text) for text in pictures]
        self.width = max((-(-mask.size // 8) * 8 for mask in self.masks), default=8)
        self.shortest = min((mask.size for mask in self.masks), default=0)
        self.probes = _probes(pictures)

    def find(self, buffer: NDArray[np.uint8], begins: Ints, ends: Ints) -> Ints:
        """Those of the line beginnings that begin a record. ``ends``: where each line ends (its newline)."""
        begins = begins[(ends - begins) >= self.shortest]
        if len(self.probes) == 1:
            offset, byte = self.probes[0]
            begins = begins[buffer[begins + offset] == byte]
        elif self.probes:
            near = np.zeros(len(begins), dtype=np.bool_)
            for offset, byte in self.probes:
                near |= buffer[begins + offset] == byte
            begins = begins[near]
        if not len(begins):
            return begins
        rows = gather(buffer, begins, self.width)
        found = self.masks[0].match(rows)
        for mask in self.masks[1:]:
            found |= mask.match(rows)
        return begins[found]


def _probes(pictures: Sequence[str]) -> list[tuple[int, int]]:
    """Offset and value of bytes that are looked at before anything else: each picture has one of them as a literal.

    No blanks, as few as possible, and of those that are in equally many pictures the ones that are rare in text.
    """
    probes: list[tuple[int, int]] = []
    left = list(pictures)
    while left:
        literals = Counter((place, c) for text in left for place, c in enumerate(text) if c not in "9A?")
        place, char = min(literals, key=lambda at: (at[1] == " ", -literals[at], "/|[-:. ".find(at[1]), at[0]))
        probes.append((place, ord(char)))
        left = [text for text in left if text[place : place + 1] != char]
    return probes


class Layout(Struct, frozen=True):
    """Where the parts of one kind of prefix lie: date and level as (offset, length), digits of the time as offsets."""

    mask: Mask
    date: tuple[int, int] | None
    digits: tuple[int, ...]
    level: tuple[int, int] | None


class Layouts(Struct):
    """All kinds of prefixes met in one file, in the order in which they were met."""

    form: LogFormat
    known: list[Layout] = field(default_factory=list)
    failures: int = 0
    width: int = 40

    def assign(self, buffer: NDArray[np.uint8], starts: Ints) -> tuple[NDArray[np.int16], Words]:
        """For each record the index of its layout (-1: its prefix is not understood), and its first words."""
        rows = gather(buffer, starts, self.width)
        kinds = np.full(len(starts), -1, dtype=np.int16)
        left, left_rows = np.arange(len(starts)), rows
        index = 0
        while len(left):
            if index == len(self.known):
                skipped = self._learn(buffer, starts, left)
                left, left_rows = left[skipped:], left_rows[skipped:]
                if not len(left):
                    break
                if self.known[index].mask.size > self.width:
                    self.width = -(-self.known[index].mask.size // 8) * 8
                    rows = gather(buffer, starts, self.width)
                    left_rows = rows[left]
            fits = self.known[index].mask.match(left_rows)
            kinds[left[fits]] = index
            left, left_rows = left[~fits], left_rows[~fits]
            index += 1
        return kinds, rows

    def _learn(self, buffer: NDArray[np.uint8], starts: Ints, left: Ints) -> int:
        """Match lines of unknown kind by the format's regex until one is understood; keep what it looks like.

        Gives the number of lines that came before it (all of them, when there is none or a limit is reached).
        """
        if len(self.known) >= LAYOUT_LIMIT:
            return len(left)
        for skipped, place in enumerate(left):
            if self.failures >= FAILURE_LIMIT:
                return len(left)
            begin = int(starts[place])
            text = bytes(buffer[begin : begin + WIDEST]).split(b"\n", 1)[0].decode("latin-1")
            match = self.form.regex.match(text)
            if match is not None:
                self.known.append(layout_of(match, text))
                return skipped
            self.failures += 1
        return len(left)


def layout_of(match: re.Match[str], text: str) -> Layout:
    """What a matched prefix looks like: digits may be other digits, the level other letters, threads and zones anything."""
    spans = {name: match.span(name) for name in match.re.groupindex if match[name]}
    end = max((spans[name][1] for name in ("date", "time", "level") if name in spans), default=match.end())
    end = min(end + 1, len(text), WIDEST)
    classes = ["9" if c in "0123456789" else "=" for c in text[:end]]
    for name, (begin, stop) in spans.items():
        if name == "level":
            classes[begin:stop] = ["A" if c.isalpha() and c.isascii() else "=" for c in text[begin:stop]][
                : max(0, end - begin)
            ]
        elif name not in {"date", "time"} and not text[begin:stop].isdigit():
            classes[begin:stop] = ["?"] * max(0, min(stop, end) - begin)
    date, level = spans.get("date"), spans.get("level")
    begin, stop = spans.get("time", (0, 0))
    return Layout(
        mask=Mask.of(text[:end].encode("latin-1"), "".join(classes)),
        date=(date[0], min(date[1] - date[0], 16)) if date else None,
        digits=tuple(place for place in range(begin, min(stop, end)) if text[place] in "0123456789")[:9],
        level=(level[0], level[1] - level[0]) if level and level[1] <= end and level[1] - level[0] <= 8 else None,
    )
