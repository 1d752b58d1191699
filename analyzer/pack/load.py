"""A pack, ready to use: from the cache where it is there, else compiled and checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from analyzer.pack import cache, ir, scan
from analyzer.pack.errors import PackError
from analyzer.pack.folder import open_folder, own_folder
from analyzer.pack.scan import Others, Scanner
from parsers import cache as store
from parsers import expressions

KEEP = 48
"""Databases that stay in the cache: one for each format of long logs beside those of packs."""


class Pack:
    """All signatures of a run. ``rules`` are those with a code; ``parts`` those that only correlations use.

    ``problems`` are sentences about rules that were left out, with file and line.
    """

    def __init__(self, compiled: ir.Compiled, key: str, database: Any = None) -> None:  # noqa: ANN401 - a Hyperscan database
        self._compiled = compiled
        self._key = key
        self._built = database
        self._scanner: Scanner | None = None
        self.version = compiled.version
        self.rules: tuple[ir.Rule, ...] = tuple(rule for rule in compiled.rules if rule.code)
        self.parts: tuple[ir.Rule, ...] = tuple(rule for rule in compiled.rules if not rule.code)
        self.problems = compiled.problems
        self.silenced = frozenset(compiled.silenced)
        self.by_name: dict[str, ir.Rule] = {rule.name: rule for rule in compiled.rules}
        self._by_code = {alias: rule for rule in self.rules for alias in rule.aliases}
        # the rule that bears the plain name stands before further rules of its code
        self._by_code |= {rule.code: rule for rule in reversed(self.rules)}

    def rule(self, code: str) -> ir.Rule | None:
        """The rule of a code or of an alias, whatever its case; null where there is none."""
        return self._by_code.get(code.upper())

    def rules_of(self, code: str) -> list[ir.Rule]:
        """All rules of a code or of an alias, whatever its case, the one with the plain name first."""
        first = self.rule(code)
        if first is None:
            return []
        return [first, *(rule for rule in self.rules if rule.code == first.code and rule is not first)]

    @property
    def patterns(self) -> tuple[ir.Pattern, ...]:
        """What the scanner looks for, by number."""
        return self._compiled.patterns

    def scanner(self) -> Scanner:
        """What finds lines that may matter to a log rule; one for the whole program."""
        if self._scanner is None:
            self._scanner = Scanner(self._load_database)
        return self._scanner

    def keep(self) -> None:
        """Put the pack and its database into the cache."""
        store.write("pack", self._key, msgspec.msgpack.encode(self._compiled))
        if self._built is not None:
            store.write("scan", self._database_name(()), expressions.dump(self._built), keep=KEEP)

    def _database_name(self, others: Others) -> str:
        from hyperscan import _version

        return cache.scanner_key(self._key, _version.__version__, others)

    def _load_database(self, others: Others) -> Any | None:  # noqa: ANN401 - a Hyperscan database
        if self._built is not None and not others:
            return self._built
        if not self._compiled.patterns:
            return None
        name = self._database_name(others)
        stored = store.read("scan", name)
        database = expressions.load(stored) if stored is not None else None
        if database is None:
            database = scan.build(self._compiled.patterns, others)
            store.write("scan", name, expressions.dump(database), keep=KEEP)
        return database


def load_pack(extra_dirs: Sequence[Path] = ()) -> Pack:
    """The program's own signatures and those of further folders, later ones before earlier ones.

    A rule of the program that does not load is left out and named in ``problems``. Raises `PackError` for a user's rule
    that does not load, with file and line of every fault.
    """
    roots = [own_folder(), *extra_dirs]
    for root in roots:
        if not root.is_dir():
            raise PackError(f"{root}: is no folder with signatures")
    try:
        key = cache.key_of(roots)
    except OSError as error:
        raise PackError(f"{error.filename}: cannot be read: {error.strerror}") from error
    stored = store.read("pack", key)
    if stored is not None:
        try:
            return Pack(msgspec.msgpack.decode(stored, type=ir.Compiled), key)
        except msgspec.MsgspecError:
            stored = None
    from analyzer.pack.build import build_pack

    built = build_pack([open_folder(root, own=index == 0) for index, root in enumerate(roots)])
    foreign = [problem for problem in built.problems if not problem.file.startswith("signatures/")]
    if foreign:
        raise PackError(foreign)
    pack = Pack(built.compiled, key, built.database)
    pack.keep()
    return pack
