"""Interpreted, compiled and numpy forms of the walker give the same results, and stop, on every input."""

from __future__ import annotations

import random
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.capture import walk_reader, walk_vector
from parsers.capture.notes import MediaMap, NoteKind
from parsers.capture.walk import walk
from parsers.capture.walk_reader import Kernels
from tests import built
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record

A, B = "192.0.2.1", "198.51.100.2"
INVITE = (
    b"INVITE sip:9@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n"
    b"Content-Length: 5\r\n\r\nv=0\r\n"
)
STUN = struct.pack(">HHI", 1, 0, 0x2112A442) + bytes(12)
HELLO = b"\x16\x03\x01\x00\x08\x01\x00\x00\x04\x03\x03\x00\x00"


def test_constants_are_the_same() -> None:
    kernel = kernels.interpreted().packets
    for name in (
        "MIX1",
        "MIX2",
        "MIX3",
        "RING",
        "BUCKETS",
        "CHAIN",
        "EARLIER",
        "NEAR_NS",
        "MAX_FLOWS",
        "DAY_NS",
        "LARGEST",
    ):
        assert getattr(kernel, name) == int(getattr(walk_vector, name)), name
    assert (kernel.RTP_KEY | 4) << 32 == walk_vector.RTP_KEY


def _mixture() -> list[Record]:
    """A bit of everything the walker knows."""
    whole = frames.udp(5060, 5060, INVITE)
    parts = [
        frames.ipv4(A, B, whole[:64], ident=7, fragment=0x2000),
        frames.ipv4(A, B, whole[64:], ident=7, fragment=8),
    ]
    quoted = frames.ipv4(A, B, frames.udp(5060, 5060, b"x"))[:28]
    out = [frames.packet(A, 5060, B, 5060, INVITE)]
    out += [frames.packet(A, 9000, B, 9002, frames.rtp(i, i * 160), ident=100 + i) for i in (1, 2, 3, 5, 4, 5)]
    out += [frames.ethernet(frames.ipv4(A, B, frames.udp(9000, 9002, frames.rtp(9, 900)), ident=9), tags=[5])] * 2
    out += [frames.ethernet(part) for part in parts]
    out += [frames.packet(A, 9000, B, 3478, STUN), frames.packet(A, 5060, B, 5060, b"\r\n\r\n")]
    out += [frames.ethernet(frames.ipv4(B, A, b"\x03\x03" + bytes(6) + quoted, kind=1))]
    out += [frames.ethernet(frames.ipv4(A, B, frames.tcp(40000, 5060, 100, INVITE[:50]), kind=6, ident=20))]
    out += [frames.ethernet(frames.ipv4(A, B, frames.tcp(40000, 5060, 150, INVITE[50:] * 2), kind=6, ident=21))]
    out += [frames.ethernet(frames.ipv4(A, B, frames.tcp(40001, 5061, 1, HELLO), kind=6, ident=22))]
    out += [
        frames.ethernet(frames.ipv6("2001:db8::1", "2001:db8::2", frames.udp(9000, 9002, frames.rtp(1, 2))), 0x86DD)
    ]
    tunnel = [
        frames.tcp(41000, 5090, 10, b"12345678", ack=1000),
        frames.tcp(5090, 41000, 1000, b"", ack=18, window=0),
        frames.tcp(41000, 5090, 10, b"12345678", ack=1000),
    ]
    out += [frames.ethernet(frames.ipv4(A, B, part, kind=6, ident=30 + i)) for i, part in enumerate(tunnel)]
    gre = b"\x00\x00\x08\x00" + parts[0]
    out += [frames.ethernet(frames.ipv4(A, B, gre, kind=47))]
    out += [
        frames.ethernet(frames.ipv4(A, B, gre[a:b], ident=23, kind=47, fragment=more | a // 8))
        for a, b, more in ((0, 40, 0x2000), (40, len(gre), 0))
    ]
    within = frames.packet(A, 9100, B, 9102, frames.rtp(7, 700), ident=40)
    mirrors = [
        (4789, b"\x08" + bytes(7) + within),
        (8472, b"\x08" + bytes(7) + frames.packet(A, 5060, B, 5060, INVITE, ident=41)),
        (6081, b"\x01\0\x65\x58" + bytes(8) + within),
        (37008, b"\1\0\0\1\x0a\1\x20\0\1" + within),
        (37008, b"\1\0\0\1" + b"\x0a\xff" + bytes(20)),
        (4789, frames.rtp(8, 800)),
    ]
    out += [frames.packet(A, 50000, B, port, data, ident=50 + i) for i, (port, data) in enumerate(mirrors)]
    out += [frames.packet(A, 68, B, 67, bytes(236) + b"\x63\x82\x53\x63" + bytes(size), ident=60) for size in (0, 1, 9)]
    six = frames.udp(50000, 4789, b"\x08" + bytes(7) + within)
    out += [frames.ethernet(frames.ipv6("2001:db8::1", "2001:db8::2", six), 0x86DD)]
    return [Record(T0 + i * 20_000_000 // 40, data) for i, data in enumerate(out)]


def _pcapng(records: list[Record], order: str = "<") -> bytes:
    out = frames.section(order) + frames.interface(order=order)
    out += frames.interface(options=frames.option(9, b"\x89", order), order=order)
    for i, record in enumerate(records):
        scale = 1 if i % 3 == 0 else 0
        ticks = (record.time >> 30 << 20) if scale else record.time // 1000
        out += frames.enhanced(record.data, ticks, scale, order)
        if i == 4:
            out += frames.block(4, b"names", order) + frames.block(
                3, struct.pack(order + "I", 60) + record.data[:60], order
            )
    return out + frames.block(
        5, struct.pack(order + "III", 0, 0, 0) + frames.option(5, struct.pack(order + "Q", 3), order), order
    )


CORPUS = [
    frames.pcap(_mixture()),
    frames.pcap(_mixture(), order=">", nano=True),
    _pcapng(_mixture()),
    _pcapng(_mixture(), ">"),
    frames.pcap([Record(r.time, r.data[14:]) for r in _mixture()], link=101),
]


def outcome(data: bytes, form: Kernels) -> tuple[Any, ...]:
    """All that the walker says of some bytes."""
    walked = walk(data, artifact="x", kernels=form)
    tcp = walked.openings, walked.tunnels
    return walked.capture, walked.problems, (walked.understood, tcp), list(walked.notes), walked.streams(MediaMap())


def agree(data: bytes) -> tuple[Any, ...]:
    """The outcome, which is the same for the interpreted and the compiled kernel and for numpy."""
    plain = outcome(data, kernels.interpreted())
    assert outcome(data, kernels.compiled()) == plain
    before = walk_reader.VECTOR_BYTES
    walk_reader.VECTOR_BYTES = 0
    try:
        assert outcome(data, kernels.interpreted()) == plain
    finally:
        walk_reader.VECTOR_BYTES = before
    return plain


@pytest.mark.parametrize("data", CORPUS, ids=range(len(CORPUS)))
def test_corpus(data: bytes) -> None:
    capture, _, _, notes, _ = agree(data)
    assert capture.packets >= 19
    assert {note.kind.name for note in notes} >= {"SIP", "STUN", "KEEPALIVE", "ICMP", "TLS"}


def _cuts(index: int) -> Iterator[int]:
    """Every byte of a file's and its records' headers and trailers; of the packets, which are whole or not there at all,
    the ends and every 16th byte.
    """
    data, ends = CORPUS[index], [24]
    if index == 3:
        ends = [0]
        while ends[-1] < len(data):
            ends.append(ends[-1] + int.from_bytes(data[ends[-1] + 4 : ends[-1] + 8], "big"))
    else:
        while ends[-1] < len(data):
            ends.append(ends[-1] + 16 + int.from_bytes(data[ends[-1] + 8 : ends[-1] + 12], "little"))
    for end in range(len(data)):
        last = next(e for e in reversed([0, *ends]) if e <= end)
        following = next((e for e in ends if e > end), len(data))
        if end - last <= 32 or following - end <= 8 or (end - last) % 16 == 0:
            yield end


@pytest.mark.parametrize("index", [0, 3])
def test_cut_anywhere(index: int) -> None:
    for end in _cuts(index):
        data = CORPUS[index][:end]
        assert outcome(data, kernels.interpreted()) == outcome(data, kernels.compiled())


def test_packets_cut_at_every_byte() -> None:
    """Each packet at each captured length, in front of all others, so that nothing is a copy of anything."""
    packets = _mixture()
    for number, packet in enumerate(packets):
        cut = [Record(T0 + i * 2_000_000, packet.data[:i], len(packet.data)) for i in range(len(packet.data))]
        rest = [Record(T0 + (len(cut) + i) * 2_000_000, other.data) for i, other in enumerate(packets)]
        capture, *_ = agree(frames.pcap([*cut, *rest]))
        assert capture.truncated_packets == len(cut), number
        assert capture.packets == len(cut) + len(packets)


def test_cut_at_every_byte_of_the_tail_with_numpy() -> None:
    for end in range(len(CORPUS[0]) - 400, len(CORPUS[0])):
        agree(CORPUS[0][:end])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    index=st.integers(0, len(CORPUS) - 1),
    changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.one_of(st.none(), st.integers(0, 5000)),
)
def test_mutations(index: int, changes: list[tuple[int, int]], cut: int | None) -> None:
    data = bytearray(CORPUS[index])
    for place, value in changes:
        data[place % len(data)] = value
    agree(bytes(data if cut is None else data[:cut]))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=400), head=st.sampled_from([c[:24] for c in CORPUS[:2]] + [CORPUS[2][:48], b""]))
def test_noise(data: bytes, head: bytes) -> None:
    agree(head + data)


def _streams(seed: int, count: int, link: Callable[[random.Random, bytes], bytes]) -> Iterator[Record]:
    chance = random.Random(seed)
    time = T0
    sent = [0] * 5
    for i in range(count):
        time += chance.randrange(0, 2_000_000)
        stream = chance.randrange(5)
        kind = chance.random()
        sent[stream] += 1
        seq = sent[stream] + 65_500
        if kind < 0.02:
            seq += chance.choice([-3, 5, 40000])
        first = chance.choice([0x80] * 20 + [0x90, 0xA0, 0x81, 0xBF])
        body = frames.rtp(seq, seq * 160, chance.randbytes(chance.choice([0, 3, 160])), ssrc=stream)
        body = bytes([first]) + body[1:]
        ip = frames.ipv4(f"192.0.2.{stream}", B, frames.udp(9000, 9002, body), ident=chance.choice([0, i & 0xFFFF]))
        if kind > 0.97:
            ip = frames.ipv4(A, B, frames.udp(5060, 5060, INVITE if chance.random() < 0.5 else STUN), ident=i & 0xFFFF)
        data = link(chance, ip)
        original = len(data)
        if chance.random() < 0.02:
            data = data[: chance.randrange(len(data))]
        yield Record(time, data, original)
        if chance.random() < 0.2:
            # a mirror port's copy: later hop limit, other tag, sometimes too late to be one
            copy = bytearray(ip)
            copy[8] -= 1
            yield Record(time + chance.choice([0, 900_000, 1_000_000, 1_001_000]), link(chance, bytes(copy)))


LINKS: dict[int, Callable[[random.Random, bytes], bytes]] = {
    1: lambda chance, ip: frames.ethernet(ip, tags=[[], [5], [6, 7]][chance.randrange(3)]),
    113: lambda _, ip: bytes(14) + b"\x08\x00" + ip,
    276: lambda _, ip: b"\x08\x00" + bytes(18) + ip,
    101: lambda _, ip: ip,
    0: lambda _, ip: b"\x02\x00\x00\x00" + ip,
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("chunk", [7, 100, 1 << 15])
def test_streams_with_copies(link: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_vector, "CHUNK", chunk)
    capture, _, _, _, streams = agree(frames.pcap(_streams(link, 700, LINKS[link]), link=link))
    assert capture.duplicates > 50
    assert len(streams) == 5


def test_streams_in_pcapng_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_vector, "CHUNK", 50)
    records = list(_streams(9, 500, LINKS[1]))
    data = frames.section() + frames.interface() + frames.interface(options=frames.option(9, b"\x09"))
    for i, record in enumerate(records):
        number = 1 if i // 40 % 3 == 0 else 0
        data += frames.enhanced(
            record.data, record.time if number else record.time // 1000, number, original=record.original
        )
        if i == 200:
            data += frames.block(0x0BAD, b"custom")
    capture, *_ = agree(data)
    assert capture.packets == len(records)


@pytest.mark.parametrize("seed", range(6))
def test_odd_records(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that jump by days, original lengths that cannot be, and a file that is damaged besides."""
    monkeypatch.setattr(walk_vector, "CHUNK", 20)
    chance = random.Random(seed)
    day, records, time = 86_400 * 1_000_000_000, [], T0
    for record in _streams(seed, 200, LINKS[1]):
        time += chance.choice([1_000_000] * 20 + [day, day + 1000, -day, -day - 1000, 400 * day])
        original = chance.choice([record.original] * 20 + [0, 1, 0xFFFFFF, 0x1000000, 0xFFFFFFFF])
        records.append(Record(time, record.data, original))
    data = frames.pcap(records)
    capture, *_ = agree(data)
    assert len(records) - 30 <= capture.packets <= len(records)
    for _ in range(10):
        place = chance.randrange(24, len(data))
        agree(data[:place] + chance.randbytes(chance.randrange(40)) + data[place + chance.randrange(40) :])


def test_many_copies_of_one_packet() -> None:
    frame = frames.packet(A, 9000, B, 9002, frames.rtp(1, 160))
    capture, *_ = agree(frames.pcap(Record(T0 + i * 1000, frame) for i in range(300)))
    assert capture.duplicates == 299


def test_large_captures_are_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = frames.pcap(_streams(3, 400, LINKS[1]))
    once = outcome(data, kernels.interpreted())
    monkeypatch.setattr("parsers.capture.walk.KEPT_BLOCKS", 0)
    assert agree(data) == once


def _crowd(count: int) -> Iterator[Record]:
    """More flows, notes, tunnels, segments, errors and fragments between two looks of the walker than it has room for."""
    quoted = frames.ipv4(A, B, frames.udp(5060, 5060, b"x"))[:28]
    whole = frames.udp(5060, 5060, INVITE)
    for i in range(count):
        time, port = T0 + i * 5_000_000, 10_000 + i
        yield Record(time, frames.packet(A, port, B, 5060, INVITE, ident=i))
        yield Record(time, frames.packet(A, port, B, 9002, frames.rtp(i, i * 160, ssrc=i), ident=i))
        yield Record(time, frames.ethernet(frames.ipv4(A, B, b"\x00\x00\x08\x00" + quoted, kind=47, ident=i)))
        yield Record(time, frames.ethernet(b"\x00" * 20, 0x8847))
        yield Record(time, frames.ethernet(frames.ipv4(A, B, frames.tcp(port, 443, 7, b"GET /"), kind=6, ident=i)))
        yield Record(time, frames.ethernet(frames.ipv4(A, B, frames.tcp(port, 443, 12, INVITE), kind=6, ident=i + 1)))
        if i % 7 == 0:
            yield Record(time, frames.ethernet(frames.ipv4(B, A, b"\x03\x03" + bytes(6) + quoted, kind=1, ident=i)))
            yield Record(time, frames.ethernet(frames.ipv4(A, B, whole[:64], ident=i, fragment=0x2000)))
            yield Record(time, frames.ethernet(frames.ipv4(A, B, whole[64:], ident=i, fragment=8)))


def test_more_than_there_is_room_for() -> None:
    count = 2100
    capture, problems, _, notes, _ = agree(frames.pcap(_crowd(count)))
    kinds = Counter(note.kind for note in notes)
    assert kinds[NoteKind.SIP] == count + 300
    assert kinds[NoteKind.ICMP] == capture.icmp_unreachable == 300
    assert [note.frame for note in notes] == sorted(note.frame for note in notes)
    assert any(text.startswith(f"{count} packets of MPLS are counted") for text in problems)
    assert any(text.startswith(f"{count} packets of GRE carry others") for text in problems)


def test_without_cython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cython", None)
    form = Kernels(*(built.interpreted.__wrapped__(name) for name in kernels.NAMES))
    assert form.packets.cython.__name__ == "parsers.interpreted"
    assert outcome(CORPUS[0], form) == outcome(CORPUS[0], kernels.interpreted())
