"""Several files read by one walk give what the one capture gives that they are."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.capture import walk_reader
from parsers.capture.content import Content
from parsers.capture.notes import MediaMap
from parsers.capture.spliced import Spliced
from parsers.capture.walk import Room, walk
from parsers.capture.walk_reader import Kernels
from parsers.capture.walk_series import SeriesWalk
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record
from tests.parsers.capture.pieces import cut, records
from tests.parsers.capture.test_walk_differential import INVITE, _mixture

A, B = "192.0.2.1", "198.51.100.2"


def series(pieces: list[bytes], form: Kernels, room: Room | None = None) -> tuple[SeriesWalk, Any]:
    walked = SeriesWalk(room or Room(10), form)
    for number, piece in enumerate(pieces):
        walked.add(Content(memoryview(piece)), f"{number}.pcap")
    return walked, walked.finish("all")


def told(walked: Any) -> tuple[Any, ...]:
    notes = [note for note in walked.notes if note.kind.name != "OTHER"]
    return notes, walked.streams(MediaMap()), list(walked.openings), walked.tunnels, walked.understood


@pytest.mark.parametrize("vector", [False, True])
def test_cut_anywhere(form: Kernels, vector: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if vector:
        monkeypatch.setattr(walk_reader, "VECTOR_BYTES", 0)
    data = frames.pcap(_mixture())
    whole = walk(data, artifact="all", kernels=form)
    for place in range(1, len(records(data))):
        walked, spliced = series(cut(data, place), form)
        assert told(spliced) == told(whole), place
        assert sum(part.capture.packets for part in walked.parts) == whole.capture.packets
        assert (spliced.capture.first, spliced.capture.last) == (whole.capture.first, whole.capture.last)
        assert (spliced.capture.fragments, spliced.capture.one_sided) == (
            whole.capture.fragments,
            whole.capture.one_sided,
        )
        assert spliced.capture.duration_s == whole.capture.duration_s


def test_every_packet_a_file(form: Kernels) -> None:
    data = frames.pcap(_mixture())
    count = len(records(data))
    walked, spliced = series(cut(data, *range(1, count)), form)
    assert told(spliced) == told(walk(data, artifact="all", kernels=form))
    assert [part.before for part in walked.parts] == list(range(count))


def test_copies_over_the_border(form: Kernels) -> None:
    """Each packet stands twice, within a millisecond; a copy two files later is looked for no more."""
    packets = [
        frames.packet(A, 9000, B, 9002, frames.rtp(1, 160), ident=7),
        frames.packet(A, 5060, B, 5060, INVITE, ident=8),
        frames.packet(A, 9000, B, 9002, frames.rtp(2, 320), ident=9),
    ]
    both = [Record(T0 + i * 50_000, packet) for i, packet in enumerate([*packets, *packets])]
    data = frames.pcap(both)
    whole = walk(data, artifact="all", kernels=form)
    assert whole.capture.duplicates == 3
    for place in range(1, 6):
        _, spliced = series(cut(data, place), form)
        assert spliced.capture.duplicates == 3, place
        assert told(spliced) == told(whole)
    other = frames.packet(A, 5060, B, 5060, INVITE.replace(b"sip:9", b"sip:8"), ident=8)
    _, spliced = series(
        [frames.pcap([both[1]]), frames.pcap([Record(T0 + 60_000, other)]), frames.pcap([both[4]])], form
    )
    assert [note.frame for note in spliced.notes] == [1, 2, 3]


def speech() -> bytes:
    packets = [frames.packet(A, 9000, B, 9002, frames.rtp(i, i * 160), ident=i) for i in range(1, 41)]
    return frames.pcap([Record(T0 + i * 20_000_000, packet) for i, packet in enumerate(packets)])


def test_second_pass(form: Kernels) -> None:
    """A series whose RTP is too much to be kept is read again."""
    (stream,) = series(cut(speech(), 13, 14), form, Room(0))[1].streams(MediaMap())
    assert (stream.packets, stream.lost, stream.restarts, stream.delta_max_ms) == (40, 0, 0, 20.0)
    assert stream.first_frame == 1


def test_series_share_the_room_for_their_rtp(form: Kernels) -> None:
    room = Room(2)
    first, a = series(cut(speech(), 13), form, room)
    assert room.left == 1
    second, b = series(cut(speech(), 20), form, room)
    assert room.left == 0
    third, c = series(cut(speech(), 30), form, room)
    assert room.left == 0
    assert a.streams(MediaMap()) == b.streams(MediaMap()) == c.streams(MediaMap()) != []
    for walked, left in ((third, 0), (second, 1), (first, 2)):
        walked.close()
        assert room.left == left


def test_segment_that_waits_over_the_border(form: Kernels) -> None:
    """The second half of a message comes first, in another file."""
    segments = [
        frames.tcp(40000, 5060, 99, flags=2),
        frames.tcp(40000, 5060, 150, INVITE[50:]),
        frames.tcp(40000, 5060, 100, INVITE[:50]),
    ]
    packets = [frames.ethernet(frames.ipv4(A, B, one, kind=6, ident=i)) for i, one in enumerate(segments, 1)]
    data = frames.pcap([Record(T0 + i, packet) for i, packet in enumerate(packets)])
    (note,) = series(cut(data, 2), form)[1].notes
    assert (note.payload, note.frame) == (INVITE, 3)


def test_counts_are_those_of_each_file(form: Kernels) -> None:
    bad = Record(T0, frames.ethernet(b"\x45"))
    good = Record(T0, frames.packet(A, 5060, B, 5060, INVITE))
    vxlan = Record(T0, frames.packet(A, 4789, B, 4789, b"x" * 20))
    pieces = [frames.pcap([good, bad, vxlan]), frames.pcap([good, good, bad])[:-3], frames.pcap([vxlan])]
    walked, spliced = series(pieces, form)
    assert [part.capture.packets for part in walked.parts] == [3, 2, 1]
    assert [part.understood for part in walked.parts] == [1, 2, 0]
    assert [part.problems for part in walked.parts] == [
        ["1 malformed packets (first: frame 2)", "1 packets of VXLAN are counted but not decoded (first: frame 3)"],
        ["the file ends inside record 3 (byte 372 of 400); what is before it was read"],
        ["1 packets of VXLAN are counted but not decoded (first: frame 1)"],
    ]
    assert spliced.understood == 3


def test_spliced() -> None:
    data = Spliced()
    assert [data.add(Content(memoryview(part))) for part in (b"abc", b"de", b"fgh")] == [0, 3, 5]
    assert (data[0], data[3], data[7]) == (97, 100, 104)
    assert [bytes(data[a:b]) for a, b in ((0, 3), (3, 5), (6, 8), (5, 5))] == [b"abc", b"de", b"gh", b""]
