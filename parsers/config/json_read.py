"""JSON as people hand it in: several objects in one file, pages of a collection, cut off in the middle.

A collection (``{"value": […]}``, ``{"list": […]}``, a bare array) is decoded item by item, so that its size does not
matter and everything before a damaged place is read. The standard library decodes: it names the place of an error and
can start anywhere in a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from parsers import lazy
from parsers.api import Sink

_BLANK = lazy.pattern(r"[\s\ufeff]*")
_HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW = r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE = lazy.pattern(rf"{_HIGH}(?!{_LOW})|(?<!{_HIGH}){_LOW}")
COLLECTIONS = ("value", "list")


class Document(Struct):
    """One JSON value of a file. ``context`` is ``@odata.context``; ``members`` what stood beside the collection (all
    members where there is none); ``items`` gives each item with its path, once; ``array`` names the collection's key
    (empty for a bare array, null for a single object); ``damaged`` tells whether the text broke off so far.
    """

    prefix: str
    context: str | None
    array: str | None
    members: dict[str, Any]
    items: Iterator[tuple[str, Any]]
    damaged: Callable[[], bool]


class _Reader(Struct):
    text: str
    out: Sink
    at: int = 0
    read: int = 0
    damaged: bool = False
    duplicates: bool = False
    decoder: json.JSONDecoder = field(default_factory=json.JSONDecoder)

    def __post_init__(self) -> None:
        self.decoder = json.JSONDecoder(object_pairs_hook=self.pairs, parse_constant=self.constant)
        if _LONE.search(self.text):
            self.text = _LONE.sub(r"\\ufffd", self.text)
            self.out.problem("half a character pair (a lone surrogate) is replaced")

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object; of a name that comes twice the last value counts."""
        made = dict(pairs)
        if len(made) != len(pairs) and not self.duplicates:
            self.duplicates = True
            self.out.problem("a name stands twice in one object: the last value counts")
        return made

    def constant(self, name: str) -> None:
        """NaN and Infinity are no JSON."""
        self.out.problem(f"{name} is no JSON value: read as unknown")

    def blank(self) -> str:
        """Skip blanks; the next character, empty at the end."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def fail(self, reason: str, at: int | None = None) -> None:
        """Say where the damage is; nothing after it is read."""
        where = self.at if at is None else at
        line = self.text.count("\n", 0, where) + 1
        column = where - (self.text.rfind("\n", 0, where) + 1) + 1
        self.out.problem(
            f"JSON damaged at line {line}, column {column} ({reason}); {self.read} objects before it are read"
        )
        self.damaged = True
        self.at = len(self.text)

    def broken(self) -> bool:
        """Whether damage was met."""
        return self.damaged

    def value(self) -> Any:  # noqa: ANN401 - any JSON value
        """Decode one value. Null with ``damaged`` set where it cannot be."""
        try:
            found, self.at = self.decoder.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            self.fail(error.msg, error.pos)
        except RecursionError:
            self.fail("nested too deeply")
        except ValueError:
            self.fail("a number of thousands of digits")
        else:
            return found
        return None

    def items(self, path: str) -> Iterator[tuple[str, Any]]:
        """The items of the array that begins here."""
        self.at += 1
        index = 0
        while self.blank() != "]":
            if index:
                if self.text[self.at : self.at + 1] != ",":
                    self.fail("the list is cut off" if self.at >= len(self.text) else "a comma is missing")
                    return
                self.at += 1
                if self.blank() == "]":
                    break
            if self.at >= len(self.text):
                self.fail("the list is cut off")
                return
            found = self.value()
            if self.damaged:
                return
            yield f"{path}[{index}]", found
            self.read += 1
            index += 1
        self.at += 1

    def name(self) -> str | None:
        """A member's name and its colon; null where the object ends or is damaged."""
        following = self.blank()
        if following == "}":
            self.at += 1
            return None
        if following != '"':
            self.fail("the object is cut off" if not following else "a name in quotation marks is missing")
            return None
        name = self.value()
        if self.damaged:
            return None
        if self.blank() != ":":
            self.fail("a colon is missing")
            return None
        self.at += 1
        self.blank()
        return str(name)

    def object(self, prefix: str) -> Iterator[Document]:
        """The object that begins here: a collection, or one record."""
        self.at += 1
        members: dict[str, Any] = {}
        collection = False
        while (name := self.name()) is not None:
            if name in COLLECTIONS and self.text[self.at : self.at + 1] == "[" and not collection:
                collection = True
                items = self.items(prefix + name)
                yield Document(prefix, _context(members), name, members, items, self.broken)
                for _ in items:  # whatever was not wanted
                    pass
            else:
                if name in members:
                    self.pairs([(name, None), (name, None)])
                members[name] = self.value()
                if self.damaged:
                    del members[name]
            if self.damaged:
                break
            following = self.blank()
            if following == ",":
                self.at += 1
            elif following != "}":
                self.fail("the object is cut off" if not following else "a comma is missing")
                break
        if collection:
            _unfinished(members, self.out)
        elif members:
            record = iter([(prefix.rstrip("."), members)])
            yield Document(prefix, _context(members), None, members, record, self.broken)
            self.read += 1


def _context(members: dict[str, Any]) -> str | None:
    context = members.get("@odata.context")
    return context if isinstance(context, str) else None


def _unfinished(members: dict[str, Any], out: Sink) -> None:
    if members.get("@odata.nextLink"):
        out.problem("this is one page of a longer list: the rows after it are not in this file")


def documents(text: str, out: Sink) -> Iterator[Document]:
    """All JSON values of a text, one after the other. Damage ends in a problem that names the place."""
    reader = _Reader(text, out)
    index = 0
    while following := reader.blank():
        prefix = f"[{index}]." if index else ""
        if following == "{":
            yield from reader.object(prefix)
        elif following == "[":
            items = reader.items(prefix.rstrip("."))
            yield Document(prefix, None, "", {}, items, reader.broken)
            for _ in items:
                pass
        elif following == "," and index:  # objects pasted from inside a list
            reader.at += 1
            continue
        else:
            reader.fail("no object begins here")
        index += 1
