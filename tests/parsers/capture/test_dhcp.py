from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.dhcp import ACK, DISCOVER, NAK, OFFER, REQUEST, DhcpReader, read_options
from parsers.capture.notes import Note, NoteKind
from parsers.facts.capture import DhcpExchange
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record
from tests.parsers.capture.scenario import read as read_capture

MAC = "805ec0aabbcc"
YEALINK = ((60, b"yealink"), (12, b"SIP-T46S\0"))
SERVER = "192.168.1.254"


def message(kind: int, *options: tuple[int, bytes], xid: int = 7, mac: str = MAC, given: str = "0.0.0.0") -> bytes:
    reply = kind in {OFFER, ACK, NAK}
    head = struct.pack(">BBBBIHH", 2 if reply else 1, 1, 6, 0, xid, 0, 0) + bytes(4)
    head += bytes(map(int, given.split("."))) + bytes(8) + bytes.fromhex(mac).ljust(16, b"\0") + bytes(192)
    every = ((53, bytes([kind])), *options)
    return head + b"\x63\x82\x53\x63" + b"".join(bytes([k, len(v)]) + v for k, v in every) + b"\xff" + bytes(20)


def note(payload: bytes, at: float = 0, src: str = "0.0.0.0") -> Note:
    ports = (68, 67) if src == "0.0.0.0" else (67, 68)
    return Note(NoteKind.DHCP, 1 + round(at), T0 + round(at * 1e9), src, ports[0], "255.255.255.255", ports[1], "udp", payload, truncated=False)  # fmt: skip


def read(*notes: Note) -> list[DhcpExchange]:
    reader = DhcpReader("a.pcap")
    for each in notes:
        reader.read(each)
    return reader.rows()


def leased(*options: tuple[int, bytes]) -> DhcpExchange:
    identifier = (54, bytes([192, 168, 1, 254]))
    (row,) = read(
        note(message(DISCOVER, *YEALINK)),
        note(message(OFFER, identifier, *options, given="192.168.1.21"), 1, SERVER),
        note(message(REQUEST, *YEALINK), 2),
        note(message(ACK, identifier, *options, given="192.168.1.21"), 3, SERVER),
    )
    return row


def test_lease_of_a_phone() -> None:
    link = b"http://192.168.1.10:5000/provisioning/s3cr3tpath/cfg{mac}.xml\0"
    row = leased((66, link), (132, b"\0\x64"), (42, bytes([192, 168, 1, 10, 192, 168, 1, 11])))
    assert (row.mac, row.vendor_class, row.hostname, row.requests, row.discovers) == (MAC, "yealink", "SIP-T46S", 2, 1)
    assert (row.outcome, row.address, row.servers, row.vlan) == ("ack", "192.168.1.21", [SERVER], 100)
    assert (row.provisioning_host, row.provisioning_option, row.ntp) == (
        "192.168.1.10",
        66,
        ["192.168.1.10", "192.168.1.11"],
    )
    assert (row.source.frame, row.source_of("provisioning_host").frame) == (1, 4)
    assert row.derived == {"tries": 1, "tried_s": 3.0, "in_vain": False, "named_phone": True}
    assert "s3cr3tpath" not in repr(row)


@pytest.mark.parametrize(
    ("options", "host", "number"),
    [
        (((66, b"PBX.example.com"),), "pbx.example.com", 66),
        (((66, b"tftp://10.0.0.5"),), "10.0.0.5", 66),
        (((66, b"https://user:geheim@cfg.example.com/x"),), "cfg.example.com", 66),
        (((66, b"http://[2001:DB8:0::1]:5000/"),), "2001:db8::1", 66),
        (((160, b"http://cfg.example.com/"), (43, b"http://other.example.com")), "cfg.example.com", 160),
        (((43, b"http://acs.example.com:7547"),), "acs.example.com", 43),
        (((43, b"\1\4abcd"),), None, None),
        (((43, b"plain.example.com"),), None, None),
        (((150, bytes([10, 0, 0, 7, 10, 0, 0, 8])),), "10.0.0.7", 150),
        (((66, b"\xff\xfe\1"),), None, None),
        (((66, b"..."),), None, None),
        ((), None, None),
    ],
)
def test_server_for_the_configuration(
    options: tuple[tuple[int, bytes], ...], host: str | None, number: int | None
) -> None:
    row = leased(*options)
    assert (row.provisioning_host, row.provisioning_option) == (host, number)


@pytest.mark.parametrize(
    ("value", "vlan"),
    [(b"\0\x64", 100), (b"\0\0\0\x64", 100), (b"100", 100), (b"42", 42), (b"\xff\xff", None), (b"x", None)],
)
def test_numbers_of_vlans(value: bytes, vlan: int | None) -> None:
    assert leased((132, value)).vlan == vlan


def test_looking_for_a_server_in_vain() -> None:
    rows = read(*(note(message(DISCOVER, *YEALINK, xid=xid), at) for xid, at in ((1, 0), (1, 4), (2, 12), (2, 28))))
    assert [(row.requests, row.outcome) for row in rows] == [(2, None), (2, None)]
    assert {(row.derived["tries"], row.derived["tried_s"], row.derived["in_vain"]) for row in rows} == {(4, 28.0, True)}
    # the offer was not captured, but was there: the phone goes on
    rows = read(note(message(DISCOVER)), note(message(DISCOVER), 4), note(message(REQUEST), 5))
    assert rows[0].derived["in_vain"] is False


def test_refusal_and_a_second_server() -> None:
    (row,) = read(
        note(message(DISCOVER)), note(message(OFFER, given="10.0.0.3"), 1, SERVER), note(message(OFFER), 1, "10.0.0.1")
    )
    assert (row.outcome, row.servers, row.address) == ("offer", [SERVER, "10.0.0.1"], "10.0.0.3")
    (row,) = read(note(message(REQUEST)), note(message(NAK), 1, SERVER))
    assert (row.outcome, row.address, row.derived["in_vain"]) == ("nak", None, False)


def test_options_in_parts_and_damaged_ones() -> None:
    start = bytes(240)
    assert read_options(start + b"\0\0\x42\2ab\x42\2cd\xff\x42\1e") == {66: b"abcd"}
    assert read_options(start + b"\x42\x20ab") == read_options(start + b"\x42") == {}


@given(st.binary(max_size=120))
def test_any_options(data: bytes) -> None:
    read(note(message(ACK)[:240] + data), note(message(DISCOVER)[:240] + data))


def test_in_a_capture() -> None:
    sent = [
        frames.ethernet(frames.ipv4("0.0.0.0", "255.255.255.255", frames.udp(68, 67, message(DISCOVER, *YEALINK)))),
        frames.ethernet(frames.ipv4("10.0.0.1", "10.0.0.254", frames.udp(67, 67, message(DISCOVER, *YEALINK, xid=8)))),
        frames.ethernet(frames.ipv4("10.0.0.1", "10.0.0.2", frames.udp(68, 67, bytes(300)))),
    ]
    rows = read_capture(frames.pcap(Record(T0 + n, data) for n, data in enumerate(sent))).facts.of(DhcpExchange)
    assert [(row.source.frame, row.mac) for row in rows] == [(1, MAC), (2, MAC)]
