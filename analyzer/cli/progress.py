"""Progress of long work on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from analyzer.cli.output import is_terminal

SPINNER = 3
"""Columns of the sign that turns, and of its blanks."""
PATIENCE = 0.3
"""Seconds without a sign: what draws it takes its time to import, and a small case is done by then."""


@contextmanager
def reading() -> Iterator[Callable[[str, int, int], None] | None]:
    """A callback that shows the file being read and how much of it was; null where nobody would see it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    begun = time.monotonic()
    sign: _Sign | None = None
    with ExitStack() as until:

        def show(path: str, done: int, size: int) -> None:
            nonlocal sign
            if sign is None:
                if time.monotonic() - begun < PATIENCE:
                    return
                sign = _Sign(until)
            sign.show(path, done, size)

        yield show


class _Sign:
    """One line that turns, until the stack is left."""

    def __init__(self, until: ExitStack) -> None:
        from rich.console import Console
        from rich.status import Status

        self._console = Console(stderr=True)
        self._status = until.enter_context(Status("Reading…", console=self._console))

    def show(self, path: str, done: int, size: int) -> None:
        """What is read now."""
        from rich.filesize import decimal
        from rich.text import Text

        from analyzer.report.printable import printable

        how_much = f"{decimal(done)} of {decimal(size)}" if done else decimal(size)
        begin = f"Reading {how_much}  "
        room = max(8, self._console.width - len(begin) - SPINNER)  # one line: what wraps is not taken away again
        name = printable(path)
        self._status.update(Text(begin + (name if len(name) <= room else f"…{name[1 - room :]}")))
