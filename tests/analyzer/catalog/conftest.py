"""Own cache and data folders, so that nobody's catalogues play a part."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analyzer.catalog import Catalog


@pytest.fixture(autouse=True)
def own_folders(own_folders: Path) -> Path:
    return own_folders


@pytest.fixture
def fresh_cache(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(own_folders / "cache"))
    return own_folders


@pytest.fixture
def catalog() -> Catalog:
    return Catalog.load(date(2026, 11, 16))
