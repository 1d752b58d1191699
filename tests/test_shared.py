"""Real templates and captures that lie beside the project are read without a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.facts import Facts
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from tests.conftest import SHARED

KINDS = {"formats": {"phone_template", "unknown"}, "captures": {"capture", "unknown"}}


def files(folder: str) -> list[Path]:
    return sorted(p for p in (SHARED / folder).glob("*") if p.is_file() and p.suffix != ".md")


@pytest.mark.shared
@pytest.mark.parametrize("path", [*files("formats"), *files("captures")], ids=lambda p: p.name)
def test_file_is_read(shared: Path, path: Path) -> None:
    facts = Facts()
    [artifact] = read_inputs([path], Budget(), facts)
    assert artifact.kind in KINDS[path.parent.name]
    assert not any(" failed (" in problem for problem in artifact.problems)
    if artifact.kind == "unknown":
        assert path.suffix in (".json", ".yaml"), f"{path.name} of {shared.name} is not recognised"
    else:
        assert artifact.records > 0
        assert artifact.status in ("ok", "partial")
