"""Copies of the program as it is now, with compiled modules and without."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.built import MODULES
from tests.conftest import ROOT

COPIED = ("analyzer", "parsers", "signatures", "setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def interpreted(work: Path) -> Path:
    """A copy of which nothing is compiled."""
    return _copy(work / "interpreted")


def compiled(work: Path) -> Path | None:
    """A copy whose kernels are compiled; null where they cannot be (which is printed)."""
    folder = _copy(work / "compiled")
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=900)
    built = (folder.joinpath(*name.split(".")[:-1]).glob(f"{name.rpartition('.')[2]}.*.*") for name in MODULES)
    if not all(any(files) for files in built):
        print("the kernels cannot be compiled here (no Cython or no C compiler): interpreted only")
        return None
    return folder


def _copy(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    skipped = shutil.ignore_patterns("*.so", "*.pyd", "__pycache__")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skipped)
        else:
            shutil.copy(source, folder / name)
    return folder


def analyze(folder: Path, path: Path) -> tuple[str, ...]:
    """The command that analyzes a file by a copy."""
    # -P: the copy, not what lies in the current folder
    run = ("env", f"PYTHONPATH={folder}", sys.executable, "-P", "-m", "analyzer", "analyze", str(path))
    return (*run, "--as-of", "2026-11-12", "--format", "json", "--quiet")
