"""The content of a member as UTF-8 lines, in two buffers that are filled in turn."""

from __future__ import annotations

import mmap
import re
import sys

from parsers.tree.member import Member
from parsers.tree.text import utf8_chunks

PAD = 256
"""Bytes behind the content that may be read (they are zero)."""

ANSI = re.compile(rb"\x1b\[[0-9;?]{0,24}[A-Za-z]")
_ANSI_CUT = re.compile(rb"\x1b(?:\[[0-9;?]{0,24})?\Z")
HELD = 32
"""Bytes kept free for a colour code that is cut in two."""


class Feed:
    """A buffer with the content from some line start on. Colour codes (ANSI) and NULs are taken out.

    ``size`` bytes are valid; ``final`` once nothing more comes; ``taken`` counts the bytes that came in.
    """

    def __init__(self, member: Member, capacity: int) -> None:
        self.size = 0
        self.final = False
        self.taken = 0
        self._capacity = capacity
        self._pieces = utf8_chunks(member)
        self._rest = memoryview(b"")
        self._held = b""
        self._other: mmap.mmap | None = None
        self._turn_to(_zeros(capacity + PAD + -(capacity + PAD) % 8))

    def _turn_to(self, buffer: mmap.mmap) -> None:
        self.buffer = buffer
        self.view = memoryview(buffer)

    def fill(self, more: int) -> None:
        """Read until ``more`` bytes have been added, the buffer is full, or the end."""
        target = min(self.size + more, self._capacity - HELD)
        while self.size < target and not self.final:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    self._put(self._held)
                    self.final = True
                    break
                self.taken += len(piece)
                self._rest = memoryview(piece)
            step = min(len(self._rest), self._capacity - self.size - len(self._held))
            self._add(self._rest[:step])
            self._rest = self._rest[step:]
        self.view[self.size : self.size + PAD] = bytes(PAD)

    def _add(self, piece: memoryview) -> None:
        begin = self.size
        self._put(piece)
        if self.buffer.find(b"\0", begin, self.size) >= 0:
            piece = memoryview(bytes(piece).translate(None, b"\0"))
            self.size = begin
            self._put(piece)
        if self._held or self.buffer.find(b"\x1b", begin, self.size) >= 0:
            text = ANSI.sub(b"", self._held + piece)
            cut = _ANSI_CUT.search(text)
            self._held = text[cut.start() :] if cut else b""
            self.size = begin
            self._put(text[: cut.start()] if cut else text)

    def _put(self, piece: bytes | memoryview) -> None:
        self.view[self.size : self.size + len(piece)] = piece
        self.size += len(piece)

    def drop(self, count: int) -> None:
        """Forget the first ``count`` bytes."""
        self.view[: self.size - count] = self.view[count : self.size]
        self.size -= count

    def turn(self, done: int) -> None:
        """Go on in the other buffer with what lies behind the first ``done`` bytes; these stay as they are until the next turn."""
        rest, buffer = self.view[done : self.size], self.buffer
        self._turn_to(self._other or _zeros(len(buffer)))
        self._other = buffer
        self.size = 0
        self._put(rest)


def _zeros(size: int) -> mmap.mmap:
    """A buffer that takes memory, and time, only where something is written into it: most logs are far shorter."""
    return mmap.mmap(-1, size) if sys.platform == "win32" else mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)
