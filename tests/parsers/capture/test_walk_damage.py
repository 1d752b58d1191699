"""Captures that are damaged in many places, and what is told of long ones."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from parsers.capture import walk_damage, walk_pcap, walk_reader
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


def test_places_to_go_on_are_tried_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_damage, "MAX_TRIES", 1000)
    damage = walk_damage.Damage(memoryview(bytes(10_000)))
    assert list(damage.places(5, {b"\0\0"})) == list(range(6, 1006))
    assert damage.too_much


def test_marks_at_the_ends_of_windows_are_found() -> None:
    data = bytearray(5 * 1024 * 1024)
    wanted = [7, 4094, 4096, 65_534, 65_536, 1024 * 1024, 4 * 1024 * 1024 - 1]
    for place in [*wanted, 4 * 1024 * 1024 + 1]:
        data[place + 2 : place + 4] = b"\x12\x34"
    assert list(walk_damage.Damage(memoryview(data)).places(0, {b"\x12\x34"}, 2)) == wanted


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
