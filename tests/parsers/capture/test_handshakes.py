"""TCP connections that were opened: who asked whom, how often, and whether the server agreed."""

from __future__ import annotations

from parsers.capture.handshakes import MAX_KEPT
from parsers.facts.capture import TcpOpening
from tests.parsers.capture.frames import T0, Record, ethernet, ipv4, ipv6, pcap, tcp
from tests.parsers.capture.scenario import read

SYN, SYN_ACK, RST_ACK = 0x02, 0x12, 0x14
CLIENT, SERVER = "192.0.2.1", "198.51.100.9"


End = tuple[str, int]


def segment(at_s: float, src: End, dst: End, flags: int) -> Record:
    """A TCP segment without payload."""
    payload = tcp(src[1], dst[1], 1000, flags=flags)
    six = ":" in src[0]
    packet = ipv6(src[0], dst[0], payload, kind=6) if six else ipv4(src[0], dst[0], payload, kind=6)
    return Record(T0 + round(at_s * 1e9), ethernet(packet, 0x86DD if six else 0x0800))


def openings(*records: Record) -> list[TcpOpening]:
    return read(pcap(records)).facts.of(TcpOpening)


def test_refused_and_silent_connections_are_not_accepted() -> None:
    (row,) = openings(
        segment(0, (CLIENT, 40_000), (SERVER, 5061), SYN),
        segment(0.1, (SERVER, 5061), (CLIENT, 40_000), RST_ACK),
        segment(5, (CLIENT, 40_001), (SERVER, 5061), SYN),
        segment(6, (CLIENT, 40_001), (SERVER, 5061), SYN),
    )
    assert (row.client, row.server, row.attempts, row.syns, row.accepted) == (CLIENT, f"{SERVER}:5061", 2, 3, 0)
    assert row.first is not None
    assert row.last is not None
    assert (row.last - row.first).total_seconds() == 6
    assert row.source.frame == 1


def test_one_that_the_server_agrees_to() -> None:
    (row,) = openings(
        segment(0, (CLIENT, 40_000), (SERVER, 5061), SYN),
        segment(0.1, (SERVER, 5061), (CLIENT, 40_000), SYN_ACK),
        segment(9, (CLIENT, 40_001), (SERVER, 5061), SYN),
    )
    assert (row.attempts, row.syns, row.accepted) == (2, 2, 1)


def test_the_agreement_to_another_connection_does_not_count() -> None:
    refused, taken = openings(
        segment(0, (CLIENT, 40_000), (SERVER, 5061), SYN),
        segment(0.1, (CLIENT, 40_000), ("198.51.100.10", 5061), SYN),
        segment(0.2, ("198.51.100.10", 5061), (CLIENT, 40_000), SYN_ACK),
    )
    assert (refused.accepted, refused.derived["accepted_elsewhere"]) == (0, True)
    assert (taken.accepted, taken.derived["accepted_elsewhere"]) == (1, False)


def test_version_6_and_connections_whose_start_is_missing() -> None:
    (row,) = openings(
        segment(0, ("2001:db8::1", 40_000), ("2001:db8::9", 5090), SYN),
        segment(1, ("2001:db8::9", 5090), ("2001:db8::1", 40_000), SYN_ACK),
        segment(2, ("2001:db8::7", 443), ("2001:db8::1", 40_002), SYN_ACK),
    )
    assert (row.client, row.server, row.accepted) == ("2001:db8::1", "[2001:db8::9]:5090", 1)


def test_a_flood_of_first_segments_is_bounded() -> None:
    flood = [
        segment(n / 1e5, (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", 1024), (SERVER, 5061), SYN)
        for n in range(MAX_KEPT + 50)
    ]
    rows = openings(*flood)
    assert len(rows) == 2000
    assert sum(row.syns for row in rows) == 2000
