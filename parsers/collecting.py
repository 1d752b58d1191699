"""Python looks for garbage again and again, and the more facts a case has the longer each time; hardly any is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 100_000
"""So many new objects are what was read, and stay: they would all be looked through as soon as that is allowed again."""


@contextmanager
def without_collecting() -> Iterator[None]:
    """Garbage in circles is left until afterwards; also a decorator of functions."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if gc.get_count()[0] > MANY:
                gc.freeze()
            gc.enable()
