"""All families of live exports as parsers: which one a JSON file is, and its reading.

One file may hold several objects of different families, one after the other or under their names
(``{"SystemStatus": {…}, "Users": […]}``); each goes to its own family.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct

from parsers.api import Probe, Sink, Tally
from parsers.config import (
    live_access,
    live_devices,
    live_fax,
    live_integrations,
    live_legacy,
    live_licence,
    live_records,
    live_routing,
    live_services,
    live_settings,
    live_status,
    live_templates,
    live_trunks,
    live_users,
)
from parsers.config.json_head import Head, read_head
from parsers.config.json_read import Document, documents
from parsers.config.live import Family, Node, context_name
from parsers.config.secret_keys import harvest
from parsers.tree.budget import MIB
from parsers.tree.member import Member
from parsers.tree.text import whole_text

FAMILIES: tuple[Family, ...] = tuple(
    family
    for module in (
        live_status,
        live_licence,
        live_users,
        live_devices,
        live_trunks,
        live_templates,
        live_services,
        live_integrations,
        live_access,
        live_records,
        live_routing,
        live_legacy,
        live_fax,
        live_settings,
    )
    for family in module.FAMILIES
)
JSON_LIMIT = 256 * MIB
"""Bytes of one export that are read: an audit log of a busy system has some 120 MB."""

_BY_NAME = {name.lower(): family for family in FAMILIES if not family.lists for name in family.names}
_LEGACY_BY_NAME = {name.lower(): family for family in FAMILIES if family.lists for name in family.names}


def family_of(context: str | None, names: frozenset[str], *, legacy: bool) -> tuple[Family, int] | None:
    """The family of a record and how sure that is: 90 by its context, 85 by its members."""
    named = context_name(context)
    if named and named.lower() in _BY_NAME:
        return _BY_NAME[named.lower()], 90
    found = [
        (len(wanted), -order, family)
        for order, family in enumerate(FAMILIES)
        if not family.lists or legacy
        for wanted in family.keys
        if wanted <= names
    ]
    if not found:
        return None
    best = max(found, key=lambda match: (match[2].lists, match[0], match[1]))[2]
    return best, 85


def named_family(name: str, *, legacy: bool = False) -> Family | None:
    """The family that a file or a member is called after: ``Users.json``, ``xapi_Users (1).json``, ``TrunkList.json``."""
    stem = PurePosixPath(name).name.lower().split(".")[0].split(" ")[0].split("(")[0]
    for prefix in ("xapi_", "xapi-", "get_"):
        stem = stem.removeprefix(prefix)
    table = _LEGACY_BY_NAME | _BY_NAME if legacy else _BY_NAME | _LEGACY_BY_NAME
    return table.get(stem)


@lru_cache(maxsize=8)
def recognise(text: str, name: str) -> tuple[str, int] | None:
    """Kind and certainty of a JSON text by its first bytes, by the file's name where they do not tell."""
    head = read_head(text)
    if head is None:
        return None
    known = family_of(head.context, head.names, legacy=head.array == "list")
    if known:
        return known[0].kind, known[1]
    wrapped = _wrapped(head)
    if wrapped:
        return wrapped.kind, 80
    by_name = named_family(name, legacy=head.array == "list")
    if by_name and not head.names - {"@odata.context", "value", "list"}:
        return by_name.kind, 60
    if head.context is not None and "/xapi/" in head.context:
        return OTHER.kind, 70
    return (by_name.kind, 30) if by_name else None


def _wrapped(head: Head) -> Family | None:
    if head.array is not None:
        return None
    return next((family for name in sorted(head.nested) if (family := _BY_NAME.get(name.lower()))), None)


def _unknown(nodes: Iterable[Node], out: Sink) -> int:
    """Records of a kind from which nothing is taken."""
    if any(True for _ in nodes):
        out.problem("a live export of a kind from which nothing is taken")
    return 0


OTHER = Family("xapi_other", (), (), _unknown)


class _Run(Struct):
    """Reads one file."""

    member: Member
    out: Sink
    default: Family
    tally: Tally

    def nodes(self, items: Iterable[tuple[str, Any]]) -> Iterator[Node]:
        """The records that are objects, counted."""
        for path, item in items:
            self.tally.records += 1
            if isinstance(item, dict):
                harvest(item, self.out)
                yield Node(self.member.path, path, item)
            else:
                self.out.problem(f"{path or 'the file'}: no object stands here")

    def document(self, document: Document) -> None:
        """Give a document to its family."""
        if document.array is None and self.wrapper(document):
            return
        first = next(document.items, None)
        if first is None:
            if not document.damaged():
                self.out.problem("the list is empty")
            return
        record = first[1]
        names = frozenset(record) if isinstance(record, dict) else frozenset()
        known = family_of(document.context, names, legacy=document.array == "list")
        family = known[0] if known else self.default
        self.tally.understood += family.take(self.nodes(chain([first], document.items)), self.out)

    def wrapper(self, document: Document) -> bool:
        """Whether the object holds families under their names; they are read."""
        if document.context or family_of(None, frozenset(document.members), legacy=False):
            return False
        inner = [
            (name, value)
            for name, value in document.members.items()
            if isinstance(value, (dict, list)) and name.lower() in _BY_NAME
        ]
        for name, value in inner:
            path = document.prefix + name
            collection = value if isinstance(value, list) else value.get("value")
            if isinstance(collection, list):
                path = path if isinstance(value, list) else f"{path}.value"
                items = [(f"{path}[{index}]", item) for index, item in enumerate(collection)]
            else:
                items = [(path, value)]
            self.tally.understood += _BY_NAME[name.lower()].take(self.nodes(items), self.out)
        return bool(inner)


class LiveParser:
    """One family as a parser."""

    def __init__(self, family: Family) -> None:
        self.kind = family.kind
        self.family = family

    def claims(self, probe: Probe) -> int:
        """By the OData context, by member names, by the file's name."""
        found = recognise(probe.text, probe.name) if probe.text else None
        return found[1] if found and found[0] == self.kind else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read all objects of the file."""
        run = _Run(member, out, named_family(member.name) or self.family, Tally())
        for document in documents(whole_text(member, JSON_LIMIT), out):
            run.document(document)
        return run.tally


PARSERS = tuple(LiveParser(family) for family in (*FAMILIES, OTHER))
