"""IP fragments put together (RFC 791, RFC 8200 4.5)."""

# ruff: noqa: PLR0917 - a fragment has that many parts
from __future__ import annotations

from msgspec import Struct, field

MAX_OPEN = 512
"""Datagrams that may be incomplete at a time."""
MAX_PARTS = 128
"""Fragments of one datagram."""
MAX_SIZE = 65535
EXPIRE_NS = 30_000_000_000
"""How long a datagram waits for its fragments (RFC 791 recommends 15 s, RFC 8200 60 s)."""

Key = tuple[int, int, int, int, int, int, int]
"""Version, source (high, low), destination (high, low), identification, protocol."""


class Datagram(Struct):
    """A datagram of which fragments were seen: ``total`` payload bytes once the last one was."""

    key: Key
    tos: int
    frame: int
    time: int
    total: int | None = None
    parts: list[tuple[int, bytes]] = field(default_factory=list)

    def payload(self) -> bytes:
        """The bytes from the start up to the first hole. Where fragments overlap, those that came first are kept."""
        out = bytearray()
        for offset, part in sorted(self.parts, key=lambda p: p[0]):
            if offset > len(out):
                break
            out += part[len(out) - offset :]
        return bytes(out if self.total is None else out[: self.total])


class Fragments:
    """The open datagrams of a capture, oldest first."""

    def __init__(self) -> None:
        self._open: dict[Key, Datagram] = {}
        self.dropped = 0

    def add(
        self, key: Key, tos: int, frame: int, time: int, offset: int, part: bytes, missing: int, *, more: bool
    ) -> Datagram | None:  # fmt: skip
        """One fragment; the datagram if it is complete now. ``missing`` bytes of the fragment were not captured."""
        datagram = self._open.get(key)
        if datagram is None:
            datagram = self._open[key] = Datagram(key, tos, frame, time)
        datagram.frame, datagram.time = frame, time
        end = offset + len(part) + missing
        if end > MAX_SIZE or len(datagram.parts) >= MAX_PARTS:
            del self._open[key]
            self.dropped += 1
            return None
        if not more:
            datagram.total = end
        datagram.parts.append((offset, part))
        if datagram.total is not None and len(datagram.payload()) >= datagram.total:
            return self._open.pop(key)
        return None

    def expired(self, time: int) -> list[Datagram]:
        """Datagrams that wait for too long, or that are too many; they are forgotten."""
        out: list[tuple[Key, Datagram]] = []
        for key, datagram in self._open.items():
            if len(self._open) - len(out) <= MAX_OPEN and abs(time - datagram.time) < EXPIRE_NS:
                break
            out.append((key, datagram))
        for key, _ in out:
            del self._open[key]
        return [datagram for _, datagram in out]

    def rest(self) -> list[Datagram]:
        """What is still incomplete."""
        out = list(self._open.values())
        self._open.clear()
        return out
