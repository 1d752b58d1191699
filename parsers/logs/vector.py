"""Lines, records and their prefixes, found by numpy in thousands of lines at once (see `parsers.logs.passes`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from parsers.logs.block import Ints, Kinds, Levels, Lines, Octets, Prefixes, Words, filled
from parsers.logs.format import LogFormat
from parsers.logs.layout import Layouts, Mask, Pictures, pictures

Bools: TypeAlias = NDArray[np.bool_]
T = TypeVar("T")

WEIGHTS = (36_000_000, 3_600_000, 600_000, 60_000, 10_000, 1_000, 100, 10, 1)
TO_THE_SECOND = 6
DISTINCT = 64
LOWER, HIGH = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)


class Vector:
    """Both passes over the blocks of one file."""

    def __init__(self, form: LogFormat, layouts: Layouts) -> None:
        self.layouts = layouts
        self.width = 40
        self._starts = [Starts(one) for one in pictures(form)]

    def find(self, octets: Octets, complete: int) -> tuple[Lines, Ints]:
        """The lines of the first ``complete`` bytes, and where records begin (see `parsers.logs.passes.Passes.find`)."""
        newline = np.flatnonzero(octets[:complete] == 10)
        begins = np.concatenate((np.zeros(1, dtype=np.int64), newline + 1)) if complete else newline
        ends = newline
        if complete and begins[-1] < complete:
            ends = np.append(newline, complete)
        lines = Lines(begins[: len(ends)], ends, len(newline))
        if not self._starts:
            return lines, lines.begins[filled(octets, lines)]
        own = self._starts[0].find(octets, lines.begins, lines.ends)
        if len(self._starts) == 1 or len(own) == len(lines.begins):
            return lines, own
        others = np.ones(len(lines.begins), dtype=np.bool_)
        others[np.searchsorted(lines.begins, own)] = False
        foreign = self._starts[1].find(octets, lines.begins[others], lines.ends[others])
        return lines, np.sort(np.concatenate((own, foreign))) if len(foreign) else own

    def read(self, octets: Octets, starts: Ints) -> Prefixes:
        """What the prefixes of the records say."""
        kinds, rows = self.assign(octets, starts)
        known = self.layouts.known
        understood = np.flatnonzero(kinds >= 0)
        to_the_second = np.array([len(layout.digits) >= TO_THE_SECOND for layout in known] + [False])
        timed = np.flatnonzero(to_the_second[kinds])  # kind -1 is the last entry
        levels = list(self._levels(kinds, rows))
        of_timed, rows = (kinds, rows) if len(timed) == len(kinds) else (kinds[timed], rows[timed])
        return Prefixes(
            kinds=kinds,
            understood=len(understood),
            first=int(understood[0]) if len(understood) else -1,
            last=int(understood[-1]) if len(understood) else -1,
            timed=timed,
            times=self._times(of_timed, rows),
            dates=self._dates(of_timed, rows),
            levels=levels,
        )

    def assign(self, octets: Octets, starts: Ints) -> tuple[Kinds, Words]:
        """For each record the index of its layout (-1: its prefix is not understood), and its first words."""
        rows = gather(octets, starts, self.width)
        kinds = np.full(len(starts), -1, dtype=np.int16)
        left, left_rows = np.arange(len(starts)), rows
        index = 0
        known = self.layouts.known
        while len(left):
            if index == len(known):
                skipped = self._learn(octets, starts[left])
                left, left_rows = left[skipped:], left_rows[skipped:]
                if not len(left):
                    break
                if known[index].mask.size > self.width:
                    self.width = -(-known[index].mask.size // 8) * 8
                    rows = gather(octets, starts, self.width)
                    left_rows = rows[left]
            fits = match(known[index].mask, left_rows)
            kinds[left[fits]] = index
            left, left_rows = left[~fits], left_rows[~fits]
            index += 1
        return kinds, rows

    def _learn(self, octets: Octets, starts: Ints) -> int:
        """Look at records of unknown kind until one is understood: how many came before it (all, where there is none)."""
        for skipped, begin in enumerate(starts):
            if self.layouts.closed:
                break
            if self.layouts.learn(octets, int(begin)):
                return skipped
        return len(starts)

    def _times(self, kinds: Kinds, rows: Words) -> Ints:
        """Milliseconds since midnight of each record."""
        times = np.zeros(len(kinds), dtype=np.int64)
        for digits, of_kind, octets in _alike([layout.digits for layout in self.layouts.known], kinds, rows):
            total = np.zeros(len(octets), dtype=np.int32)
            for place, weight in zip(digits, WEIGHTS, strict=False):
                total += (octets[:, place] & 15) * np.int32(weight)
            times[of_kind] = total
        return times

    def _dates(self, kinds: Kinds, rows: Words) -> Words:
        """The bytes of each record's date."""
        stamps = np.zeros((len(kinds), 16), dtype=np.uint8)
        for at, of_kind, octets in _alike([layout.date for layout in self.layouts.known], kinds, rows):
            if at is not None:
                stamps[of_kind, : at[1]] = octets[:, at[0] : at[0] + at[1]]
        return stamps.view(np.uint64)

    def _levels(self, kinds: Kinds, rows: Words) -> Iterator[Levels]:
        """How often each level occurs, for each layout that has one."""
        for index, _, octets in _groups(kinds, rows):
            at = self.layouts.known[index].level
            if at is None:
                continue
            words = np.zeros((len(octets), 8), dtype=np.uint8)
            words[:, : at[1]] = octets[:, at[0] : at[0] + at[1]]
            left = words.view(np.uint64)[:, 0]
            found: list[tuple[int, int]] = []
            while len(left) and len(found) < DISTINCT:
                same = left == left[0]
                found.append((int(left[0]), int(same.sum())))
                left = left[~same]
            yield Levels(found, len(left))


class Starts:
    """Finds the lines that begin a record."""

    def __init__(self, pictured: Pictures) -> None:
        self.masks = pictured.masks
        self.width = max((-(-mask.size // 8) * 8 for mask in self.masks), default=8)
        self.shortest = pictured.shortest
        self.probes = _probes(pictured.texts)

    def find(self, octets: Octets, begins: Ints, ends: Ints) -> Ints:
        """Those of the line beginnings that begin a record. ``ends``: where each line ends (its newline)."""
        begins = begins[(ends - begins) >= self.shortest]
        if len(self.probes) == 1:
            offset, byte = self.probes[0]
            begins = begins[octets[begins + offset] == byte]
        elif self.probes:
            near = np.zeros(len(begins), dtype=np.bool_)
            for offset, byte in self.probes:
                near |= octets[begins + offset] == byte
            begins = begins[near]
        if not len(begins):
            return begins
        rows = gather(octets, begins, self.width)
        found = match(self.masks[0], rows)
        for mask in self.masks[1:]:
            found |= match(mask, rows)
        return begins[found]


def match(mask: Mask, rows: Words) -> Bools:
    """Which rows (n lines, their first words) satisfy a mask."""
    bad = np.zeros(len(rows), dtype=np.uint64)
    for i, (keep, fold, want, lift) in enumerate(mask.words):
        value = ((rows[:, i] & keep) | fold) ^ want
        bad |= ((value & LOWER) + lift) | value
    good: Bools = (bad & HIGH) == 0
    return good


def gather(octets: Octets, places: Ints, width: int) -> Words:
    """The first ``width`` bytes (a multiple of 8) at each place, as words. The buffer must reach that far."""
    window: NDArray[np.void] = np.ndarray(
        (len(octets) - width + 1,), dtype=np.dtype((np.void, width)), buffer=octets.data, strides=(1,)
    )
    return window[places].view(np.uint64).reshape(len(places), width // 8)


def _groups(kinds: Kinds, rows: Words) -> Iterator[tuple[int, Bools | slice, Octets]]:
    """For each layout that occurs: its index, which records have it, and the first bytes of these."""
    octets = rows.view(np.uint8)
    present = np.flatnonzero(np.bincount(kinds[kinds >= 0]) if len(kinds) else kinds)
    for index in present.tolist():
        of_kind = kinds == index
        if of_kind.all():
            yield index, slice(None), octets
        else:
            yield index, of_kind, octets[of_kind]


def _alike(parts: Sequence[T], kinds: Kinds, rows: Words) -> Iterator[tuple[T, Bools | slice, Octets]]:
    """`_groups` of the layouts that have a part in common: they differ in level or thread most of the time."""
    first = np.array([parts.index(one) for one in parts] or [0], dtype=np.int16)
    for index, of_kind, octets in _groups(first[kinds], rows):
        yield parts[index], of_kind, octets


def _probes(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Offset and value of bytes that are looked at before anything else: each picture has one of them as a literal.

    No blanks, as few as possible, and of those that are in equally many pictures the ones that are rare in text.
    """
    probes: list[tuple[int, int]] = []
    left = list(texts)
    while left:
        literals = Counter((place, c) for text in left for place, c in enumerate(text) if c not in "9A?")
        place, char = min(literals, key=lambda at: (at[1] == " ", -literals[at], "/|[-:. ".find(at[1]), at[0]))
        probes.append((place, ord(char)))
        left = [text for text in left if text[place : place + 1] != char]
    return probes
