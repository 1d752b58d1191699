from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path

import py7zr
import pytest

from parsers.tree.budget import MIB, Budget
from parsers.tree.buffer_file import READ_LIMIT, BufferFile
from parsers.tree.walk import walk


def test_reads_what_is_there() -> None:
    file = BufferFile(memoryview(b"0123456789"))
    assert (file.readable(), file.seekable(), file.tell()) == (True, True, 0)
    assert (file.read(3), file.tell()) == (b"012", 3)
    assert (file.seek(-2, io.SEEK_END), file.read(9), file.read(9)) == (8, b"89", b"")
    assert (file.seek(4), file.seek(1, io.SEEK_CUR), file.read()) == (4, 5, b"56789")
    assert (file.seek(20), file.read(1)) == (20, b"")


def test_a_place_before_the_start_is_none() -> None:
    with pytest.raises(OSError, match="before the start"):
        BufferFile(memoryview(b"x")).seek(-2, io.SEEK_END)


def test_nothing_is_read_without_bound() -> None:
    file = BufferFile(memoryview(bytes(READ_LIMIT + 1)))
    assert len(file.read()) == READ_LIMIT
    with pytest.raises(OSError, match=f"above the limit of {READ_LIMIT}"):
        file.read(READ_LIMIT + 1)


def test_an_archive_is_not_copied_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_COPY}]) as archive:
        archive.writestr(b"one\n", "a.log")
        archive.writestr(os.urandom(64 * MIB), "large.log")
    tracemalloc.start()
    try:
        found = {one.path.rpartition("/")[2]: one for one in walk([path], Budget(max_memory=MIB))}
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert set(found) == {"a.log", "large.log"}
    assert most < 32 * MIB
