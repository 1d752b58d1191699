"""Large captures with a known truth: calls with media, STUN and RTCP; and SIP alone.

Calls come in waves, so that memory stays small however long the capture is. Same arguments, same bytes.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

START_S = 1_790_000_000
PACKETS_A_SECOND = 50
CLOCK = 8000
PBX, STUN_SERVER = IPv4Address("192.0.2.10"), IPv4Address("203.0.113.78")
PHONES = int(IPv4Address("198.18.0.0"))
_LINK = bytes.fromhex("020000000001020000000002") + b"\x08\x00"
_PAYLOAD = 160
_FRAME = 14 + 20 + 8 + 12 + _PAYLOAD
_FAILURES = ("486 Busy Here", "488 Not Acceptable Here", "503 Service Unavailable")

Table = NDArray[Any]
Event = tuple[float, bytes]
"""Seconds since the start of the capture, and a frame."""
_Ends = tuple[int, tuple[int, int], tuple[int, int]]
"""Number of a call, sender and receiver of one of its streams (address, port)."""

RECORD = np.dtype([
    ("s", "<u4"), ("us", "<u4"), ("captured", "<u4"), ("original", "<u4"), ("link", "V14"),
    ("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("ident", ">u2"), ("fragment", ">u2"), ("ttl", "u1"), ("protocol", "u1"),
    ("checksum", ">u2"), ("src", ">u4"), ("dst", ">u4"), ("sport", ">u2"), ("dport", ">u2"), ("length", ">u2"), ("sum", ">u2"),
    ("first", "u1"), ("mark", "u1"), ("seq", ">u2"), ("stamp", ">u4"), ("ssrc", ">u4"), ("payload", f"V{_PAYLOAD}"),
])  # fmt: skip


@dataclass(slots=True)
class Truth:
    """What stands in a generated capture. ``jitter_ms`` is the mean over all streams of their mean jitter (RFC 3550 A.8)."""

    packets: int = 0
    calls: int = 0
    failed: int = 0
    one_way: int = 0
    streams: int = 0
    rtp: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    stun_requests: int = 0
    stun_answered: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)

    @property
    def messages(self) -> int:
        """SIP messages in all."""
        return self.requests.total() + self.responses.total()

    def as_dict(self) -> dict[str, Any]:
        """For JSON, counters by name."""
        return asdict(self) | {"requests": dict(self.requests), "responses": dict(self.responses)}


@dataclass(frozen=True, slots=True)
class _Phone:
    """A phone by its number: its address and the ports of its media."""

    number: int

    @property
    def host(self) -> IPv4Address:
        return IPv4Address(PHONES + 2 + self.number % 60_000)

    @property
    def media(self) -> int:
        return 12_000 + self.number % 4_000 * 2

    @property
    def pbx_media(self) -> int:
        return 30_000 + self.number % 8_000 * 2


@dataclass(frozen=True, slots=True)
class _Wave:
    """Calls that begin together: their numbers, seconds since the start of the capture, seconds of talk."""

    numbers: range
    at: float
    seconds: int

    def start(self, number: int) -> float:
        """When a call begins."""
        return self.at + number % len(self.numbers) * 0.11


def write_media(path: Path, *, waves: int = 24, calls: int = 44, seconds: int = 45, seed: int = 11) -> Truth:
    """Waves of calls of ``seconds`` each: SIP, RTP both ways with loss, reordering and jitter, RTCP, STUN."""
    dice, truth, jitters = np.random.default_rng(seed), Truth(), []
    noise = dice.integers(0, 256, (251, _PAYLOAD), np.uint8).view(f"V{_PAYLOAD}")[:, 0]
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        for turn in range(waves):
            wave = _Wave(range(turn * calls, (turn + 1) * calls), turn * (seconds + 10.0), seconds)
            events: list[Event] = []
            for number in wave.numbers:
                events += _call(_Phone(number), wave.start(number), seconds, truth)
                events += _stun(_Phone(number), wave.at, seconds, truth)
            rtp, reports, mean = _media(wave, dice, noise, truth)
            jitters += mean
            truth.packets += _write(out, rtp, sorted(events + reports, key=lambda event: event[0]))
    truth.jitter_ms = round(float(np.mean(jitters)), 4)
    return truth


def write_signalling(path: Path, *, calls: int = 12_000, registrations: int = 15_000, pings: int = 11_000) -> Truth:
    """SIP over UDP alone: calls, registrations with their challenge, and OPTIONS."""
    truth, events = Truth(), list[Event]()
    for number in range(calls):
        events += _call(_Phone(number), number * 0.2, 60, truth)
    for number in range(registrations):
        events += _registration(_Phone(number % 500), number // 500, number * 0.16, truth)
    for number in range(pings):
        events += _ping(number, number * 0.17, truth)
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))
        truth.packets = _write(out, np.zeros(0, RECORD), sorted(events, key=lambda event: event[0]))
    return truth


# ---- media


def _answered(number: int) -> bool:
    return number % 11 != 10


def _media(
    wave: _Wave, dice: np.random.Generator, noise: Table, truth: Truth
) -> tuple[Table, list[Event], list[float]]:
    """RTP of a wave in order of time, RTCP sender reports, and the mean jitter of each stream."""
    ends: list[_Ends] = []
    for number in filter(_answered, wave.numbers):
        phone = _Phone(number)
        there, here = (int(phone.host), phone.media), (int(PBX), phone.pbx_media)
        ends.append((number, there, here))
        if number % 97 == 50:
            truth.one_way += 1
        else:
            ends.append((number, here, there))
    count, rows = wave.seconds * PACKETS_A_SECOND, len(ends)
    index = np.arange(count)
    calls = np.array([end[0] for end in ends])
    loss = np.array([0, 0, 0.002, 0.03])[np.arange(rows) % 4]
    kept = dice.random((rows, count)) >= loss[:, None]
    kept[:, :2] = kept[:, -2:] = True
    spread = np.where(calls % 5 == 0, 0.012, 0.002)[:, None]
    starts = np.array([wave.start(end[0]) + 2.0 for end in ends])
    sent = starts[:, None] + index / PACKETS_A_SECOND
    arrival = np.round((sent + dice.gamma(1.2, spread, (rows, count))) * 1e6).astype(np.int64)
    # the ends stay in their places: what is expected runs from the first number to the last
    arrival[:, 0] = arrival[:, :2].min(axis=1) - 1
    arrival[:, -1] = np.maximum(arrival[:, -1], arrival.max(axis=1) + 1)
    sender, place = np.nonzero(kept)
    ssrc = dice.integers(1, 1 << 32, rows, np.int64)
    order = np.argsort(arrival[sender, place], kind="stable")
    sender, place = sender[order], place[order]
    rtp = _records(arrival[sender, place], sender, place, ends, ssrc)
    rtp["payload"] = noise[place % len(noise)]
    truth.streams += rows
    truth.rtp += len(rtp)
    truth.lost += rows * count - len(rtp)
    reports = [
        _report(end, int(ssrc[row]), wave.at, second)
        for row, end in enumerate(ends)
        for second in range(5, wave.seconds, 5)
    ]
    return rtp, reports, _jitter(arrival, kept)


def _records(time: Table, sender: Table, place: Table, ends: list[_Ends], ssrc: Table) -> Table:
    out = np.zeros(len(time), RECORD)
    number, src, dst = (np.array([end[part] for end in ends]) for part in range(3))
    out["s"], out["us"] = START_S + time // 1_000_000, time % 1_000_000
    out["captured"] = out["original"] = _FRAME
    out["link"] = np.void(_LINK)
    out["version"], out["total"], out["fragment"], out["ttl"], out["protocol"] = 0x45, _FRAME - 14, 0x4000, 64, 17
    out["tos"] = 46 << 2
    out["src"], out["sport"], out["dst"], out["dport"] = *src[sender].T, *dst[sender].T
    out["length"], out["first"] = 20 + _PAYLOAD, 0x80
    out["mark"] = np.where(place == 0, 0x80, 0)
    out["ident"] = out["seq"] = (place + number[sender] * 311) & 0xFFFF
    out["stamp"] = (place * (CLOCK // PACKETS_A_SECOND) + number[sender] * 977) & 0xFFFFFFFF
    out["ssrc"] = ssrc[sender]
    return out


def _jitter(arrival: Table, kept: Table) -> list[float]:
    """Mean jitter of each stream, ms, packet after packet in order of arrival, all streams side by side."""
    order = np.argsort(np.where(kept, arrival, np.iinfo(np.int64).max), axis=1, kind="stable")
    times = np.take_along_axis(arrival, order, 1) / 1000
    packets = kept.sum(axis=1)
    drift = np.abs(np.diff(times, axis=1) - np.diff(order, axis=1) * 1000 / PACKETS_A_SECOND)
    jitter, total = np.zeros(len(packets)), np.zeros(len(packets))
    for step in range(drift.shape[1]):
        there = step + 1 < packets
        jitter = np.where(there, jitter + (drift[:, step] - jitter) / 16, jitter)
        total += np.where(there, jitter, 0)
    return [float(value) for value in total / (packets - 1)]


def _report(end: _Ends, ssrc: int, at: float, second: int) -> Event:
    _, (src, sport), (dst, dport) = end
    body = struct.pack(
        ">BBHIIIIII", 0x80, 200, 6, ssrc, 0xE0000000 + second, 0, second * CLOCK, second * 50, second * 8000
    )
    return at + 2.05 + second, _udp(IPv4Address(src), sport + 1, IPv4Address(dst), dport + 1, body)


# ---- other packets


def _udp(src: IPv4Address, sport: int, dst: IPv4Address, dport: int, body: bytes) -> bytes:
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(body), 0, 0x4000, 64, 17, 0, src.packed, dst.packed)
    return _LINK + ip + struct.pack(">HHHH", sport, dport, 8 + len(body), 0) + body


def _write(out: IO[bytes], rtp: Table, events: list[Event]) -> int:
    """RTP and the other frames, both in order of time, as one sequence of records; how many there are."""
    times = rtp["s"].astype(np.int64) * 1_000_000 + rtp["us"]
    stamps = [START_S * 1_000_000 + round(time * 1e6) for time, _ in events]
    start = 0
    for stamp, cut, (_, frame) in zip(stamps, np.searchsorted(times, stamps).tolist(), events, strict=True):
        out.write(rtp[start:cut].tobytes())
        out.write(struct.pack("<IIII", *divmod(stamp, 1_000_000), len(frame), len(frame)) + frame)
        start = cut
    out.write(rtp[start:].tobytes())
    return len(rtp) + len(events)


def _stun(phone: _Phone, at: float, seconds: int, truth: Truth) -> list[Event]:
    out = []
    for turn in range(4):
        token = struct.pack(">III", phone.number, turn, 7)
        when = at + 0.3 + turn * seconds / 4
        request = struct.pack(">HHI", 1, 0, 0x2112A442) + token
        out.append((when, _udp(phone.host, phone.media, STUN_SERVER, 3478, request)))
        truth.stun_requests += 1
        if (phone.number + turn) % 13:
            truth.stun_answered += 1
            answer = struct.pack(">HHI12sHHBBHI", 0x101, 12, 0x2112A442, token, 0x20, 8, 0, 1, 0x4242, 0x1234)
            out.append((when + 0.02, _udp(STUN_SERVER, 3478, phone.host, phone.media, answer)))
    return out


# ---- SIP


@dataclass(slots=True)
class _Dialog:
    """Makes the messages of one dialog between a phone and the PBX."""

    phone: _Phone
    call_id: str
    target: str
    truth: Truth
    events: list[Event] = field(default_factory=list)

    def send(
        self, when: float, line: str, cseq: str, *, up: bool, tag: bool = True, extra: str = "", body: str = ""
    ) -> None:
        """One message: a start line (``INVITE`` or ``200 OK``), from the phone or to it."""
        word = line.split(" ", 1)[0]
        answer = word.isdigit()
        (self.truth.responses if answer else self.truth.requests)[word] += 1
        number = self.phone.number
        first = f"SIP/2.0 {line}" if answer else f"{line} sip:{self.target}@pbx.example.com SIP/2.0"
        text = (
            f"{first}\r\nVia: SIP/2.0/UDP {self.phone.host}:5060;branch=z9hG4bK{self.call_id}{cseq.replace(' ', '')};rport\r\n"
            f'Max-Forwards: 70\r\nFrom: "Phone {number}" <sip:{number}@pbx.example.com>;tag=f{self.call_id}\r\n'
            f"To: <sip:{self.target}@pbx.example.com>{f';tag=t{self.call_id}' if tag else ''}\r\nCall-ID: {self.call_id}\r\n"
            f"CSeq: {cseq}\r\nContact: <sip:{number}@{self.phone.host}:5060>\r\n"
            f"{'Server: Example PBX 1' if answer else 'User-Agent: Example Phone 2.1'}\r\n{extra}"
            f"{'Content-Type: application/sdp' + chr(13) + chr(10) if body else ''}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        ends = (self.phone.host, 5060, PBX, 5060) if up else (PBX, 5060, self.phone.host, 5060)
        self.events.append((when, _udp(*ends, text.encode())))


def _sdp(host: IPv4Address, port: int) -> str:
    return (
        f"v=0\r\no=- {port} 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 8 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
    )


_CHALLENGE = 'Digest realm="pbx.example.com", nonce="{0}", algorithm=MD5\r\n'
_PROOF = (
    'Digest username="{1}", realm="pbx.example.com", nonce="{0}", uri="sip:pbx.example.com", response="{0:0>32}"\r\n'
)


def _call(phone: _Phone, at: float, seconds: int, truth: Truth) -> list[Event]:
    number = phone.number
    call = _Dialog(phone, f"{number:08x}a", f"9{number}", truth)
    truth.calls += 1
    offer = _sdp(phone.host, phone.media)
    call.send(at, "INVITE", "1 INVITE", up=True, tag=False, body=offer)
    challenge = "Proxy-Authenticate: " + _CHALLENGE.format(f"{number:x}")
    call.send(at + 0.005, "407 Proxy Authentication Required", "1 INVITE", up=False, extra=challenge)
    call.send(at + 0.010, "ACK", "1 ACK", up=True)
    proof = "Proxy-Authorization: " + _PROOF.format(f"{number:x}", number)
    call.send(at + 0.015, "INVITE", "2 INVITE", up=True, tag=False, extra=proof, body=offer)
    call.send(at + 0.020, "100 Trying", "2 INVITE", up=False, tag=False)
    if not _answered(number):
        truth.failed += 1
        call.send(at + 0.4, _FAILURES[number % 3], "2 INVITE", up=False)
        call.send(at + 0.41, "ACK", "2 ACK", up=True)
        return call.events
    call.send(at + 0.3, "180 Ringing", "2 INVITE", up=False)
    call.send(at + 1.9, "200 OK", "2 INVITE", up=False, body=_sdp(PBX, phone.pbx_media))
    call.send(at + 1.95, "ACK", "2 ACK", up=True)
    call.send(at + 2.5 + seconds, "BYE", "3 BYE", up=True)
    call.send(at + 2.51 + seconds, "200 OK", "3 BYE", up=False)
    return call.events


def _registration(phone: _Phone, turn: int, at: float, truth: Truth) -> list[Event]:
    dialog = _Dialog(phone, f"{phone.number:04x}r", str(phone.number), truth)
    first, second = f"{turn * 2 + 1} REGISTER", f"{turn * 2 + 2} REGISTER"
    challenge = "WWW-Authenticate: " + _CHALLENGE.format(f"{turn:x}")
    proof = "Authorization: " + _PROOF.format(f"{turn:x}", phone.number)
    dialog.send(at, "REGISTER", first, up=True, tag=False, extra="Expires: 120\r\n")
    dialog.send(at + 0.01, "401 Unauthorized", first, up=False, extra=challenge)
    dialog.send(at + 0.02, "REGISTER", second, up=True, tag=False, extra=f"Expires: 120\r\n{proof}")
    dialog.send(at + 0.03, "200 OK", second, up=False, extra="Expires: 120\r\n")
    return dialog.events


def _ping(number: int, at: float, truth: Truth) -> list[Event]:
    dialog = _Dialog(_Phone(number % 500), f"{number:06x}o", str(number % 500), truth)
    dialog.send(at, "OPTIONS", "1 OPTIONS", up=True, tag=False)
    dialog.send(at + 0.01, "200 OK", "1 OPTIONS", up=False)
    return dialog.events
