"""What a warm start does not do: the slow parts are imported and compiled by those who need them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.parsers.capture.scenario import Scenario

PROGRAM = """
import json, sys
from analyzer.cli.main import group
sys.stdout = sys.stderr
try:
    group.main(sys.argv[1:], standalone_mode=False)
except BaseException as wrong:
    raise SystemExit(repr(wrong))
own = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("analyzer", "parsers")}
made = {
    f"{kind.__module__}.{kind.__qualname__}"
    for module in own.values() for kind in vars(module).values()
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")
}
print(json.dumps({"modules": sorted(sys.modules), "dataclasses": sorted(made)}), file=sys.__stdout__)
"""


def warm(cache: Path, *arguments: str) -> dict[str, Any]:
    """What a run imports and defines whose cache was filled by the run before it."""
    env = os.environ | {"TCXTRIAGE_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], env=env, capture_output=True, text=True, check=True
        )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A support bundle without a ticket, analyzed to JSON."""
    bundle = ROOT / "sample_bundles" / "healthy" / "input"
    return warm(
        tmp_path_factory.mktemp("cache"), "analyze", str(bundle), "--as-of", "2026-11-12", "--format", "json", "--quiet"
    )


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A capture with one call, analyzed to text."""
    call = Scenario()
    call.answered()
    call.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 50)
    capture = tmp_path_factory.mktemp("capture") / "call.pcap"
    capture.write_bytes(call.pcap())
    return warm(tmp_path_factory.mktemp("cache"), "analyze", str(capture), "--as-of", "2026-11-12", "--quiet")


def test_analysis_of_a_bundle_imports_only_what_it_needs(analyzed: dict[str, Any]) -> None:
    unwanted = {
        "sigma", "yaml", "re2", "pandas", "scapy", "rich", "jinja2", "babel", "py7zr", "zstandard", "numpy.ma",
        "tarfile", "html", "difflib", "tempfile",
        "parsers.capture.parser", "analyzer.pack.build", "analyzer.scope.explain", "analyzer.report.schema",
    }  # fmt: skip
    assert unwanted & set(analyzed["modules"]) == set()


def test_analysis_of_a_capture_imports_only_what_it_needs(captured: dict[str, Any]) -> None:
    unwanted = {
        "parsers.capture.series",
        "numpy", "lxml", "hyperscan", "rich", "babel", "html", "csv", "difflib", "shutil", "tempfile", "tarfile", "zipfile", "lzma",
        "isal", "zoneinfo", "parsers.logs.engine", "parsers.logs.service_log", "parsers.config.live_export",
        "parsers.tables.cdr", "parsers.tree.decode",
    }  # fmt: skip
    assert "parsers.capture.parser" in captured["modules"]
    assert unwanted & set(captured["modules"]) == set()


def test_records_are_cheap_to_define(analyzed: dict[str, Any]) -> None:
    # a dataclass takes twenty times as long to define as a struct of msgspec
    assert analyzed["dataclasses"] == []


def test_help_imports_hardly_anything(tmp_path: Path) -> None:
    modules = warm(tmp_path, "--help")["modules"]
    assert [
        name for name in modules if name.split(".")[0] in ("parsers", "numpy", "msgspec", "hyperscan", "lxml")
    ] == []
    assert [name for name in modules if name.startswith("analyzer")] == [
        "analyzer",
        "analyzer.cli",
        "analyzer.cli.main",
    ]
