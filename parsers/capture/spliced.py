"""The contents of several files one behind the other, without copying them."""

from __future__ import annotations

from bisect import bisect_right
from typing import overload

from parsers.capture.content import Content

MOST = 1 << 40
"""More bytes than any piece has."""


class Spliced:
    """Several buffers, by places as if they were one; what is asked for never lies in two of them."""

    def __init__(self, *contents: Content) -> None:
        self.parts: list[Content] = []
        self.starts: list[int] = []
        self.size = 0
        for content in contents:
            self.add(content)

    def add(self, content: Content) -> int:
        """Put the content of a file behind the others; the place at which it starts. Of one that comes in pieces there is the piece
        that is there.
        """
        self.parts.append(content)
        self.starts.append(self.size)
        self.size += len(content.data) if content.final else MOST
        return self.starts[-1]

    @overload
    def __getitem__(self, at: int) -> int: ...

    @overload
    def __getitem__(self, at: slice) -> memoryview: ...

    def __getitem__(self, at: int | slice) -> int | memoryview:
        first = at.start if isinstance(at, slice) else at
        number = max(bisect_right(self.starts, first) - 1, 0)
        start = self.starts[number]
        if isinstance(at, slice):
            return self.parts[number].data[at.start - start : at.stop - start]
        return self.parts[number].data[at - start]
