"""How well TCP connections of 3CX tunnels get through."""

from __future__ import annotations

import pytest

from parsers.capture.tunnel import DISORDER_NS, MAX_WAYS, Tunnels, Way
from parsers.facts.capture import TunnelWay
from tests.parsers.capture.frames import T0, Record, ethernet, ipv4, ipv6, pcap, tcp
from tests.parsers.capture.scenario import read

SBC, PBX = ("192.168.7.20", 40_000), ("203.0.113.10", 5090)
SYN, SYN_ACK, ACK, PUSH, RST = 0x02, 0x12, 0x10, 0x18, 0x04
SIZE = 100


class Line:
    """A connection between the SBC and the PBX; times in ms."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.sent = {SBC: 1, PBX: 1}

    def put(
        self,
        at_ms: float,
        src: tuple[str, int],
        seq: int,
        payload: bytes = b"",
        flags: int = ACK,
        *,
        window: int = 8192,
    ) -> None:
        dst = PBX if src == SBC else SBC
        part = tcp(src[1], dst[1], seq, payload, flags, ack=self.sent[dst], window=window)
        ident = len(self.records) + 1
        packet = ipv4(src[0], dst[0], part, kind=6, ident=ident)
        self.records.append(Record(T0 + round(at_ms * 1e6), ethernet(packet)))

    def data(self, at_ms: float, src: tuple[str, int], *, lost: bool = False) -> int:
        """A segment of new data; ``lost`` before the capture sees it."""
        seq = self.sent[src]
        self.sent[src] += SIZE
        if not lost:
            self.put(at_ms, src, seq, bytes(SIZE), PUSH)
        return seq

    def ways(self) -> dict[str, TunnelWay]:
        rows = read(pcap(sorted(self.records, key=lambda record: record.time))).facts.of(TunnelWay)
        return {row.sender: row for row in rows}


def test_a_line_on_which_nothing_is_lost() -> None:
    line = Line()
    for n in range(300):
        line.data(n * 20, SBC)
        line.data(n * 20 + 60, PBX)
    ways = line.ways()
    up, down = ways["192.168.7.20:40000"], ways["203.0.113.10:5090"]
    assert (up.segments, up.repeats, up.repeats_pct, up.closed) == (300, 0, 0.0, 0)
    assert (down.segments, down.repeats, down.receiver) == (300, 0, "192.168.7.20:40000")
    assert up.derived == {
        "client": "192.168.7.20",
        "server_host": "203.0.113.10",
        "to_server": True,
        "client_public": False,
    }
    assert down.derived["to_server"] is False


def test_what_is_sent_again_is_counted_on_its_way_only() -> None:
    line = Line()
    for n in range(200):
        seq = line.data(n * 20, SBC)
        if n % 50 == 9:
            line.put(n * 20 + 15, SBC, seq, bytes(SIZE), PUSH)
        line.put(n * 20 + 10, PBX, line.sent[PBX])
    up = line.ways()["192.168.7.20:40000"]
    assert (up.segments, up.repeats, up.repeats_pct) == (204, 4, 1.96)
    assert up.sources["repeats_pct"].frame == 9 * 2 + 3
    assert up.source.frame == 1


def test_what_was_lost_before_the_capture_is_a_repeat_when_it_comes_late() -> None:
    line = Line()
    late = [line.data(n * 20, SBC, lost=n == 5) for n in range(10)][5]
    line.put(5 * 20 + 250, SBC, late, bytes(SIZE), PUSH)
    assert [(w.segments, w.repeats) for w in line.ways().values()] == [(10, 1)]


def test_overtaken_segments_and_keep_alives_are_no_repeats() -> None:
    line = Line()
    for n in range(4):
        line.data(n * 20, SBC)
    first, second = line.data(100, SBC, lost=True), line.data(101, SBC)
    assert second == first + SIZE
    line.put(101 + DISORDER_NS / 1e6, SBC, first, bytes(SIZE), PUSH)
    line.put(45_000, SBC, line.sent[SBC] - 1, b"\0", ACK)
    line.put(45_060, PBX, line.sent[PBX])
    (up,) = line.ways().values()
    assert (up.segments, up.repeats) == (6, 0)


def test_a_new_connection_on_the_same_ports_begins_anew() -> None:
    line = Line()
    line.data(0, SBC)
    line.put(1000, SBC, 0xFFFFFF00, flags=SYN)
    line.sent[SBC] = 0xFFFFFF01
    line.put(1060, PBX, 7, flags=SYN_ACK)
    for n in range(5):  # over the end of the numbers
        line.data(1100 + n * 20, SBC)
    (up,) = line.ways().values()
    assert (up.segments, up.repeats) == (6, 0)


@pytest.mark.parametrize(("near_ms", "far_ms"), [(0.1, 60.0), (30.0, 210.0)])
def test_the_round_trip_is_the_way_to_both_ends_and_back(near_ms: float, far_ms: float) -> None:
    line = Line()
    for n in range(30):
        at = n * 1000
        line.data(at, SBC)
        line.put(at + far_ms + (n % 3) * 40, PBX, line.sent[PBX])
        line.data(at + 500, PBX)
        line.put(at + 500 + near_ms, SBC, line.sent[SBC])
    ways = line.ways()
    assert {row.round_trip_ms for row in ways.values()} == {round(near_ms + far_ms, 3)}
    assert {row.round_trips for row in ways.values()} == {60}


def test_the_answer_to_what_was_sent_twice_measures_nothing() -> None:
    line = Line()
    seq = line.data(0, SBC)
    line.put(300, SBC, seq, bytes(SIZE), PUSH)
    line.put(301, PBX, line.sent[PBX])
    (up,) = line.ways().values()
    assert (up.repeats, up.round_trip_ms, up.round_trips) == (1, None, 0)


def test_a_window_that_closes() -> None:
    line = Line()
    for n in range(4):
        line.data(n * 100, SBC)
        line.put(n * 100 + 50, PBX, line.sent[PBX], window=0 if n else 8192)
    line.put(900, PBX, line.sent[PBX], flags=RST, window=0)
    down = line.ways()["203.0.113.10:5090"]
    assert (down.segments, down.closed, down.repeats_pct) == (0, 3, None)
    assert down.sources["closed"].frame == 4


def test_other_ports_are_not_measured_and_version_6_is() -> None:
    def segment(port: int, at: int) -> Record:
        part = tcp(40_000, port, 1, b"x" * 20)
        return Record(T0 + at, ethernet(ipv6("2001:db8::1", "2001:db8::9", part, kind=6), 0x86DD))

    rows = read(pcap([segment(5061, 0), segment(5090, 1_000_000), segment(443, 2_000_000)])).facts.of(TunnelWay)
    assert [(row.sender, row.receiver) for row in rows] == [("[2001:db8::1]:40000", "[2001:db8::9]:5090")]


def test_connections_that_are_not_measured_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parsers.capture.tunnel.MAX_WAYS", 1)
    line = Line()
    line.data(0, SBC)
    said = read(pcap(line.records)).sink.problems
    assert not any("tunnels were not measured" in text for text in said)
    line.data(20, PBX)
    said = read(pcap(line.records)).sink.problems
    assert any("tunnels were not measured" in text for text in said)


def test_a_flood_of_connections_is_bounded() -> None:
    class Kernel:
        frame = now = 1

        def flow(self, number: int) -> tuple[int, int, int, int, int, int, int]:
            return 0x34, 0, number, 0, 1, 40_000 << 16 | 5090, 0

    tunnels = Tunnels()
    for number in range(MAX_WAYS + 10):
        tunnels.note(Kernel(), number, 1, 1, 100, ACK, 10)
    assert len(tunnels.ways()) == MAX_WAYS
    assert len(tunnels.left_out) == 10
    assert all(isinstance(way, Way) and back is None for way, back in tunnels.ways())
