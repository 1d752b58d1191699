"""Work on a second core while the first one goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Beside:
    """One more thread, begun with the first task that is given to it."""

    def __init__(self) -> None:
        self._pool: Any = None

    def start(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Callable[[], R]:
        """Begin a task that leaves Python's lock alone most of the time. What comes back waits for its result, or raises."""
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # only long logs need it

            self._pool = ThreadPoolExecutor(1)
        result: Callable[[], R] = self._pool.submit(task, *args, **kwargs).result
        return result

    def close(self) -> None:
        """End the thread once its task is done."""
        if self._pool is not None:
            self._pool.shutdown()
