"""RTP statistics against numbers worked out by hand and against a plain reading of RFC 3550."""

# ruff: noqa: PLR0917 - parametrised
from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest

from parsers.capture import rtp_quality
from parsers.capture.notes import Encoding, MediaEnd, MediaMap, StreamStats
from parsers.capture.walk import walk
from tests.parsers.capture import frames
from tests.parsers.capture.frames import T0, Record

pytestmark = pytest.mark.usefixtures("form")

A, B = "192.0.2.1", "198.51.100.2"
MS = 1_000_000


def streams(
    packets: Iterable[tuple[float, bytes]], media: MediaMap | None = None, *, tos: int = 0
) -> list[StreamStats]:
    """The streams of RTP payloads sent from A:9000 to B:9002 at times in ms."""
    records = [
        Record(T0 + round(ms * MS), frames.packet(A, 9000, B, 9002, data, ident=i & 0xFFFF, tos=tos))
        for i, (ms, data) in enumerate(packets)
    ]
    return walk(frames.pcap(records, nano=True), artifact="x").streams(media or MediaMap())


def one(packets: Iterable[tuple[float, bytes]], media: MediaMap | None = None) -> StreamStats:
    (stream,) = streams(packets, media)
    return stream


def talk(numbers: Iterable[int], *, base: int = 0) -> list[tuple[float, bytes]]:
    """20 ms packets with these sequence numbers; times and stamps follow the numbers."""
    return [(n * 20, frames.rtp(n + base, n * 160)) for n in numbers]


def described(encodings: dict[int, Encoding] | None = None, **more: object) -> MediaMap:
    return MediaMap([MediaEnd(B, 9002, T0, encodings=encodings or {}, **more)])  # type: ignore[arg-type]


# ---- what is a stream


def test_ten_packets_make_a_stream() -> None:
    assert streams(talk(range(9))) == []
    assert one(talk(range(10))).signalled is False


def test_numbers_must_rise() -> None:
    assert streams((i * 20, frames.rtp(7, 100)) for i in range(50)) == []
    assert streams((i * 20, frames.rtp(i * 7, i)) for i in range(50)) == []
    chance = random.Random(1)
    assert streams((i, frames.rtp(chance.randrange(65536), i, kind=i % 2)) for i in range(200)) == []


def test_signalled_streams_may_be_short() -> None:
    stream = one(talk(range(2)), described({0: Encoding("PCMU", 8000)}))
    assert (stream.signalled, stream.packets, stream.codec) == (True, 2, "PCMU")
    assert stream.dst_end is not None
    assert stream.src_end is None
    assert streams(talk(range(2)), described(t38=True)) == []
    assert streams([(0, frames.rtp(1, 1, kind=97))], described({98: Encoding("opus", 48000)})) == []


def test_ssrc_and_direction_make_rows() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160, ssrc=s)) for i in range(12) for s in (0, 5)]
    assert [(s.ssrc, s.packets) for s in streams(packets)] == [(0, 12), (5, 12)]


def test_rtcp_is_no_stream() -> None:
    assert streams((i * 20, frames.rtp(i, i * 160, kind=72)) for i in range(30)) == []


# ---- loss, order, runs


def _counts(stream: StreamStats) -> tuple[int | None, ...]:
    return (
        stream.packets, stream.lost, stream.expected, stream.duplicates, stream.out_of_order, stream.restarts,
        stream.runs_of_loss, stream.longest_loss,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "counts"),
    [
        (range(20), (20, 0, 20, 0, 0, 0, 0, 0)),
        (range(65_526, 65_546), (20, 0, 20, 0, 0, 0, 0, 0)),
        ([*range(12), 13, 15, 16, 20], (16, 5, 21, 0, 0, 0, 3, 3)),
        ([*range(12), 13, 12, 14], (15, 0, 15, 0, 1, 0, 0, 0)),
        ([1, 0, *range(2, 14)], (14, 0, 14, 0, 1, 0, 0, 0)),
        ([*range(12), 11, 5, 12], (15, 0, 13, 2, 0, 0, 0, 0)),
        ([*range(12), 300, 301], (14, 288, 302, 0, 0, 0, 1, 288)),
        ([*range(12), *range(20_000, 20_010)], (22, 0, 22, 0, 0, 1, 0, 0)),
        ([*range(12), 20_000, 12, 13], (15, 0, 14, 0, 0, 0, 0, 0)),
        ([*range(12), 20_000, 12, 20_001, 13], (16, 0, 14, 0, 0, 0, 0, 0)),
        ([*range(200), 130, 90], (202, 0, 200, 1, 0, 0, 0, 0)),
        ([*range(12), *range(3010, 3012)], (14, 2998, 3012, 0, 0, 0, 1, 2998)),
        ([*range(12), *range(3011, 3013)], (14, 0, 14, 0, 0, 1, 0, 0)),
        ([*range(100), *range(101, 200), 100], (200, 0, 200, 0, 1, 0, 0, 0)),
        ([*range(100), *range(101, 201), 100], (201, 1, 201, 0, 0, 0, 1, 1)),
    ],
)
def test_sequence_numbers(numbers: Iterable[int], counts: tuple[int, ...]) -> None:
    assert _counts(one(talk(numbers))) == counts


def _plainly(numbers: list[int]) -> tuple[int, int, int, int, int]:
    """RFC 3550 A.1 with sets: lost, expected, duplicates, out of order, restarts."""
    runs: list[set[int]] = []
    highest, bad, duplicates, disordered = 0, -1, 0, 0
    for n in numbers:
        if not runs:
            runs.append({n})
            highest = n
            continue
        delta = (n - highest) % 65536
        if delta == 0:
            duplicates += 1
        elif delta < 3000:
            highest += delta
            runs[-1].add(highest)
        elif delta <= 65536 - 100:
            if n == bad:
                runs.append({n - 1, n})
                highest, bad = n, -1
            else:
                bad = (n + 1) % 65536
            continue
        else:
            number = highest - (65536 - delta)
            if number in runs[-1]:
                duplicates += 1
            else:
                disordered += 1
                runs[-1].add(number)
        bad = -1
    expected = sum(max(r) - min(r) + 1 for r in runs)
    return expected - sum(map(len, runs)), expected, duplicates, disordered, len(runs) - 1


@pytest.mark.parametrize("seed", range(12))
def test_sequence_numbers_against_a_plain_reading(seed: int) -> None:
    chance = random.Random(seed)
    numbers = list(range(12))
    for _ in range(1500):
        step = chance.random()
        jump = (
            1
            if step < 0.8
            else chance.choice([0, 2, 3, 60, 127, 128, 129, 300, 2999, 3000, -1, -2, -63, -64, -99, -100])
        )
        numbers.append((numbers[-1] + jump) % 65536)
    stream = one((i * 20, frames.rtp(n, i * 160)) for i, n in enumerate(numbers))
    assert (stream.lost, stream.expected, stream.duplicates, stream.out_of_order, stream.restarts) == _plainly(numbers)


# ---- time


def test_jitter_by_hand() -> None:
    arrivals = [0, 20, 45, 60, 80, 100, 120, 140, 160, 180]
    stream = one((ms, frames.rtp(i, i * 160)) for i, ms in enumerate(arrivals))
    j, values = 0.0, []
    for a, b in pairwise(arrivals):
        j += (abs(b - a - 20) - j) / 16
        values.append(j)
    assert stream.jitter_mean_ms == round(sum(values) / len(values), 3) == 0.426
    assert stream.jitter_max_ms == round(max(values), 3) == 0.605
    assert stream.delta_max_ms == 25.0
    assert stream.ptime_ms == 20.0


def test_clock_of_the_codec() -> None:
    packets = [(i * 20, frames.rtp(i, i * 960, kind=111)) for i in range(20)]
    assert one(packets, described({111: Encoding("opus", 48000)})).jitter_max_ms == 0.0
    unknown = one(packets)
    assert (unknown.codec, unknown.jitter_mean_ms, unknown.jitter_max_ms, unknown.ptime_ms) == (None, None, None, None)
    assert one([(i * 20, frames.rtp(i, i * 160, kind=9)) for i in range(20)]).jitter_max_ms == 0.0


def test_the_receiver_s_description_wins() -> None:
    packets = [(i * 20, frames.rtp(i, i * 320, kind=96)) for i in range(20)]
    media = MediaMap([
        MediaEnd(A, 9000, T0, encodings={96: Encoding("telephone-event", 8000)}),
        MediaEnd(B, 9002, T0, encodings={96: Encoding("speex", 16000)}),
    ])  # fmt: skip
    assert one(packets, media).codec == "speex"


def test_a_later_offer_brings_a_new_type() -> None:
    media = MediaMap([
        MediaEnd(B, 9002, T0, encodings={0: Encoding("PCMU", 8000)}),
        MediaEnd(B, 9002, T0 + 150 * MS, encodings={0: Encoding("PCMU", 8000), 99: Encoding("speex", 16000)}),
    ])  # fmt: skip
    packets = talk(range(10)) + [(200 + i * 20, frames.rtp(10 + i, 1600 + i * 320, kind=99)) for i in range(30)]
    stream = one(packets, media)
    assert (stream.codec, stream.clock_rate, stream.payload_types) == ("speex", 16000, {0: 10, 99: 30})


def test_addresses_are_used_again() -> None:
    media = MediaMap([
        MediaEnd(B, 9002, T0 - 600_000 * MS, T0 - 300_000 * MS, {96: Encoding("iLBC", 8000)}),
        MediaEnd(B, 9002, T0 - 1000 * MS, T0 + 900_000 * MS, {96: Encoding("speex", 16000)}),
    ])  # fmt: skip
    assert one([(i * 20, frames.rtp(i, i * 320, kind=96)) for i in range(20)], media).codec == "speex"


def test_comfort_noise_stops_jitter_and_gaps() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160)) for i in range(10)]
    packets += [(200, frames.rtp(10, 1600, b"\x40", kind=13)), (3000, frames.rtp(11, 9000, b"\x40", kind=13))]
    packets += [(5000 + i * 20, frames.rtp(12 + i, 20_000 + i * 160)) for i in range(10)]
    stream = one(packets)
    assert (stream.jitter_max_ms, stream.delta_max_ms, stream.comfort_noise) == (0.0, 20.0, 2)
    assert stream.payload_types == {0: 20, 13: 2}


def test_marker_stops_gaps_only() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160)) for i in range(10)]
    packets += [(1000, frames.rtp(10, 1600, marker=True)), (1020, frames.rtp(11, 1760))]
    stream = one(packets)
    assert stream.delta_max_ms == 20.0
    assert stream.jitter_max_ms == 50.0
    assert stream.markers == 1


def test_hold_stops_jitter() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160)) for i in range(10)]
    packets += [(10_000 + i * 20, frames.rtp(10 + i, 1600 + i * 160)) for i in range(10)]
    spans = [(T0 + 300 * MS, T0 + 9000 * MS)]
    assert one(packets).jitter_max_ms == 612.5
    assert one(packets, described(not_receiving=spans)).jitter_max_ms == 0.0
    assert one(packets, MediaMap([MediaEnd(A, 9000, T0, not_sending=spans)])).jitter_max_ms == 0.0
    assert one(packets, described(not_sending=spans)).jitter_max_ms == 612.5
    assert one(packets, described(not_receiving=[(T0 + 20_000 * MS, T0 + 21_000 * MS)])).jitter_max_ms == 612.5


def test_new_run_and_new_media_clock() -> None:
    packets = talk(range(10))
    packets += [(200 + i * 20, frames.rtp(30_000 + i, 5_000_000 + i * 160)) for i in range(10)]
    stream = one(packets)
    assert (stream.restarts, stream.jitter_max_ms, stream.clock_jumps) == (1, 0.0, 0)
    packets = talk(range(10)) + [(200 + i * 20, frames.rtp(10 + i, 5_000_000 + i * 160)) for i in range(10)]
    assert one(packets).clock_jumps == 1


@pytest.mark.parametrize(("first", "second"), [(101, 0), (0, 101), (101, 101), (13, 0), (0, 13)])
def test_new_run_that_begins_with_no_audio(first: int, second: int) -> None:
    """Neither the packet that announces a run nor the next one is a neighbour of audio where it is none itself."""
    packets = talk(range(10))
    packets += [(200, frames.rtp(30_000, 77, kind=first)), (220, frames.rtp(30_001, 77, kind=second))]
    packets += [(240 + i * 20, frames.rtp(30_002 + i, 5_000_000 + i * 160)) for i in range(10)]
    if (first, second) == (101, 0):
        packets[11] = (220, frames.rtp(30_001, 5_000_000 - 160))
    if (first, second) == (0, 101):
        packets[10] = (200, frames.rtp(30_000, 5_000_000 - 320))
    if (first, second) == (13, 0):
        packets[11] = (220, frames.rtp(30_001, 5_000_000 - 160))
    stream = one(packets, described({0: Encoding("PCMU", 8000), 101: Encoding("telephone-event", 8000)}))
    assert (stream.restarts, stream.lost, stream.jitter_mean_ms, stream.jitter_max_ms) == (1, 0, 0.0, 0.0)


def test_new_run_counts_both_of_its_first_packets() -> None:
    packets = [(0, frames.rtp(0, 0)), (36, frames.rtp(1, 160))]
    packets += [(100, frames.rtp(30_000, 0)), (120, frames.rtp(30_001, 160))]
    packets += [(140 + i * 20, frames.rtp(30_002 + i, 320 + i * 160)) for i in range(7)]
    stream = one(packets, described())
    # J = 1 ms after the second packet and after the first one of the new run, then J -= J/16, by eight packets
    expected = (1 + 1 + sum((15 / 16) ** n for n in range(1, 9))) / 10
    assert stream.jitter_mean_ms == round(expected, 3)


def test_no_gap_to_measure_is_null() -> None:
    packets = [(0, frames.rtp(0, 0)), (20, frames.rtp(1, 160, marker=True))]
    assert one(packets, described()).delta_max_ms is None
    assert one(packets[:1], described()).delta_max_ms is None
    assert one([packets[0], (0, frames.rtp(1, 160))], described()).delta_max_ms == 0.0


def test_drift() -> None:
    packets = [(i * 20.02, frames.rtp(i, i * 160)) for i in range(3500)]
    assert one(packets).drift_ppm == -999.0
    assert one(packets[:1000]).drift_ppm is None


def test_dscp_and_silence() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160, b"\xd5" * 160, kind=8)) for i in range(20)]
    (stream,) = streams(packets, tos=0xB8)
    assert (stream.dscp, stream.silent_packets, stream.codec) == (46, 20, "PCMA")


def test_dscp_without_congestion_bits() -> None:
    records = [
        Record(T0 + i * 20 * MS, frames.packet(A, 9000, B, 9002, frames.rtp(i, i * 160), ident=i, tos=tos))
        for i, tos in enumerate([0] * 8 + [0xB8, 0xB9, 0xBA] * 4)
    ]
    (stream,) = walk(frames.pcap(records), artifact="x").streams(MediaMap())
    assert stream.dscp == 46


# ---- telephone events


def event(number: int, duration: int, *, end: bool = False) -> bytes:
    return bytes([number, 0x80 if end else 0]) + duration.to_bytes(2, "big")


EVENTS = {0: Encoding("PCMU", 8000), 101: Encoding("telephone-event", 8000)}


def test_a_key_that_is_held_long_is_one_digit() -> None:
    """An event that lasts longer than its field can say goes on in segments with time stamps of their own."""
    packets = [(i * 20, frames.rtp(i, i * 160)) for i in range(10)]
    sent = [(1600, 160 * (i + 1), False) for i in range(409)] + [(1600, 0xFFFF, False)]
    sent += [(1600 + 0xFFFF, 160 * (i + 1), i > 47) for i in range(50)]
    packets += [
        (200 + i * 20, frames.rtp(10 + i, stamp, event(5, duration, end=end), kind=101))
        for i, (stamp, duration, end) in enumerate(sent)
    ]
    packets += [(9500, frames.rtp(470, 1600 + 0xFFFF + 9000, event(5, 800, end=True), kind=101))]
    stream = one(packets, described(EVENTS))
    assert [(e.digit, e.ended, e.packets) for e in stream.dtmf] == [("5", True, 460), ("5", True, 1)]
    assert stream.dtmf[0].duration_ms == round((0xFFFF + 50 * 160) / 8, 3)


def test_digits() -> None:
    packets = [(i * 20, frames.rtp(i, i * 160)) for i in range(10)]
    for k, digit in enumerate((1, 1, 11)):
        seq, stamp = 10 + k * 5, 1600 + k * 1600
        for i in range(5):
            end = i > 1 and k < 2
            packets.append(
                (200 + k * 200 + i * 20, frames.rtp(seq + i, stamp, event(digit, 160 * (i + 1), end=end), kind=101))
            )
    stream = one(packets, described(EVENTS))
    assert [(e.digit, e.ended, e.duration_ms, e.packets) for e in stream.dtmf] == [
        ("1", True, 100.0, 5), ("1", True, 100.0, 5), ("#", False, 100.0, 5),
    ]  # fmt: skip
    assert [(e.time_ns - T0) // MS for e in stream.dtmf] == [200, 400, 600]
    assert stream.dtmf[0].frame == 11
    assert (stream.codec, stream.lost, stream.jitter_max_ms) == ("PCMU", 0, 0.0)


def test_events_only() -> None:
    packets = [(i * 20, frames.rtp(i, 160, event(5, i * 160), kind=101)) for i in range(12)]
    stream = one(packets, described(EVENTS))
    assert (stream.codec, stream.lost, stream.expected, stream.loss_pct, stream.jitter_mean_ms) == (
        "telephone-event",
        None,
        None,
        None,
        None,
    )


def test_encrypted_events_are_not_read() -> None:
    packets = [(i * 20, frames.rtp(i, 160, event(5, i * 160), kind=101)) for i in range(12)]
    assert one(packets, described(EVENTS, encrypted=True)).dtmf == []


# ---- quality

G711, G711_BARE, G729 = (0.0, 25.1), (0.0, 4.3), (11.0, 19.0)


@pytest.mark.parametrize(
    ("codec", "loss", "burst", "delay", "r", "mos"),
    [
        (G711_BARE, 0, 1, 0, 93.20, 4.409), (G711_BARE, 1, 1, 0, 75.28, 3.834), (G711_BARE, 3, 1, 0, 54.16, 2.794),
        (G711_BARE, 5, 2, 0, 23.35, 1.358), (G711_BARE, 1, 1, 200, 72.23, 3.700), (G711_BARE, 0, 1, 300, 78.44, 3.964),
        (G711, 0, 1, 0, 93.20, 4.409), (G711, 1, 1, 0, 89.56, 4.328), (G711, 3, 1, 0, 83.06, 4.134),
        (G711, 5, 2, 0, 75.99, 3.864), (G711, 1, 1, 200, 86.52, 4.245), (G711, 0, 1, 300, 78.44, 3.964),
        (G729, 0, 1, 0, 82.20, 4.104), (G729, 1, 1, 0, 78.00, 3.946), (G729, 3, 1, 0, 70.75, 3.632),
        (G729, 5, 2, 0, 62.67, 3.237), (G729, 1, 1, 200, 74.96, 3.820), (G729, 0, 1, 300, 67.44, 3.475),
    ],
)  # fmt: skip
def test_e_model(codec: tuple[float, float], loss: float, burst: float, delay: float, r: float, mos: float) -> None:
    rating = rtp_quality.rating(loss, burst, *codec, delay)
    assert round(rating, 2) == r
    assert round(rtp_quality.mos(rating), 3) == mos


def test_bounds_of_mos() -> None:
    assert (rtp_quality.mos(-5), rtp_quality.mos(100)) == (1.0, 4.5)


def test_burst_ratio() -> None:
    assert rtp_quality.burst_ratio(0, 100, 0) == 1.0
    assert rtp_quality.burst_ratio(10, 100, 10) == 1.0
    assert rtp_quality.burst_ratio(10, 100, 2) == pytest.approx(4.5)


def test_mos_of_streams() -> None:
    assert one(talk(range(249))).mos is None
    assert one(talk(range(300))).mos == 4.41
    lossy = one(talk(n for n in range(400) if n % 20))
    assert (lossy.loss_pct, lossy.mos) == (4.76, 3.95)
    bursty = one(talk(n for n in range(400) if n % 100 > 4 or n < 5))
    assert (bursty.loss_pct, bursty.burst_ratio, bursty.longest_loss) == (3.75, 4.812, 5)
    assert one([(i * 20, frames.rtp(i, i * 160, kind=9)) for i in range(300)]).mos is None
