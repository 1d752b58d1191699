"""Folders of rule files: the program's own and the user's."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct

from analyzer import __version__
from analyzer.pack.errors import PackError, Problem

PACK_FILE = "pack.yaml"
NO_RULES = frozenset({"policy", "catalog"})
"""Folders beside the rules that hold other data."""
SUFFIXES = (".yaml", ".yml")
MAX_FILES = 5000


class Folder(Struct, frozen=True):
    """A folder of rules. ``version`` and ``disable`` (codes of rules to switch off) come from its ``pack.yaml``."""

    root: Path
    own: bool
    version: str
    disable: tuple[str, ...] = ()

    def files(self) -> list[Path]:
        """The rule files in alphabetical order."""
        return rule_files(self.root)

    def label(self, path: Path | str) -> str:
        """What messages call a file: inside the program by its place in ``signatures``, else as the user would write it."""
        whole = Path(path) if Path(path).is_relative_to(self.root) else self.root / path
        return f"signatures/{whole.relative_to(self.root).as_posix()}" if self.own else str(whole)

    def owns(self, label: str) -> bool:
        """Whether a file with this label lies in the folder."""
        return label.startswith("signatures/") if self.own else label.startswith(f"{self.root}{os.sep}")


def rule_files(root: Path) -> list[Path]:
    """The rule files below a folder in alphabetical order. Raises `PackError` when there are too many."""
    return [Path(entry.path) for entry in rule_entries(root)]


def rule_entries(root: Path) -> list[os.DirEntry[str]]:
    """The same as what the folders say of them."""
    found: list[os.DirEntry[str]] = []
    left = [os.fspath(root)]
    while left:
        place = left.pop()
        top = place == os.fspath(root)
        try:
            with os.scandir(place) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:  # what may not be looked into has no rules for us
            continue
        folders = [entry for entry in entries if entry.is_dir()]
        left += [
            entry.path
            for entry in reversed(folders)
            if not entry.name.startswith((".", "_")) and not (top and entry.name in NO_RULES) and not entry.is_symlink()
        ]
        found += [
            entry
            for entry in entries
            if entry.name.endswith(SUFFIXES) and entry not in folders and not (top and entry.name == PACK_FILE)
        ]
        if len(found) > MAX_FILES:
            raise PackError(f"{root}: more than {MAX_FILES} rule files")
    return found


def own_folder() -> Path:
    """Where the program's own signatures lie."""
    import signatures

    return Path(next(iter(signatures.__path__)))


def open_folder(root: Path, *, own: bool) -> Folder:
    """Read a folder's ``pack.yaml``, which only the program's own folder must have. Raises `PackError`."""
    if not root.is_dir():
        raise PackError(f"{root}: is no folder with signatures")
    path = root / PACK_FILE
    label = f"signatures/{PACK_FILE}" if own else str(path)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        if own:
            raise PackError([Problem(label, 0, "is missing")]) from None
        return Folder(root, own, "local")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([Problem(label, 0, f"cannot be read: {error}")]) from error
    return _parse(text, label, root, own=own)


def _parse(text: str, label: str, root: Path, *, own: bool) -> Folder:
    from analyzer.pack.document import parse_documents

    documents = list(parse_documents(text, label))
    if len(documents) != 1:
        raise PackError([Problem(label, 0, "is one mapping of keys to values")])
    document = documents[0]
    problems = [
        document.problem(f"key {key!r} is not known", key)
        for key in document.data
        if key not in ("version", "minimum_engine", "disable")
    ]
    version = str(document.data.get("version") or "local")
    engine = str(document.data.get("minimum_engine") or "0")
    disable = document.data.get("disable") or []
    if not isinstance(disable, list) or not all(isinstance(code, str) for code in disable):
        problems.append(document.problem("disable is a list of codes", "disable"))
    if not re.fullmatch(r"\d+(\.\d+)*", engine):
        problems.append(document.problem("minimum_engine is a version such as 0.1", "minimum_engine"))
    elif _numbers(engine) > _numbers(__version__):
        problems.append(document.problem(f"needs tcxtriage {engine} or later; this is {__version__}", "minimum_engine"))
    if problems:
        raise PackError(problems)
    return Folder(root, own, version, tuple(disable))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
