"""What tests of reading packets share."""

from __future__ import annotations

import pytest

from parsers.capture.walk_reader import Kernels
from tests.parsers.capture import kernels


@pytest.fixture(params=["interpreted", "compiled"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kernels:
    """Captures are read by the one form of the hot modules, then by the other."""
    chosen = kernels.interpreted() if request.param == "interpreted" else kernels.compiled()
    monkeypatch.setattr("parsers.capture.walk.Kernels", lambda: chosen)
    return chosen
