"""Compiled packs in the user's cache folder. A cache that is damaged, missing or cannot be written is never an error."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from analyzer import __version__
from analyzer.pack.folder import PACK_FILE, rule_files

KEEP = 12
"""Files that stay in the folder; older ones go."""
_DIGEST = 32


def cache_folder() -> Path | None:
    """Where the system wants caches to be; null where it gives no place."""
    try:
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA")
            return Path(base) / "tcxtriage" / "Cache" if base else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "tcxtriage"
        base = os.environ.get("XDG_CACHE_HOME")
        return (Path(base) if base else Path.home() / ".cache") / "tcxtriage"
    except RuntimeError:
        # no home folder
        return None


def key_of(roots: Sequence[Path]) -> str:
    """A name for the content of all rule files and of what compiles them.

    Raises `OSError` for a file that cannot be read and `analyzer.pack.errors.PackError` for too many files.
    """
    digest = hashlib.blake2b(digest_size=16)

    def add(name: str, content: bytes) -> None:
        digest.update(f"{len(name)}:{len(content)}:{name}".encode("utf-8", "surrogateescape"))
        digest.update(content)

    add("engine", f"{__version__} {sys.version_info[:2]}".encode())
    for entry in sorted(os.scandir(Path(__file__).parent), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            state = entry.stat()
            add(entry.name, f"{state.st_size} {state.st_mtime_ns}".encode())
    for root in roots:
        add("root", os.fsencode(root))
        pack = root / PACK_FILE
        for path in ([pack] if pack.is_file() else []) + rule_files(root):
            add(str(path), path.read_bytes())
    return digest.hexdigest()


def scanner_key(key: str, library: str) -> str:
    """The name of a pack's scanner database, which belongs to one Hyperscan version and one sort of processor."""
    text = f"{key} {library} {platform.system()} {platform.machine()}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def read(name: str) -> bytes | None:
    """What was stored under a name, null where there is nothing whole."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        data = (folder / name).read_bytes()
    except OSError:
        return None
    content = data[_DIGEST:]
    return content if hashlib.sha256(content).digest() == data[:_DIGEST] else None


def write(name: str, content: bytes) -> None:
    """Store content under a name, whole or not at all."""
    folder = cache_folder()
    if folder is None:
        return
    temporary: str | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        Path(temporary).replace(folder / name)
        _clean(folder)
    except OSError:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _clean(folder: Path) -> None:
    stored = sorted(folder.glob("*.pack"), key=_age) + sorted(folder.glob("*.scan"), key=_age)
    for suffix in (".pack", ".scan"):
        for path in [path for path in stored if path.suffix == suffix][:-KEEP]:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
