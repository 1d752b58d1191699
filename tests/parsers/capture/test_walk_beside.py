"""A capture that is read on a second core while what was found is looked at."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from typing import cast

import pytest

from parsers.capture import walk as walk_module
from parsers.capture.kernel import Kernel
from parsers.capture.notes import Note, NoteKind
from parsers.capture.walk import walk
from parsers.capture.walk_beside import run_beside
from parsers.capture.walk_notes import NoteTable
from parsers.capture.walk_reader import Kernels
from parsers.facts.capture import Capture, SipMessage, SipPeer, SipTransaction
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record
from tests.parsers.capture.scenario import read

UDP = 17
A, B = "192.0.2.1", "198.51.100.2"


def message(number: int) -> bytes:
    return b"OPTIONS sip:b@example.com SIP/2.0\r\nCall-ID: %d\r\nContent-Length: 0\r\n\r\n" % number


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    monkeypatch.setattr(walk_module, "LONG_BYTES", 0)
    monkeypatch.setattr("parsers.capture.walk_pcap.SLICE", 4096)
    monkeypatch.setattr("parsers.capture.walk_reader.STEP", 4096)
    return kernels.compiled()


def take(notes: Iterable[Note]) -> None:
    for _ in notes:
        pass


def messages(count: int = 3000) -> list[Record]:
    """SIP over UDP and TCP in turns; of the TCP ones the end is missing, so that they are given up at the end of the file."""
    records = []
    for i in range(count):
        text = message(i)
        if i % 3:
            records.append(Record(T0 + i * 1_000_000, frames.packet(A, 5060, B, 5060, text, ident=i)))
        else:
            segment = frames.tcp(40_000 + i, 5060, 1, text[:40])
            records.append(Record(T0 + i * 1_000_000, frames.ethernet(frames.ipv4(A, B, segment, kind=6, ident=i))))
    return records


def test_notes_are_given_once_and_in_order(compiled: Kernels) -> None:
    seen: list[Note] = []
    data = frames.pcap([Record(r.time, r.data) for r in messages() if r.data[23] == UDP])
    plain = walk(data, artifact="x", kernels=compiled)
    walked = walk(data, artifact="x", kernels=compiled, look=seen.extend)
    assert walked.unseen is not None
    assert not walked.afresh
    assert [*seen, *walked.unseen] == list(plain.notes) == list(walked.notes)
    assert len(seen) == 2000


class OneFlow:
    """A kernel that knows of one flow."""

    def flow(self, number: int) -> tuple[int, int, int, int, int, int, int]:
        assert number == 0
        return 0x24, 0, 0xC0000201, 0, 0xC6336402, 5060 << 16 | 5060, 0


def test_fresh_notes() -> None:
    table = NoteTable(memoryview(b"abcdef"))
    table.of(cast("Kernel", OneFlow()))

    def add(*of_frames: int) -> None:
        for frame in of_frames:
            table.add(NoteKind.SIP, frame, T0, 0, frame % 6, 1, 0, 0)

    def fresh() -> list[int]:
        return [note.frame for note in table.fresh()]

    assert fresh() == []
    add(1, 2)
    assert [(n.frame, n.src, n.payload) for n in table.fresh()] == [(1, A, b"b"), (2, A, b"c")]
    add(2, 5)
    assert fresh() == [2, 5]
    assert fresh() == []
    add(4, 9)
    assert fresh() == []
    table.finish()
    assert table.afresh
    assert [note.frame for note in table.unseen()] == [1, 2, 2, 4, 5, 9]


def test_notes_that_come_late_are_given_once_more(compiled: Kernels) -> None:
    seen: list[Note] = []
    walked = walk(frames.pcap(messages()), artifact="x", kernels=compiled, look=seen.extend)
    assert walked.unseen is not None
    assert walked.afresh
    assert len(seen) == 2000
    unseen = list(walked.unseen)
    assert unseen == list(walked.notes) == list(walk(frames.pcap(messages()), artifact="x", kernels=compiled).notes)
    assert [note.frame for note in unseen] == list(range(1, 3001))


def test_a_capture_reads_the_same(compiled: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "Kernels", lambda: compiled)
    for records in (messages(), [r for r in messages() if r.data[23] == UDP]):
        data = frames.pcap(records)
        monkeypatch.setattr(walk_module, "LONG_BYTES", 0)
        beside = read(data).facts
        monkeypatch.setattr(walk_module, "LONG_BYTES", len(data) + 1)
        plain = read(data).facts
        assert len(beside.of(SipMessage)) == len(records)
        for kind in (SipMessage, SipPeer, SipTransaction, Capture):
            assert beside.of(kind) == plain.of(kind)


def test_progress_is_told_where_it_is_asked_for(compiled: Kernels) -> None:
    told: list[tuple[int, int]] = []
    data = frames.pcap(messages())
    walk(data, artifact="x", kernels=compiled, look=take, progress=lambda *word: told.append(word))
    assert told[-1] == (len(data), len(data))


def test_a_failure_of_either_side_is_raised_and_nothing_goes_on(
    compiled: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("so it is")

    threads, interval = threading.active_count(), sys.getswitchinterval()
    with pytest.raises(RuntimeError, match="so it is"):
        walk(frames.pcap(messages()), artifact="x", kernels=compiled, look=fail)
    monkeypatch.setattr("parsers.capture.walk_flows.Flows.finish", fail)
    with pytest.raises(RuntimeError, match="so it is"):
        walk(frames.pcap(messages()), artifact="x", kernels=compiled, look=take)
    assert threading.active_count() == threads
    assert sys.getswitchinterval() == interval


def test_who_leaves_early_does_not_wait_for_the_rest() -> None:
    def endless(tell: Callable[[int, int], None]) -> None:
        while True:
            tell(1, 2)

    def fail(_: Iterable[Note]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_beside(endless, NoteTable(memoryview(b"")), None, fail)
