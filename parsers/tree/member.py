"""One file of the source tree, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import TypeAlias

from msgspec import Struct, field

Buffer: TypeAlias = "bytes | memoryview"

HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 4 * 1024 * 1024


class Member(Struct, kw_only=True):
    """A file inside the source tree: a bounded stream, never unpacked to disk.

    ``path`` is the artifact path (``bundle.zip!/Logs/x.log``), ``size`` the declared size in bytes (null where the
    container does not say), ``mtime`` when the container says it was written (a zip without a time stamp extension writes
    the maker's wall clock: it stands here as if it were UTC). ``head`` holds the first bytes, at most `HEAD_BYTES`.
    ``open_chunks`` gives the whole content from the start, head included, in pieces; ``open_buffer`` the whole content as
    one buffer (an mmap for plain files).

    ``settle`` notes what only shows once the content was read.

    ``lasting``: the content may be asked for after other members as well, at no more cost. ``packed``: as one buffer it is put
    together in memory.

    Neither raises for bad content: where the content is damaged or a limit of the budget is hit, they end early and the
    sentence that says so stands in ``problems`` (`parsers.read` copies it to the artifact).
    """

    path: str
    size: int | None
    mtime: datetime | None
    head: bytes
    open_chunks: Callable[[], Iterator[bytes | memoryview]]
    open_buffer: Callable[[], memoryview]
    problems: list[str] = field(default_factory=list)
    lasting: bool = True
    packed: bool = False
    settle: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path.replace("\\", "/")).name

    def chunks(self) -> Iterator[bytes | memoryview]:
        """The content from its start, in pieces of about `CHUNK_BYTES`; may be called again."""
        return self.open_chunks()

    def buffer(self) -> memoryview:
        """The whole content in one piece."""
        return self.open_buffer()

    def problem(self, text: str) -> None:
        """Note what is wrong with the content; repeats are dropped."""
        if text not in self.problems:
            self.problems.append(text)

    @classmethod
    def of_bytes(cls, path: str, data: bytes, mtime: datetime | None = None) -> Member:
        """A member that is already in memory (samples, small archive members)."""
        return cls(
            path=path,
            size=len(data),
            mtime=mtime,
            head=data[:HEAD_BYTES],
            open_chunks=lambda: iter([data] if data else []),
            open_buffer=lambda: memoryview(data),
        )
