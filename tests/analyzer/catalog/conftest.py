"""Own cache and data folders, so that nobody's catalogues play a part."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzer.catalog import Catalog


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(shared_cache))
    monkeypatch.setenv("TCXTRIAGE_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def fresh_cache(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(own_folders / "cache"))
    return own_folders


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.load(date(2026, 11, 16))
