"""The bytes of a capture: all at once, or, where they come out of an archive, in pieces that are never all there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parsers.beside import Beside
from parsers.tree.member import CHUNK_BYTES, Buffer, Member

PIECE = CHUNK_BYTES
"""Bytes that are taken at once: few enough to lie in the processor's cache."""
LONG_BYTES = 8 * 1024 * 1024
"""A packed capture of so many bytes is read in pieces, a shorter one as a whole; compiled kernels read so long ones on a second
core.
"""


class Content:
    """A capture that is there as a whole.

    ``data`` is what is there now, ``start`` how many bytes of the capture stand before it, ``final`` whether nothing follows.
    """

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.start = 0
        self.final = True

    @classmethod
    def of(cls, member: Member) -> Content:
        """The content of a file; in pieces where all of it would have to be held in memory, and is long."""
        if not member.packed:
            return cls(member.buffer())
        content = Pieces(member.chunks, member.size)
        return cls(memoryview(bytes(content.data))) if content.final else content  # without the room for a long one

    def more(self, at: int, count: int) -> bool:  # noqa: ARG002 - see `Pieces.more`
        """False: nothing follows."""
        return False

    def again(self) -> Content:
        """The same from its beginning, for another pass."""
        return self

    @property
    def expected(self) -> int:
        """How many bytes it has; in pieces what is known of that."""
        return len(self.data)

    @property
    def size(self) -> int:
        """How many bytes it has; in pieces all are read for that, and nothing follows any more."""
        return len(self.data)


class Pieces(Content):
    """A capture that comes in pieces. The next one is made on a second core.

    When `more` moves ``data`` on, what it was before stays as it is until ``data`` is moved on again.
    """

    def __init__(self, open_chunks: Callable[[], Iterator[Buffer]], declared: int | None) -> None:
        super().__init__(memoryview(b""))
        self.final = False
        self._open = open_chunks
        self._declared = declared
        self._chunks = open_chunks()
        self._beside = Beside()
        self._next: Callable[[], bytes] = self._read
        self._left = memoryview(b"")
        self._now, self._before, self._spare = bytearray(), bytearray(), bytearray()
        self._unread = 0
        self.more(0, LONG_BYTES)

    def more(self, at: int, count: int) -> bool:
        """Let ``data`` begin at its place ``at``, with at least ``count`` bytes and a piece more than before, or all that follow;
        false, with nothing done, where nothing follows.
        """
        if self.final:
            return False
        kept = self.data[at:]
        size = max(count, len(kept) + PIECE)
        if len(self._spare) < size:
            self._spare = bytearray(size)
        room = memoryview(self._spare)
        room[: len(kept)] = kept
        filled = len(kept)
        while filled < size and len(read := self._take()):
            step = min(len(read), size - filled)
            room[filled : filled + step] = read[:step]
            filled, self._left = filled + step, read[step:]
        self.data = room[:filled].toreadonly()
        self.start += at
        if at:
            self._now, self._before, self._spare = self._spare, self._now, self._before
        else:
            self._now, self._spare = self._spare, self._now
        return True

    def again(self) -> Content:
        """Another pass makes all pieces anew."""
        return Pieces(self._open, self._declared)

    @property
    def expected(self) -> int:
        """The size that the archive names, or what came so far."""
        return max(self._declared or 0, self.start + len(self.data))

    @property
    def size(self) -> int:
        """All bytes of it, read for that where they were not."""
        while read := self._take():
            self._unread += len(read)
            self._left = memoryview(b"")
        return self.start + len(self.data) + self._unread

    def _take(self) -> memoryview:
        """What was left of what was read last, or what follows; empty at the end."""
        if len(self._left) or self.final:
            return self._left
        read = self._next()
        if read:
            self._next = self._beside.start(self._read)
        else:
            self.final = True
            self._beside.close()
        return memoryview(read)

    def _read(self) -> bytes:
        """A piece or a little more, empty at the end: archives give far smaller chunks, and only what is begun ahead runs beside."""
        chunks: list[bytes] = []
        size = 0
        while size < PIECE and (chunk := next(self._chunks, None)) is not None:
            chunks.append(bytes(chunk))
            size += len(chunk)
        return b"".join(chunks)
