"""Limits that one member hits and the others do not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from parsers.tree.budget import Budget, shown
from tests.parsers.tree.build import seven, tarred, walked, zipped

LOG = b"2026/11/13 16:02:11.101|0007|Info| text\n"
LONG = "d/" + "x" * 40 + ".log"


@pytest.mark.parametrize("pack", [zipped, tarred, seven])
@pytest.mark.parametrize(("limit", "kept"), [(len(LONG), True), (len(LONG) - 1, False)])
def test_a_name_that_is_too_long(
    tmp_path: Path, pack: Callable[[Mapping[str, bytes]], bytes], limit: int, *, kept: bool
) -> None:
    path = tmp_path / "input"
    path.write_bytes(pack({"a.log": LOG, LONG: LOG, "z.log": LOG}))
    budget = Budget(max_path=limit)
    contents, others, _ = walked(path, budget)
    names = ["a.log", LONG, "z.log"] if kept else ["a.log", "z.log"]
    assert sorted(contents) == [f"{path}!/{name}" for name in names]
    assert len(others) == (not kept)
    assert [hit.limit for hit in budget.hits] == ([] if kept else ["max_path"])


def test_a_name_in_a_folder_that_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in ("a.log", LONG, "z.log"):
        (tmp_path / name).write_bytes(LOG)
    contents, others, _ = walked(tmp_path, Budget(max_path=len(LONG) - 1))
    assert sorted(Path(name).name for name in contents) == ["a.log", "z.log"]
    [(name, entry)] = others.items()
    assert name.endswith(".log")
    assert "above the limit" in entry.reason


def test_folders_of_an_archive_are_no_files(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Logs/", b"")
        archive.writestr("Logs\\", b"")
        archive.writestr("Logs/a.log", LOG)
    path = tmp_path / "input.zip"
    path.write_bytes(out.getvalue())
    contents, others, _ = walked(path, Budget())
    assert (list(contents), others) == ([f"{path}!/Logs/a.log"], {})


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (64 * 1024**2, "64 MiB"),
        (5 * 1024**4, "5120 GiB"),
    ],
)
def test_bytes_for_people(size: int, text: str) -> None:
    assert shown(size) == text
