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


@pytest.fixture(autouse=True)
def own_folders(own_folders: Path) -> Path:
    return own_folders


@pytest.fixture
def joined() -> Joined:
    def run(*rows: Row, as_of: date = AS_OF) -> tuple[Facts, System]:
        facts = Facts()
        for row in rows:
            facts.add(row)
        return facts, join(facts, Catalog.load(as_of), as_of)

    return run
