"""The content of a member as UTF-8 lines in one buffer that is filled again and again."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

PIECE = 1024 * 1024
PAD = 256
"""Bytes behind the content that may be read (they are zero)."""

ANSI = re.compile(rb"\x1b\[[0-9;?]{0,24}[A-Za-z]")
_ANSI_CUT = re.compile(rb"\x1b(?:\[[0-9;?]{0,24})?\Z")
HELD = 32
"""Bytes kept free for a colour code that is cut in two."""


def encoding(head: bytes) -> str | None:
    """The encoding when it is UTF-16, by its mark or by every other byte being zero; null for anything like ASCII."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if head[0] == 0xFF else "utf-16-be"
    start = head[:512]
    if len(start) >= 8:
        for name, zeros, others in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
            if zeros.count(0) > 0.8 * len(zeros) and others.count(0) < 0.2 * len(others):
                return name
    return None


def plain(chunks: Iterable[bytes | memoryview], head: bytes) -> Iterator[bytes | memoryview]:
    """The content in small pieces, without byte-order mark, UTF-16 turned into UTF-8."""
    wide = encoding(head)
    decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
    skip = (
        len(codecs.BOM_UTF8)
        if head.startswith(codecs.BOM_UTF8)
        else 2
        if wide and head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        else 0
    )
    for chunk in chunks:
        view = memoryview(chunk)
        for begin in range(0, len(view), PIECE):
            piece = view[begin : begin + PIECE]
            cut = min(skip, len(piece))
            skip -= cut
            yield piece[cut:] if decoder is None else decoder.decode(piece[cut:]).encode("utf-8", "replace")
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


class Feed:
    """A buffer with the content from some line start on. Colour codes (ANSI) are taken out.

    ``size`` bytes are valid; ``final`` once nothing more comes; ``taken`` counts the bytes that came in.
    """

    def __init__(self, chunks: Iterable[bytes | memoryview], head: bytes, capacity: int) -> None:
        self.buffer = bytearray(capacity + PAD)
        self.view = memoryview(self.buffer)
        self.size = 0
        self.final = False
        self.taken = 0
        self._capacity = capacity
        self._pieces = plain(chunks, head)
        self._rest = memoryview(b"")
        self._held = b""

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
