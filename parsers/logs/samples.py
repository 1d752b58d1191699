"""Holds a format to its own samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from parsers.api import Sink, Tally
from parsers.facts.base import Row
from parsers.facts.log import LogRecord
from parsers.logs.format import Sample
from parsers.logs.parser import LogParser
from parsers.tree.member import Member


class EveryLine(Struct, frozen=True):
    """A scanner that is interested in everything."""

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        """The beginning of each line."""
        raw = bytes(data)
        return [0, *(place + 1 for place, byte in enumerate(raw[:-1]) if byte == 10)] if raw else []


def read(parser: LogParser, member: Member, *, everything: bool) -> tuple[list[Row], Tally, Sink]:
    """All rows of a member; ``everything``: as if a signature asked for each line."""
    rows: list[Row] = []
    out = Sink(member.path, rows.append, EveryLine() if everything else None)
    tally = parser.parse(member, out)
    return rows, tally, out


def member_of(parser: LogParser, sample: Sample) -> Member:
    """A sample as a file."""
    name = sample.name or next((name for name in parser.form.names if "*" not in name), "sample.log")
    return Member.of_bytes(name, "\n".join(sample.lines).encode() + b"\n", mtime=sample.written)


def contradictions(parser: LogParser) -> list[str]:
    """How the samples of a format contradict it; empty when they do not."""
    return [text for sample in parser.form.samples for text in _check(parser, sample)]


def _check(parser: LogParser, sample: Sample) -> list[str]:
    place = f"{parser.kind}, sample {sample.lines[0]!r}"
    rows, tally, _ = read(parser, member_of(parser, sample), everything=True)
    records = [row for row in rows if isinstance(row, LogRecord)]
    wrong: list[str] = []
    if len(records) != len(sample.rows):
        wrong.append(f"{place}: {len(records)} records instead of {len(sample.rows)}")
    understood = tally.records if sample.understood is None else sample.understood
    if tally.understood != understood:
        wrong.append(f"{place}: {tally.understood} of {tally.records} records understood instead of {understood}")
    for number, (record, expected) in enumerate(zip(records, sample.rows, strict=False), 1):
        wrong.extend(f"{place}, record {number}: {text}" for text in _differences(record, expected))
    own = [row for row in read(parser, member_of(parser, sample), everything=False)[0] if isinstance(row, LogRecord)]
    if len(own) != sample.own:
        wrong.append(f"{place}: {len(own)} records become rows by themselves instead of {sample.own}")
    return wrong


def _differences(record: LogRecord, expected: Mapping[str, Any]) -> list[str]:
    wrong = []
    for name, value in expected.items():
        found = getattr(record, name)
        if isinstance(found, datetime):
            found = found.replace(tzinfo=None).isoformat()
        if found != value:
            wrong.append(f"{name} is {found!r} instead of {value!r}")
    return wrong
