"""The registers of codes without a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.pack import registers
from analyzer.pack.registers import Entry, register

HEAD = "# Codes\n\n| code | title | why | what |\n|---|---|---|---|\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registers, "own_folder", lambda: tmp_path)
    register.cache_clear()
    monkeypatch.setattr(registers, "register", register)
    return tmp_path


@pytest.fixture(autouse=True)
def forget() -> object:
    yield
    register.cache_clear()


def test_rows_by_code(folder: Path) -> None:
    (folder / "UNBUILT.md").write_text(
        f"{HEAD}| B-01 | Echo | no text (`a|b`) | a log |\n| A-01 | x | y | z |\n", "utf-8"
    )
    assert register("unbuilt") == {
        "B-01": Entry("B-01", "Echo", "no text (`a|b`)", "a log"),
        "A-01": Entry("A-01", "x", "y", "z"),
    }


@pytest.mark.parametrize("row", ["| A-01 | x | y |", "| A-01 | x | y | z |\n| A-01 | x | y | z |"])
def test_rows_that_are_none(folder: Path, row: str) -> None:
    (folder / "ENGINE.md").write_text(f"{HEAD}{row}\n", "utf-8")
    with pytest.raises(ValueError, match=r"ENGINE.md:\d: A-01 has not 4 cells, or stands twice"):
        register("engine")
