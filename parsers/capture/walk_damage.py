"""Where reading may go on behind damage in a capture."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from parsers.capture.content import Content

WINDOWS = (4 * 1024, 64 * 1024, 1024 * 1024, 4 * 1024 * 1024)
"""How far is looked, step by step: the next good place mostly lies near."""
REACH = WINDOWS[-1]
"""Bytes that are looked through at most."""
MAX_REPAIRS = 2000
"""Damaged places of one capture that are passed over."""
MAX_TRIES = 1_000_000
"""Places that are tried for all of them together."""
NEAR = 128 * 1024
"""Where nothing marks the next good place, every byte so near is tried, but not often."""
MAX_SEARCHES = 16


class Damage:
    """What was done about damage in one capture so far: no file makes the search endless."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._repairs = 0
        self._tries = 0
        self._searches = 0

    @property
    def too_much(self) -> bool:
        """Whether nothing more is looked for."""
        return self._repairs > MAX_REPAIRS or self._tries > MAX_TRIES

    def places(self, at: int, marks: Collection[bytes], offset: int = 0) -> Iterator[int]:
        """Places after ``at``, ascending, of which one of the marks stands ``offset`` bytes further on."""
        self._repairs += 1
        data, start = self._content.data, at + 1
        for width in WINDOWS:
            stop = min(at + width, len(data))
            # a mark may reach over the end of the window
            window = bytes(data[start + offset : stop + offset + 3])
            found: set[int] = set()
            for mark in marks:
                place = window.find(mark)
                while 0 <= place < stop - start:
                    found.add(start + place)
                    place = window.find(mark, place + 1)
            for place in sorted(found):
                self._tries += 1
                if self.too_much:
                    return
                yield place
            start = max(start, stop)

    def everywhere(self, at: int) -> Iterator[int]:
        """All places close after ``at``."""
        self._searches += 1
        if self._searches <= MAX_SEARCHES and not self.too_much:
            yield from range(at + 1, min(at + NEAR, len(self._content.data)))
