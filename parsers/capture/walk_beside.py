"""Reads a capture on a second core while the first one looks at what was found already."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Event, Thread

from parsers.capture.notes import Note, Progress
from parsers.capture.walk_notes import NoteTable

SWITCH_S = 0.0002
"""How long either side may keep Python's lock while the other one waits for it."""


class _LeftError(Exception):
    """Nobody waits any more."""


Look = Callable[[Iterable[Note]], None]


def run_beside(read: Callable[[Progress], None], notes: NoteTable, progress: Progress | None, look: Look) -> None:
    """Let ``read`` read everything into ``notes``; ``look`` is given those that came since (`NoteTable.fresh`) now and then.

    Worth it with compiled kernels only, which leave Python's lock alone while they read packets.
    """
    words: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
    failures: list[BaseException] = []
    leave = Event()

    def tell(at: int, size: int) -> None:
        if leave.is_set():
            raise _LeftError
        words.put((at, size))

    def work() -> None:
        try:
            read(tell)
        except BaseException as failure:  # noqa: BLE001 - raised again where somebody waits for it
            failures.append(failure)
        finally:
            words.put(None)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    worker = Thread(target=work)
    worker.start()
    try:
        while (word := words.get()) is not None:
            if progress is not None:
                progress(*word)
            look(notes.fresh())
    finally:
        leave.set()  # an exception, or Ctrl-C
        worker.join()
        sys.setswitchinterval(interval)
    if failures:
        raise failures[0]
