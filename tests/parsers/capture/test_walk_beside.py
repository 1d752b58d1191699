"""A capture that is read on a second core while what was found is looked at."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import cast

import pytest

from parsers.capture import walk as walk_module
from parsers.capture.notes import Note, NoteKind
from parsers.capture.walk import walk
from parsers.capture.walk_beside import run_beside
from parsers.capture.walk_reader import Kernels, Reader
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record

A, B = "192.0.2.1", "198.51.100.2"


def message(number: int) -> bytes:
    return b"OPTIONS sip:b@example.com SIP/2.0\r\nCall-ID: %d\r\nContent-Length: 0\r\n\r\n" % number


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    monkeypatch.setattr(walk_module, "LONG_BYTES", 0)
    monkeypatch.setattr("parsers.capture.walk_pcap.SLICE", 4096)
    monkeypatch.setattr("parsers.capture.walk_reader.STEP", 4096)
    return kernels.compiled()


def capture(count: int = 3000) -> bytes:
    """SIP over UDP and TCP in turns; of the TCP ones the end is missing until the next one comes."""
    records = []
    for i in range(count):
        text = message(i)
        if i % 3:
            records.append(Record(T0 + i * 1_000_000, frames.packet(A, 5060, B, 5060, text, ident=i)))
        else:
            segment = frames.tcp(40_000 + i, 5060, 1, text[:40])
            records.append(Record(T0 + i * 1_000_000, frames.ethernet(frames.ipv4(A, B, segment, kind=6, ident=i))))
    return frames.pcap(records)


def test_each_message_is_made_once_and_stays_in_order(compiled: Kernels) -> None:
    seen: list[bytes] = []
    threads: set[int] = set()

    def make(note: Note) -> bytes:
        threads.add(threading.get_ident())
        seen.append(note.payload)
        return note.payload

    plain = list(walk(capture(), artifact="x", kernels=compiled).notes)
    notes = list(walk(capture(), artifact="x", kernels=compiled, make=make).notes)
    assert [note.made or note.payload for note in notes] == [note.payload for note in plain]
    assert [(n.kind, n.frame, n.time_ns, n.src, n.sport, n.truncated) for n in notes] == [
        (n.kind, n.frame, n.time_ns, n.src, n.sport, n.truncated) for n in plain
    ]
    assert len(seen) == len(set(seen)) == sum(note.made is not None for note in notes) >= 2000
    assert threads == {threading.get_ident()}


def test_only_the_first_notes_are_made(compiled: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, "MADE_LIMIT", 100)
    notes = walk(capture(), artifact="x", kernels=compiled, make=lambda note: note.frame).notes
    assert sum(note.made is not None for note in notes) == 100
    assert all(note.payload for note in notes if note.made is None and note.kind is NoteKind.SIP)


def test_progress_is_told_where_it_is_asked_for(compiled: Kernels) -> None:
    told: list[tuple[int, int]] = []
    data = capture()
    walk(data, artifact="x", kernels=compiled, make=lambda _: 1, progress=lambda *word: told.append(word))
    assert told[-1] == (len(data), len(data))


def test_a_failure_of_either_side_is_raised_and_nothing_goes_on(
    compiled: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise RuntimeError("so it is")

    threads, interval = threading.active_count(), sys.getswitchinterval()
    with pytest.raises(RuntimeError, match="so it is"):
        walk(capture(), artifact="x", kernels=compiled, make=fail)
    monkeypatch.setattr("parsers.capture.walk_flows.Flows.finish", fail)
    with pytest.raises(RuntimeError, match="so it is"):
        walk(capture(), artifact="x", kernels=compiled, make=lambda _: 1)
    assert threading.active_count() == threads
    assert sys.getswitchinterval() == interval


def test_who_leaves_early_does_not_wait_for_the_rest() -> None:
    class Endless:
        notes = ()

        def run(self, tell: Callable[[int, int], None]) -> None:
            while True:
                tell(1, 2)

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_beside(cast("Reader", Endless()), None, fail)
