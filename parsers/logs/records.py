"""Turns the records that somebody is interested in into rows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from parsers.api import Sink
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.log import LogRecord
from parsers.logs.block import NONE, Block, Ints, distinct
from parsers.logs.format import PREFIX_FIELDS, FieldValue, LogFormat
from parsers.logs.index import Indexer
from parsers.logs.search import Hits
from parsers.logs.secrets import scrub

TEXT_LIMIT = 64 * 1024
"""Characters of a record that a row keeps."""
MEMORY_LIMIT = 64 * 1024 * 1024
"""Characters that the rows of one file keep together."""

PREFIX_LIMIT = 512


class Job(NamedTuple):
    """A record or line to look at: where it begins, its place among the records (or, ``line``, among the lines) of the
    block, and whether somebody else than the format asked for it.
    """

    begin: int
    line: bool
    place: int
    asked: bool


class Stamp(NamedTuple):
    """A time as it is and as it stands there."""

    time: datetime | None = None
    local: bool = True
    text: str | None = None


class Read(NamedTuple):
    """What was read of a record: all of it, and without its prefix."""

    text: str
    body: str
    parts: Mapping[str, str | None]
    stamp: Stamp
    fields: dict[str, FieldValue]
    code: str | None


class Records(Struct, kw_only=True):
    """Rows of one file. ``span``: bytes of a record that are searched; what lies behind is looked at line by line."""

    form: LogFormat
    indexer: Indexer
    limit: int
    span: int
    out: Sink
    rows: int = 0
    omitted: int = 0
    characters: int = 0

    def take(self, block: Block, hits: Hits, asked: Ints) -> None:
        """Make rows of what was found in a block; offsets are those of any byte of a record."""
        if not (hits.records or hits.lines or len(asked)):
            return
        room = 0 if self.characters >= MEMORY_LIMIT else self.limit - self.rows
        jobs = self._jobs(block, hits, asked)
        self.omitted += max(0, len(jobs[0]) - room)
        for job in map(Job, *(column[:room].tolist() for column in jobs)):
            if self.characters >= MEMORY_LIMIT:
                self.omitted += 1
            elif job.line:
                self._line(block, job)
            else:
                self._record(block, job)

    def split(self, block: Block, offsets: Ints) -> tuple[Ints, Ints]:
        """Indices of records and of loose lines in which the offsets lie."""
        if not len(offsets):
            return NONE, NONE
        if len(block.starts):
            owner = np.searchsorted(block.starts, offsets, side="right") - 1
            inside = (owner >= 0) & (offsets - block.starts[owner] < self.span)
            records, offsets = distinct(owner[inside]), offsets[~inside]
        else:
            records = NONE
        lines = block.lines.at(offsets)
        near = offsets - block.lines.begins[lines] < self.span
        return records, distinct(lines[near])

    def _jobs(self, block: Block, hits: Hits, asked: Ints) -> tuple[Ints, NDArray[np.bool_], Ints, NDArray[np.bool_]]:
        """The columns of `Job`, in the order of the file."""
        asked_records, asked_lines = self.split(block, asked)
        own_records, own_lines = self.split(block, np.array(hits.records, dtype=np.int64))
        fact_lines = block.lines.at(np.array(hits.lines, dtype=np.int64))
        records = distinct(np.concatenate((asked_records, own_records)))
        lines = distinct(np.concatenate((asked_lines, own_lines, fact_lines)))
        begins = np.concatenate((block.starts[records], block.lines.begins[lines]))
        order = np.argsort(begins, kind="stable")
        is_line = np.arange(len(begins)) >= len(records)
        wanted = np.concatenate(
            (np.isin(records, asked_records, assume_unique=True), np.isin(lines, asked_lines, assume_unique=True))
        )
        return begins[order], is_line[order], np.concatenate((records, lines))[order], wanted[order]

    def _record(self, block: Block, job: Job) -> None:
        end = int(block.starts[job.place + 1]) if job.place + 1 < len(block.starts) else len(block.data)
        text = self._safe(block.text(job.begin, end, min(TEXT_LIMIT, self.span)))
        match = self.form.regex.match(text) if self.form.prefix else None
        body = text[match.end() :] if match else text
        fields, code, own = self._facts(body, line=False)
        if own or job.asked:
            stamp = self._stamp(block, job.place, match)
            self._add(
                block.line_number(job.begin), Read(text, body, match.groupdict() if match else {}, stamp, fields, code)
            )

    def _line(self, block: Block, job: Job) -> None:
        end = int(block.lines.ends[job.place])
        text = self._safe(block.text(job.begin, end, min(TEXT_LIMIT, self.span)))
        fields, code, own = self._facts(text, line=True)
        if not (own or job.asked):
            return
        stamp = Stamp()
        record = bisect_right(block.starts.data, job.begin) - 1
        if record >= 0 and job.begin - block.starts[record] < self.span:
            stamp = self.stamp_at(block, record)
        self._add(block.line_number(job.begin), Read(text, text, {}, stamp, fields, code))

    def _facts(self, text: str, *, line: bool) -> tuple[dict[str, FieldValue], str | None, bool]:
        fields: dict[str, FieldValue] = {}
        own = False
        for fact in self.form.facts:
            found = fact.read(text) if fact.line is line or line else None
            if found is not None:
                own = True
                fields.update(found)
        code = fields.pop("code", None)
        return fields, None if code is None else str(code), own

    def stamp_at(self, block: Block, index: int) -> Stamp:
        """The time of one record of the block."""
        begin = int(block.starts[index])
        return self._stamp(block, index, self.form.regex.match(block.text(begin, len(block.data), PREFIX_LIMIT)))

    def _stamp(self, block: Block, index: int, match: re.Match[str] | None) -> Stamp:
        if match is None:
            return Stamp(local=not self.form.utc)
        groups = match.re.groupindex
        spans = [match.span(name) for name in ("date", "time", "zone") if name in groups and match[name]]
        written = match.string[min(spans)[0] : max(end for _, end in spans)] if spans else None
        time, local = self.indexer.time_of(match, int(block.days[index]) if len(block.days) else 0)
        return Stamp(time, local, written)

    def _safe(self, text: str) -> str:
        text, secrets = scrub(text, self.form.secrets)
        self.out.secret(secrets)
        return text

    def _add(self, line: int, read: Read) -> None:
        parts = read.parts
        for name in PREFIX_FIELDS:
            if parts.get(name):
                read.fields.setdefault(name, parts[name])
        raw_level = parts.get("level")
        self.rows += 1
        self.characters += len(read.body) + min(len(read.text), QUOTE_LIMIT)
        self.out.add(
            LogRecord(
                source=Source(
                    artifact=self.out.artifact, line=line, time=read.stamp.text, text=read.text[:QUOTE_LIMIT]
                ),
                kind=self.form.kind,
                time=read.stamp.time,
                local=read.stamp.local,
                level=self.form.level(raw_level) if raw_level else None,
                raw_level=raw_level,
                thread=parts.get("thread"),
                logger=parts.get("logger"),
                code=read.code or parts.get("code"),
                text=read.body,
                fields=read.fields,
            )
        )

    def report(self, name: str) -> None:
        """Say what was left out."""
        if self.omitted:
            self.out.problem(
                f"{name}: {self.omitted} further records of interest were not kept: the limit is {self.limit} rows"
                f" or {MEMORY_LIMIT // 1024 // 1024} MiB of text a file"
            )
