"""Compiled forms in the user's cache folder: what is slow to make and the same each time.

A cache that is missing, damaged or cannot be written is never an error: the form is made anew. Nothing in it is executed
when read (no pickle).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from pathlib import Path

KEEP = 12
"""Files of one sort that stay in the folder; older ones go."""

_DIGEST = 32


def folder() -> Path | None:
    """``TCXTRIAGE_CACHE``, else where the system wants caches to be; null where it gives no place."""
    if own := os.environ.get("TCXTRIAGE_CACHE"):
        return Path(own)
    try:
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA")
            return Path(base) / "tcxtriage" / "Cache" if base else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "tcxtriage"
        base = os.environ.get("XDG_CACHE_HOME")
        return (Path(base) if base else Path.home() / ".cache") / "tcxtriage"
    except RuntimeError:  # no home folder: a service account
        return None


def key(*parts: str | bytes) -> str:
    """A name for what a form was made from; the same parts give the same name."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def code(folder: Path) -> str:
    """A text that differs when any Python file of a package does: forms belong to the code that made them."""
    states = ((entry.name, entry.stat()) for entry in os.scandir(folder) if entry.name.endswith(".py"))
    return " ".join(sorted(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states))


def read(sort: str, name: str) -> bytes | None:
    """What was stored of a sort under a name, null where there is nothing whole."""
    place = folder()
    if place is None:
        return None
    try:
        data = (place / f"{name}.{sort}").read_bytes()
    except OSError:
        return None
    content = data[_DIGEST:]
    return content if hashlib.sha256(content).digest() == data[:_DIGEST] else None


def write(sort: str, name: str, content: bytes, keep: int = KEEP) -> None:
    """Store content under a name, whole or not at all; of the sort, the newest ``keep`` files stay."""
    place = folder()
    if place is None:
        return
    import tempfile  # brings much, and a warm start writes nothing

    temporary: str | None = None
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(content).digest() + content)
        Path(temporary).replace(place / f"{name}.{sort}")
        for old in sorted(place.glob(f"*.{sort}"), key=_age)[:-keep]:
            old.unlink(missing_ok=True)
    except OSError:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
