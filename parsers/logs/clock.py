"""Times of the records of a file: which day it is, and whether the clock ran backwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from parsers.logs.block import Ints, Prefixes, Words
from parsers.logs.dates import day_of
from parsers.logs.format import LogFormat

DAY_MS = 86_400_000
STEP_MS = 1_000
"""Threads write in slightly wrong order; only more than this is a step of the clock (TIM-03)."""
ROLL_MS = 65 * 60_000
"""A time without date that falls by more than this has passed midnight; less is a step (an hour: end of summer time)."""
NEAR_MS = 2 * 60_000
"""Around midnight, records of the old day may still follow those of the new one."""
PAIR_LIMIT = 1_000
"""Changes of date in one file that are looked at."""


class Clock(Struct):
    """Follows the times of one file from block to block.

    ``day`` is the day of the last record where the prefix has none (ordinal, 0 unknown); ``steps`` counts how often the
    clock ran back by more than a second other than over midnight, ``largest_ms`` by how much at most, ``step_line`` where
    first.
    """

    form: LogFormat
    near: datetime | None
    day: int = 0
    tod: int = -1
    stamp: bytes = b""
    steps: int = 0
    largest_ms: int = 0
    step_line: int | None = None
    step_text: str = ""
    pairs: int = 0

    def follow(self, prefixes: Prefixes, headers: list[tuple[int, int]]) -> tuple[Ints, int | None]:
        """Take in the records of one block.

        ``headers``: (index of the first record behind it, ordinal of its day) for each date line. Gives the day of each
        record (ordinals; only where the prefix has no date), and the index of the first step of the clock in this block.
        """
        seen, tods = prefixes.timed, prefixes.times
        days = np.zeros(len(prefixes.kinds) if self.form.date_order == "none" else 0, dtype=np.int64)
        if not len(seen):
            if headers:
                self.day, self.tod = headers[-1][1], -1
            return days, None
        before = np.concatenate(([self.tod if self.tod >= 0 else tods[0]], tods[:-1]))
        fall = before - tods
        self.tod = int(tods[-1])
        if self.form.date_order == "none":
            back = self._roll(days, seen, tods, fall, headers)
        else:
            back = self._dated(prefixes.dates, fall)
        places = np.flatnonzero(back > STEP_MS)
        if not len(places):
            return days, None
        self.steps += len(places)
        self.largest_ms = max(self.largest_ms, int(back[places].max()))
        return days, int(seen[places[0]])

    def _roll(self, days: Ints, seen: Ints, tods: Ints, fall: Ints, headers: list[tuple[int, int]]) -> Ints:
        """Count days over midnight; what is left are steps of the clock."""
        turn = (fall > ROLL_MS).astype(np.int64)
        late = (fall < -ROLL_MS) & (tods > DAY_MS - NEAR_MS) & (tods + fall < NEAR_MS)
        turn[late] = -1
        back = np.where(turn == 1, 0, fall)
        first = np.searchsorted(seen, [place for place, _ in headers])
        for place in first:
            if place < len(turn):
                turn[place] = 0
                back[place] = 0
        running = np.cumsum(turn)
        ordinals = running + self.day if self.day else np.zeros(len(seen), dtype=np.int64)
        for place, (_, ordinal) in zip(first, headers, strict=True):
            if place < len(turn):
                ordinals[place:] = ordinal + running[place:] - running[place]
        days[seen] = ordinals
        self.day = int(ordinals[-1])
        if headers and first[-1] >= len(turn):
            self.day, self.tod = headers[-1][1], -1
        return back

    def _dated(self, dates: Words, fall: Ints) -> Ints:
        """Where the date stays the same, time must not fall; where it changes, the day must not."""
        before = np.frombuffer(self.stamp or dates[0].tobytes(), dtype=np.uint64)
        changed = np.zeros(len(dates), dtype=np.bool_)
        for half in (0, 1):
            changed[0] |= dates[0, half] != before[half]
            changed[1:] |= dates[1:, half] != dates[:-1, half]
        back = fall.copy()
        previous = self.stamp or dates[0].tobytes()
        for place in np.flatnonzero(changed):
            old = previous if place == 0 else dates[place - 1].tobytes()
            self.pairs += 1
            if self.pairs > PAIR_LIMIT:
                back[place] = 0
                continue
            days = [
                day_of(text.rstrip(b"\0").decode("latin-1"), self.form.date_order, self.near)
                for text in (old, dates[place].tobytes())
            ]
            back[place] = 0 if None in days else int(fall[place]) + (days[0] - days[1]).days * DAY_MS  # type: ignore[operator]
        self.stamp = dates[-1].tobytes()
        return back

    def derived(self) -> dict[str, Any]:
        """Entries for the coverage of the file."""
        if not self.steps:
            return {}
        return {
            "clock_steps_back": self.steps,
            "clock_step_max_s": self.largest_ms / 1000,
            "clock_step_line": self.step_line,
        }
