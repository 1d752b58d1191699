"""What RTCP reports say of streams (RFC 3550 section 6.4)."""

from __future__ import annotations

import struct

from msgspec import Struct

from parsers.capture.notes import Note

_SENDER, _RECEIVER = 200, 201
_PACKET_LIMIT = 16
_SOURCE_LIMIT = 100_000


class Reported(Struct):
    """What the receivers of one SSRC reported: the worst interval's loss, jitter in RTP clock units, round trips.

    ``round_trip_ms`` is the way from the place of the capture to the reporter and back: the time between the sender
    report and the answer to it, less the reporter's own delay: the longest; ``round_trip_min_ms`` is the shortest.
    ``loss_frame`` and ``trip_frame`` are those of the worst interval's report and of the one with the shortest round trip.
    """

    reports: int = 0
    loss_pct_max: float = 0.0
    lost: int = 0
    jitter_max: int = 0
    round_trip_ms: float | None = None
    round_trip_min_ms: float | None = None
    loss_frame: int | None = None
    trip_frame: int | None = None


class RtcpReader:
    """Collects the report blocks by the SSRC that they are about."""

    def __init__(self) -> None:
        self.by_ssrc: dict[int, Reported] = {}
        self._sent: dict[tuple[int, int], int] = {}

    def read(self, note: Note) -> None:
        """Take a compound packet."""
        data, at = note.payload, 0
        for _ in range(_PACKET_LIMIT):
            if at + 8 > len(data) or data[at] >> 6 != 2:
                return
            count, kind = data[at] & 31, data[at + 1]
            size = 4 * (int.from_bytes(data[at + 2 : at + 4]) + 1)
            body = data[at + 4 : at + size]
            if kind == _SENDER and len(body) >= 24:
                self._sender(body, note.time_ns)
                self._blocks(body[24:], count, note)
            elif kind == _RECEIVER:
                self._blocks(body[4:], count, note)
            at += size

    def _sender(self, body: bytes, time_ns: int) -> None:
        ssrc, seconds, fraction = struct.unpack_from(">III", body)
        if len(self._sent) < _SOURCE_LIMIT:
            self._sent[ssrc, (seconds & 0xFFFF) << 16 | fraction >> 16] = time_ns

    def _blocks(self, data: bytes, count: int, note: Note) -> None:
        for index in range(min(count, len(data) // 24)):
            ssrc, lost, _, jitter, last_report, delay = struct.unpack_from(">IIIIII", data, index * 24)
            found = self.by_ssrc.get(ssrc)
            if found is None:
                if len(self.by_ssrc) >= _SOURCE_LIMIT:
                    return
                found = self.by_ssrc[ssrc] = Reported()
            found.reports += 1
            share = round((lost >> 24) * 100 / 256, 2)
            if share > found.loss_pct_max:
                found.loss_pct_max, found.loss_frame = share, note.frame
            cumulative = lost & 0xFFFFFF
            found.lost = cumulative - 0x1000000 if cumulative & 0x800000 else cumulative
            found.jitter_max = max(found.jitter_max, jitter)
            sent = self._sent.get((ssrc, last_report)) if last_report else None
            if sent is not None:
                way = (note.time_ns - sent) / 1e6 - delay * 1000 / 65_536
                if 0 <= way < 60_000:
                    way = round(way, 3)
                    found.round_trip_ms = max(found.round_trip_ms or 0.0, way)
                    if found.round_trip_min_ms is None or way < found.round_trip_min_ms:
                        found.round_trip_min_ms, found.trip_frame = way, note.frame
