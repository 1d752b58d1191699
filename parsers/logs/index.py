"""Lines and records of a block, and what is counted over a whole file."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from parsers.facts.base import Source
from parsers.facts.log import LogCoverage
from parsers.logs.block import QUOTE, Block, Ints, Levels, filled
from parsers.logs.clock import Clock
from parsers.logs.dates import day_of, moment
from parsers.logs.format import LogFormat
from parsers.logs.secrets import scrub

STRANGERS = 3
LEVEL_LIMIT = 64
HEADER_LIMIT = 1_000
"""Date lines of one block that are read."""
EDGE = 50
"""Lines at the beginning and end of a block among which a time is looked for, where each line is a record."""


class Indexer:
    """Counts records, levels and times of one file."""

    def __init__(self, form: LogFormat, clock: Clock) -> None:
        self.form, self.clock = form, clock
        self.sql = False
        self.strangers: list[tuple[int, str]] = []
        self._levels: dict[int, int] = {}
        self._other_levels = 0
        self._has_level = "level" in form.regex.groupindex
        self._records = self._understood = 0
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._local = not form.utc
        self._dated = "name" if clock.day else None

    def take(self, block: Block, dates: list[int], known_lines: list[int]) -> None:
        """Count the records of a block. ``dates``: offsets of date lines; ``known_lines``: of lines that are facts."""
        self._records += len(block.starts)
        prefixes = block.prefixes
        if prefixes is None:
            self._take_lines(block)
            return
        self._orphans(block, dates, known_lines)
        if len(self.strangers) < STRANGERS and prefixes.understood < len(block.starts):
            self._quote(block, block.lines.at(block.starts[prefixes.kinds < 0][:STRANGERS]))
        self._understood += prefixes.understood
        block.days, step = self.clock.follow(prefixes, self._headers(block, dates))
        if step is not None and self.clock.step_line is None:
            begin = int(block.starts[step])
            self.clock.step_line = block.line_number(begin)
            line = block.text(begin, len(block.data), QUOTE).partition("\n")[0]
            self.clock.step_text = scrub(line, self.form.secrets)[0]
        if prefixes.understood:
            if self._first is None:
                self._first = self.time_at(block, prefixes.first) or self._nearest(
                    block, np.flatnonzero(prefixes.kinds >= 0), 1
                )
            self._last = (
                self.time_at(block, prefixes.last)
                or self._nearest(block, np.flatnonzero(prefixes.kinds >= 0), -1)
                or self._last
            )
            for levels in prefixes.levels:
                self._count_levels(levels)

    def _nearest(self, block: Block, known: Ints, step: int) -> datetime | None:
        """The first time from one end of the block, where the record there only looks like one (control characters in it)."""
        for index in known[::step][:EDGE]:
            time = self.time_at(block, int(index))
            if time is not None:
                return time
        return None

    def time_at(self, block: Block, index: int) -> datetime | None:
        """The time of one record of the block."""
        begin = int(block.starts[index])
        match = self.form.regex.match(block.text(begin, len(block.data), QUOTE))
        if match is None:
            return None
        found, self._local = self.time_of(match, int(block.days[index]) if len(block.days) else 0)
        return found

    def time_of(self, match: re.Match[str], ordinal: int) -> tuple[datetime | None, bool]:
        """The time in a prefix and whether it is wall clock; ``ordinal`` is the day where the prefix has none."""
        parts = match.groupdict()
        form = self.form
        if form.date_order == "none":
            day = date.fromordinal(ordinal) if ordinal > 0 else None
        else:
            day = day_of(parts.get("date") or "", form.date_order, self.clock.near)
        time, local = moment(day, parts.get("time") or "", parts.get("zone"))
        return time, local and not form.utc

    def _take_lines(self, block: Block) -> None:
        if not self.form.prefix:
            self._quote(block, block.lines.at(block.starts[:STRANGERS]))
            return
        pattern = line_regex(self.form.prefix)
        understood = len(pattern.findall(block.data))
        self._understood += understood
        if understood < len(block.starts) and len(self.strangers) < STRANGERS:
            lines = block.lines.at(block.starts[:100])
            self._quote(
                block,
                np.array(
                    [i for i in lines if not pattern.match(block.data, int(block.lines.begins[i]))], dtype=np.int64
                ),
            )
        if understood:
            count = len(block.starts)
            found = (*range(min(EDGE, count)), *range(max(0, count - EDGE), count))
            times = [time for i in found if (time := self.time_at(block, i)) is not None]
            if times:
                self._first, self._last = self._first or times[0], times[-1]

    def _headers(self, block: Block, dates: list[int]) -> list[tuple[int, int]]:
        """Date lines as (index of the record behind, ordinal of the day)."""
        headers: list[tuple[int, int]] = []
        for offset in dates[:HEADER_LIMIT]:
            line = int(block.lines.at(np.array([offset]))[0])
            day = day_of(block.line(line), "ymd")
            if day is not None:
                headers.append((int(np.searchsorted(block.starts, block.lines.begins[line])), day.toordinal()))
                self._dated = "header"
        return headers

    def _orphans(self, block: Block, dates: list[int], known_lines: list[int]) -> None:
        """Lines before the first record belong to none: each counts as one that was not understood."""
        if block.tail:
            return
        lines = block.lines.until(int(block.starts[0])) if len(block.starts) else block.lines
        loose = np.flatnonzero(filled(block.octets, lines))
        if not len(loose):
            return
        loose = loose[~np.isin(loose, block.lines.at(np.array(dates, dtype=np.int64)))]
        known = np.isin(loose, block.lines.at(np.array(known_lines, dtype=np.int64)))
        self._records += len(loose)
        self._understood += int(known.sum())
        self._quote(block, loose[~known][:STRANGERS])

    def _quote(self, block: Block, lines: Ints) -> None:
        for line in lines:
            if len(self.strangers) < STRANGERS:
                self.strangers.append((block.base + int(line) + 1, scrub(block.line(int(line)), self.form.secrets)[0]))

    def _count_levels(self, levels: Levels) -> None:
        left = sum(count for _, count in levels.words)
        for word, count in levels.words:
            if word not in self._levels and len(self._levels) >= LEVEL_LIMIT:
                break
            self._levels[word] = self._levels.get(word, 0) + count
            left -= count
        self._other_levels += left + levels.others

    def count(self) -> tuple[int, int]:
        """Records, and those whose prefix was understood."""
        return self._records, self._understood

    def coverage(self, path: str, family: str) -> LogCoverage:
        """The file as a whole."""
        levels: dict[str, int] | None = None
        if self._has_level and self._understood:
            levels = {}
            for word, count in self._levels.items():
                raw = word.to_bytes(8, "little").rstrip(b"\0").decode("latin-1")
                name = self.form.level(raw) or raw
                levels[name] = levels.get(name, 0) + count
            if self._other_levels:
                levels["other"] = self._other_levels
        derived: dict[str, Any] = self.clock.derived()
        if self.form.date_order == "none":
            derived["date_from"] = self._dated
        step = Source(artifact=path, line=self.clock.step_line, text=self.clock.step_text)
        return LogCoverage(
            source=Source(artifact=path), sources={"clock_step_max_s": step} if self.clock.step_line else {}, kind=self.form.kind, records=self._records, first=self._first, last=self._last,
            local=self._local, levels=levels, has_sql_trace=self.sql, family=family, derived=derived,
        )  # fmt: skip


@lru_cache(maxsize=64)
def line_regex(prefix: str) -> re.Pattern[bytes]:
    """A prefix for raw lines, without names: what is only counted need not be taken apart."""
    unnamed = re.sub(r"\(\?P<\w+>", "(?:", prefix)
    return re.compile(b"^(?:" + unnamed.encode() + b"\n)", re.VERBOSE | re.MULTILINE)
