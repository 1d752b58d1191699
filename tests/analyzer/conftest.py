"""Cache and data folders of the tests' own, so that nobody's catalogues play a part."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def own_folders(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(shared_cache))
    monkeypatch.setenv("TCXTRIAGE_DATA", str(tmp_path / "data"))
    return tmp_path
