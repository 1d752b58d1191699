"""Catalogues as packaged, whatever lies in the user's folders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analyzer.catalog import Catalog
from analyzer.join import join
from analyzer.system import System
from parsers.facts import Facts, Row

AS_OF = date(2026, 11, 16)
Joined = Callable[..., tuple[Facts, System]]


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(shared_cache))
    monkeypatch.setenv("TCXTRIAGE_DATA", str(tmp_path / "data"))


@pytest.fixture
def joined() -> Joined:
    def run(*rows: Row, as_of: date = AS_OF) -> tuple[Facts, System]:
        facts = Facts()
        for row in rows:
            facts.add(row)
        return facts, join(facts, Catalog.load(as_of), as_of)

    return run
