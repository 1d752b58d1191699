"""Reads any text log by its `LogFormat`.

The content goes through two buffers in blocks of a few MiB that end where a record begins. In each block a compiled pass, or
numpy, finds the lines, the record starts, the kind of their prefixes, levels and times; Hyperscan finds what somebody is
interested in. Only those records become Python objects. While one block is searched the next one is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from parsers.api import JointScanner, Sink, Tally
from parsers.beside import Beside
from parsers.logs.block import Block, Ints, distinct
from parsers.logs.clock import Clock
from parsers.logs.dates import day_in_name
from parsers.logs.family import log_family
from parsers.logs.feed import Feed
from parsers.logs.format import LogFormat
from parsers.logs.index import Indexer
from parsers.logs.layout import Layouts
from parsers.logs.messages import Messages
from parsers.logs.parser import Limits
from parsers.logs.passes import passes
from parsers.logs.records import Records
from parsers.logs.search import Hits, search_for
from parsers.logs.utc_inside import UtcInside
from parsers.tree.member import Member

QUOTED_LINES = 3
Searched: TypeAlias = Callable[[], tuple[Hits, Ints]]
"""Waits for what was found in a block: by the format itself, and by who else is interested."""
LONG_BLOCK = 1024 * 1024
"""Blocks from this size on are searched on a second core."""
LONG_FILE = 16 * 1024 * 1024
"""Behind so many bytes all that is looked for is searched for in one pass: its database belongs to the format and the pack, and
may have to be made (50 ms).
"""


class Run:
    """One file on its way through the engine."""

    def __init__(self, form: LogFormat, limits: Limits, member: Member, out: Sink) -> None:
        self.form, self.limits, self.member, self.out = form, limits, member, out
        self.feed = Feed(member, 2 * limits.record + limits.block)
        self.clock = Clock(form, member.mtime)
        named = day_in_name(member.name)
        self.clock.day = named.toordinal() if named else 0
        self.passes = passes(form, Layouts(form))
        self.indexer = Indexer(form, self.clock)
        self.records = Records(form=form, indexer=self.indexer, limit=limits.rows, span=limits.record, out=out)
        self.messages = Messages(self.records, limits.sip)
        self.utc_inside = UtcInside()
        self.line = 0
        self.finder, self.searcher = Beside(), Beside()
        self.waiting: tuple[Block, Searched] | None = None
        self.tail = False
        self.skip = False
        self.long_lines: list[int] = []
        self.long_records: list[int] = []

    def run(self) -> Tally:
        """Read it to its end."""
        try:
            return self._run()
        finally:
            for thread in (self.finder, self.searcher, self.feed.reader):
                thread.close()

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
                searched = self._search(feed.view[:complete])
                found = self._find(complete, broken=broken)
                # the block before is in the other buffer, which is free once it is done with
                self._finish()
                block = self._placed(found(), broken=broken)
                self.waiting = block, searched
                feed.turn(len(block.data))
            if feed.final:
                self._finish()
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

    def _find(self, complete: int, *, broken: bool) -> Callable[[], Block]:
        """Begin to find the lines and records of a block; what comes back waits for them."""
        content, final, limit = self.feed.view, self.feed.final, self.limits.record
        octets = np.frombuffer(content, dtype=np.uint8)

        def find() -> Block:
            lines, starts = self.passes.find(octets, complete)
            done, cut = complete, False
            if len(starts) and self.form.starts and not final:
                last = int(starts[-1])
                cut = broken or complete - last > limit
                if not cut:
                    done, starts = last, starts[:-1]
            prefixes = self.passes.read(octets, starts) if self.form.starts else None
            return Block(content[:done], octets, lines.until(done), starts, prefixes, cut)

        return self.finder.start(find) if complete >= LONG_BLOCK else find

    def _placed(self, block: Block, *, broken: bool) -> Block:
        """The block at its place in the file."""
        block.base, block.tail = self.line, self.tail
        self.line += block.lines.newlines
        self.skip = broken
        self.tail = block.cut or (self.tail and not len(block.starts))
        return block

    def _finish(self) -> None:
        """Take in the records of the block that waits for it, now that it has been searched."""
        if self.waiting is None:
            return
        block, searched = self.waiting
        self.waiting = None
        hits, asked = searched()
        done = len(block.data)
        if not done:
            return
        hits = hits.before(done)
        self.utc_inside.take(block.data, block.starts, hits.utc)
        self.indexer.take(block, hits.dates, hits.lines)
        self.records.take(block, hits, asked[asked < done])
        self.messages.take(block, hits.sip)
        self.indexer.sql |= hits.sql
        self._note_long(block)

    def _search(self, region: memoryview) -> Searched:
        """Begin to look for what the format and the signatures want; what comes back waits for it.

        The last record may not be complete: what is found in it is found again with the next block.
        """
        search = search_for(self.form, sip=self.messages.left > 0, utc=self.utc_inside.wanted)
        scanner = self.out.scanner
        long = self.feed.taken >= LONG_FILE

        def look() -> tuple[Hits, Ints]:
            both = search.together(scanner, region) if long and isinstance(scanner, JointScanner) else None
            if both is None:
                both = search.alone(region), scanner.scan(region) if scanner is not None else ()
            return both[0], np.asarray(both[1], dtype=np.int64)

        return self.searcher.start(look) if len(region) >= LONG_BLOCK else look

    def _note_long(self, block: Block) -> None:
        """Remember where lines and records are longer than what is searched."""
        limit = self.limits.record
        # whatever is longer than the limit reaches over one of its multiples
        marks = np.arange(0, len(block.data), limit)
        for begins, ends, found in (
            (block.lines.begins, block.lines.ends, self.long_lines),
            (block.starts, np.append(block.starts[1:], len(block.data)), self.long_records),
        ):
            if len(begins) and len(found) < QUOTED_LINES and (self.form.starts or found is self.long_lines):
                at = distinct(np.searchsorted(begins, marks, side="right") - 1)
                at = at[(at >= 0) & (ends[at] - begins[at] > limit)]
                found.extend(block.line_number(int(begin)) for begin in begins[at[:QUOTED_LINES]])

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
