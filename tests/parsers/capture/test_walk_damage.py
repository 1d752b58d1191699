"""Captures that are damaged in many places, and what is told of long ones."""

from __future__ import annotations

import random
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from parsers.capture import walk_damage, walk_pcap, walk_reader
from parsers.capture.content import Content
from parsers.capture.walk import walk
from parsers.facts import Facts
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record

A, B = "192.0.2.1", "198.51.100.2"
OPTIONS = b"OPTIONS sip:b@example.com SIP/2.0\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n"
SIP_IP = frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS))


@pytest.mark.parametrize("container", ["pcap", "pcapng"])
def test_damage_everywhere_is_no_work_without_end(monkeypatch: pytest.MonkeyPatch, container: str) -> None:
    monkeypatch.setattr(walk_damage, "MAX_REPAIRS", 50)
    frame = frames.ethernet(SIP_IP)
    if container == "pcap":
        good = frames.pcap([Record(T0, frame)] * 3)[24:]
        data = frames.pcap([]) + (good + b"\xff" * 40) * 200
    else:
        good = frames.enhanced(frame, T0 // 1000) * 3
        data = frames.section() + frames.interface() + (good + b"\xff" * 32) * 200
    walked = walk(data, artifact="x")
    assert walked.capture.packets == 153
    assert walked.problems[0].endswith("frame numbers from here on count only what was read")
    assert "is damaged in too many places, the last of them" in walked.problems[20]
    assert walked.problems[21] == "30 more places are damaged or cannot be read"


def _calls(chance: random.Random, count: int) -> list[Record]:
    """Audio, SIP and other packets."""
    time, out = T0, []
    for n in range(count):
        time += chance.choice([1, 20, 1000, 30_000]) * 1_000_000
        kind = chance.random()
        if kind < 0.7:
            payload = chance.choice([bytes(160), chance.randbytes(160), b"\xd5" * 160])
            data = frames.packet(A, 9000, B, 9002, frames.rtp(n, n * 160, payload), ident=n)
        elif kind < 0.9:
            data = frames.packet(A, 5060, B, 5060, OPTIONS + b"x" * chance.randrange(900), ident=n)
        else:
            data = frames.ethernet(bytes(46), 0x0806)
        out.append(Record(time, data))
    return out


def _contained(records: list[Record], container: str) -> tuple[bytes, list[int]]:
    """A file, and where its records end."""
    order = ">" if container.endswith("-big") else "<"
    if container.startswith("pcapng"):
        data, head = frames.section(order) + frames.interface(order=order), 32
        blocks = [frames.enhanced(r.data, r.time // 1000, order=order) for r in records]
        return data + b"".join(blocks), list(accumulate(map(len, blocks), initial=len(data)))
    head = 16
    sizes = [head + len(r.data) for r in records]
    return frames.pcap(records, order=order, nano="nano" in container), list(accumulate(sizes, initial=24))


@pytest.mark.parametrize("container", ["pcap", "pcap-big", "pcap-nano", "pcapng", "pcapng-big"])
@pytest.mark.parametrize("damage", ["cut", "junk", "zeros", "ones"])
def test_what_is_around_damage_is_read(container: str, damage: str) -> None:
    chance = random.Random(f"{container} {damage}")
    records = _calls(chance, 200)
    data, ends = _contained(records, container)
    assert len(data) == ends[-1]
    for _ in range(25):
        start = chance.randrange(ends[0], len(data))
        stop = min(len(data), start + chance.choice([1, 2, 3, 5, 17, 100, 1000, 5000]))
        size = stop - start
        middle = {"cut": b"", "junk": chance.randbytes(size), "zeros": bytes(size), "ones": b"\xff" * size}[damage]
        walked = walk(data[:start] + middle + data[stop:], artifact="x")
        touched = sum(a < stop and start < b for a, b in pairwise(ends))
        # one that is put together from two halves takes some of the next one with it
        assert len(records) - touched - 3 <= walked.capture.packets <= len(records) + 1


def test_captures_of_different_years_may_be_put_together() -> None:
    year = 365 * 86_400 * 1_000_000_000
    records = [Record(T0 + (n * 7 % 5) * year, frames.packet(A, 5060, B, 5060, OPTIONS, ident=n)) for n in range(40)]
    walked = walk(frames.pcap(records), artifact="x")
    assert (walked.capture.packets, walked.problems) == (40, [])
    assert [note.time_ns for note in walked.notes] == [record.time for record in records]


def test_a_writer_that_leaves_out_the_original_length() -> None:
    records = [Record(T0 + n, frames.packet(A, 5060, B, 5060, OPTIONS, ident=n), 0) for n in range(40)]
    walked = walk(frames.pcap(records), artifact="x")
    assert (walked.capture.packets, walked.capture.truncated_packets, walked.problems) == (40, 0, [])


def test_places_to_go_on_are_tried_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_damage, "MAX_TRIES", 1000)
    damage = walk_damage.Damage(Content(memoryview(bytes(10_000))))
    assert list(damage.places(5, {b"\0\0"})) == list(range(6, 1006))
    assert damage.too_much


def test_marks_at_the_ends_of_windows_are_found() -> None:
    data = bytearray(5 * 1024 * 1024)
    wanted = [7, 4094, 4096, 65_534, 65_536, 1024 * 1024, 4 * 1024 * 1024 - 1]
    for place in [*wanted, 4 * 1024 * 1024 + 1]:
        data[place + 2 : place + 4] = b"\x12\x34"
    assert list(walk_damage.Damage(Content(memoryview(data))).places(0, {b"\x12\x34"}, 2)) == wanted


def test_progress_of_a_long_capture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(walk_reader, "STEP", 5000)
    monkeypatch.setattr(walk_pcap, "SLICE", 1000)
    data = frames.pcap([Record(T0 + n, frames.packet(A, 5060, B, 5060, OPTIONS, ident=n)) for n in range(180)])
    path = tmp_path / "x.pcap"
    path.write_bytes(data)
    told: list[tuple[str, int, int]] = []
    read_inputs([path], Budget(), Facts(), progress=lambda *now: told.append(now))
    assert told[0] == (str(path), 0, len(data))
    assert told[-1] == (str(path), len(data), len(data))
    done = [now[1] for now in told]
    assert len(done) > 3
    assert all(later - earlier >= 5000 for earlier, later in pairwise(done[:-1]))
