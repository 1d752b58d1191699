"""TCP: order, holes, SIP by Content-Length, WebSocket, TLS, and what is left alone."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from parsers.capture.notes import Note, NoteKind, Walked
from parsers.capture.walk import walk
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record

A, B = "192.0.2.1", "198.51.100.2"
SYN = 2


def message(number: int, body: bytes = b"v=0\r\n", name: bytes = b"Content-Length") -> bytes:
    return b"MESSAGE sip:b@example.com SIP/2.0\r\nCSeq: %d MESSAGE\r\n%s: %d\r\n\r\n" % (number, name, len(body)) + body


def segments(*parts: tuple[int, bytes], ports: tuple[int, int] = (40000, 5060), flags: int = 0x18) -> list[bytes]:
    return [
        frames.ethernet(frames.ipv4(A, B, frames.tcp(*ports, seq, data, flags), kind=6, ident=i + 1))
        for i, (seq, data) in enumerate(parts)
    ]


def of(data: list[bytes], step: int = 10_000_000) -> Walked:
    return walk(frames.pcap(Record(T0 + i * step, d) for i, d in enumerate(data)), artifact="x")


def sip(walked: Walked) -> list[tuple[int, bytes, bool]]:
    return [(n.frame, n.payload, n.truncated) for n in walked.notes if n.kind is NoteKind.SIP]


ONE, TWO, THREE = message(1), message(2, b""), message(3, b"x" * 100, b"l")


@pytest.mark.parametrize("port", [5060, 7777])
def test_several_messages_in_a_segment(port: int) -> None:
    walked = of(segments((100, ONE + b"\r\n\r\n" + TWO + THREE), ports=(40000, port)))
    assert sip(walked) == [(1, ONE, False), (1, TWO, False), (1, THREE, False)]
    assert {(n.src, n.sport, n.dport, n.transport) for n in walked.notes} == {(A, 40000, port, "tcp")}


def test_body_without_a_line_end_before_the_next_message() -> None:
    walked = of(segments((100, message(1, b"<end/>") + THREE + TWO)))
    assert sip(walked) == [(1, message(1, b"<end/>"), False), (1, THREE, False), (1, TWO, False)]


@pytest.mark.parametrize("cut", [1, 10, 33, 40, len(ONE) - 7, len(ONE) - 2, len(ONE), len(ONE) + 5])
def test_messages_over_segments(cut: int) -> None:
    stream = ONE + TWO
    walked = of(segments((100, stream[:cut]), (100 + cut, stream[cut:])))
    assert [m for _, m, _ in sip(walked)] == [ONE, TWO]
    assert sip(walked)[1][0] == 2


def test_one_byte_a_segment() -> None:
    stream = ONE + TWO + THREE
    walked = of(segments(*[(100 + i, stream[i : i + 1]) for i in range(len(stream))]))
    assert [m for _, m, _ in sip(walked)] == [ONE, TWO, THREE]


def test_one_byte_a_segment_behind_a_keepalive() -> None:
    stream = b"\r\n\r\n" + ONE + TWO
    walked = of(segments((100, stream[:30]), *[(130 + i, stream[30 + i : 31 + i]) for i in range(len(stream) - 30)]))
    assert [m for _, m, _ in sip(walked)] == [ONE, TWO]


def test_order_and_retransmissions() -> None:
    stream = ONE + TWO + THREE
    cuts = [0, 50, 90, 150, 200, len(stream)]
    parts = [(100 + a, stream[a:b]) for a, b in pairwise(cuts)]
    walked = of(segments(parts[0], parts[2], parts[0], parts[1], parts[4], parts[1], parts[3]))
    assert [(m, t) for _, m, t in sip(walked)] == [(ONE, False), (TWO, False), (THREE, False)]


def test_overlapping_retransmission() -> None:
    stream = ONE + TWO
    walked = of(segments((100, stream[:60]), (130, stream[30:])))
    assert [m for _, m, _ in sip(walked)] == [ONE, TWO]


def test_sequence_numbers_wrap() -> None:
    stream = ONE + TWO
    walked = of(segments((0xFFFFFFF0, stream[:30]), (0xFFFFFFF0 + 30, stream[30:])))
    assert [m for _, m, _ in sip(walked)] == [ONE, TWO]


def test_start_of_a_connection_knows_its_first_byte() -> None:
    parts = segments((99, b""), flags=SYN) + segments((150, ONE[50:]), (100, ONE[:50]))
    assert sip(of(parts)) == [(3, ONE, False)]


def test_missing_segment_is_skipped_and_said() -> None:
    late = segments((100, ONE[:50]), (100 + len(ONE), TWO), (100 + len(ONE) + len(TWO), THREE))
    assert sip(of(late)) == [(1, ONE[:50], True), (2, TWO, False), (3, THREE, False)]
    # after three seconds it is given up during the capture
    assert sip(of([*late, *segments((5000, ONE))], step=2_000_000_000))[:3] == [
        (1, ONE[:50], True),
        (2, TWO, False),
        (3, THREE, False),
    ]


def test_capture_that_starts_inside_a_message() -> None:
    assert sip(of(segments((100, ONE[30:] + TWO), (100 + len(ONE) - 30 + len(TWO), THREE)))) == [
        (1, TWO, False),
        (2, THREE, False),
    ]


def test_end_of_the_capture_inside_a_message() -> None:
    assert sip(of(segments((100, ONE[:-1])))) == [(1, ONE[:-1], True)]


def test_segments_cut_by_the_capture() -> None:
    (frame,) = segments((100, ONE))
    records = [Record(T0, frame[:100], len(frame)), Record(T0 + 1_000_000, segments((100 + len(ONE), TWO))[0])]
    walked = walk(frames.pcap(records), artifact="x")
    assert sip(walked) == [(1, ONE[:46], True), (2, TWO, False)]


def unframed(*parts: bytes) -> list[tuple[int, bool]]:
    seq, placed = 100, []
    for part in parts:
        placed.append((seq, part))
        seq += len(part)
    return [(n.frame, n.unframed) for n in of(segments(*placed)).notes if n.kind is NoteKind.SIP]


def test_bytes_between_messages() -> None:
    assert unframed(ONE + b"a=left over\r\n" + TWO, THREE) == [(1, False), (1, True), (2, False)]
    assert unframed(ONE, b"left\r\nover\r\n", TWO[:20], TWO[20:]) == [(1, False), (4, True)]
    # the blank lines of keep-alives are none, and what stands before the first message may be the end of one
    assert unframed(ONE + b"\r\n\r\n\0\0" + TWO) == [(1, False), (1, False)]
    assert unframed(b"a=end of one\r\n" + ONE, TWO) == [(1, False), (2, False)]
    assert unframed(ONE, b"x" * 9000, b"\r\n" + TWO) == [(1, False), (3, True)]


def test_bytes_behind_a_hole_are_the_rest_of_a_message() -> None:
    data = segments((100, ONE), (100 + len(ONE) + 500, b"a=rest\r\n" + TWO))
    assert [n.unframed for n in of(data).notes if n.kind is NoteKind.SIP] == [False, False]


def test_keepalives() -> None:
    parts = segments((100, b"\r\n\r\n"), (104, ONE), (104 + len(ONE), b"\r\n\r\n"), (108 + len(ONE), TWO))
    assert [n.kind.name for n in of(parts).notes] == ["KEEPALIVE", "SIP", "KEEPALIVE", "SIP"]


def test_hostile_lengths() -> None:
    huge = ONE.replace(b": 5", b": 999999999")
    assert sip(of(segments((100, huge), (100 + len(huge), TWO)))) == [(1, huge[:-5], False), (2, TWO, False)]
    endless = b"MESSAGE sip:b@example.com SIP/2.0\r\n" + b"X: y\r\n" * 30_000
    parts = [(100 + i, endless[i : i + 1400]) for i in range(0, len(endless), 1400)]
    walked = of(segments(*parts, (100 + len(endless), TWO)))
    assert sip(walked)[-1][1] == TWO


def test_http_on_a_sip_port_is_no_sip() -> None:
    walked = of(segments((100, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")))
    assert [n.kind.name for n in walked.notes] == ["OTHER"]


def test_uninteresting_streams_are_left_alone_until_sip_starts() -> None:
    noise = [(100 + i * 50, bytes([i + 1]) * 50) for i in range(20)]
    walked = of(segments(*noise, (100 + 20 * 50, ONE), ports=(40000, 8080)))
    assert sip(walked) == [(21, ONE, False)]


def test_tunnel_is_named_once() -> None:
    walked = of(segments(*[(100 + i * 50, b"\x05" * 50) for i in range(20)], ports=(40000, 5090)))
    assert [(n.kind, n.transport) for n in walked.notes] == [(NoteKind.TUNNEL, "tcp")]
    assert walked.capture.has_tunnel


# ---- DNS


def dns(number: int, size: int = 16, questions: int = 1) -> bytes:
    return struct.pack(">HHHHHHH", size, number, 0x100, questions, 0, 0, 0) + bytes(size - 12)


def _dns(*parts: tuple[int, bytes]) -> list[tuple[int, bytes]]:
    return [(n.frame, n.payload) for n in of(segments(*parts, ports=(40000, 53))).notes if n.kind is NoteKind.DNS]


def test_dns_over_tcp() -> None:
    assert _dns((100, dns(1))) == [(1, dns(1)[2:])]
    # several in one segment, and one that goes on in the next
    three = dns(1) + dns(2, 300) + dns(3)
    assert _dns((100, three[:200]), (300, three[200:])) == [(1, dns(1)[2:]), (2, dns(2, 300)[2:]), (2, dns(3)[2:])]


def test_answer_of_dns_over_several_segments() -> None:
    long = dns(1, 4000)
    assert _dns((100, long[:1400]), (2900, long[2800:]), (1500, long[1400:2800])) == [(2, long[2:])]
    assert _dns((100, long[:2]), (102, long[2:])) == [(2, long[2:])]
    assert _dns((100, long[:1]), (101, long[1:])) == [(2, long[2:])]


def test_what_is_no_dns_on_its_port() -> None:
    assert _dns((100, dns(1, questions=9)), (118, dns(2))) == []
    assert _dns((100, b"\0\3abc" + dns(2))) == []


def test_dns_behind_a_hole() -> None:
    assert _dns((100, dns(1)), (118, dns(2, 900)[:400]), (1500, dns(3))) == [(1, dns(1)[2:]), (3, dns(3)[2:])]


def test_stun_over_tcp() -> None:
    request = struct.pack(">HHI", 1, 0, 0x2112A442) + bytes(12)
    walked = of(segments((100, request + request), (140, b"\x00\x14" + request), ports=(40000, 3478)))
    assert [(n.kind, n.frame, n.payload) for n in walked.notes] == [(NoteKind.STUN, f, request) for f in (1, 1, 2)]


# ---- WebSocket


def ws(payload: bytes, key: bytes = b"", opcode: int = 1, *, final: bool = True) -> bytes:
    size = struct.pack(">B", len(payload) | (0x80 if key else 0)) if len(payload) < 126 else struct.pack(
        ">BH", 126 | (0x80 if key else 0), len(payload)
    )  # fmt: skip
    data = bytes(b ^ key[i % 4] for i, b in enumerate(payload)) if key else payload
    return bytes([opcode | (0x80 if final else 0)]) + size + key + data


REQUEST = b"GET /ws HTTP/1.1\r\nHost: example.com\r\nUpgrade: WebSocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


def test_sip_in_websocket() -> None:
    def frame(seq: int, data: bytes, ident: int, *, client: bool) -> bytes:
        ports, ends = ((40000, 5000), (A, B)) if client else ((5000, 40000), (B, A))
        return frames.ethernet(frames.ipv4(*ends, frames.tcp(*ports, seq, data), kind=6, ident=ident))

    up = ws(ONE[:20], b"\x01\x02\x03\x04", final=False) + ws(ONE[20:], b"\x09\x08\x07\x06", 0) + ws(b"x", b"aaaa", 9)
    down = ws(TWO) + ws(b'{"not": "sip"}') + ws(THREE)
    parts = [
        frame(100, REQUEST, 1, client=True),
        frame(500, ANSWER + down[:30], 2, client=False),
        frame(100 + len(REQUEST), up[:15], 3, client=True),
        frame(100 + len(REQUEST) + 15, up[15:], 4, client=True),
        frame(500 + len(ANSWER) + 30, down[30:], 5, client=False),
    ]
    notes = list(of(parts).notes)
    assert [(n.frame, n.src, n.transport, n.payload) for n in notes] == [
        (4, A, "ws", ONE),
        (5, B, "ws", TWO),
        (5, B, "ws", THREE),
    ]


def test_websocket_whose_start_was_not_captured() -> None:
    walked = of(segments((100, ws(ONE, b"abcd")), ports=(40000, 5000)))
    assert [(n.transport, n.payload) for n in walked.notes] == [("ws", ONE)]


# ---- TLS


def record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def handshake(kind: int, size: int) -> bytes:
    return struct.pack(">I", kind << 24 | size) + bytes(size)


def _tls(data: bytes, ports: tuple[int, int] = (40000, 5061), size: int = 1000) -> list[Note]:
    parts = [(100 + i, data[i : i + size]) for i in range(0, len(data), size)]
    return list(of(segments(*parts, ports=ports)).notes)


def test_handshake_and_alert() -> None:
    hello, certificate, alert = record(22, handshake(2, 70)), record(22, handshake(11, 3000)), record(21, b"\x02\x2d")
    notes = _tls(hello + certificate + alert + record(20, b"\x01") + record(22, bytes(40)) + record(21, b"\x02\x28"))
    assert [(n.kind, n.frame, n.payload) for n in notes] == [
        (NoteKind.TLS, 1, hello),
        (NoteKind.TLS, 4, certificate),
        (NoteKind.TLS, 4, alert),
    ]


def test_certificate_over_several_records() -> None:
    body = handshake(11, 20_000)
    records = record(22, body[:16_384]) + record(22, body[16_384:])
    assert [n.payload for n in _tls(records, (443, 40000))] == [records]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_handshake_in_tiny_segments(size: int) -> None:
    hello, alert = record(22, handshake(1, 70)), record(21, b"\x02\x2d")
    assert [n.payload for n in _tls(hello + alert, size=size)] == [hello, alert]


def test_application_data_is_left_alone() -> None:
    assert _tls(record(23, bytes(300)) * 5) == []


def test_endless_handshake_is_bounded() -> None:
    body = struct.pack(">I", 11 << 24 | 0xFFFFFF) + bytes(200_000)
    records = b"".join(record(22, body[i : i + 16_000]) for i in range(0, len(body), 16_000))
    assert _tls(records, size=1400) == []
