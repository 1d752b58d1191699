"""Progress of long work on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from analyzer.cli.output import is_terminal

SPINNER = 3
"""Columns of the sign that turns, and of its blanks."""


@contextmanager
def reading() -> Iterator[Callable[[str, int, int], None] | None]:
    """A callback that shows the file being read and how much of it was; null where nobody would see it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.filesize import decimal
    from rich.status import Status
    from rich.text import Text

    from analyzer.report.printable import printable

    console = Console(stderr=True)
    with Status("Reading…", console=console) as status:

        def show(path: str, done: int, size: int) -> None:
            how_much = f"{decimal(done)} of {decimal(size)}" if done else decimal(size)
            begin = f"Reading {how_much}  "
            room = max(8, console.width - len(begin) - SPINNER)  # one line: what wraps is not taken away again
            name = printable(path)
            status.update(Text(begin + (name if len(name) <= room else f"…{name[1 - room :]}")))

        yield show
