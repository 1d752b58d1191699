"""Under which names compiled packs are kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from analyzer import __version__
from analyzer.pack.folder import PACK_FILE, rule_files
from parsers.cache import code


def key_of(roots: Sequence[Path]) -> str:
    """A name for the content of all rule files and of what compiles them.

    Raises `OSError` for a file that cannot be read and `analyzer.pack.errors.PackError` for too many files.
    """
    digest = hashlib.blake2b(digest_size=16)

    def add(name: str, content: bytes) -> None:
        digest.update(f"{len(name)}:{len(content)}:{name}".encode("utf-8", "surrogateescape"))
        digest.update(content)

    add("engine", f"{__version__} {sys.version_info[:2]}".encode())
    add("code", code(Path(__file__).parent).encode())
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
