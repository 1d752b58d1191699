"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
"""Real captures, templates and generators that lie beside the project on some machines; never part of it."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"no real data beside the project ({SHARED.name}/ is absent)")
    return SHARED
