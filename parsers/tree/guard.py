"""Keeps the program alive where a file that is mapped becomes shorter, or cannot be read any more, while it is read.

The system ends a program that reads such a place (SIGBUS). While a mapping is watched, zeros stand there instead, and it is
counted how many pages were lost. This needs a few lines of C (``guard.pxd``): where nothing was compiled, or on a system that
does not let mapped files be cut (Windows), nothing is watched.
"""

from __future__ import annotations

import weakref
from mmap import mmap

try:
    import cython
except ImportError:
    from parsers import interpreted as cython


class Watch:
    """Counts the pages of a mapping that could not be read, as long as it lives."""

    def __init__(self, mapped: mmap) -> None:
        self._pages = 0
        self._place = _place(mapped, len(mapped)) if cython.compiled and len(mapped) else -1
        if self._place >= 0:
            weakref.finalize(mapped, self._end).atexit = False

    @property
    def pages(self) -> int:
        """How many pages were lost so far."""
        return _lost(self._place) if self._place >= 0 else self._pages

    def _end(self) -> None:
        self._pages = _lost(self._place)
        _leave(self._place)
        self._place = -1


def _place(octets: mmap, length: int) -> int:
    view: object = octets
    return int(tcx_watch(cython.address(view[0]), length))  # type: ignore[name-defined,index]  # noqa: F821 - C


def _lost(place: int) -> int:
    return int(tcx_lost(place))  # type: ignore[name-defined]  # noqa: F821 - C


def _leave(place: int) -> None:
    tcx_leave(place)  # type: ignore[name-defined]  # noqa: F821 - C
