"""Reads any text log by its `LogFormat`.

The content goes through one buffer in blocks of a few MiB that end where a record begins. In each block numpy finds the
lines, the record starts, the kind of their prefixes, levels and times; Hyperscan finds what somebody is interested in. Only
those records become Python objects.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatch
from functools import lru_cache

import numpy as np
from msgspec import Struct, field

from parsers.api import Probe, Sink, Tally
from parsers.logs.beside import Beside
from parsers.logs.clock import Clock, day_in_name
from parsers.logs.family import log_family
from parsers.logs.feed import ANSI, Feed
from parsers.logs.format import LogFormat
from parsers.logs.index import Block, Indexer
from parsers.logs.layout import Ints
from parsers.logs.messages import Messages
from parsers.logs.records import Records
from parsers.logs.search import Hits, search
from parsers.logs.utc_inside import UtcInside
from parsers.tree.member import Member

BY_SIGNATURE, BY_CONTENT, BY_NAME, LAST_RESORT = 90, 60, 30, 10
PROBE_LINES = 120
PROBE_CHARACTERS = 16_384
QUOTED_LINES = 3
LONG_BLOCK = 1024 * 1024
"""Blocks from this size on are searched on a second core."""

_SHAPE = str.maketrans("012345678abcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ", "9" * 9 + "A" * 51)


class Limits(Struct, frozen=True, kw_only=True):
    """Bytes of a block, bytes of a record (or of one line) that are searched, rows and SIP messages of one file."""

    block: int = 4 * 1024 * 1024
    record: int = 1024 * 1024
    rows: int = 100_000
    sip: int = 2_000


class LogParser(Struct, frozen=True):
    """A `parsers.api.Parser` made of a description."""

    form: LogFormat
    limits: Limits = field(default_factory=Limits)

    @property
    def kind(self) -> str:
        """The format's name."""
        return self.form.kind

    def claims(self, probe: Probe) -> int:
        """90 with the format's signature at a line start, 60 when its prefix stands there, 30 by name."""
        if probe.head and not probe.text:
            return 0
        text = probe.text[:PROBE_CHARACTERS]
        if self.form.signature and self.form.signature in text and f"\n{self.form.signature}" in f"\n{text}":
            return BY_SIGNATURE
        if self._prefixed(text):
            return BY_CONTENT
        name = probe.name.lower()
        if not any(fnmatch(name, pattern) for pattern in self.form.names):
            return 0
        return BY_NAME if not self.form.fallback else LAST_RESORT

    def _prefixed(self, text: str) -> bool:
        """Whether lines have this format's prefix: the first one, five, or a fifth; where each line is a record, half."""
        form = self.form
        if not form.prefix or (form.hints and not any(hint in text for hint in form.hints)):
            return False
        lines, shapes = _shapes(text)
        pictured = lines
        if form.starts:
            pictures = tuple(start.translate(_SHAPE) for start in form.starts)
            pictured = [line for line, shape in zip(lines, shapes, strict=True) if shape.startswith(pictures)]
        good = [line for line in pictured if form.regex.match(line)]
        if not form.starts:
            return bool(good) and 2 * len(good) >= len(lines)
        return bool(good) and (good[0] is lines[0] or len(good) >= 5 or 5 * len(good) >= len(lines))

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read the whole member; what goes wrong on the way is said, and what was read until then stays."""
        return _Run(self.form, self.limits, member, out).run()


@lru_cache(maxsize=2)
def _shapes(text: str) -> tuple[list[str], list[str]]:
    """The first lines that are not empty, and the same with all digits and letters alike."""
    if "\x1b" in text:
        text = ANSI.sub(b"", text.encode("utf-8", "replace")).decode("utf-8")
    lines = [line for line in text.split("\n")[:PROBE_LINES] if line.strip()]
    return lines, [line[:64].translate(_SHAPE) for line in lines]


class _Run:
    """One file on its way through the engine."""

    def __init__(self, form: LogFormat, limits: Limits, member: Member, out: Sink) -> None:
        self.form, self.limits, self.member, self.out = form, limits, member, out
        self.feed = Feed(member, 2 * limits.record + limits.block)
        self.clock = Clock(form, member.mtime)
        named = day_in_name(member.name)
        self.clock.day = named.toordinal() if named else 0
        self.indexer = Indexer(form, self.clock)
        self.records = Records(form=form, indexer=self.indexer, limit=limits.rows, span=limits.record, out=out)
        self.messages = Messages(self.records, limits.sip)
        self.utc_inside = UtcInside()
        self.line = 0
        self.beside = Beside()
        self.tail = False
        self.skip = False
        self.long_lines: list[int] = []
        self.long_records: list[int] = []

    def run(self) -> Tally:
        try:
            return self._run()
        finally:
            self.beside.close()

    def _run(self) -> Tally:
        feed = self.feed
        while True:
            feed.fill(self.limits.block)
            if self.skip:
                self._skip_line()
            complete = feed.size if feed.final else feed.buffer.rfind(b"\n", 0, feed.size) + 1
            broken = not feed.final and feed.size - complete > self.limits.record
            if broken:
                complete = feed.size
            if complete:
                feed.drop(self._block(complete, broken=broken))
            if feed.final:
                return self._report()

    def _skip_line(self) -> None:
        """Pass over the rest of a line of which too much has been read already."""
        newline = self.feed.buffer.find(b"\n", 0, self.feed.size)
        if newline < 0:
            self.feed.drop(self.feed.size)
            return
        self.feed.drop(newline + 1)
        self.line += 1
        self.skip = False

    def _block(self, complete: int, *, broken: bool) -> int:
        """Take in the records that are complete; gives how many bytes are done with."""
        final, limit = self.feed.final, self.limits.record
        searched = self._search(self.feed.view[:complete])
        lines = self.indexer.lines(self.feed, complete)
        starts = self.indexer.starts(self.feed, lines)
        done = complete
        cut = False
        if len(starts) and self.form.starts and not final:
            last = int(starts[-1])
            if broken or complete - last > limit:
                cut = True
            else:
                done, starts = last, starts[:-1]
        region = self.feed.view[:done]
        block = Block(region, lines.until(done), starts, self.line, self.tail)
        hits, asked = searched()
        if done:
            hits = hits.before(done)
            self.utc_inside.take(region, starts, hits.utc)
            self.indexer.take(self.feed, block, hits.dates, hits.lines)
            self.records.take(block, hits, asked[asked < done])
            self.messages.take(block, hits.sip)
            self.indexer.sql |= hits.sql
            self._note_long(block)
        self.line += block.lines.newlines
        self.skip = broken
        self.tail = cut or (self.tail and not len(starts))
        return done

    def _search(self, region: memoryview) -> Callable[[], tuple[Hits, Ints]]:
        """Begin to look for what the format and the signatures want; what comes back waits for it.

        The last record may not be complete: what is found in it is found again with the next block.
        """
        sip, utc = self.messages.left > 0, self.utc_inside.wanted
        scanner = self.out.scanner

        def look() -> tuple[Hits, Ints]:
            asked = scanner.scan(region) if scanner is not None else ()
            return search(self.form, region, sip=sip, utc=utc), np.asarray(asked, dtype=np.int64)

        return self.beside.start(look) if len(region) >= LONG_BLOCK else look

    def _note_long(self, block: Block) -> None:
        """Remember where lines and records are longer than what is searched."""
        limit = self.limits.record
        for begins, ends, found in (
            (block.lines.begins, block.lines.ends, self.long_lines),
            (block.starts, np.append(block.starts[1:], len(block.data)), self.long_records),
        ):
            if len(begins) and len(found) < QUOTED_LINES and (self.form.starts or found is self.long_lines):
                found.extend(block.line_number(int(begin)) for begin in begins[ends - begins > limit][:QUOTED_LINES])

    def _report(self) -> Tally:
        records, index, out = self.records, self.indexer, self.out
        name = self.member.name
        total, understood = index.count()
        tally = Tally(
            records=total,
            understood=understood,
            bytes=self.feed.taken if self.member.size is None else self.member.size,
        )
        for found, what in (
            (self.long_lines, "line {}: longer than {} bytes, only its beginning was searched"),
            (
                self.long_records,
                "the record at line {}: longer than {} bytes, what lies behind was searched line by line",
            ),
        ):
            if found:
                out.problem(f"{name}: " + what.format(", ".join(map(str, found)), self.limits.record))
        if total and 2 * understood < total:
            quoted = "; ".join(f"line {line}: {text!r}" for line, text in index.strangers)
            out.problem(
                f"{name}: format not recognised, 3CX may have changed it: {understood} of {total} records understood"
                + (f"; {quoted}" if quoted else "")
            )
        records.report(name)
        self.messages.report(name)
        coverage = index.coverage(self.member.path, log_family(self.member.path))
        if self.utc_inside.ahead:
            coverage.derived["utc_offsets"] = dict(self.utc_inside.ahead)
        out.add(coverage)
        return tally
