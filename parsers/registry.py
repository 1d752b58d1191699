"""Finds the parsers and chooses the one that knows a member: by content first, by name second."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from parsers.api import Parser, Probe
from parsers.tree.magic import SUFFIXES
from parsers.tree.member import Member
from parsers.tree.text import head_text

PACKAGES = ("parsers.capture", "parsers.config", "parsers.logs", "parsers.tables")
SURE = PACKAGES[0]
"""Its formats begin with numbers that nothing else begins with: who claims a binary member there need not be compared with the
others, which a case of one capture does not import.
"""


@cache
def parsers_in(package: str) -> tuple[Parser, ...]:
    """Every entry of a ``PARSERS`` tuple in the modules of a package. It may name the modules that have one in
    ``PARSER_MODULES``, or those that have none in ``NO_PARSERS``; else all are imported.
    """
    found: list[Parser] = []
    folder = importlib.import_module(package)
    named = getattr(folder, "PARSER_MODULES", None) or [item.name for item in pkgutil.iter_modules(folder.__path__)]
    for name in named:
        if name not in getattr(folder, "NO_PARSERS", ()):
            found.extend(getattr(importlib.import_module(f"{package}.{name}"), "PARSERS", ()))
    return tuple(found)


@cache
def all_parsers() -> tuple[Parser, ...]:
    """The parsers of all packages, by kind."""
    found = [parser for package in PACKAGES for parser in parsers_in(package)]
    return tuple(sorted(found, key=lambda parser: parser.kind))


def parser_of(kind: str) -> Parser:
    """The parser of a kind. Raises KeyError where there is none."""
    for package in PACKAGES:
        for parser in parsers_in(package):
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
    if not probed.text:
        sure = next((parser for parser in parsers_in(SURE) if parser.claims(probed)), None)
        if sure is not None:
            return sure
    best, highest = None, 0
    for parser in all_parsers():
        claim = parser.claims(probed)
        if claim > highest:
            best, highest = parser, claim
    return best
