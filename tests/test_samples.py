"""Every sample case gives what its folder expects, and its input is what its script makes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest

from analyzer.pack import load_pack
from analyzer.report.schema import FILE
from sample_bundles.make import cases, inputs
from tests.cases import analyze, differences, expectation

NAMES = [case.name for case in cases()]


@pytest.mark.parametrize("name", NAMES)
def test_case_gives_what_it_expects(name: str) -> None:
    code, report = analyze(name)
    assert differences(report, code, expectation(name)) == []
    jsonschema.validate(report, json.loads(FILE.read_text(encoding="utf-8")))


def contents(name: str, data: bytes) -> dict[str, bytes]:
    """A zip by its members (the packed bytes depend on the machine's zlib), anything else as it is."""
    if not name.endswith(".zip"):
        return {name: data}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {f"{name}!/{member}": archive.read(member) for member in archive.namelist()}


@pytest.mark.parametrize("case", cases(), ids=NAMES)
def test_input_is_what_the_script_makes(case: Path) -> None:
    folder = case / "input"
    stored = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    made = inputs(case)
    assert set(stored) == set(made)
    for name, data in made.items():
        assert contents(name, stored[name]) == contents(name, data), name


def test_every_group_of_signatures_has_a_case() -> None:
    groups = {rule.code.partition("-")[0] for rule in load_pack().rules}
    assert groups - {code.partition("-")[0] for name in NAMES for code in expectation(name).get("codes", [])} == set()
