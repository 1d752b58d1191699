"""Lines and records of a block, and what is counted over a whole file."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from parsers.facts.base import Source
from parsers.facts.log import LogCoverage
from parsers.logs.clock import Clock
from parsers.logs.dates import day_of, moment
from parsers.logs.feed import Feed
from parsers.logs.format import LogFormat
from parsers.logs.layout import Ints, Layouts, Starts, Words, groups
from parsers.logs.secrets import scrub

STRANGERS = 3
LEVEL_LIMIT = 64
HEADER_LIMIT = 1_000
"""Date lines of one block that are read."""
QUOTE = 160
DATES = (
    "9999-99-99 99:99:99", "9999-99-99T99:99:99", "[9999-99-99 99:99:99", "[9999-99-99T99:99:99", "9999/99/99 99:99:99",
    "[9999/99/99 99:99:99", "99/99/9999 99:99:99", "99.99.9999 99:99:99",
)  # fmt: skip
"""How lines of other logs begin."""
EDGE = 50
"""Lines at the beginning and end of a block among which a time is looked for, where each line is a record."""


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


class Block(Struct):
    """Complete records in memory. ``base``: lines of the file before it; ``tail``: its first lines belong to a record that
    was too long to keep. ``kinds`` and ``days`` are per record (see `Layouts.assign`, `Clock.follow`).
    """

    data: memoryview
    lines: Lines
    starts: Ints
    base: int
    tail: bool
    kinds: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, dtype=np.int16))
    days: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

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
        return self.base + int(np.searchsorted(self.lines.begins, offset, side="right"))

    def line(self, index: int) -> str:
        """One line, cut for quoting."""
        begin = int(self.lines.begins[index])
        return self.text(begin, int(self.lines.ends[index]), QUOTE)


class Indexer:
    """Counts records, levels and times of one file."""

    def __init__(self, form: LogFormat, clock: Clock) -> None:
        self.form, self.clock = form, clock
        self.layouts = Layouts(form)
        self.sql = False
        self.strangers: list[tuple[int, str]] = []
        self._starts = Starts(form.starts)
        self._foreign = Starts(DATES if form.dated else ())
        self._levels: dict[int, int] = {}
        self._other_levels = 0
        self._has_level = "level" in form.regex.groupindex
        self._records = self._understood = 0
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._local = not form.utc
        self._dated = "name" if clock.day else None

    def lines(self, feed: Feed, complete: int) -> Lines:
        """All lines of the first ``complete`` bytes."""
        newline = np.flatnonzero(self._octets(feed)[:complete] == 10)
        begins = np.concatenate((np.zeros(1, dtype=np.int64), newline + 1)) if complete else newline
        ends = newline
        if complete and begins[-1] < complete:
            ends = np.append(newline, complete)
        return Lines(begins[: len(ends)], ends, len(newline))

    def starts(self, feed: Feed, lines: Lines) -> Ints:
        """Where records begin: at a line with the format's picture, and in a ``dated`` format at one with any other date; at
        each line that is not empty, where the format has no picture.
        """
        if not self.form.starts:
            return lines.begins[self._filled(feed, lines)]
        octets = self._octets(feed)
        own = self._starts.find(octets, lines.begins, lines.ends)
        if not self.form.dated or len(own) == len(lines.begins):
            return own
        others = np.ones(len(lines.begins), dtype=np.bool_)
        others[np.searchsorted(lines.begins, own)] = False
        foreign = self._foreign.find(octets, lines.begins[others], lines.ends[others])
        return np.sort(np.concatenate((own, foreign))) if len(foreign) else own

    def take(self, feed: Feed, block: Block, dates: list[int], known_lines: list[int]) -> None:
        """Count the records of a block. ``dates``: offsets of date lines; ``known_lines``: of lines that are facts."""
        self._records += len(block.starts)
        if not self.form.starts:
            self._take_lines(block)
            return
        self._orphans(feed, block, dates, known_lines)
        block.kinds, rows = self.layouts.assign(self._octets(feed), block.starts)
        self._quote(block, block.lines.at(block.starts[block.kinds < 0][:STRANGERS]))
        seen = np.flatnonzero(block.kinds >= 0)
        self._understood += len(seen)
        block.days, step = self.clock.follow(block.kinds, rows, self.layouts.known, self._headers(block, dates))
        if step is not None and self.clock.step_line is None:
            begin = int(block.starts[step])
            self.clock.step_line = block.line_number(begin)
            line = block.text(begin, len(block.data), QUOTE).partition("\n")[0]
            self.clock.step_text = scrub(line, self.form.secrets)[0]
        if len(seen):
            if self._first is None:
                self._first = self.time_at(block, int(seen[0]))
            self._last = self.time_at(block, int(seen[-1])) or self._last
            self._count_levels(block, rows)

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

    def _octets(self, feed: Feed) -> NDArray[np.uint8]:
        return np.frombuffer(feed.buffer, dtype=np.uint8)

    def _filled(self, feed: Feed, lines: Lines) -> NDArray[np.bool_]:
        length = lines.ends - lines.begins
        filled: NDArray[np.bool_] = (length > 1) | ((length == 1) & (self._octets(feed)[lines.begins] != 13))
        return filled

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

    def _orphans(self, feed: Feed, block: Block, dates: list[int], known_lines: list[int]) -> None:
        """Lines before the first record belong to none: each counts as one that was not understood."""
        if block.tail:
            return
        lines = block.lines.until(int(block.starts[0])) if len(block.starts) else block.lines
        loose = np.flatnonzero(self._filled(feed, lines))
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

    def _count_levels(self, block: Block, rows: Words) -> None:
        for index, _, octets in groups(block.kinds, rows):
            at = self.layouts.known[index].level
            if at is None:
                continue
            words = np.zeros((len(octets), 8), dtype=np.uint8)
            words[:, : at[1]] = octets[:, at[0] : at[0] + at[1]]
            left = words.view(np.uint64)[:, 0]
            while len(left):
                word = int(left[0])
                same = left == left[0]
                if word in self._levels or len(self._levels) < LEVEL_LIMIT:
                    self._levels[word] = self._levels.get(word, 0) + int(same.sum())
                else:
                    self._other_levels += len(left)
                    break
                left = left[~same]

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
