"""Progress of long work on standard error, only where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from analyzer.cli.output import is_terminal


@contextmanager
def reading() -> Iterator[Callable[[str, int, int], None] | None]:
    """A callback that shows the file being read and how much of it was; null where nobody would see it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.filesize import decimal
    from rich.status import Status

    from analyzer.report.printable import printable

    with Status("Reading…", console=Console(stderr=True)) as status:

        def show(path: str, done: int, size: int) -> None:
            how_much = f"{decimal(done)} of {decimal(size)}" if done else decimal(size)
            status.update(f"Reading {how_much}  {printable(path)[-80:]}")

        yield show
