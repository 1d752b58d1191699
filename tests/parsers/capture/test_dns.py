from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.dns import DnsReader
from parsers.capture.notes import Note, NoteKind
from parsers.facts.capture import DnsQuery


def label(name: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0"


def question(name: str, kind: int = 1, number: int = 7) -> bytes:
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + label(name) + struct.pack(">HH", kind, 1)


def answer(name: str, *records: tuple[int, bytes], kind: int = 1, code: int = 0, number: int = 7) -> bytes:
    head = struct.pack(">6H", number, 0x8180 | code, 1, len(records), 0, 0) + label(name) + struct.pack(">HH", kind, 1)
    return head + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", k, 1, 60, len(d)) + d for k, d in records)


def note(payload: bytes, ms: int = 0, *, back: bool = False) -> Note:
    ends = (("192.0.2.21", 40000), ("192.0.2.53", 53))
    (src, sport), (dst, dport) = ends[::-1] if back else ends
    return Note(NoteKind.DNS, ms + 1, ms * 1_000_000, src, sport, dst, dport, "udp", payload, truncated=False)


def read(*notes: Note) -> list[DnsQuery]:
    reader = DnsReader("a.pcap")
    for each in notes:
        reader.read(each)
    return reader.rows


def test_answer() -> None:
    (row,) = read(
        note(question("Sip.example.com")),
        note(question("Sip.example.com"), 5),
        note(answer("sip.example.com", (5, label("a.example.com")), (1, bytes([10, 0, 0, 9]))), 20, back=True),
    )
    assert (row.name, row.qtype, row.rcode, row.answers) == (
        "sip.example.com",
        "A",
        "NOERROR",
        ["a.example.com", "10.0.0.9"],
    )
    assert (row.tries, row.elapsed_ms, row.client, row.server) == (2, 20.0, "192.0.2.21:40000", "192.0.2.53:53")
    assert row.derived["private_answer"] is True


def text(*parts: bytes) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in parts)


def test_naming_authority_pointer() -> None:
    good = b"\0\x0a\0\x0a" + text(b"s", b"SIP+D2U", b"") + label("_sip._udp.example.com")
    (row,) = read(note(question("example.com", 35)), note(answer("example.com", (35, good), kind=35), 1, back=True))
    assert (row.qtype, row.answers, row.derived["damaged"]) == ("NAPTR", ["sip+d2u _sip._udp.example.com"], False)
    for bad in (b"\0\x0a\0\x0a\xff\1s\0\0", b"\0\x0a\0\x0a\1s\7SIP"):
        (row,) = read(note(question("example.com", 35)), note(answer("example.com", (35, bad), kind=35), 1, back=True))
        assert row.answers == []


def test_answer_that_cannot_be_read_is_said() -> None:
    whole = answer("sip.example.com", (1, bytes([198, 51, 100, 9])))
    circle = whole.replace(b"\xc0\x0c", (0xC000 | whole.index(b"\xc0\x0c")).to_bytes(2))
    for data, damaged in ((whole, False), (whole[:-2], True), (circle, True), (answer("sip.example.com"), False)):
        (row,) = read(note(question("sip.example.com")), note(data, 1, back=True))
        assert (row.rcode, row.derived["damaged"]) == ("NOERROR", damaged)


def test_service_record_and_refusal() -> None:
    data = struct.pack(">HHH", 1, 1, 5061) + label("sip1.example.com")
    rows = read(
        note(question("_sips._tcp.example.com", 33)),
        note(answer("_sips._tcp.example.com", (33, data), kind=33), 1, back=True),
        note(question("no.example.com", number=8), 2),
        note(answer("no.example.com", code=3, number=8), 3, back=True),
    )
    assert [(row.qtype, row.rcode, row.answers) for row in rows] == [
        ("SRV", "NOERROR", ["sip1.example.com:5061"]), ("A", "NXDOMAIN", []),
    ]  # fmt: skip


def test_unanswered() -> None:
    (row,) = read(note(question("x.example.com")))
    assert (row.rcode, row.elapsed_ms, row.answers) == (None, None, [])


def test_names_that_point_in_circles() -> None:
    circle = struct.pack(">6H", 1, 0x100, 1, 0, 0, 0) + b"\xc0\x0c" + struct.pack(">HH", 1, 1)
    assert read(note(circle)) == []


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, back: bool) -> None:
    read(
        note(question("a.b")),
        note(struct.pack(">6H", 7, 0x8180, 1, 9, 0, 0) + data, 1, back=True),
        note(data, 2, back=back),
    )
    read(note(question("a.b")), note(answer("a.b") + data, 1, back=True))
