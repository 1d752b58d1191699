"""Reads text through a log parser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from parsers.api import Sink, Tally
from parsers.facts.base import Row
from parsers.facts.log import LogCoverage, LogRecord
from parsers.logs.parser import LogParser
from parsers.tree.member import Member

MTIME = datetime(2026, 11, 13, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Words:
    """A scanner that looks for literals."""

    words: tuple[str, ...]

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        raw, found = bytes(data), []
        for word in self.words:
            place = raw.find(word.encode())
            while place >= 0:
                found.append(place)
                place = raw.find(word.encode(), place + 1)
        return sorted(found)


@dataclass(frozen=True)
class Outcome:
    rows: list[Row]
    tally: Tally
    problems: list[str]
    secrets: set[str]

    @property
    def records(self) -> list[LogRecord]:
        return [row for row in self.rows if isinstance(row, LogRecord)]

    @property
    def coverage(self) -> LogCoverage:
        (found,) = [row for row in self.rows if isinstance(row, LogCoverage)]
        return found


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def read(
    parser: Any, data: str | bytes, *, name: str = "x.log", words: tuple[str, ...] = (), chunk: int | None = None
) -> Outcome:
    raw = data.encode() if isinstance(data, str) else data
    member = Member.of_bytes(name, raw, MTIME)
    if chunk:
        member = replace(member, open_chunks=lambda: pieces(raw, chunk))
    rows: list[Row] = []
    out = Sink(name, rows.append, Words(words) if words else None)
    tally = parser.parse(member, out)
    return Outcome(rows, tally, out.problems, out.secrets)


def limited(parser: LogParser, **limits: int) -> LogParser:
    return replace(parser, limits=replace(parser.limits, **limits))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
