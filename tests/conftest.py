"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""Real captures, templates and generators that lie beside the project on some machines; never part of it."""

settings.register_profile("fresh", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile(
    "gate" if os.environ.get("CI") else "fresh"
)  # the gate repeats itself, people look for new examples


@pytest.fixture(scope="session", autouse=True)
def nobodys_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What whoever runs the tests has set up plays no part: signatures and catalogues of their own, language, terminal."""
    with pytest.MonkeyPatch.context() as environment:
        folder = tmp_path_factory.mktemp("nobody")
        environment.setenv("TCXTRIAGE_CONFIG", str(folder / "config.yaml"))
        environment.setenv("TCXTRIAGE_DATA", str(folder / "data"))
        environment.setenv("LC_ALL", "C.UTF-8")
        for name in ("TCXTRIAGE_DEBUG", "COLUMNS", "FORCE_COLOR", "NO_COLOR"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"no real data beside the project ({SHARED.name}/ is absent)")
    return SHARED
