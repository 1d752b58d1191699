"""Codes without a rule: those that are part of the engine, and those that cannot be built yet."""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import Struct

from analyzer.pack.folder import own_folder

Sort = Literal["engine", "unbuilt"]
FILES: dict[Sort, str] = {"engine": "ENGINE.md", "unbuilt": "UNBUILT.md"}
CELLS = 4


class Entry(Struct, frozen=True):
    """One row. ``why`` says what the engine does or why there is no rule; ``where`` where that shows, or what would unlock it."""

    code: str
    title: str
    why: str
    where: str


@cache
def register(sort: Sort) -> dict[str, Entry]:
    """The rows of one register by code, in its order. Raises `ValueError` for a row that has not four cells or stands twice."""
    path = own_folder() / FILES[sort]
    found: dict[str, Entry] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.startswith("|") or line.startswith(("| code ", "|---")):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) != CELLS or cells[0] in found:
            raise ValueError(f"{path.name}:{number}: {cells[0]} has not {CELLS} cells, or stands twice")
        found[cells[0]] = Entry(*cells)
    return found
