"""Under which names compiled packs are kept in the user's cache folder."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from analyzer import __version__
from analyzer.pack.folder import PACK_FILE, rule_entries
from parsers import cache as store
from parsers.cache import code
from parsers.expressions import Expression

RECENT_NS = 2_000_000_000
"""A file that was written so shortly ago may be written again without a sign of it: clocks of file systems are coarse."""


def key_of(roots: Sequence[Path]) -> str:
    """A name for the content of all rule files and of what compiles them. They are read only where the size or a time of one has
    changed since the name was found out.

    Raises `OSError` for a file that cannot be read and `analyzer.pack.errors.PackError` for too many files.
    """
    engine = f"{__version__} {sys.version_info[:2]} {code(Path(__file__).parent)}"
    files = [found for root in roots for found in _files(root)]
    states = [f"{path} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}" for path, state in files]
    where = store.key(*map(os.fsencode, roots))
    seen = store.key(engine, where, *states).encode()
    known = store.read("known", where)
    if known is not None and known.startswith(seen) and known[len(seen) :].isalnum():
        return known[len(seen) :].decode()
    now = time.time_ns()
    key = store.key(
        engine, where, *(part for path, _ in files for part in (os.fsencode(path), Path(path).read_bytes()))
    )
    if all(max(state.st_mtime_ns, state.st_ctime_ns) < now - RECENT_NS for _, state in files):
        store.write("known", where, seen + key.encode())
    return key


def _files(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Path and state of every file that a pack is made from."""
    pack = root / PACK_FILE
    if pack.is_file():
        yield os.fspath(pack), pack.stat()
    for entry in rule_entries(root):
        yield entry.path, entry.stat()


def scanner_key(key: str, library: str, others: tuple[Expression, ...]) -> str:
    """The name of a pack's scanner database, which belongs to one Hyperscan version and one sort of processor, and to what
    others look for in the same pass.
    """
    return store.key(key, library, platform.system(), platform.machine(), repr(others))
