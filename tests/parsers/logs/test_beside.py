"""A second thread for long logs: same rows, errors come out where the result is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest
from msgspec.structs import replace

from parsers.api import Sink
from parsers.beside import Beside
from parsers.facts.base import Row
from parsers.logs import engine, feed
from parsers.logs.service_log import PARSERS
from parsers.tree.member import Member
from tests.parsers.logs.reading import limited, read

SIP = (
    "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.40:5060;branch=z9hG4bK1\r\nFrom: <sip:b@example.com>;tag=1\r\n"
    "To: <sip:a@example.com>\r\nCall-ID: 1@example.com\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


class Scanner:
    """Finds ``odd`` and notes which threads asked for it."""

    def __init__(self) -> None:
        self.threads: set[str] = set()

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        self.threads.add(threading.current_thread().name)
        content, found, at = bytes(data), [], -1
        while (at := content.find(b"odd", at + 1)) >= 0:
            found.append(at)
        return found


def test_results_and_errors() -> None:
    beside = Beside()
    assert beside.start(lambda: threading.current_thread() is threading.main_thread())() is False
    failed = beside.start(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        failed()
    beside.close()
    Beside().close()


@pytest.mark.parametrize(("least", "own"), [(1, False), (10**9, True)])
def test_a_long_log_is_searched_on_a_second_thread(monkeypatch: pytest.MonkeyPatch, least: int, *, own: bool) -> None:
    monkeypatch.setattr(engine, "LONG_BLOCK", least)
    lines = [f"2026/11/12 10:00:00.{n:03d}|0001|Info| {'odd' if n % 100 == 7 else 'usual'} {n}" for n in range(300)]
    scanner, rows = Scanner(), list[Row]()
    out = Sink(artifact="a.log", add=rows.append, scanner=scanner)
    tally = PARSERS[0].parse(Member.of_bytes("a.log", "\n".join(lines).encode() + b"\n", None), out)
    assert tally.records == 300
    assert [row.source.line for row in rows if row.table == "log"] == [8, 108, 208]
    assert (scanner.threads == {threading.main_thread().name}) is own
    assert not [
        thread for thread in threading.enumerate() if thread.name in scanner.threads - {threading.main_thread().name}
    ]


@pytest.mark.parametrize("size", [700, 5_000])
def test_blocks_that_are_searched_while_the_next_is_read(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(engine, "LONG_BLOCK", 1)
    lines = [
        f"2026/11/12 {10 + n // 3600}:{n // 60 % 60:02d}:{n % 60:02d}.000|0001|{'Warn' if n % 7 else 'Erro'}| {'odd' if n % 11 == 7 else 'usual'} {n}\n"
        + "more of it\n" * (n % 3)
        + SIP * (n % 50 == 3)
        for n in range(2_000)
    ]
    data = "".join(lines)
    parser = limited(PARSERS[0], record=400, sip=5)
    whole = read(parser, data, words=("odd",))
    assert len(whole.records) == 182
    assert [row.table for row in whole.rows].count("sip_message") == 5
    parts = read(limited(parser, block=size), data, words=("odd",))
    assert (parts.tally, parts.problems) == (whole.tally, whole.problems)
    for table in ("log", "sip_message", "log_file"):
        assert [row for row in parts.rows if row.table == table] == [row for row in whole.rows if row.table == table]


@pytest.mark.parametrize("ahead", [1, 200, 3_000])
def test_content_is_read_ahead(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    lines = [
        f"2026/11/12 10:00:00.{n:03d}|0001|\x1b[31mInfo\x1b[0m| {'odd' if n % 9 == 7 else 'usual'} {n}{chr(0) * (n % 4)}\n"
        for n in range(300)
    ]
    data = "".join(lines)
    parser = limited(PARSERS[0], record=400, block=900)
    usual = read(parser, data, words=("odd",), chunk=97)
    assert [record.level for record in usual.records] == ["info"] * 33
    monkeypatch.setattr(feed, "AHEAD", ahead)
    assert read(parser, data, words=("odd",), chunk=97) == usual


def test_what_breaks_while_reading_ahead_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "AHEAD", 10)

    def chunks() -> Iterator[bytes]:
        yield b"2026/11/12 10:00:00.000|0001|Info| x\n"
        raise RuntimeError("broken")

    before = threading.active_count()
    member = replace(Member.of_bytes("a.log", b"x"), open_chunks=chunks)
    with pytest.raises(RuntimeError, match="broken"):
        PARSERS[0].parse(member, Sink(artifact="a.log", add=list[Row]().append))
    assert threading.active_count() == before
