"""Captures that come in pieces say the same as when they are there as a whole."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parsers.capture import content, walk_flows, walk_notes, walk_reader
from parsers.capture import walk as walk_module
from parsers.capture.content import Content, Pieces
from parsers.capture.notes import MediaMap, Walked
from parsers.capture.walk import walk
from parsers.capture.walk_reader import Kernels
from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.facts.base import Row
from parsers.facts.capture import Call, Capture
from parsers.read import read_inputs
from parsers.tree.budget import MIB, Budget
from parsers.tree.member import Member
from parsers.tree.walk import walk as walk_tree
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record
from tests.parsers.capture.scenario import Scenario
from tests.parsers.capture.test_walk_differential import INVITE, _mixture, _pcapng

SIZES = [700, 3000, 9000]


@pytest.fixture(params=SIZES)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Pieces of so many bytes."""
    size: int = request.param
    monkeypatch.setattr(content, "PIECE", size)
    monkeypatch.setattr(content, "LONG_BYTES", size)
    return size


@pytest.fixture(params=["compiled", "interpreted", "numpy"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernels:
    if request.param == "compiled":
        return kernels.compiled()
    if request.param == "numpy":
        monkeypatch.setattr(walk_reader, "VECTOR_BYTES", 0)
    return kernels.interpreted()


def cut(data: bytes, *, size: int = 1000) -> Pieces:
    """As an archive gives it: chunks of one size, the last one shorter."""

    def chunks() -> Iterator[bytes]:
        return (data[at : at + size] for at in range(0, len(data), size))

    return Pieces(chunks, len(data))


def told(found: Walked) -> dict[str, Any]:
    return {
        "capture": found.capture,
        "problems": found.problems,
        "understood": found.understood,
        "notes": list(found.notes),
        "streams": found.streams(MediaMap()),
        "openings": list(found.openings),
        "tunnels": found.tunnels,
    }


def compared(data: bytes, form: Kernels, size: int = 1000) -> dict[str, Any]:
    """What is told of a capture, which is the same either way."""
    pieces = cut(data, size=size)
    assert not pieces.final
    whole = told(walk(data, artifact="x", kernels=form))
    assert told(walk(pieces, artifact="x", kernels=form)) == whole
    assert pieces.size == len(data)
    return whole


def long(records: list[Record], times: int = 12) -> list[Record]:
    """The same records again and again, each time later."""
    return [Record(record.time + turn * 5_000_000_000, record.data) for turn in range(times) for record in records]


LONG = [
    frames.pcap(long(_mixture())),
    frames.pcap(long(_mixture()), order=">", nano=True),
    _pcapng(long(_mixture())),
    _pcapng(long(_mixture()), ">") + _pcapng([Record(record.time + 10**12, record.data) for record in _mixture()]),
    frames.pcap([Record(record.time, record.data[14:]) for record in long(_mixture())], link=101),
]
NAMES = ["pcap", "big-endian", "pcapng", "two-sections", "raw-ip"]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("data", LONG, ids=NAMES)
def test_whole_captures(form: Kernels, data: bytes) -> None:
    whole = compared(data, form)
    assert len(whole["notes"]) > 60
    assert whole["capture"].packets > 250
    assert not any("damaged" in problem for problem in whole["problems"])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("data", LONG, ids=NAMES)
def test_captures_that_end_anywhere(data: bytes) -> None:
    dice = random.Random(5)
    said = set()
    for _ in range(30):
        whole = compared(data[: dice.randrange(13_000, len(data))], kernels.compiled())
        said |= {problem.partition(" ")[0] for problem in whole["problems"]}
    assert "the" in said  # the file ends inside …


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("data", LONG, ids=NAMES)
def test_damaged_captures(form: Kernels, data: bytes) -> None:
    dice, passed_over = random.Random(7), 0
    for _ in range(12):
        odd = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(24, len(odd) - 100)
            odd[at : at + dice.choice([1, 4, 40])] = dice.randbytes(dice.choice([0, 1, 4, 60]))
        passed_over += any("passed over" in problem for problem in compared(bytes(odd), form)["problems"])
    assert passed_over


def test_segments_that_wait_for_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hole is filled several pieces later."""
    monkeypatch.setattr(content, "PIECE", 2000)
    monkeypatch.setattr(content, "LONG_BYTES", 2000)

    def segment(seq: int, data: bytes, ident: int) -> bytes:
        return frames.ethernet(
            frames.ipv4("192.0.2.1", "192.0.2.2", frames.tcp(40000, 5060, seq, data), kind=6, ident=ident)
        )

    filling = [
        frames.packet("192.0.2.1", 9000, "192.0.2.2", 9002, frames.rtp(n, n * 160), ident=100 + n) for n in range(60)
    ]
    sent = [segment(100, INVITE[:50], 1), segment(300, INVITE[200:], 2), *filling, segment(150, INVITE[50:200], 3)]
    whole = compared(frames.pcap(Record(T0 + n * 20_000_000, one) for n, one in enumerate(sent)), kernels.compiled())
    assert [note.payload for note in whole["notes"]] == [INVITE]


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PIECE", 2000)
    monkeypatch.setattr(content, "LONG_BYTES", 2000)
    monkeypatch.setattr(walk_flows, "BUFFER_LIMIT", 2000)

    def segment(port: int, seq: int, data: bytes) -> bytes:
        return frames.ethernet(
            frames.ipv4("192.0.2.1", "192.0.2.2", frames.tcp(port, 5060, seq, data), kind=6, ident=seq)
        )

    sent = [segment(40000 + port, seq, INVITE) for port in range(30) for seq in (100, 5000)]
    pieces = cut(frames.pcap(Record(T0 + n * 1_000_000, one) for n, one in enumerate(sent)))
    found = walk(pieces, artifact="x", kernels=kernels.compiled())
    assert any("TCP" in problem for problem in found.problems), found.problems


def test_payloads_that_are_too_many_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PIECE", 2000)
    monkeypatch.setattr(content, "LONG_BYTES", 2000)
    monkeypatch.setattr(walk_notes, "COPIES_LIMIT", 5 * (len(INVITE) + walk_notes.PADDING))
    sent = [frames.packet("192.0.2.1", 5060, "192.0.2.2", 5060, INVITE, ident=n) for n in range(20)]
    pieces = cut(frames.pcap(Record(T0 + n * 20_000_000, one) for n, one in enumerate(sent)))
    found = walk(pieces, artifact="x", kernels=kernels.compiled())
    assert [note.payload for note in found.notes] == [INVITE] * 5
    assert found.problems == ["15 messages were left out: too many bytes to be held in memory"]


@pytest.mark.usefixtures("small")
def test_rtp_that_has_to_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "KEPT_BLOCKS", 0)
    sent = [frames.packet("192.0.2.1", 9000, "192.0.2.2", 9002, frames.rtp(n, n * 160), ident=n) for n in range(300)]
    whole = compared(frames.pcap(Record(T0 + n * 20_000_000, one) for n, one in enumerate(sent)), kernels.compiled())
    assert [stream.packets for stream in whole["streams"]] == [300]


# ---- pieces


def test_more() -> None:
    pieces = Pieces(lambda: iter([b"abcde", b"fgh", b"", b"ij"]), None)
    assert (bytes(pieces.data), pieces.start, pieces.final, pieces.size) == (b"abcdefghij", 0, True, 10)
    assert not pieces.more(3, 5)
    assert bytes(pieces.again().data) == b"abcdefghij"


def test_what_was_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PIECE", 4)
    monkeypatch.setattr(content, "LONG_BYTES", 4)
    pieces = Pieces(lambda: (bytes([65 + n]) * 3 for n in range(8)), None)
    assert (bytes(pieces.data), pieces.final) == (b"AAAB", False)
    first = pieces.data
    assert pieces.more(3, 1)
    assert (bytes(pieces.data), pieces.start) == (b"BBBCC", 3)
    assert bytes(first) == b"AAAB"
    assert pieces.more(0, 12)
    second = pieces.data
    assert (bytes(pieces.data), pieces.start) == (b"BBBCCCDDDEEE", 3)
    assert bytes(first) == b"AAAB"
    assert pieces.more(12, 1)
    assert (bytes(pieces.data), pieces.start, pieces.size) == (b"FFFG", 15, 24)
    assert bytes(second) == b"BBBCCCDDDEEE"
    assert pieces.final


def test_how_long_it_will_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LONG_BYTES", 4)
    monkeypatch.setattr(content, "PIECE", 4)
    assert Pieces(lambda: iter([b"abcd", b"efgh", b"ijkl"]), 12).expected == 12
    assert Pieces(lambda: iter([b"abcd", b"efgh", b"ijkl"]), None).expected == 4


# ---- out of archives


def read(path: Path, budget: Budget | None = None) -> tuple[Artifact, Facts]:
    facts = Facts()
    (artifact,) = read_inputs([str(path)], budget or Budget(), facts)
    return artifact, facts


def rows(facts: Facts, artifact: str) -> list[str]:
    def one(row: Row) -> str:
        return repr(row).replace(artifact, "x")

    return [one(row) for _, some in sorted(facts.tables().items()) for row in some]


def call() -> bytes:
    scenario = Scenario()
    scenario.answered()
    scenario.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 390, ssrc=5)
    return scenario.pcap()


@pytest.mark.usefixtures("small")
def test_a_packed_capture_has_the_rows_of_a_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pcap").write_bytes(call())
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(call()))
    plain, facts = read(tmp_path / "a.pcap")
    monkeypatch.setattr(Member, "buffer", lambda _: pytest.fail("held as a whole"))
    packed, others = read(tmp_path / "b.pcap.gz")
    assert rows(others, str(tmp_path / "b.pcap.gz")) == rows(facts, str(tmp_path / "a.pcap"))
    assert len(others.of(Call)) == 1
    assert (packed.records, packed.bytes, packed.status) == (plain.records, plain.bytes, "ok")


@pytest.mark.usefixtures("small")
def test_more_than_may_be_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(call()))
    artifact, facts = read(tmp_path / "b.pcap.gz", Budget(max_memory=20_000))
    assert (artifact.status, artifact.problems, facts.of(Capture)[0].packets) == ("ok", [], 396)


@pytest.mark.usefixtures("small")
def test_a_packed_capture_that_is_cut(tmp_path: Path) -> None:
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(call(), 0)[:-20_000])
    artifact, facts = read(tmp_path / "b.pcap.gz")
    assert artifact.status == "partial"
    assert any("cut" in problem for problem in artifact.problems), artifact.problems
    assert any(problem.startswith("the file ends inside record") for problem in artifact.problems)
    assert 200 < facts.of(Capture)[0].packets < 396


@pytest.mark.usefixtures("small")
def test_the_limit_of_what_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(call()))
    artifact, _ = read(tmp_path / "b.pcap.gz", Budget(max_bytes=MIB // 16))
    assert artifact.status == "partial"
    assert artifact.problems[0].endswith("cut here") or artifact.problems[1].endswith("cut here")


def test_a_short_packed_capture_takes_no_more_room_than_it_needs(tmp_path: Path) -> None:
    (tmp_path / "b.pcap.gz").write_bytes(gzip.compress(call()))
    (member,) = walk_tree([str(tmp_path / "b.pcap.gz")], Budget())
    assert isinstance(member, Member)
    assert member.packed
    held = Content.of(member)
    assert held.final
    assert isinstance(held.data.obj, bytes)
    assert held.data == call()


def test_a_piece_is_read_ahead_whatever_the_chunks_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PIECE", 10)
    monkeypatch.setattr(content, "LONG_BYTES", 10)
    asked: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number in range(40):
            asked.append(number)
            yield bytes([number])

    pieces = Pieces(chunks, None)
    assert bytes(pieces.data) == bytes(range(10))
    pieces._next()
    assert len(asked) == 20
