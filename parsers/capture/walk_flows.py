"""What the kernel does not do itself: TCP streams, IP fragments, ICMP errors, encapsulations that are only named."""

# ruff: noqa: PLR0917 - called by the kernel, by position
from __future__ import annotations

from collections import Counter
from typing import Any

from parsers.capture import ip
from parsers.capture.handshakes import Handshakes
from parsers.capture.notes import NoteKind
from parsers.capture.reassembly import Datagram, Fragments
from parsers.capture.spliced import Spliced
from parsers.capture.tcp import Segment
from parsers.capture.tunnel import MAX_WAYS, Tunnels
from parsers.capture.walk_notes import TRUNCATED, NoteTable
from parsers.capture.walk_stream import Emitted, Mode, Side

MAX_SIDES = 4096
"""Directions of TCP connections that are followed at a time."""
BUFFER_LIMIT = 64 * 1024 * 1024
"""Bytes of unfinished messages of all TCP streams together."""
MAX_OTHER = 4

SYN = 2

ENCAPSULATIONS = {
    ("ethertype", 0x8847): "MPLS",
    ("ethertype", 0x8848): "MPLS multicast",
    ("ethertype", 0x88E7): "provider backbone bridging (802.1ah)",
    ("ip", 47): "GRE of an unknown form",
    ("ip", 132): "SCTP",
    ("fragments", 6): "TCP in IP fragments",
    ("fragments", 132): "SCTP in IP fragments",
    ("udp", 4789): "VXLAN",
    ("udp", 2152): "GTP",
}
TUNNELS = {4: "IP-in-IP", 41: "IPv6-in-IP", 47: "GRE", 4789: "VXLAN", 6081: "Geneve", 37008: "TZSP"}
"""IP protocols and ports of UDP in whose packets others lie that are read."""


class Flows:
    """The layer above one kernel; ``quiet`` where notes are not wanted (second pass for RTP)."""

    def __init__(self, data: memoryview | Spliced, notes: NoteTable) -> None:
        self._data = data
        self._notes = notes
        self._fragments = Fragments()
        self._sides: dict[int, Side] = {}
        self._held = 0
        self._others: Counter[int] = Counter()
        self._kernel: Any = None
        self.handshakes = Handshakes()
        self.names: dict[tuple[str, int], list[int]] = {}
        self.carriers: dict[int, list[int]] = {}
        self.tunnels = Tunnels()
        self.dropped_sides = 0

    def of(self, kernel: Any) -> None:  # noqa: ANN401 - compiled or interpreted
        """Work for this kernel."""
        self._kernel = kernel

    def unsupported(self, layer: str, number: int, frame: int) -> None:
        """Count a packet that cannot be decoded."""
        entry = self.names.setdefault((layer, number), [0, frame])
        entry[0] += 1

    def tunnelled(self, number: int, frame: int) -> None:
        """Count a packet that another one is carried in."""
        entry = self.carriers.setdefault(number, [0, frame])
        entry[0] += 1

    def problems(self) -> list[str]:
        """What could not be decoded, or only inside something else, by name."""
        out = [
            f"{count} packets of {TUNNELS[number]} carry others: those are read (first: frame {frame})"
            for number, (count, frame) in sorted(self.carriers.items())
        ]
        for (layer, number), (count, frame) in sorted(self.names.items()):
            what = f"link type {number}" if layer == "link" else ENCAPSULATIONS[layer, number]
            out.append(f"{count} packets of {what} are counted but not decoded (first: frame {frame})")
        if self._fragments.dropped:
            out.append(f"{self._fragments.dropped} fragmented datagrams break the bounds of IP and were left out")
        if self.tunnels.left_out:
            out.append(f"connections of tunnels were not measured: more than {MAX_WAYS} directions")
        if self.dropped_sides:
            out.append(f"{self.dropped_sides} TCP streams were given up half-way: more than {MAX_SIDES} or too large")
        return out

    def next_file(self) -> None:
        """Another file goes on with the same flows: what was said of the one before is not said again."""
        self.names.clear()
        self.carriers.clear()
        self.tunnels.left_out.clear()
        self.dropped_sides = 0
        self._fragments.dropped = 0

    # ---- fragments

    def fragment(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, ident: int, kind: int,
        offset: int, more: int, tos: int, place: int, limit: int, size: int,
    ) -> None:  # fmt: skip
        """An IP fragment whose payload of ``size`` bytes was captured from ``place`` to ``limit``."""
        kernel = self._kernel
        for datagram in self._fragments.expired(kernel.now):
            self._incomplete(datagram)
        part = bytes(self._data[place:limit])
        whole = self._fragments.add(
            (version, src_hi, src, dst_hi, dst, ident, kind), tos, kernel.frame, kernel.now,
            offset, part, size - len(part), more=bool(more),
        )  # fmt: skip
        if whole is not None:
            self._datagram(whole, whole.payload(), whole.total or 0)

    def _incomplete(self, datagram: Datagram) -> None:
        payload = datagram.payload()
        if len(payload) < 12 or payload[8] & 0xC0 == 0x80:
            return
        kernel = self._kernel
        frame, now = kernel.frame, kernel.now
        kernel.frame, kernel.now = datagram.frame, datagram.time
        self._datagram(datagram, payload, datagram.total or 0xFFFF)
        kernel.frame, kernel.now = frame, now

    def _datagram(self, datagram: Datagram, payload: bytes, total: int) -> None:
        version, src_hi, src, dst_hi, dst, _, kind = datagram.key
        if version == 6:
            # options for the destination only may come in fragments, too
            kind, start = ip.upper(payload, kind, 0, len(payload))
            payload, total = payload[start:], total - start
        heap = self._notes.keep(payload)
        if heap:
            self._kernel.reassembled(
                memoryview(payload), heap, total, version, src_hi, src, dst_hi, dst, kind, datagram.tos
            )
            self._notes.drop(heap)

    # ---- ICMP

    def icmp(
        self, version: int, src_hi: int, src: int, dst_hi: int, dst: int, kind: int, code: int, place: int, limit: int
    ) -> None:  # fmt: skip
        """An ICMP error that quotes a packet from ``place`` to ``limit``."""
        quoted = ip.quoted(self._data, version, place, limit)
        if quoted is None:
            return
        kernel = self._kernel
        space = (0x20 if quoted.protocol == 17 else 0x30) | version
        flow = kernel.intern(quoted.src_hi, quoted.src, quoted.dst_hi, quoted.dst, quoted.ports, space << 32)
        reporter = kernel.intern(src_hi, src, dst_hi, dst, 0, (0x20 | version) << 32)
        if flow < 0 or reporter < 0:
            return
        flags = TRUNCATED if quoted.truncated else 0
        self._notes.add_icmp(
            kernel.frame, kernel.now, flow, quoted.place, quoted.have, flags, (kind, code, reporter)
        )  # fmt: skip

    # ---- TCP

    def tcp(self, flow: int, seq: int, flags: int, place: int, limit: int, size: int) -> None:
        """A segment of a flow that is not known to be boring."""
        kernel = self._kernel
        if flags & SYN:
            self.handshakes.note(flow, flags, kernel.frame, kernel.now)
            self._close(flow)
            kernel.state[flow] = 0
            side = self._side(flow)
            side.order.next = (seq + 1) & 0xFFFFFFFF
            return
        if size <= 0:
            return
        side = self._side(flow)
        if side.mode is Mode.BORING:
            # the kernel saw the start of a SIP message
            side.mode = Mode.UNKNOWN
            side.tries = 0
        payload = bytes(self._data[place:limit]) if self._notes.copies else None
        segment = Segment(seq, kernel.frame, kernel.now, place, limit - place, size, payload)
        held = self._size(side)
        for ordered, hole in side.order.put(segment):
            self._emit(flow, side.take(ordered, hole, self._payload(ordered)))
        self._held += self._size(side) - held
        if side.mode is Mode.BORING:
            kernel.state[flow] = 1
            if not side.order.waiting:
                del self._sides[flow]
        if self._held > BUFFER_LIMIT:
            self._give_up(next(iter(self._sides)))

    def segment(self, flow: int, seq: int, ack: int, window: int, flags: int, size: int) -> None:
        """A segment of a tunnel, whatever is in it."""
        self.tunnels.note(self._kernel, flow, seq, ack, window, flags, size)

    def _side(self, flow: int) -> Side:
        side = self._sides.get(flow)
        if side is None:
            if len(self._sides) >= MAX_SIDES:
                self._give_up(next(iter(self._sides)))
            ports = self._kernel.flow(flow)[5]
            side = self._sides[flow] = Side((ports >> 16, ports & 0xFFFF))
            side.upgrade = lambda: self._upgraded(flow)
        else:
            # the one that was silent longest comes first
            self._sides[flow] = self._sides.pop(flow)
        return side

    def _upgraded(self, flow: int) -> None:
        """The server agreed to WebSocket: the client's direction carries frames too."""
        kernel = self._kernel
        space, src_hi, src, dst_hi, dst, ports, _ = kernel.flow(flow)
        other = kernel.intern(dst_hi, dst, src_hi, src, (ports & 0xFFFF) << 16 | ports >> 16, space << 32)
        if other >= 0:
            side = self._side(other)
            if side.mode is not Mode.WEBSOCKET:
                side.mode = Mode.WEBSOCKET
                kernel.state[other] = 0

    def _give_up(self, flow: int) -> None:
        side = self._sides[flow]
        if side.buffer or side.order.waiting:
            self.dropped_sides += 1
        self._close(flow)

    def _close(self, flow: int) -> None:
        side = self._sides.pop(flow, None)
        if side is None:
            return
        self._held -= self._size(side)
        for ordered, hole in side.order.skip():
            self._emit(flow, side.take(ordered, hole, self._payload(ordered)))
        self._emit(flow, side.finish())

    def _size(self, side: Side) -> int:
        """Bytes that are held of a direction."""
        return len(side.buffer) + (side.order.waiting_bytes if self._notes.copies else 0)

    def _payload(self, segment: Segment) -> bytes:
        if segment.payload is not None:
            return segment.payload
        return bytes(self._data[segment.place : segment.place + segment.have])

    def _emit(self, flow: int, emitted: list[Emitted]) -> None:
        for item in emitted:
            if item.kind in (NoteKind.OTHER, NoteKind.TLS):
                self._others[flow] += 1
                if self._others[flow] > MAX_OTHER * (4 if item.kind is NoteKind.TLS else 1):
                    continue
            heap, place = 0, item.place
            if place is None or self._notes.copies:
                place = 0
                heap = self._notes.keep(item.payload)
                if not heap:
                    continue
            self._notes.add(
                item.kind, item.segment.frame, item.segment.time, flow, place, len(item.payload), item.flags, heap
            )

    def finish(self) -> None:
        """The capture ends: give what is incomplete."""
        for flow in list(self._sides):
            self._close(flow)
        for datagram in self._fragments.rest():
            self._incomplete(datagram)
