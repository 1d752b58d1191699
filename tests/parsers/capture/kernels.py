"""Both forms of the capture kernels: as they are, and compiled (built once per state of the sources, under build/)."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from parsers.capture.walk_reader import Kernels
from tests.conftest import ROOT

SOURCES = ROOT / "parsers" / "capture"
FILES = sorted([*SOURCES.glob("kernel*.py"), *SOURCES.glob("kernel*.pxd"), ROOT / "setup.py"])


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"parsers.capture.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def interpreted() -> Kernels:
    """The kernels as Python."""
    return Kernels(_load("kernel", SOURCES / "kernel.py"), _load("kernel_rtp", SOURCES / "kernel_rtp.py"))


@cache
def _built() -> Path | None:
    state = hashlib.sha256(b"".join(path.read_bytes() for path in FILES) + sys.version.encode()).hexdigest()[:16]
    target = ROOT / "build" / f"kernels-{state}"
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            source, out = Path(scratch) / "source", Path(scratch) / "out"
            (source / "parsers" / "capture").mkdir(parents=True)
            (source / "parsers" / "__init__.py").touch()
            (source / "parsers" / "capture" / "__init__.py").touch()
            for path in FILES:
                shutil.copy(path, source / path.relative_to(ROOT))
            command = [sys.executable, "setup.py", "-q", "build_ext", "--parallel", "2", "--build-lib", str(out)]
            subprocess.run(command, cwd=source, capture_output=True, check=False, timeout=900)
            if len(list(out.glob("parsers/capture/kernel*"))) < 2:
                return None
            try:
                (out / "parsers" / "capture").rename(target)
            except OSError:
                # another test process was faster
                if not target.is_dir():
                    raise
    return target


@cache
def compiled_or_none() -> Kernels | None:
    """The kernels as compiled modules; null where there is no compiler or no Cython."""
    folder = _built()
    if folder is None:
        return None
    found = {path.name.partition(".")[0]: path for path in folder.iterdir()}
    return Kernels(_load("kernel", found["kernel"]), _load("kernel_rtp", found["kernel_rtp"]))


def compiled() -> Kernels:
    """The kernels as compiled modules; the test is skipped where there is no compiler or no Cython."""
    kernels = compiled_or_none()
    if kernels is None:
        pytest.skip("the kernels cannot be compiled here (no Cython or no C compiler)")
    return kernels
