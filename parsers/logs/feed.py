"""The content of a member as UTF-8 lines, in two buffers that are filled in turn."""

from __future__ import annotations

import mmap
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable
from typing import TypeAlias

from parsers.beside import Beside
from parsers.tree.member import Member
from parsers.tree.text import utf8_chunks

Piece: TypeAlias = tuple[memoryview, bool]
"""Some content, and whether there is something in it that is taken out."""

PAD = 256
"""Bytes behind the content that may be read (they are zero)."""

ANSI = re.compile(rb"\x1b\[[0-9;?]{0,24}[A-Za-z]")
_OUT = re.compile(ANSI.pattern + b"|" + BOM_UTF8)
_CUT = re.compile(rb"(?:\x1b(?:\[[0-9;?]{0,24})?|\xef\xbb?)\Z")
HELD = 32
"""Bytes kept free for a colour code or a byte-order mark that is cut in two."""
AHEAD = 4 * 1024 * 1024
"""Bytes that are read at once; behind them as many are read ahead, on a second core."""


class Feed:
    """A buffer with the content from some line start on. Colour codes (ANSI), NULs and byte-order marks (of logs that somebody
    put one behind the other) are taken out.

    ``size`` bytes are valid; ``final`` once nothing more comes; ``taken`` counts the bytes that came in; ``reader`` reads
    ahead.
    """

    def __init__(self, member: Member, capacity: int) -> None:
        self.size = 0
        self.final = False
        self.taken = 0
        self.reader = Beside()
        self._capacity = capacity
        self._chunks = utf8_chunks(member)
        self._next: Callable[[], list[Piece]] = self._read
        self._waiting: list[Piece] = []
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
            if not self._waiting:
                self._more()
            if self._waiting:
                piece, odd = self._waiting.pop()
                step = min(len(piece), self._capacity - self.size - len(self._held))
                self._add(piece[:step], odd=odd)
                if step < len(piece):
                    self._waiting.append((piece[step:], odd))
        self.view[self.size : self.size + PAD] = bytes(PAD)

    def _more(self) -> None:
        """Take what was read, last piece first, and go on reading."""
        self._waiting = self._next()[::-1]
        size = sum(len(piece) for piece, _ in self._waiting)
        self.taken += size
        self._next = self.reader.start(self._read) if size >= AHEAD else self._read
        if not self._waiting:
            self._put(self._held)
            self.final = True

    def _read(self) -> list[Piece]:
        """The next `AHEAD` bytes or a little more; nothing at the end."""
        pieces: list[Piece] = []
        size = 0
        while size < AHEAD and (chunk := next(self._chunks, None)) is not None:
            content = bytes(chunk)
            pieces.append((memoryview(content), b"\0" in content or b"\x1b" in content or _marked(content)))
            size += len(content)
        return pieces

    def _add(self, piece: memoryview, *, odd: bool) -> None:
        if not odd and not self._held:
            self._put(piece)
            return
        text = self._held + bytes(piece).translate(None, b"\0")
        cut = _CUT.search(text)
        end = cut.start() if cut else len(text)
        self._held = text[end:]
        self._put(_OUT.sub(b"", text[:end]))

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


def _marked(content: bytes) -> bool:
    """Whether a byte-order mark stands in it or may begin at its end."""
    # one byte is found far faster than three, and most logs have none
    return b"\xef" in content and (BOM_UTF8 in content or content.endswith((BOM_UTF8[:1], BOM_UTF8[:2])))


def _zeros(size: int) -> mmap.mmap:
    """A buffer that takes memory, and time, only where something is written into it: most logs are far shorter."""
    return mmap.mmap(-1, size) if sys.platform == "win32" else mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)
