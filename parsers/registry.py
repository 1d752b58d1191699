"""Finds the parsers and chooses the one that knows a member: by content first, by name second."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from parsers.api import Parser, Probe
from parsers.tree.compressed import SUFFIXES
from parsers.tree.member import Member
from parsers.tree.text import head_text

PACKAGES = ("parsers.logs", "parsers.config", "parsers.tables", "parsers.capture")


@cache
def all_parsers() -> tuple[Parser, ...]:
    """Every entry of a ``PARSERS`` tuple in the modules of `PACKAGES`, by kind. A package may name the modules that have
    one in ``PARSER_MODULES``, or those that have none in ``NO_PARSERS``; else all are imported.
    """
    found: list[Parser] = []
    for package in PACKAGES:
        folder = importlib.import_module(package)
        named = getattr(folder, "PARSER_MODULES", None) or [item.name for item in pkgutil.iter_modules(folder.__path__)]
        for name in named:
            if name not in getattr(folder, "NO_PARSERS", ()):
                found.extend(getattr(importlib.import_module(f"{package}.{name}"), "PARSERS", ()))
    return tuple(sorted(found, key=lambda parser: parser.kind))


def parser_of(kind: str) -> Parser:
    """The parser of a kind. Raises KeyError where there is none."""
    for parser in all_parsers():
        if parser.kind == kind:
            return parser
    raise KeyError(kind)


def probe(member: Member) -> Probe:
    """What recognition may look at. ``name`` is without ``.gz`` and the like: the content is unpacked already."""
    name = member.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return Probe(path=member.path, name=name, head=member.head, text=head_text(member.head))


def recognise(probed: Probe) -> Parser | None:
    """The parser with the highest claim; of equal ones the first in the alphabet; null where none claims it."""
    best, highest = None, 0
    for parser in all_parsers():
        claim = parser.claims(probed)
        if claim > highest:
            best, highest = parser, claim
    return best
