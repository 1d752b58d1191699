"""Several buffers one behind the other, without copying them."""

from __future__ import annotations

from bisect import bisect_right
from typing import overload


class Spliced:
    """Several buffers, by places as if they were one; what is asked for never lies in two of them."""

    def __init__(self) -> None:
        self.parts: list[memoryview] = []
        self.starts: list[int] = []
        self.size = 0

    def add(self, data: memoryview) -> int:
        """Put a buffer behind the others; the place at which it starts."""
        self.parts.append(data)
        self.starts.append(self.size)
        self.size += len(data)
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
            return self.parts[number][at.start - start : at.stop - start]
        return self.parts[number][at - start]
