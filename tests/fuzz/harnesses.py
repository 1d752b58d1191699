"""What is fuzzed: each harness takes any bytes and fails where something raises, disagrees or grows without bound."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from parsers.capture import walk_reader
from parsers.capture.magic import is_capture
from parsers.capture.notes import MediaEnd, MediaMap, NoteKind, Walked
from parsers.capture.sdp import FORMAT_LIMIT, MEDIA_LIMIT, parse_sdp
from parsers.capture.sip import parse_message
from parsers.capture.tcp import HOLE_SEGMENTS
from parsers.capture.walk import walk
from parsers.capture.walk_reader import Kernels
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record

LINKS = (1, 0, 12, 101, 113, 276, 228, 229, 108, 14, 999)
PHONE, PBX = "192.0.2.21", "192.0.2.10"
MESSAGES = tuple(
    f"{line}\r\nVia: SIP/2.0/TCP {PHONE};branch=z9hG4bK{at}\r\nCall-ID: {at}@{PHONE}\r\nCSeq: {at} OPTIONS\r\n"
    f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
    for at, (line, body) in enumerate([
        (f"OPTIONS sip:{PBX} SIP/2.0", ""),
        ("SIP/2.0 200 OK", "v=0\r\nm=audio 9 RTP/AVP 0\r\n"),
        (f"MESSAGE sip:{PBX} SIP/2.0", "SIP/2.0 200 is no start line inside a body\r\n\r\n"),
        ("SIP/2.0 486 Busy Here", "x" * 700),
    ])
)  # fmt: skip


def walker(data: bytes) -> None:
    """A capture file, or packets of a link type: interpreted and compiled kernel and numpy say the same.

    Bytes that are no capture are cut into packets: link type, then length and content of each.
    """
    if not is_capture(data):
        data = _as_packets(data)
    plain = _walked(data, Kernels())
    compiled = kernels.compiled_or_none()
    if compiled is not None:
        assert _walked(data, compiled) == plain
    before = walk_reader.VECTOR_BYTES
    walk_reader.VECTOR_BYTES = 0
    try:
        assert _walked(data, kernels.interpreted()) == plain
    finally:
        walk_reader.VECTOR_BYTES = before


def sip(data: bytes) -> None:
    """A SIP message: its row is no larger than what was read, and keeps no password or digest."""
    secrets: set[str] = set()
    row = parse_message(
        data[1:],
        source=("x", 1),
        truncated=bool(data[:1] and data[0] & 1),
        secret=lambda values: secrets.update(value for value in values if value),
    )
    if row is None:
        return
    assert row.length <= len(data)
    assert row.method is not None or row.status is not None
    assert (row.method is None) != (row.status is None)
    kept = sum(len(str(value)) for value in row.headers.values())
    assert kept <= 2 * len(data) + 1000
    assert len(row.source.text) <= 4 * len(data) + 1000


def sdp(data: bytes) -> None:
    """A session description: lists stay within their limits."""
    found = parse_sdp(data[1:], partial=bool(data[:1] and data[0] & 1))
    if found is None:
        return
    assert len(found.media) <= MEDIA_LIMIT
    for media in found.media:
        assert 0 <= media.port <= 65_535
        assert len(media.formats) <= FORMAT_LIMIT


def tcp(data: bytes) -> None:
    """Segments of one direction of a TCP connection.

    First byte even: the rest cuts up known SIP messages, swaps and repeats segments; with a SYN in front and nothing lost,
    exactly those messages come out. Odd: segments with any content at any place; nothing may raise, and what comes out is
    no longer than what went in.
    """
    if not data or data[0] & 1:
        _any_segments(data[1:])
    else:
        _known_messages(data[1:])


HARNESSES: dict[str, Callable[[bytes], None]] = {"walker": walker, "sip": sip, "sdp": sdp, "tcp": tcp}


def _walked(data: bytes, form: Kernels) -> tuple[object, ...]:
    found = walk(data, artifact="x", kernels=form)
    notes = list(found.notes)
    assert found.understood <= found.capture.packets
    assert len(found.problems) < 60
    assert all(earlier.frame <= later.frame for earlier, later in pairwise(notes))
    ends = [MediaEnd(note.src, note.sport, note.time_ns) for note in notes[:4] if note.kind is NoteKind.SIP]
    # announcements are compared by what they say: each walk has its own
    return found.capture, found.problems, found.understood, notes, repr(found.streams(MediaMap(ends)))


def _as_packets(data: bytes) -> bytes:
    link = LINKS[data[0] % len(LINKS)] if data else 1
    records, at, time = [], 1, T0
    while at + 2 <= len(data):
        size, step = data[at] | (data[at + 1] & 7) << 8, data[at + 1] >> 3
        time += step * 100_000
        records.append(Record(time, data[at + 2 : at + 2 + size], size))
        at += 2 + size
    return frames.pcap(records, link=link)


def _segments(parts: list[tuple[int, bytes, int]], port: int = 5060) -> Walked:
    records = []
    for number, (seq, payload, flags) in enumerate(parts):
        segment = frames.tcp(40_000, port, seq, payload, flags)
        packet = frames.ethernet(frames.ipv4(PHONE, PBX, segment, kind=6, ident=number + 1))
        records.append(Record(T0 + number * 2_000_000, packet))
    return walk(frames.pcap(records), artifact="x", kernels=Kernels())


def _known_messages(data: bytes) -> None:
    stream, base = b"".join(MESSAGES), 0xFFFFFE00
    # three bytes cut once and may repeat one: of more segments than may wait behind a hole some are given up
    data = data[: 3 * (HOLE_SEGMENTS // 2 - 1)]
    cuts = sorted(
        {0, len(stream), *((data[at] << 8 | data[at + 1]) % len(stream) for at in range(0, len(data) - 1, 3))}
    )
    parts = [(base + 1 + a, stream[a:b], 0x18) for a, b in pairwise(cuts)]
    for at in range(2, len(data), 3):
        here, there = data[at] % len(parts), (data[at] >> 4) % len(parts)
        if data[at] & 1:
            parts[here], parts[there] = parts[there], parts[here]
        else:
            parts.insert(there, parts[here])
    found = _segments([(base, b"", 2), *parts])
    # a message stands where its last byte was captured: behind a hole that may be before the one in front of it
    assert sorted(note.payload for note in found.notes) == sorted(MESSAGES)
    assert {note.kind for note in found.notes} == {NoteKind.SIP}


def _any_segments(data: bytes) -> None:
    parts, at, total = [], 1, 0
    while at + 4 <= len(data):
        seq, size, flags = data[at] << 8 | data[at + 1], data[at + 2], data[at + 3] & 0x17
        payload = data[at + 4 : at + 4 + size]
        parts.append((seq, payload, flags))
        total += len(payload)
        at += 4 + size
    port = (5060, 5090, 443, 53)[data[0] & 3] if data else 5060
    found = _segments(parts, port)
    assert sum(len(note.payload) for note in found.notes) <= 2 * total + 64
