"""Every file of the corpus passes its harness, whether or not fuzzing itself is possible here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import CORPUS, NAMES
from tests.fuzz.harnesses import HARNESSES
from tests.fuzz.make_corpus import seeds

FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("name", NAMES)
def test_the_seeds_are_those_that_are_made(name: str) -> None:
    kept = sorted((CORPUS / name).glob("seed-*"))
    assert [path.read_bytes() for path in kept] == seeds()[name]


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.name}" for path in FILES])
def test_replay(path: Path) -> None:
    HARNESSES[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [b"", b"\0", b"\1", bytes(40), b"\xff" * 200])
def test_next_to_nothing(name: str, data: bytes) -> None:
    HARNESSES[name](data)
