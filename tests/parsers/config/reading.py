"""Reads one text with a parser, as the program would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from parsers.api import LineScanner, Parser, Sink, Tally
from parsers.facts.base import Row
from parsers.facts.system import Setting, SystemSeen
from parsers.registry import probe
from parsers.tree.member import Member

R = TypeVar("R", bound=Row)


@dataclass
class Result:
    """What came out of one file."""

    kind: str | None
    claim: int = 0
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    def of(self, kind: type[R]) -> list[R]:
        """The rows of one class."""
        return [row for row in self.rows if isinstance(row, kind)]

    def one(self, kind: type[R]) -> R:
        """The only row of a class."""
        (row,) = self.of(kind)
        return row

    def seen(self) -> dict[str, object]:
        """Columns of the system."""
        return {row.key: row.value for row in self.of(SystemSeen)}

    def settings(self) -> dict[str, object]:
        """Settings by ``Object.Name``."""
        return {f"{row.object}.{row.name}": row.value for row in self.of(Setting)}


def read(
    parsers: Iterable[Parser], data: bytes | str, name: str = "export.json", scanner: LineScanner | None = None
) -> Result:
    """Recognise and read; kind is null where nobody claims it."""
    member = Member.of_bytes(name, data.encode() if isinstance(data, str) else data)
    probed = probe(member)
    claims = sorted(((-parser.claims(probed), parser.kind, i) for i, parser in enumerate(parsers)))
    claim, kind, index = claims[0]
    if claim == 0:
        return Result(None)
    result = Result(kind, -claim)
    out = Sink(name, result.rows.append, scanner, result.problems, result.secrets)
    result.tally = list(parsers)[index].parse(member, out)
    result.problems.extend(member.problems)
    return result
