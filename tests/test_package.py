"""What is installed is whole: rules, policies, catalogues, languages, pages and schema lie beside the modules."""

from __future__ import annotations

import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.built import MODULES
from tests.conftest import ROOT

NOT_INSTALLED = {".po", ".pot", ".so", ".pyc", ".c", ".pyd", ".html"}
"""Sources of what is installed, and what a build makes."""


def test_every_data_file_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    setuptools, build = import_module("setuptools"), import_module("setuptools.command.build_py")
    monkeypatch.chdir(ROOT)
    distribution = setuptools.Distribution()
    distribution.parse_config_files(["setup.cfg"])
    command = build.build_py(distribution)
    command.ensure_finalized()
    installed = {Path(folder) / name for _, folder, _, names in command.data_files for name in _relative(folder, names)}
    data = {
        path.relative_to(ROOT)
        for top in ("analyzer", "parsers", "signatures")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and path.suffix not in NOT_INSTALLED | {".py"} and "__pycache__" not in path.parts
    }
    assert data - installed == set()
    assert Path("analyzer/locale/de/LC_MESSAGES/tcxtriage.mo") in installed
    assert Path("analyzer/report/report.schema.json") in installed


def _relative(folder: str, names: list[str]) -> list[str]:
    return [str(Path(name).relative_to(folder)) if Path(name).is_relative_to(folder) else name for name in names]


def test_kernels_that_cannot_be_compiled_do_not_stop_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    setuptools, dependencies = import_module("setuptools"), import_module("Cython.Build.Dependencies")
    given: list[Any] = []

    def setup(*, ext_modules: list[Any]) -> None:
        given.extend(ext_modules)

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(dependencies, "cythonize_one", lambda *_, **__: None)  # to write the C takes long
    monkeypatch.setattr(setuptools, "setup", setup)
    runpy.run_path("setup.py")
    assert [kernel.name for kernel in given] == list(MODULES)
    assert all(kernel.optional for kernel in given)
