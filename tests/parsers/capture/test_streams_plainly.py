"""Streams of all kinds of trouble, measured a second time, slowly, from the columns' definitions alone (docs/facts.md)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from parsers.capture.notes import Encoding, MediaEnd, MediaMap, StreamStats
from parsers.capture.walk import walk
from tests.parsers.capture import frames, kernels
from tests.parsers.capture.frames import T0, Record

A, B = "192.0.2.1", "198.51.100.2"
MS = 1_000_000
NOISE, EVENT, WIDE = 13, 101, 97
ENCODINGS = {
    0: Encoding("PCMU", 8000), 8: Encoding("PCMA", 8000), 18: Encoding("G729", 8000),
    WIDE: Encoding("speex", 16000), EVENT: Encoding("telephone-event", 8000), NOISE: Encoding("CN", 8000),
}  # fmt: skip
IMPAIRMENT = {"PCMU": (0.0, 25.1), "PCMA": (0.0, 25.1), "G729": (11.0, 19.0)}


@dataclass
class Packet:
    """One packet as sent: time ns, payload type, marker, sequence number, time stamp, DSCP."""

    time: int
    kind: int
    mark: bool
    seq: int
    stamp: int
    dscp: int = 46


@dataclass
class Trouble:
    """How often what happens to a stream, and when its direction is on hold (from, to; ns)."""

    loss: float = 0.0
    burst: int = 1
    late: float = 0.0
    twice: float = 0.0
    noise: float = 0.0
    event: float = 0.0
    restart: float = 0.0
    stray: float = 0.0
    wide: float = 0.0
    jitter: int = 0
    mark: float = 0.0
    holds: list[tuple[int, int]] = field(default_factory=list)


def sent(chance: random.Random, count: int, kind: int, trouble: Trouble) -> Iterator[Packet]:
    """Packets of a talker, in the order in which they arrive."""
    out: list[Packet] = []
    seq, stamp, time = chance.choice([0, 65_000, 65_535]), chance.choice([0, 2**32 - 900, 77_777]), T0
    lost = noisy = pressed = since = 0
    for _ in range(count):
        mark, now, mine = chance.random() < trouble.mark, kind, stamp
        if chance.random() < trouble.restart:
            seq = (seq + chance.choice([2999, 3000, 30_000, 65_435, 65_436])) & 0xFFFF
            stamp = mine = chance.randrange(2**32)
        noisy = noisy - 1 if noisy else chance.randrange(4) if chance.random() < trouble.noise else 0
        if pressed == 0 and chance.random() < trouble.event:
            pressed, since = chance.randrange(3, 8), stamp
        now = NOISE if noisy else WIDE if chance.random() < trouble.wide else kind
        if pressed:
            pressed, now, mine = pressed - 1, EVENT, since
        lost = lost - 1 if lost else chance.randrange(2 * trouble.burst) if chance.random() < trouble.loss else 0
        if not lost and not any(a <= time <= b for a, b in trouble.holds):
            at = time + chance.randrange(trouble.jitter * 1000 + 1) * 1000
            at += chance.choice([25, 250, 2100]) * MS if chance.random() < trouble.late else 0
            out.append(Packet(at, now, mark, seq, mine, chance.choice([46, 46, 0])))
            if chance.random() < trouble.twice:
                out.append(Packet(at + chance.choice([0, 50 * MS]), now, mark, seq, mine))
        if chance.random() < trouble.stray:
            out.append(Packet(time + MS, kind, mark=False, seq=(seq + 20_000) & 0xFFFF, stamp=mine))
        # in silence nothing is sent but a description of the noise now and then
        seq, stamp, time = (seq + 1) & 0xFFFF, (stamp + 160) & 0xFFFFFFFF, time + (400 if noisy else 20) * MS
    return iter(sorted(out, key=lambda p: p.time))


def runs_of(packets: list[Packet]) -> tuple[list[set[int]], int, int, dict[int, int], set[int]]:
    """RFC 3550 A.1: runs of extended numbers, duplicates, late ones, second to first packet of each new run, strays."""
    runs, duplicates, late = [{packets[0].seq}], 0, 0
    highest, announced = packets[0].seq, -1
    second: dict[int, int] = {}
    strays: set[int] = set()
    for index, packet in enumerate(packets[1:], 1):
        ahead = (packet.seq - highest) % 65_536
        if 3000 <= ahead <= 65_436:
            if announced >= 0 and (packet.seq - packets[announced].seq) % 65_536 == 1:
                runs.append({packet.seq - 1, packet.seq})
                second[index] = announced
                strays.discard(announced)
                highest, announced = packet.seq, -1
            else:
                announced = index
                strays.add(index)
            continue
        announced = -1
        number = highest + ahead if ahead < 3000 else highest - (65_536 - ahead)
        if number in runs[-1]:
            duplicates += 1
        else:
            late += number < highest
            runs[-1].add(number)
            highest = max(highest, number)
    return runs, duplicates, late, second, strays


def jitter_of(packets: list[Packet], trouble: Trouble, second: dict[int, int], strays: set[int]) -> list[float]:
    """J in ms after each packet from the second on (RFC 3550 A.8)."""
    j, values = 0.0, []
    before: Packet | None = None
    stopped = False
    for index, packet in enumerate(packets):
        stopped = stopped or index in second.values()
        if packet.kind == NOISE:
            stopped = True
        if packet.kind in (NOISE, EVENT) or index in strays:
            continue
        if before is not None:
            clock, gap = ENCODINGS[packet.kind].clock_rate, packet.time - before.time
            held = gap > 200 * MS and any(a < packet.time and before.time < b for a, b in trouble.holds)
            if not stopped and not held and clock == ENCODINGS[before.kind].clock_rate:
                ticks = (packet.stamp - before.stamp + 2**31) % 2**32 - 2**31
                j += (abs(gap / 1e6 - ticks * 1000 / clock) - j) / 16
            values.append(j)
        before, stopped = packet, False
    return values


def measured(packets: list[Packet], trouble: Trouble) -> dict[str, Any]:
    """The columns of one stream."""
    runs, duplicates, late, second, strays = runs_of(packets)
    expected = sum(max(run) - min(run) + 1 for run in runs)
    lost = expected - sum(map(len, runs))
    values = jitter_of(packets, trouble, second, strays)
    gaps = [
        b.time - a.time for a, b in pairwise(packets) if NOISE not in (a.kind, b.kind) and not b.mark
    ]  # fmt: skip
    kinds = Counter(p.kind for p in packets if p.kind not in (NOISE, EVENT))
    only_events = all(p.kind == EVENT for p in packets)
    codec = ENCODINGS[max(kinds, key=lambda k: (kinds[k], -k)) if kinds else packets[0].kind].name
    bursts = sum(b - a > 1 for run in runs for a, b in pairwise(sorted(run)))
    mos = None
    if codec in IMPAIRMENT and len(packets) >= 250 and packets[-1].time - packets[0].time >= 5000 * MS:
        (ie, bpl), share = IMPAIRMENT[codec], lost / expected
        ratio = max(1.0, lost / bursts * (1 - share)) if bursts else 1.0
        r = 93.2 - ie - (95 - ie) * 100 * share / (100 * share / ratio + bpl)
        mos = round(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 2) if r > 0 else 1.0
    marks = Counter(p.dscp for p in packets)
    return {
        "packets": len(packets),
        "lost": None if only_events else lost,
        "expected": None if only_events else expected,
        "loss_pct": None if only_events else round(100 * lost / expected, 2),
        "duplicates": duplicates,
        "out_of_order": late,
        "restarts": len(runs) - 1,
        "jitter_mean_ms": pytest.approx(sum(values) / len(values), abs=6e-4) if values else None,
        "jitter_max_ms": pytest.approx(max(values), abs=6e-4) if values else None,
        "delta_max_ms": round(max(gaps) / 1e6, 3) if gaps else None,
        "codec": codec,
        "mos": mos,
        "dscp": max(marks, key=lambda d: (marks[d], -d)),
        "first_ns": packets[0].time,
        "last_ns": packets[-1].time,
    }


def read(packets: list[Packet], chance: random.Random, mirrored: float, holds: list[tuple[int, int]]) -> StreamStats:
    """What the walker says of them; some have a copy of a mirror port, which counts nowhere."""
    records, copies = [], 0
    for ident, p in enumerate(packets):
        body = frames.rtp(p.seq, p.stamp, bytes([9, 0, 0, 9]) * 5, kind=p.kind, marker=p.mark)
        ip = frames.ipv4(A, B, frames.udp(9000, 9002, body), ident=ident & 0xFFFF, tos=p.dscp << 2)
        records.append(Record(p.time, frames.ethernet(ip)))
        if chance.random() < mirrored:
            copies += 1
            other = frames.ipv4(
                A, B, frames.udp(9000, 9002, body), ident=ident & 0xFFFF, tos=p.dscp << 2, ttl=63
            )  # fmt: skip
            late = chance.choice([0, 400_000, MS])
            records.append(Record(p.time + late, frames.ethernet(other, tags=[7])))
    records.sort(key=lambda record: record.time)
    walked = walk(frames.pcap(records, nano=True), artifact="x")
    assert walked.capture.duplicates == copies
    (stream,) = walked.streams(MediaMap([MediaEnd(B, 9002, T0, encodings=ENCODINGS, not_receiving=holds)]))
    return stream


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("form", ["interpreted", "compiled"])
def test_columns(seed: int, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = kernels.interpreted() if form == "interpreted" else kernels.compiled()
    monkeypatch.setattr("parsers.capture.walk.Kernels", lambda: chosen)
    chance = random.Random(seed)
    trouble = Trouble(
        loss=chance.choice([0, 0, 0.01, 0.1]), burst=chance.choice([1, 6]), late=chance.choice([0, 0, 0.05]),
        twice=chance.choice([0, 0, 0.05]), noise=chance.choice([0, 0, 0.02]), event=chance.choice([0, 0, 0.02, 1]),
        restart=chance.choice([0, 0, 0.01]), stray=chance.choice([0, 0, 0.01]), wide=chance.choice([0, 0, 0.1]),
        jitter=chance.choice([0, 2, 30]), mark=chance.choice([0, 0.02, 1]),
        holds=[(T0 + 1500 * MS, T0 + 3000 * MS)] if seed % 3 == 0 else [],
    )  # fmt: skip
    packets = list(sent(chance, chance.choice([2, 30, 249, 250, 400]), chance.choice([0, 8, 18]), trouble))
    if packets:
        # no two packets at the same time: with copies between them their order would be open
        packets = [Packet(p.time + i, *list(vars(p).values())[1:]) for i, p in enumerate(packets)]
        stream = read(packets, chance, chance.choice([0, 0, 0.3]), trouble.holds)
        wanted = measured(packets, trouble)
        assert {name: getattr(stream, name) for name in wanted} == wanted
