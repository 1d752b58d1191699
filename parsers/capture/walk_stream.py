"""What runs in a TCP stream: SIP by Content-Length, SIP in WebSocket frames, TLS handshakes, DNS, the 3CX tunnel.

Recognised by content; a direction that shows nothing of interest in its first segments is left alone from then on (the
kernel still looks whether one of its segments starts a SIP message).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct, field

from parsers.capture.notes import NoteKind
from parsers.capture.tcp import Order, Segment
from parsers.capture.walk_notes import TRUNCATED, UNFRAMED, WEBSOCKET

TRIES = 4
HEADER_LIMIT = 64 * 1024
BODY_LIMIT = 256 * 1024
FRAME_LIMIT = 1024 * 1024
HANDSHAKE_LIMIT = 64 * 1024
DNS_HEADER = 12

_LINE = rb"(?:SIP/2\.0 [1-6]\d\d|[A-Za-z_-]{2,32} [^ \r\n]{1,2000} SIP/2\.0\r?\n)"
START = re.compile(rb"(?:\A|(?<=\n))" + _LINE)
NEXT = re.compile(_LINE)
"""A start line right behind a message: the body before it need not end with a line end."""
LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]{0,16}:[ \t]{0,16}(\d{1,9})[ \t]{0,16}\r?\n", re.IGNORECASE)
UPGRADE = re.compile(rb"\nupgrade[ \t]{0,16}:[ \t]{0,16}websocket", re.IGNORECASE)
BLANK = (b"\r\n", b"\r\n\r\n", b"\n", b"\0", b"\0\0", b"\0\0\0\0")
INCOMPLETE = re.compile(
    rb"(?:SIP/2\.0 ?[1-6]?\d?|[A-Za-z_-]{1,32}(?: [^ \r\n]{0,2000}(?: [SIP/2.0]{0,7}\r?)?)?|SIP(?:/2?\.?0?)?)\Z"
)
COOKIE = b"\x21\x12\xa4\x42"
FILLING = re.compile(rb"[\r\n\0]+")
"""Keep-alives between messages."""
TLS_BEGUN = (b"\x15", b"\x15\x03", b"\x16", b"\x16\x03")
"""A segment that ends within the head of a TLS record."""
HEADER_END = re.compile(rb"\r?\n\r?\n")


class Mode(Enum):
    """What a direction carries."""

    UNKNOWN = 0
    SIP = 1
    HTTP = 2
    WEBSOCKET = 3
    TLS = 4
    DNS = 5
    BORING = 6


class Emitted(Struct):
    """A payload to note: its place in the capture where it lies there in one piece, else its own bytes."""

    kind: NoteKind
    segment: Segment
    payload: bytes
    place: int | None = None
    flags: int = 0


class Side(Struct):
    """One direction of a connection and what is known of its content.

    ``framed``: a message ended where the next byte stands; ``junk``: bytes that are no message came behind it.
    """

    ports: tuple[int, int]
    mode: Mode = Mode.UNKNOWN
    order: Order = field(default_factory=Order)
    buffer: bytearray = field(default_factory=bytearray)
    tries: int = 0
    framed: bool = False
    junk: bool = False
    scanned: int = 0
    handshake: bytearray = field(default_factory=bytearray)
    message: bytearray = field(default_factory=bytearray)
    last: Segment | None = None
    upgrade: Callable[[], None] = lambda: None

    @property
    def sip_port(self) -> bool:
        """Whether one of the ports is usual for SIP without TLS."""
        return any(5060 <= port <= 5069 and port != 5061 for port in self.ports)

    def take(self, segment: Segment, hole: int, data: bytes) -> list[Emitted]:
        """The next bytes of the direction, ``hole`` missing before them; ``data`` is what was captured of the segment."""
        out: list[Emitted] = []
        if hole:
            self._lost(out)
        if self.mode is Mode.UNKNOWN:
            self._recognise(segment, bytes(self.buffer) + data if self.buffer else data, out)
        if self.mode is Mode.SIP:
            self._sip(segment, data, out)
        elif self.mode is Mode.TLS:
            self._tls(segment, data, out)
        elif self.mode is Mode.HTTP:
            self._http(segment, data, out)
        elif self.mode is Mode.WEBSOCKET:
            self._websocket(segment, data, out)
        elif self.mode is Mode.DNS:
            self._dns(segment, data, out)
        if segment.have < segment.size:
            self._lost(out)
        self.last = segment if self.last is None or not self.buffer else _later(self.last, segment)
        return out

    def finish(self) -> list[Emitted]:
        """The connection ends: a SIP message whose end is missing is given as far as it goes."""
        out: list[Emitted] = []
        self._lost(out)
        return out

    def _recognise(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        if not data:
            return
        # bytes kept from earlier segments do not stand before this one's in the capture
        place = None if self.buffer else segment.place
        if data in BLANK:
            if self.sip_port or segment.size in (2, 4):
                out.append(Emitted(NoteKind.KEEPALIVE, segment, data, place))
            return
        if len(data) >= 3 and 20 <= data[0] <= 23 and data[1] == 3 and data[2] <= 4:
            self.mode = Mode.TLS if data[0] in (21, 22) else Mode.BORING
        elif data in TLS_BEGUN:
            self.buffer[:] = data
            return
        elif START.search(data[:4096]):
            self.mode = Mode.SIP
        elif data.startswith((b"GET ", b"HTTP/1.1 101")):
            self.mode = Mode.HTTP
        elif _frame_of_sip(data):
            self.mode = Mode.WEBSOCKET
        elif 5090 in self.ports:
            out.append(Emitted(NoteKind.TUNNEL, segment, data[:64], place))
            self.mode = Mode.BORING
        elif _stun(data):
            self._stuns(segment, data, place, out)
        elif 53 in self.ports:
            self.mode = Mode.DNS
        elif INCOMPLETE.match(data.lstrip(b"\r\n\0")):
            self.buffer[:] = data
            return
        else:
            self.tries += 1
            if self.tries >= TRIES:
                self.mode = Mode.BORING
        self._leave_unknown(segment, data, place, out)

    def _leave_unknown(self, segment: Segment, data: bytes, place: int | None, out: list[Emitted]) -> None:
        """What was kept to recognise the stream is not needed, or is in front of the segment that is taken next."""
        if self.mode in (Mode.UNKNOWN, Mode.BORING):
            self.buffer.clear()
        if self.mode in (Mode.UNKNOWN, Mode.HTTP) and self.sip_port:
            flags = TRUNCATED if segment.have < segment.size else 0
            out.append(Emitted(NoteKind.OTHER, segment, data, place, flags))

    @staticmethod
    def _stuns(segment: Segment, data: bytes, place: int | None, out: list[Emitted]) -> None:
        """STUN over TCP: whole messages of one segment (RFC 8489 6.2.2), also framed as in RFC 4571."""
        at = 0
        while _stun(data[at:]):
            at += 2 if data[at + 4 : at + 8] != COOKIE else 0
            end = at + 20 + int.from_bytes(data[at + 2 : at + 4], "big")
            if end > len(data):
                return
            out.append(Emitted(NoteKind.STUN, segment, data[at:end], None if place is None else place + at))
            at = end

    def _lost(self, out: list[Emitted]) -> None:
        """Bytes are missing here: what is pending ends, and everything starts anew at the next segment."""
        if self.mode is Mode.SIP and self.last is not None and START.match(self.buffer):
            out.append(Emitted(NoteKind.SIP, self.last, bytes(self.buffer[:HEADER_LIMIT]), None, TRUNCATED))
        elif self.mode is Mode.TLS:
            if self.handshake and self.last is not None:
                out.append(Emitted(NoteKind.TLS, self.last, bytes(self.handshake), None, TRUNCATED))
            self.mode = Mode.BORING
        elif self.mode in (Mode.HTTP, Mode.DNS):
            self.mode = Mode.UNKNOWN
        self.buffer.clear()
        self.message.clear()
        self.handshake.clear()
        self.scanned = 0
        self.framed = self.junk = False

    # ---- SIP

    def _sip(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        own, mark = bool(self.buffer), len(self.buffer)
        if not own and not data.strip(b"\r\n\0"):
            out.append(Emitted(NoteKind.KEEPALIVE, segment, data, segment.place))
            return
        if own:
            self.buffer += data
        stream: bytes | bytearray = self.buffer if own else data
        at = 0
        while at < len(stream):
            behind = FILLING.match(stream, at)
            at = behind.end() if behind is not None else at
            found = NEXT.match(stream, at) or START.search(stream, at, at + HEADER_LIMIT)
            if found is None:
                # an incomplete start line may stand at the end
                self.junk = self.junk or (self.framed and len(stream) - at > 4096)
                at = max(at, len(stream) - 2048) if len(stream) - at > 4096 else at
                break
            self.junk = self.junk or (self.framed and bool(stream[at : found.start()].strip(b"\r\n\0")))
            at = found.start()
            end = self._message_end(stream, at)
            if end is None:
                break
            place = None if own else segment.place + at
            last = segment if at >= mark or self.last is None else _later(self.last, segment)
            out.append(Emitted(NoteKind.SIP, last, bytes(stream[at:end]), place, UNFRAMED if self.junk else 0))
            self.framed, self.junk = True, False
            self.scanned = 0
            at = end
        if at >= mark:
            self.last = segment
        rest = bytes(stream[at:])
        self.buffer = bytearray(rest if rest.strip(b"\r\n\0") else b"")
        if len(self.buffer) > HEADER_LIMIT + BODY_LIMIT:
            self._lost(out)

    def _message_end(self, stream: bytes | bytearray, at: int) -> int | None:
        """Where a message ends by its Content-Length (none: after the header); null while it is incomplete."""
        header = HEADER_END.search(stream, max(at, at + self.scanned - 4), at + HEADER_LIMIT)
        if header is None:
            self.scanned = min(len(stream) - at, HEADER_LIMIT)
            return None if len(stream) - at < HEADER_LIMIT else at + HEADER_LIMIT
        length = LENGTH.search(stream, at, header.end())
        size = int(length[1]) if length else 0
        if size > BODY_LIMIT:
            return header.end()
        end = header.end() + size
        return end if end <= len(stream) else None

    # ---- WebSocket

    def _http(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        self.buffer += data
        end = HEADER_END.search(self.buffer, 0, HEADER_LIMIT)
        if end is None:
            if len(self.buffer) > HEADER_LIMIT:
                self._boring()
            return
        header, rest = bytes(self.buffer[: end.end()]), bytes(self.buffer[end.end() :])
        self.buffer.clear()
        if not UPGRADE.search(header):
            self._boring()
            return
        self.mode = Mode.WEBSOCKET
        if header.startswith(b"HTTP"):
            self.upgrade()
        if rest:
            self._websocket(segment, rest, out)

    def _websocket(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        """Frames of RFC 6455; text and binary messages that start as SIP are SIP (RFC 7118)."""
        self.buffer += data
        at = 0
        while True:
            frame = _frame(self.buffer, at)
            if frame is None:
                break
            start, end, key, opcode, final = frame
            if end - start > FRAME_LIMIT:
                self._boring()
                return
            if end > len(self.buffer):
                break
            if opcode in (0, 1, 2):
                if opcode:
                    self.message.clear()
                self.message += _unmask(bytes(self.buffer[start:end]), key)
                if final or len(self.message) > FRAME_LIMIT:
                    if START.match(self.message):
                        out.append(Emitted(NoteKind.SIP, segment, bytes(self.message), None, WEBSOCKET))
                    elif self.message and not self.message.strip(b"\r\n\0"):
                        out.append(Emitted(NoteKind.KEEPALIVE, segment, bytes(self.message), None, WEBSOCKET))
                    self.message.clear()
            at = end
        del self.buffer[:at]

    # ---- TLS

    def _tls(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 5:
            kind, major = self.buffer[at], self.buffer[at + 1]
            end = at + 5 + int.from_bytes(self.buffer[at + 3 : at + 5], "big")
            if major != 3 or kind not in (21, 22):
                # change of cipher, application data, or no TLS: nothing is readable from here on
                self._boring()
                return
            if end > len(self.buffer):
                break
            record = bytes(self.buffer[at:end])
            at = end
            if kind == 21:
                out.append(Emitted(NoteKind.TLS, segment, record))
                continue
            self.handshake += record
            if _whole(self.handshake):
                out.append(Emitted(NoteKind.TLS, segment, bytes(self.handshake)))
                self.handshake.clear()
            elif len(self.handshake) > HANDSHAKE_LIMIT:
                self._boring()
                return
        del self.buffer[:at]

    # ---- DNS

    def _dns(self, segment: Segment, data: bytes, out: list[Emitted]) -> None:
        """Messages behind their lengths (RFC 1035 4.2.2), several in a segment or one in several (RFC 7766 6.2.1, 8)."""
        own = bool(self.buffer)
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 2:
            size = int.from_bytes(self.buffer[at : at + 2], "big")
            if size < DNS_HEADER or int.from_bytes(self.buffer[at + 6 : at + 8].ljust(2, b"\0"), "big") > 1:
                # too short, or more than one question: no DNS
                self._boring()
                return
            end = at + 2 + size
            if end > len(self.buffer):
                break
            place = None if own else segment.place + at + 2
            out.append(Emitted(NoteKind.DNS, segment, bytes(self.buffer[at + 2 : end]), place))
            at = end
        del self.buffer[:at]

    def _boring(self) -> None:
        self.mode = Mode.BORING
        self.buffer.clear()
        self.message.clear()
        self.handshake.clear()


def _later(one: Segment, two: Segment) -> Segment:
    return one if one.frame > two.frame else two


def _stun(data: bytes) -> bool:
    """Whether bytes start with a STUN message, with or without a length before it."""
    if len(data) >= 20 and data[0] < 0x40 and data[4:8] == COOKIE:
        return True
    return len(data) >= 22 and data[2] < 0x40 and data[6:10] == COOKIE


def _whole(records: bytes | bytearray) -> bool:
    """Whether handshake records end where a handshake message ends (RFC 8446 5.1)."""
    body = bytearray()
    at = 0
    while at + 5 <= len(records):
        size = int.from_bytes(records[at + 3 : at + 5], "big")
        body += records[at + 5 : at + 5 + size]
        at += 5 + size
    at = 0
    while at + 4 <= len(body):
        at += 4 + int.from_bytes(body[at + 1 : at + 4], "big")
    return at == len(body)


def _frame(data: bytes | bytearray, at: int) -> tuple[int, int, bytes, int, bool] | None:
    """A WebSocket frame: payload start and end, masking key, opcode, last of its message; null while its head is short."""
    if len(data) - at < 2:
        return None
    size, masked, start = data[at + 1] & 0x7F, data[at + 1] & 0x80, at + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        size = int.from_bytes(data[start : start + width], "big")
        start += width
    key = b""
    if masked:
        key = bytes(data[start : start + 4])
        start += 4
    if start > len(data):
        return None
    return start, start + size, key, data[at] & 0x0F, bool(data[at] & 0x80)


def _unmask(payload: bytes, key: bytes) -> bytes:
    if not key or not payload:
        return payload
    mask = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(payload), "big")


def _frame_of_sip(data: bytes) -> bool:
    """Whether a segment is the start of a WebSocket frame that carries SIP (the handshake was before the capture)."""
    if data[0] not in (0x81, 0x82):
        return False
    frame = _frame(data, 0)
    return frame is not None and START.match(_unmask(data[frame[0] : frame[0] + 2048], frame[2])) is not None
