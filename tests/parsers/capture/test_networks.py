"""Whole captures of one call in other network layers than plain IPv4: what the rows say has to be the same."""

from __future__ import annotations

import struct
from collections.abc import Callable

from parsers.capture.notes import NoteKind
from parsers.capture.walk import walk
from parsers.facts.capture import Capture
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record
from tests.parsers.capture.scenario import PBX, PHONE, TCX, Read, Scenario, endpoint, read, sdp

Layer = Callable[[str, str, bytes, int], list[bytes]]
"""Source host, destination host, UDP datagram and number of a packet → the packets of it."""
V6 = {"192.0.2.21": "2001:db8::21", "192.0.2.1": "2001:db8::1"}


def within(s: Scenario, layer: Layer) -> Read:
    """The packets of a scenario in another layer."""
    records: list[Record] = []
    for number, (at, src, dst, payload) in enumerate(sorted(s.packets, key=lambda p: p[0])):
        (shost, sport), (dhost, dport) = endpoint(src), endpoint(dst)
        packets = layer(shost, dhost, frames.udp(sport, dport, payload), number)
        records += [Record(T0 + round(at * 1e9) + n * 1000, packet) for n, packet in enumerate(packets)]
    return read(frames.pcap(records))


def talk(extra: str = "") -> Scenario:
    s = Scenario()
    s.answered(offer_extra=extra)
    s.rtp(2.2, "192.0.2.21:4000", "192.0.2.1:10000", 50, ssrc=1)
    s.rtp(2.2, "192.0.2.1:10000", "192.0.2.21:4000", 50, ssrc=2)
    return s


def six(kind: int, payload: bytes, src: str, dst: str) -> bytes:
    return frames.ethernet(frames.ipv6(V6[src], V6[dst], payload, kind=kind), 0x86DD)


def test_headers_between_ip_and_udp() -> None:
    def options(src: str, dst: str, datagram: bytes, number: int) -> list[bytes]:
        # hop by hop, routing, an atomic fragment, options for the destination
        chain = b"\x2b\0\1\4\0\0\0\0\x2c\0\4\0\0\0\0\0\x3c\0\0\0" + struct.pack(">I", number) + b"\x11\0\1\4\0\0\0\0"
        return [six(0, chain + datagram, src, dst)]

    found = within(talk(), options)
    call = found.call
    assert (call.caller, call.callee, call.outcome) == ("[2001:db8::21]:5060", "[2001:db8::1]:5060", "answered")
    assert [stream.packets for stream in found.streams] == [50, 50]


def test_options_for_the_destination_that_come_in_fragments() -> None:
    def cut(src: str, dst: str, datagram: bytes, number: int) -> list[bytes]:
        whole = b"\x11\0\1\4\0\0\0\0" + datagram
        parts = [whole[at : at + 400] for at in range(0, len(whole), 400)]
        return [
            six(44, b"\x3c\0" + struct.pack(">HI", n * 400 | (n < len(parts) - 1), number) + part, src, dst)
            for n, part in enumerate(parts)
        ]

    found = within(talk("a=x:" + "y" * 900 + "\n"), cut)
    assert (found.call.outcome, found.call.retransmissions, len(found.messages)) == ("answered", 0, 6)
    assert found.facts.of(Capture)[0].fragments > 4


def test_error_about_the_first_fragment_of_a_datagram() -> None:
    quoted = frames.ipv6(
        "2001:db8::1", "2001:db8::2", b"\x11\0\0\1\0\0\0\7" + frames.udp(5060, 5062, b"INVITE"), kind=44
    )
    later = frames.ipv6("2001:db8::1", "2001:db8::2", b"\x11\0\0\x19\0\0\0\7" + b"more of the same", kind=44)
    errors = [frames.ipv6("2001:db8::9", "2001:db8::1", b"\1\4" + bytes(6) + q, kind=58) for q in (quoted, later)]
    walked = walk(frames.pcap(Record(T0 + n, frames.ethernet(e, 0x86DD)) for n, e in enumerate(errors)), artifact="x")
    (note,) = [n for n in walked.notes if n.kind is NoteKind.ICMP]
    assert (note.frame, note.dst, note.dport, note.payload) == (1, "2001:db8::2", 5062, b"INVITE")


def test_an_ipv4_address_as_a_socket_of_both_versions_writes_it() -> None:
    s = Scenario()
    s.request(0, "INVITE", body=sdp("192.0.2.21:4000"))
    s.response(1, 200, body=sdp("192.0.2.1:10000").replace("IN IP4 192.0.2.1", "IN IP6 ::ffff:192.0.2.1"))
    s.request(1.1, "ACK", to_tag="b")
    s.rtp(1.2, "192.0.2.21:4000", "192.0.2.1:10000", 50)
    found = s.read()
    assert (found.call.media, found.call.derived["ip_version_mismatch"]) == ("caller_only", False)
    assert found.streams[0].derived["to_private_from_public"] is False


def test_a_packet_that_is_too_large_is_not_unreachable() -> None:
    def call(code: int) -> Read:
        s = Scenario(caller=PBX, callee=PHONE, agents={PBX: TCX})
        s.request(0, "INVITE", body=sdp("192.0.2.1:10000"))
        _, src, dst, payload = s.packets[0]
        (shost, sport), (dhost, dport) = endpoint(src), endpoint(dst)
        sent = frames.ipv4(shost, dhost, frames.udp(sport, dport, payload), ident=7)
        error = frames.ipv4("198.51.100.1", shost, bytes([3, code]) + bytes(6) + sent[:60], kind=1)
        return read(frames.pcap([Record(T0, frames.ethernet(sent)), Record(T0 + 1_000_000, frames.ethernet(error))]))

    assert [call(code).call.derived["icmp_unreachable"] for code in (3, 4)] == [1, 0]
