"""A buffer as a file, for libraries that read files: nothing of it is copied before it is asked for."""

from __future__ import annotations

import io

READ_LIMIT = 16 * 1024 * 1024
"""Bytes that are read at once: the directory of an archive is (20,000 members with names of 512 characters), whatever size it
claims to have.
"""


class BufferFile(io.RawIOBase):
    """Reads in a buffer. Raises OSError for more at once than `READ_LIMIT`."""

    def __init__(self, view: memoryview) -> None:
        super().__init__()
        self._view = view
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place. Raises OSError for one before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        if base + offset < 0:
            raise OSError("seek before the start")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as many as there are."""
        if size > READ_LIMIT:
            raise OSError(f"a directory of {size} bytes, above the limit of {READ_LIMIT}")
        end = len(self._view) if size < 0 else self._at + size
        data = bytes(self._view[self._at : min(end, self._at + READ_LIMIT)])
        self._at += len(data)
        return data
