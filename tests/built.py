"""The modules that `setup.py` compiles, built once per state of their sources (under build/)."""

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

from tests.conftest import ROOT

MODULES = ("parsers.capture.kernel", "parsers.capture.kernel_rtp", "parsers.logs.kernel", "parsers.tree.guard")
SOURCES = [ROOT / (name.replace(".", "/") + suffix) for name in MODULES for suffix in (".py", ".pxd")]


def load(name: str, path: Path) -> ModuleType:
    """A module from a file, beside the one of that name that the program uses."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def interpreted(name: str) -> ModuleType:
    """A module as Python."""
    return load(name, ROOT / (name.replace(".", "/") + ".py"))


@cache
def compiled(name: str) -> ModuleType | None:
    """A module as it is compiled; null where there is no compiler or no Cython."""
    folder = _built()
    if folder is None:
        return None
    (path,) = [*(folder / Path(*name.split(".")[:-1])).glob(name.rpartition(".")[2] + ".*")]
    return load(name, path)


@cache
def _built() -> Path | None:
    files = [*SOURCES, ROOT / "setup.py"]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in files) + sys.version.encode()).hexdigest()[:16]
    target = ROOT / "build" / f"kernels-{state}"
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            source, out = Path(scratch) / "source", Path(scratch) / "out"
            for path in files:
                copy = source / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                (copy.parent / "__init__.py").touch()
                shutil.copy(path, copy)
            (source / "parsers" / "__init__.py").touch()
            command = [sys.executable, "setup.py", "-q", "build_ext", "--parallel", "2", "--build-lib", str(out)]
            subprocess.run(command, cwd=source, capture_output=True, check=False)
            if not all(any(out.glob(f"{name.replace('.', '/')}.*")) for name in MODULES):
                return None
            try:
                out.rename(target)
            except OSError:
                # another test process was faster
                if not target.is_dir():
                    raise
    return target
