"""The two passes over a block: where lines and records are, and what the prefixes of records say.

Compiled where Cython was there when the project was built (`parsers.logs.kernel`), else by numpy (`parsers.logs.vector`);
both find the same.
"""

from __future__ import annotations

import sys
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from parsers.logs.block import Ints, Levels, Lines, Octets, Prefixes, Words
from parsers.logs.format import LogFormat
from parsers.logs.layout import LAYOUT_LIMIT, Layout, Layouts, Mask, Pictures, pictures

LAYOUT = 16


class Passes(Protocol):
    """What is done with the blocks of one file."""

    def find(self, octets: Octets, complete: int) -> tuple[Lines, Ints]:
        """The lines of the first ``complete`` bytes, and where records begin: at a line with one of the format's pictures,
        and in a ``dated`` format at one with any other date; at each line with content, where the format has no picture.
        """

    def read(self, octets: Octets, starts: Ints) -> Prefixes:
        """What the prefixes of these records say."""


def passes(form: LogFormat, layouts: Layouts) -> Passes:
    """The passes for a file of a format."""
    kernel = compiled()
    if kernel is not None:
        return Compiled(form, layouts, kernel)
    from parsers.logs.vector import Vector

    return Vector(form, layouts)


@cache
def compiled() -> ModuleType | None:
    """The kernel, where it is a compiled module (and words are little-endian, as it takes them to be)."""
    spec = find_spec("parsers.logs.kernel")
    if spec is None or str(spec.origin).endswith(".py") or sys.byteorder != "little":
        return None
    return import_module("parsers.logs.kernel")


class Compiled:
    """Both passes by a form of `parsers.logs.kernel`."""

    def __init__(self, form: LogFormat, layouts: Layouts, kernel: ModuleType) -> None:
        self.layouts = layouts
        self._pictures, places, firsts = _pictured(pictures(form))
        self._kernel: Any = kernel.Kernel(firsts.data, places.data, LAYOUT_LIMIT)
        self._learn()
        self._room = 0

    def find(self, octets: Octets, complete: int) -> tuple[Lines, Ints]:
        """See `Passes.find`."""
        kernel = self._kernel
        kernel.block(octets.data, octets.view(np.uint64).data)
        room = max(self._room, complete // 64 + 64)
        columns = [np.empty(room, dtype=np.int64) for _ in range(3)]
        while not kernel.find(complete, *(column.data for column in columns)):
            columns = [np.concatenate((column, np.empty_like(column))) for column in columns]
        count = kernel.lines
        self._room = count + count // 8
        begins, ends, starts = columns
        newlines = count - 1 if complete and octets[complete - 1] != 10 else count
        return Lines(begins[:count], ends[:count], newlines), starts[: kernel.records]

    def read(self, octets: Octets, starts: Ints) -> Prefixes:
        """See `Passes.read`."""
        kernel, layouts, count = self._kernel, self.layouts, len(starts)
        kinds = np.empty(count, dtype=np.int16)
        timed, times = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        dates = np.empty((count, 2), dtype=np.uint64)
        columns = (kinds.data, timed.data, times.data, dates.reshape(-1).data)
        kernel.learning = not layouts.closed
        at = kernel.read(starts.data, 0, *columns)
        while at < count:
            if layouts.learn(octets, int(starts[at])):
                self._learn()
            else:
                kinds[at] = -1
                at += 1
            kernel.learning = not layouts.closed
            at = kernel.read(starts.data, at, *columns)
        rows = kernel.timed
        return Prefixes(
            kinds=kinds,
            understood=kernel.understood,
            first=kernel.first,
            last=kernel.last,
            timed=timed[:rows],
            times=times[:rows],
            dates=dates[:rows],
            levels=[Levels(words, others) for words, others in kernel.counted()],
        )

    def _learn(self) -> None:
        """Tell the kernel of all layouts."""
        known = self.layouts.known
        masks = [*self._pictures, *(layout.mask for layout in known)]
        numbers = [
            _numbers(layout, _place(masks[: len(self._pictures) + n], layout.mask)) for n, layout in enumerate(known)
        ]
        self._kernel.learn(np.array(numbers, dtype=np.int64).reshape(-1).data, _flat(masks).data)


@lru_cache(maxsize=64)
def _pictured(all_pictures: tuple[Pictures, ...]) -> tuple[list[Mask], Ints, Octets]:
    """The masks of a format's pictures, the pictures as `parsers.logs.kernel` takes them, and the bytes that they begin with."""
    masks: list[Mask] = []
    places: list[int] = []
    firsts = np.zeros(256, dtype=np.bool_)
    every = np.arange(256)
    for one in all_pictures:
        for mask in one.masks:
            places += (*_place(masks, mask), one.shortest)
            masks.append(mask)
            keep, fold, want, lift = (int(number) & 0xFF for number in mask.words[0])
            value = ((every & keep) | fold) ^ want
            firsts |= (value < 0x80) & (value + lift < 0x80)
    return masks, np.array(places, dtype=np.int64), firsts.view(np.uint8)


def _place(before: list[Mask], mask: Mask) -> tuple[int, int]:
    """Where the numbers of a mask begin and end, behind those of others."""
    begin = sum(len(one.words) * len(one.words[0]) for one in before)
    return begin, begin + len(mask.words) * len(mask.words[0])


def _flat(masks: list[Mask]) -> Words:
    """The numbers of masks, one behind another."""
    return np.array([number for mask in masks for word in mask.words for number in word], dtype=np.uint64)


def _numbers(layout: Layout, place: tuple[int, int]) -> list[int]:
    """A layout as `parsers.logs.kernel` takes it."""
    numbers = [*place, *(layout.date or (0, 0)), *(layout.level or (0, 0)), len(layout.digits), *layout.digits]
    return numbers + [0] * (LAYOUT - len(numbers))
