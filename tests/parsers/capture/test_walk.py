"""What the walker makes of link layers, containers, copies, fragments and errors."""

from __future__ import annotations

import random
import struct
from datetime import UTC, datetime

import pytest

from parsers.capture.notes import MediaMap, NoteKind, Walked
from parsers.capture.walk import walk
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record

pytestmark = pytest.mark.usefixtures("form")

A, B = "192.0.2.1", "198.51.100.2"
OPTIONS = b"OPTIONS sip:b@example.com SIP/2.0\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n"
SIP_IP = frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS))


def of(*data: bytes, link: int = 1, step: int = 20_000_000) -> Walked:
    return walk(frames.pcap([Record(T0 + i * step, d) for i, d in enumerate(data)], link=link), artifact="x.pcap")


def kinds(walked: Walked) -> list[str]:
    return [note.kind.name for note in walked.notes]


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, frames.ethernet(SIP_IP)),
        (1, frames.ethernet(SIP_IP, tags=[5])),
        (1, frames.ethernet(SIP_IP, tags=[5, 6])),
        (1, frames.ethernet(b"\x11\x00\x00\x01" + struct.pack(">H", len(SIP_IP) + 2) + b"\x00\x21" + SIP_IP, 0x8864)),
        (113, bytes(14) + b"\x08\x00" + SIP_IP),
        (276, b"\x08\x00" + bytes(18) + SIP_IP),
        (12, SIP_IP),
        (14, SIP_IP),
        (101, SIP_IP),
        (228, SIP_IP),
        (229, frames.ipv6("2001:db8::1", "2001:db8::2", frames.udp(5060, 5060, OPTIONS))),
        (0, b"\x02\x00\x00\x00" + SIP_IP),
        (0, b"\x00\x00\x00\x02" + SIP_IP),
        (108, b"\x00\x00\x00\x1e" + frames.ipv6("2001:db8::1", "2001:db8::2", frames.udp(5060, 5060, OPTIONS))),
        (1, frames.ethernet(frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS), options=b"\x01" * 8))),
        (1, frames.ethernet(frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS), total=0))),
        (1, frames.ethernet(SIP_IP) + b"padding of a short frame"),
    ],
)
def test_links(link: int, data: bytes) -> None:
    walked = of(data, link=link)
    assert [(n.kind, n.frame, n.sport, n.dport, n.transport, n.payload, n.truncated) for n in walked.notes] == [
        (NoteKind.SIP, 1, 5060, 5060, "udp", OPTIONS, False)
    ]
    assert walked.capture.link_types == [link]
    assert walked.problems == []
    assert walked.understood == 1


GRE = b"\x20\x00\x08\x00\x00\x00\x00\x01"
SIP_IPV6 = frames.ipv6("2001:db8::1", "2001:db8::2", frames.udp(5060, 5060, OPTIONS))


@pytest.mark.parametrize(
    ("kind", "data", "name"),
    [
        (4, SIP_IP, "IP-in-IP"),
        (41, SIP_IPV6, "IPv6-in-IP"),
        (47, GRE + SIP_IP, "GRE"),
        (47, b"\x00\x00\x65\x58" + frames.ethernet(SIP_IP), "GRE"),
        (47, b"\x00\x00\x88\xbe" + frames.ethernet(SIP_IP), "GRE"),
        (47, b"\x10\x00\x88\xbe" + bytes(4 + 8) + frames.ethernet(SIP_IP), "GRE"),
        (47, b"\x10\x00\x22\xeb" + bytes(4 + 12) + frames.ethernet(SIP_IP), "GRE"),
        (47, b"\x10\x00\x22\xeb" + bytes(4 + 11) + b"\x01" + bytes(8) + frames.ethernet(SIP_IP), "GRE"),
    ],
)
def test_tunnels_are_read_and_named(kind: int, data: bytes, name: str) -> None:
    walked = of(frames.ethernet(frames.ipv4(A, B, data, kind=kind)))
    assert [(n.kind, n.frame, n.payload) for n in walked.notes] == [(NoteKind.SIP, 1, OPTIONS)]
    assert walked.problems == [f"1 packets of {name} carry others: those are read (first: frame 1)"]
    assert (walked.capture.packets, walked.understood) == (1, 1)


SIP_FRAME = frames.ethernet(SIP_IP)


@pytest.mark.parametrize(
    ("port", "head", "name"),
    [
        (4789, b"\x08" + bytes(7), "VXLAN"),
        (8472, b"\x08\0\0\0\0\0\7\0", "VXLAN"),
        # with the next protocol: Ethernet
        (4789, b"\x0c\0\0\3\0\0\7\0", "VXLAN"),
        (6081, b"\0\0\x65\x58\0\0\7\0", "Geneve"),
        (6081, b"\2\0\x65\x58\0\0\7\0" + b"\xff" * 8, "Geneve"),
        (37008, b"\1\0\0\1\1", "TZSP"),
        (37008, b"\1\1\0\1" + b"\0\x0a\1\x30\x29\2\5\xdc\1", "TZSP"),
    ],
)
def test_frames_of_a_mirror_in_udp(port: int, head: bytes, name: str) -> None:
    walked = of(frames.packet(A, 50000, B, port, head + SIP_FRAME))
    assert [(n.kind, n.frame, n.src, n.payload) for n in walked.notes] == [(NoteKind.SIP, 1, A, OPTIONS)]
    assert walked.problems == [f"1 packets of {name} carry others: those are read (first: frame 1)"]
    assert walked.understood == 1


@pytest.mark.parametrize(
    ("port", "payload"),
    [
        (4789, b"\x08\0\0\1" + bytes(4) + SIP_FRAME),
        (4789, b"\x08" + bytes(6) + b"\1" + SIP_FRAME),
        (6081, b"\x40\0\x65\x58" + bytes(4) + SIP_FRAME),
        (6081, b"\x3f\0\x65\x58" + bytes(4) + SIP_FRAME[:40]),
        (6081, b"\0\0\x08\0" + bytes(4) + SIP_FRAME),
        (37008, b"\2\0\0\1\1" + SIP_FRAME),
        (37008, b"\1\4\0\1\1" + SIP_FRAME),
        (37008, b"\1\0\0\x12\1" + SIP_FRAME),
        (37008, b"\1\0\0\1" + b"\x0a\xff" * 20),
        (37008, b"\1\0\0\1" + bytes(30)),
        (37008, b"\1\0\0\1" + bytes(20) + b"\1"),
        (4789, b"\x08" + bytes(7)),
    ],
)
def test_what_only_goes_to_the_port_of_a_mirror(port: int, payload: bytes) -> None:
    walked = of(frames.packet(A, 50000, B, port, payload))
    assert len(walked.notes) == 0
    assert not any("carry" in problem for problem in walked.problems)


def test_mirrored_twice_and_in_fragments() -> None:
    """Both sides of the mirrored port send the frame; one of the packets is too large for the way to the capture."""
    whole = frames.udp(50000, 4789, b"\x08" + bytes(7) + SIP_FRAME)
    again = frames.udp(50001, 4789, b"\x08" + bytes(7) + SIP_FRAME)
    other = frames.udp(50000, 4789, b"\x08" + bytes(7) + frames.packet(A, 5060, B, 5062, OPTIONS, ident=3))
    parts = [
        frames.ethernet(frames.ipv4(A, B, other[:56], ident=7, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, other[56:], ident=7, fragment=7)),
    ]
    walked = of(frames.ethernet(frames.ipv4(A, B, whole)), frames.ethernet(frames.ipv4(A, B, again)), *parts, step=1000)
    assert [(n.frame, n.dport) for n in walked.notes] == [(1, 5060), (4, 5062)]
    assert walked.capture.duplicates == 1


def test_mirrors_within_mirrors_end() -> None:
    data = SIP_FRAME
    for depth in range(6):
        data = frames.packet(A, 50000, B, 4789, b"\x08" + bytes(7) + data, ident=depth)
    walked = of(data)
    assert len(walked.notes) == 0
    assert walked.problems == [
        "4 packets of VXLAN carry others: those are read (first: frame 1)",
        "1 packets of VXLAN are counted but not decoded (first: frame 1)",
    ]


def test_tunnels_whose_packets_are_fragmented() -> None:
    whole = GRE + SIP_IP
    parts = [
        frames.ethernet(frames.ipv4(A, B, whole[:48], ident=7, kind=47, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, whole[48:], ident=7, kind=47, fragment=6)),
    ]
    walked = of(*parts, *parts)
    assert [(n.kind, n.frame, n.payload) for n in walked.notes] == [
        (NoteKind.SIP, 2, OPTIONS),
        (NoteKind.SIP, 4, OPTIONS),
    ]
    assert walked.capture.fragments == 4


def test_fragments_within_fragments_are_not_read_from_the_capture() -> None:
    inner = frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS)[:40], ident=9, fragment=0x2000)
    whole = GRE + inner
    walked = of(
        frames.ethernet(frames.ipv4(A, B, whole[:48], ident=7, kind=47, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, whole[48:], ident=7, kind=47, fragment=6)),
    )
    assert list(walked.notes) == []


def test_fragmented_tcp_is_named() -> None:
    whole = frames.tcp(5060, 5060, 1, OPTIONS)
    walked = of(
        frames.ethernet(frames.ipv4(A, B, whole[:48], ident=7, kind=6, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, whole[48:], ident=7, kind=6, fragment=6)),
    )
    assert walked.problems == ["1 packets of TCP in IP fragments are counted but not decoded (first: frame 2)"]


def test_unknown_link_type_is_named() -> None:
    walked = of(SIP_IP, SIP_IP, link=147)
    assert walked.capture.packets == 2
    assert walked.understood == 0
    assert walked.problems == ["2 packets of link type 147 are counted but not decoded (first: frame 1)"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (frames.ethernet(SIP_IP, 0x8847), "MPLS"),
        (frames.ethernet(frames.ipv4(A, B, bytes(30), kind=132)), "SCTP"),
        (frames.packet(A, 4000, B, 4789, bytes(60)), "VXLAN"),
        (frames.packet(A, 2152, B, 2152, bytes(60)), "GTP"),
    ],
)
def test_encapsulations_are_named(data: bytes, name: str) -> None:
    walked = of(data)
    assert walked.problems == [f"1 packets of {name} are counted but not decoded (first: frame 1)"]
    assert (walked.capture.packets, walked.understood) == (1, 0)


def test_ipv6_extension_headers() -> None:
    hop = b"\x3c\x00" + bytes(6)
    options = b"\x11\x00" + bytes(6)
    payload = hop + options + frames.udp(5060, 5060, OPTIONS)
    walked = of(frames.ethernet(frames.ipv6("2001:db8::1", "2001:db8:0:0::2", payload, kind=0), 0x86DD))
    assert [(n.src, n.dst, n.payload) for n in walked.notes] == [("2001:db8::1", "2001:db8::2", OPTIONS)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_times_of_pcap(order: str, nano: bool) -> None:
    data = frames.pcap([Record(T0 + 123_456_789, frames.ethernet(SIP_IP))], order=order, nano=nano, snaplen=0)
    walked = walk(data, artifact="x")
    assert walked.notes[0].time_ns == T0 + (123_456_789 if nano else 123_456_000)
    assert walked.capture.first == datetime(2023, 11, 14, 22, 13, 20, 123_456, UTC)
    assert walked.capture.snaplen is None
    assert walked.capture.duration_s == 0


@pytest.mark.parametrize("order", ["<", ">"])
def test_modified_pcap(order: str) -> None:
    """The form with eight bytes more in each record's header (magic number a1b2cd34)."""
    data = frames.pcap([], order=order)
    out = struct.pack(order + "I", 0xA1B2CD34) + data[4:]
    frame = frames.packet(A, 5060, B, 5060, OPTIONS)
    for i in range(3):
        head = struct.pack(order + "IIII", T0 // 1_000_000_000 + i, 5, len(frame), len(frame))
        out += head + struct.pack(order + "IHBB", 2, 8, 0, 0) + frame
    walked = walk(out[:-1], artifact="x")
    assert [n.time_ns - T0 for n in walked.notes] == [5000, 1_000_005_000]
    assert walked.problems[0].startswith("the file ends inside record 3 ")
    assert walk(out, artifact="x").problems == []


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(order: str) -> None:
    data = frames.ethernet(SIP_IP)
    other_data, old_data = (frames.packet(A, 5060, B, 5060, OPTIONS, ident=ident) for ident in (77, 78))
    other = ">" if order == "<" else "<"
    seconds = T0 // 1_000_000_000
    capture = (
        frames.section(order)
        + frames.interface(1, 512, frames.option(2, b"eth0", order) + frames.option(9, b"\x09", order), order)
        + frames.interface(101, 0, frames.option(9, b"\x94", order) + frames.option(14, struct.pack(order + "q", 3600), order), order)
        + frames.enhanced(data, T0 + 5, 0, order)
        + frames.block(0x80000BAD, b"whatever", order)
        + frames.enhanced(SIP_IP, (seconds << 20) + (1 << 19), 1, order)
        + frames.block(3, struct.pack(order + "I", len(other_data)) + other_data, order)
        + frames.block(2, struct.pack(order + "HHIIII", 0, 0, T0 >> 32, T0 & 0xFFFFFFFF, len(old_data), len(old_data)) + old_data, order)
        + frames.block(5, struct.pack(order + "III", 0, 0, 0) + frames.option(5, struct.pack(order + "Q", 7), order), order)
        + frames.section(other)
        + frames.interface(1, 0, b"", other)
        + frames.enhanced(data, T0 // 1000 + 2_000_000, 0, other)
    )  # fmt: skip
    walked = walk(capture, artifact="x")
    half = T0 + 3600 * 1_000_000_000 + 500_000_000
    assert [n.time_ns for n in walked.notes] == [T0 + 5, half, half, T0, T0 + 2_000_000_000]
    assert walked.capture.packets == 5
    assert walked.capture.link_types == [1, 101]
    assert walked.capture.snaplen == 512
    assert walked.capture.dropped == 7
    assert walked.problems == ["1 packets have no usable time; they keep the one of the packet before"]


def test_no_statistics_is_null() -> None:
    walked = walk(frames.section() + frames.interface() + frames.enhanced(b"", 1), artifact="x")
    assert walked.capture.dropped is None
    assert walked.capture.packets == 1


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xd4\xc3\xb2"])
def test_no_capture(data: bytes) -> None:
    walked = walk(data, artifact="x")
    assert walked.capture.packets == 0
    assert walked.problems == ["not a capture: neither pcap nor pcapng by its first bytes"]
    assert walked.streams(MediaMap()) == []


def test_header_without_packets() -> None:
    assert of().problems == ["the capture holds no packet"]
    assert of().capture.first is None
    assert walk(frames.pcap([])[:20], artifact="x").problems[0] == "the pcap header is cut: 20 bytes of 24"


def test_cut_end_keeps_what_is_before() -> None:
    data = frames.pcap([Record(T0, frames.ethernet(SIP_IP))] * 2)
    walked = walk(data[:-1], artifact="x")
    assert walked.capture.packets == 1
    size = 16 + len(frames.ethernet(SIP_IP))
    assert walked.problems == [
        f"the file ends inside record 2 (byte {24 + size} of {len(data) - 1}); what is before it was read"
    ]


def test_damaged_record_is_passed_over() -> None:
    records = [Record(T0 + i * 1_000_000_000, frames.packet(A, 5060, B, 5060, OPTIONS, ident=i)) for i in range(12)]
    data = bytearray(frames.pcap(records))
    size = 16 + len(records[0].data)
    place = 24 + 4 * size
    data[place + 8 : place + 12] = b"\xff\xff\xff\xff"
    walked = walk(bytes(data), artifact="x")
    assert walked.capture.packets == 11
    (problem,) = walked.problems
    assert problem.startswith(f"record 5 at byte {place} is damaged: {size} bytes were passed over, ")
    assert f"reading goes on at byte {place + size};" in problem


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("damage", [b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00" * 4 + b"\xff" * 30])
def test_damaged_first_record_is_passed_over(order: str, damage: bytes) -> None:
    records = [Record(T0 + i * 1_000_000_000, frames.packet(A, 5060, B, 5060, OPTIONS, ident=i)) for i in range(6)]
    data = bytearray(frames.pcap(records, order=order))
    place = 24 + (8 if len(damage) == 4 else 0)
    data[place : place + len(damage)] = damage
    walked = walk(bytes(data), artifact="x")
    assert [n.time_ns for n in walked.notes] == [r.time for r in records[1:]]
    size = 16 + len(records[0].data)
    assert walked.problems[0].startswith(f"record 1 at byte 24 is damaged: {size} bytes were passed over, ")


def test_no_record_at_all_is_said() -> None:
    data = frames.pcap([]) + random.Random(5).randbytes(3000)
    assert walk(data, artifact="x").problems[0] == (
        "no record can be read: the first one, at byte 24, has an impossible length or time"
    )


def test_interfaces_behind_damage_are_read() -> None:
    good = frames.enhanced(frames.ethernet(SIP_IP), T0 // 1000)
    walked = walk(frames.section() + b"\x01\x02\x03\x04" * 9 + frames.interface() + good, artifact="x")
    assert [n.payload for n in walked.notes] == [OPTIONS]
    assert len(walked.problems) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_section_behind_damage_has_its_own_byte_order(order: str) -> None:
    other = ">" if order == "<" else "<"
    walked = walk(
        frames.section(order) + frames.interface(order=order) + b"\x01\x02\x03\x04" * 9
        + frames.section(other) + frames.interface(order=other)
        + frames.enhanced(frames.ethernet(SIP_IP), T0 // 1000, order=other),
        artifact="x",
    )  # fmt: skip
    assert [n.time_ns for n in walked.notes] == [T0]
    assert len(walked.problems) == 1


def test_damaged_block_is_passed_over() -> None:
    good = frames.enhanced(frames.ethernet(SIP_IP), T0 // 1000)
    bad = bytearray(good)
    bad[-4:] = b"\x00\x00\x00\x00"
    head = frames.section() + frames.interface()
    walked = walk(head + good + bytes(bad) + good, artifact="x")
    assert walked.capture.packets == 2
    place = len(head) + len(good)
    (problem,) = walked.problems
    assert problem.startswith(f"the block at byte {place} is damaged: {len(good)} bytes were passed over, ")
    assert f"reading goes on at byte {place + len(good)};" in problem


def test_snaplen() -> None:
    frame = frames.ethernet(SIP_IP)
    walked = walk(frames.pcap([Record(T0, frame[:80], len(frame))], snaplen=80), artifact="x")
    assert walked.capture.truncated_packets == 1
    assert [(n.kind, n.truncated, n.payload) for n in walked.notes] == [(NoteKind.SIP, True, OPTIONS[:38])]
    assert walked.problems == ["1 packets are cut by the capture length (snaplen)"]


@pytest.mark.parametrize(
    "data",
    [b"", bytes(13), frames.ethernet(b"\x45"), frames.ethernet(b"\x44" + SIP_IP[1:]), frames.ethernet(SIP_IP[:20] + b"\x01", 0x86DD),
     frames.ethernet(frames.ipv4(A, B, b"\x00\x01")), frames.ethernet(frames.ipv4(A, B, b"\x00\x01\x00\x02\x00\x07\x00\x00"))],
)  # fmt: skip
def test_malformed(data: bytes) -> None:
    walked = of(frames.ethernet(SIP_IP), data)
    assert walked.capture.packets == 2
    assert walked.problems == ["1 malformed packets (first: frame 2)"]
    assert walked.understood == 1


# ---- copies (CAP-06)


@pytest.mark.parametrize(("gap", "copies"), [(0, 1), (1_000_000, 1), (1_001_000, 0)])
def test_copies_within_a_millisecond(gap: int, copies: int) -> None:
    one = frames.ethernet(SIP_IP)
    two = frames.ethernet(frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS), ttl=63), tags=[100])
    walked = walk(frames.pcap([Record(T0, one), Record(T0 + gap, two)]), artifact="x")
    assert walked.capture.packets == 2
    assert walked.capture.duplicates == copies
    assert len(walked.notes) == 2 - copies


@pytest.mark.parametrize(
    "other",
    [
        frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS), ident=2),
        frames.ipv4(B, A, frames.udp(5060, 5060, OPTIONS)),
        frames.ipv4(A, B, frames.udp(5060, 5061, OPTIONS)),
        frames.ipv4(A, B, frames.udp(5060, 5060, OPTIONS.replace(b"Call-ID: x", b"Call-ID: y"))),
    ],
)
def test_retransmissions_are_no_copies(other: bytes) -> None:
    walked = of(frames.ethernet(SIP_IP), frames.ethernet(other), step=1000)
    assert walked.capture.duplicates == 0
    assert len(walked.notes) == 2


def test_copies_that_come_in_turns() -> None:
    """Two messages that begin alike and have no IP identification: each is compared with its own copy."""
    pair = [OPTIONS + bytes([letter]) * 60 for letter in (65, 66)]
    records = [
        Record(T0 + i * 20_000, frames.packet(A, 5060, B, 5060, body, ident=0)) for i, body in enumerate(pair * 3)
    ]
    walked = walk(frames.pcap(records), artifact="x")
    assert (walked.capture.duplicates, [n.frame for n in walked.notes]) == (4, [1, 2])


def test_copies_of_rtp_that_come_in_turns() -> None:
    pair = [frames.rtp(1, 160, bytes([letter]) * 60) for letter in (65, 66)]
    records = [
        Record(T0 + i * 20_000, frames.packet(A, 9000, B, 9002, body, ident=0)) for i, body in enumerate(pair * 3)
    ]
    assert walk(frames.pcap(records), artifact="x").capture.duplicates == 4


def test_copies_of_rtp_do_not_count() -> None:
    records = []
    for i in range(20):
        one = frames.packet(A, 9000, B, 9002, frames.rtp(i, i * 160), ident=0)
        records += [Record(T0 + i * 20_000_000, one), Record(T0 + i * 20_000_000 + 50_000, one)]
    walked = walk(frames.pcap(records), artifact="x")
    stream = walked.streams(MediaMap())[0]
    assert (walked.capture.duplicates, stream.packets, stream.duplicates, stream.lost) == (20, 20, 0, 0)


def test_the_network_s_own_duplicates_count() -> None:
    records = []
    for i in range(20):
        body = frames.rtp(i, i * 160)
        records += [
            Record(T0 + i * 20_000_000, frames.packet(A, 9000, B, 9002, body, ident=2 * i)),
            Record(T0 + i * 20_000_000 + 50_000, frames.packet(A, 9000, B, 9002, body, ident=2 * i + 1)),
        ]
    walked = walk(frames.pcap(records), artifact="x")
    stream = walked.streams(MediaMap())[0]
    assert (walked.capture.duplicates, stream.packets, stream.duplicates, stream.lost) == (0, 40, 20, 0)


# ---- fragments


def _fragments(payload: bytes, cut: int, ident: int = 7) -> list[bytes]:
    whole = frames.udp(5060, 5060, payload)
    return [
        frames.ethernet(frames.ipv4(A, B, whole[:cut], ident=ident, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, whole[cut:], ident=ident, fragment=cut // 8)),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1), (1, 1, 0)])
def test_fragments(order: tuple[int, ...]) -> None:
    parts = _fragments(OPTIONS, 40)
    walked = of(*[parts[i] for i in order])
    assert [(n.kind, n.frame, n.payload, n.truncated) for n in walked.notes] == [
        (NoteKind.SIP, len(order), OPTIONS, False)
    ]
    assert walked.capture.fragments == len(order)


def test_fragments_of_ipv6() -> None:
    whole = frames.udp(5060, 5060, OPTIONS)
    first = b"\x11\x00\x00\x01\x00\x00\x00\x09" + whole[:48]
    last = b"\x11\x00" + struct.pack(">H", 48) + b"\x00\x00\x00\x09" + whole[48:]
    walked = of(
        *[frames.ethernet(frames.ipv6("2001:db8::1", "2001:db8::2", p, kind=44), 0x86DD) for p in (last, first)]
    )
    assert [(n.kind, n.frame, n.payload) for n in walked.notes] == [(NoteKind.SIP, 2, OPTIONS)]


def test_lost_fragment_leaves_a_truncated_message() -> None:
    walked = of(_fragments(OPTIONS, 48)[0])
    assert [(n.kind, n.frame, n.payload, n.truncated) for n in walked.notes] == [(NoteKind.SIP, 1, OPTIONS[:40], True)]


def test_overlaps_and_bounds_of_fragments() -> None:
    whole = frames.udp(5060, 5060, OPTIONS)
    evil = [
        frames.ethernet(frames.ipv4(A, B, whole[:40], ident=7, fragment=0x2000)),
        frames.ethernet(frames.ipv4(A, B, b"Z" * 32, ident=7, fragment=0x2000 | 1)),
        frames.ethernet(frames.ipv4(A, B, whole[40:], ident=7, fragment=5)),
        frames.ethernet(frames.ipv4(A, B, bytes(200), ident=8, fragment=0x1FFF)),
    ]
    walked = of(*evil)
    assert [n.payload for n in walked.notes] == [OPTIONS]
    assert walked.problems == ["1 fragmented datagrams break the bounds of IP and were left out"]


def test_fragmented_rtp_is_a_row_of_its_stream() -> None:
    data = []
    for i in range(12):
        whole = frames.udp(9000, 9002, frames.rtp(i, i * 3000, bytes(200), kind=34))
        data += [
            frames.ethernet(frames.ipv4(A, B, whole[:104], ident=i, fragment=0x2000)),
            frames.ethernet(frames.ipv4(A, B, whole[104:], ident=i, fragment=13)),
        ]
    stream = of(*data).streams(MediaMap())[0]
    assert (stream.packets, stream.lost, stream.codec) == (12, 0, "H263")


# ---- ICMP


def test_icmp_names_the_flow_it_quotes() -> None:
    quoted = frames.ipv4(A, B, frames.udp(9000, 9002, frames.rtp(1, 160)))
    icmp = frames.ethernet(frames.ipv4(B, A, b"\x03\x03" + bytes(6) + quoted[:60], kind=1))
    walked = of(*[frames.packet(A, 9000, B, 9002, frames.rtp(1, 160))] * 1, *[icmp] * 12)
    assert walked.capture.icmp_unreachable == 12
    note = walked.notes[0]
    assert (note.kind, note.frame, note.src, note.sport, note.dst, note.dport) == (NoteKind.ICMP, 2, A, 9000, B, 9002)
    assert (note.icmp, note.reporter, note.transport, note.truncated) == ((3, 3), B, "udp", True)
    assert note.payload == frames.rtp(1, 160)[:32]
    assert walked.streams(MediaMap()) == []


def test_icmp_of_ipv6() -> None:
    quoted = frames.ipv6("2001:db8::1", "2001:db8::2", frames.udp(5060, 5060, OPTIONS))
    walked = of(
        frames.ethernet(frames.ipv6("2001:db8::9", "2001:db8::1", b"\x01\x04" + bytes(6) + quoted, kind=58), 0x86DD)
    )
    note = walked.notes[0]
    assert (note.src, note.dst, note.icmp, note.reporter) == ("2001:db8::1", "2001:db8::2", (1, 4), "2001:db8::9")
    assert note.payload == OPTIONS
    assert walked.capture.icmp_unreachable == 1
    assert "SIP" not in kinds(walked)


# ---- what a datagram is


def _note(payload: bytes, sport: int = 40000, dport: int = 40001) -> list[str]:
    return kinds(of(frames.packet(A, sport, B, dport, payload)))


@pytest.mark.parametrize(
    ("payload", "ports", "found"),
    [
        (OPTIONS, (40000, 40001), ["SIP"]),
        (b"SIP/2.0 200 OK\r\n\r\n", (40000, 40001), ["SIP"]),
        (b"\r\n\r\nSIP/2.0 200 OK\r\n\r\n", (40000, 40001), ["SIP"]),
        (b"junk junk\r\n" + OPTIONS, (5060, 40001), ["SIP"]),
        (b"SIP/2.0 OK\r\n\r\n", (40000, 40001), []),
        (b"GET / HTTP/1.1\r\n\r\n", (5060, 40001), ["OTHER"]),
        (b"NOTIFY * HTTP/1.1\r\n\r\n", (1900, 1900), []),
        (b"\r\n\r\n", (5060, 5060), ["KEEPALIVE"]),
        (b"\0\0\0\0", (5060, 5060), ["KEEPALIVE"]),
        (b"\r\n", (40000, 40001), ["KEEPALIVE"]),
        (struct.pack(">HHI", 1, 0, 0x2112A442) + bytes(12), (40000, 3478), ["STUN"]),
        (struct.pack(">HH", 1, 8) + bytes(range(16)) + b"\x00\x03\x00\x04\x00\x00\x00\x00", (40000, 40001), ["STUN"]),
        (struct.pack(">HH", 1, 8) + bytes(range(16)) + b"\x00\x63\x00\x04\x00\x00\x00\x00", (40000, 40001), []),
        (struct.pack(">HH", 1, 4) + bytes(range(16)) + bytes(12), (40000, 40001), []),
        (b"\x16\xfe\xfd" + bytes(20), (40000, 40001), ["DTLS"]),
        (bytes(40), (5090, 5090), ["TUNNEL"]),
        (bytes(40), (33000, 53), ["DNS"]),
        (struct.pack(">BBH", 0x81, 201, 1) + bytes(4), (9001, 9003), ["RTCP"]),
        (struct.pack(">BBH", 0x81, 201, 100) + bytes(8), (9001, 9003), []),
        (bytes(40), (40000, 40001), []),
        (b"", (40000, 40001), []),
    ],
)
def test_datagrams(payload: bytes, ports: tuple[int, int], found: list[str]) -> None:
    assert _note(payload, *ports) == found


def test_junk_before_sip_is_left_out_of_the_payload() -> None:
    assert of(frames.packet(A, 5060, B, 5060, b"hello\r\n" + OPTIONS)).notes[0].payload == OPTIONS


def test_notes_of_noise_are_bounded() -> None:
    data = [frames.packet(A, 5060, B, 5060, b"noise %d" % i, ident=i) for i in range(50)]
    data += [frames.packet(A, 5090, B, 5090, b"tunnel %d" % i, ident=i) for i in range(50)]
    assert kinds(of(*data)) == ["OTHER"] * 4 + ["TUNNEL"]
    assert of(*data).capture.has_tunnel


def test_progress() -> None:
    calls: list[tuple[int, int]] = []
    data = frames.pcap([Record(T0, frames.ethernet(SIP_IP))])
    walk(data, artifact="x", progress=lambda done, whole: calls.append((done, whole)))
    assert calls == [(len(data), len(data))]


@pytest.mark.parametrize(
    ("line", "sip"),
    [(b"SIP/2.0 200 OK", True), (b"SIP/2.0 200 ", True), (b"SIP/2.0 200", True), (b"SIP/2.0 2000 OK", False), (b"SIP/2.0 20", False)],
)  # fmt: skip
def test_status_line(line: bytes, sip: bool) -> None:
    payload = line + b"\r\nCall-ID: x\r\n\r\n"
    assert kinds(of(frames.packet(A, 4000, B, 4000, payload))) == (["SIP"] if sip else [])
