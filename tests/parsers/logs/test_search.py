"""What a format looks for is found alone and in one pass with the signatures, and is the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from analyzer.pack import load_pack
from parsers.api import JointScanner, Sink
from parsers.expressions import Expression
from parsers.facts.base import Row
from parsers.logs import engine
from parsers.logs.parser import LogParser
from parsers.logs.search import search_for
from parsers.logs.service_log import PARSERS as SERVICE
from parsers.registry import all_parsers
from parsers.tree.member import Member
from tests.parsers.logs.reading import limited

FORMATS = {parser.kind: parser for parser in all_parsers() if isinstance(parser, LogParser)}


class Counting:
    """The scanner of the program's own signatures; counts how often it was asked in which way."""

    def __init__(self) -> None:
        self.scanner = load_pack().scanner()
        self.alone = self.together = 0

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        self.alone += 1
        return self.scanner.scan(data)

    def scan_with(
        self, data: bytes | memoryview, others: tuple[Expression, ...]
    ) -> tuple[Sequence[int], Sequence[tuple[int, int]]] | None:
        self.together += 1
        return self.scanner.scan_with(data, others)


def rows_of(parser: LogParser, data: bytes) -> tuple[list[Row], list[str], Counting]:
    scanner, rows = Counting(), list[Row]()
    assert isinstance(scanner, JointScanner)
    out = Sink("a.log", rows.append, scanner)
    parser.parse(Member.of_bytes("a.log", data, None), out)
    return rows, out.problems, scanner


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_one_pass_finds_what_two_find(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = limited(FORMATS[kind], block=2000, record=1000, sip=3)
    # any line of any format may stand in any file
    lines = [line for other in FORMATS.values() for sample in other.form.samples for line in sample.lines]
    own = [line for sample in parser.form.samples for line in sample.lines]
    data = "\n".join(own + lines + own).encode("utf-8", "surrogateescape") + b"\n"
    rows, problems, apart = rows_of(parser, data)
    assert (apart.together, apart.alone > 0) == (0, True)
    monkeypatch.setattr(engine, "LONG_FILE", 0)
    joined_rows, joined_problems, joined = rows_of(parser, data)
    assert (joined_rows, joined_problems) == (rows, problems)
    something = bool(search_for(parser.form, sip=True, utc=True).expressions)
    assert (joined.together > 0, joined.alone == 0) == (something, something)


def test_a_flooded_line_is_searched_for_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LONG_FILE", 0)
    fault = "2026/11/12 10:00:00.000|0001|Erro| No space left on device"
    data = f"{fault}\n{fault} {'No space left on device ' * 200}\n2026/11/12 10:00:01.000|0001|Info| Executing SQL\n".encode()
    rows, _, scanner = rows_of(SERVICE[0], data)
    assert [row.source.line for row in rows if row.table == "log"] == [1, 2]
    assert [row.has_sql_trace for row in rows if row.table == "log_file"] == [True]  # type: ignore[attr-defined]
    assert (scanner.together, scanner.alone) == (1, 1)
