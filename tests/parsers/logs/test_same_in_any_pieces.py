"""Whatever the pieces in which a file comes, and whatever stands in it: the same rows, honest counts, no exception."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.logs.parser import LogParser
from parsers.registry import all_parsers
from tests.parsers.logs.reading import Outcome, limited, read

FORMATS = {parser.kind: parser for parser in all_parsers() if isinstance(parser, LogParser)}
LINES = [line.encode() for parser in FORMATS.values() for sample in parser.form.samples for line in sample.lines]
JUNK = [
    b"",
    b"\0" * 9,
    b"\xff\xfe\x80",
    b"x" * 700,
    b"\x1b[31m",
    b"\x1b[",
    b"\xef\xbb\xbf",
    b"\x1b[\xef\xbb\xbf31m",
    b"\xef\xef\xbb\xbf\xbb\xbf",
    b"#Date: 2026/99/99",
    b"#Date: 2026/08/09",
    b"=Total: ",
    b"SIP/2.0 200 OK\r",
]
WORDS = ("Info", "text", "Warn", "[", "st=ok")

line = st.sampled_from(LINES + JUNK) | st.binary(max_size=60)
lines = st.lists(line, max_size=25)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from([b"\n", b"\r\n"])).join(draw(lines)))
    for place, byte in draw(
        st.lists(st.tuples(st.integers(0, max(0, len(data) - 1)), st.integers(0, 255)), max_size=6)
    ):
        if data:
            data[place] = byte
    return bytes(data)


def essence(found: Outcome) -> tuple[Any, ...]:
    return (found.rows, found.tally, found.problems, found.secrets)


def honest(found: Outcome) -> None:
    assert 0 <= found.tally.understood <= found.tally.records
    assert found.coverage.records == found.tally.records
    if found.coverage.levels is not None:
        assert sum(found.coverage.levels.values()) <= found.tally.understood


@pytest.mark.parametrize("kind", sorted(FORMATS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=mutated(), chunk=st.sampled_from([7, 16, 61, 333, None]), block=st.sampled_from([64, 128, 500]))
def test_pieces_do_not_matter(kind: str, data: bytes, chunk: int | None, block: int) -> None:
    parser = limited(FORMATS[kind], record=256)
    whole = read(parser, data, words=WORDS, name="a.log")
    honest(whole)
    assert essence(read(limited(parser, block=block), data, words=WORDS, name="a.log", chunk=chunk)) == essence(whole)


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_own_samples_in_any_pieces(kind: str) -> None:
    parser = FORMATS[kind]
    data = "\n".join(line for sample in parser.form.samples for line in sample.lines).encode() * 20
    whole = read(parser, data, words=WORDS)
    honest(whole)
    for chunk, block in ((7, 64), (50, 400), (1000, 1000), (None, 100)):
        assert essence(read(limited(parser, block=block), data, words=WORDS, chunk=chunk)) == essence(whole)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    for parser in FORMATS.values():
        honest(read(parser, data, words=WORDS))


def test_the_end_of_a_log_whose_last_record_is_damaged() -> None:
    """A control character in a name: the record looks like the others, and has no time."""
    good = "Nov 13 06:25:0{} {} systemd[1]: Started nginx.service.\n"
    data = (
        good.format(1, "\x01bx") + good.format(2, "pbx") + good.format(3, "pbx") + good.format(4, "\x01bx")
    ).encode()
    for block in (64, 500):
        found = read(limited(FORMATS["syslog"], block=block), data, name="a.log")
        first, last = found.coverage.first, found.coverage.last
        assert (first and first.second, last and last.second) == (2, 3)
