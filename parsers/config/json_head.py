"""What a JSON file is about, from its first bytes: its OData context and the names of its first object."""

from __future__ import annotations

import re
from itertools import islice

from msgspec import Struct, field

from parsers import lazy
from parsers.config.json_read import COLLECTIONS

_MARK = lazy.pattern(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\]:,]', re.DOTALL)
_OPENED = lazy.pattern(r"[\s\ufeff]*[{\[]")
_MARKS = 20_000


class Head(Struct):
    """``array`` is the key of the collection (empty for a bare array, null for a single object), ``top`` the names beside
    it, ``nested`` those of them that hold an object or a list, ``record`` those of the first record of a collection.
    """

    context: str | None = None
    array: str | None = None
    top: set[str] = field(default_factory=set)
    nested: set[str] = field(default_factory=set)
    record: set[str] = field(default_factory=set)

    @property
    def names(self) -> frozenset[str]:
        """The member names of the first record."""
        return frozenset(self.top if self.array is None else self.record)


class _Scan(Struct):
    """Follows the brackets; ``open`` are those that are open, ``name`` the member whose value stands here."""

    head: Head
    open: list[str] = field(default_factory=list)
    name: str | None = None
    last: str | None = None
    record_depth: int = 0

    def see(self, mark: str) -> bool:
        """Take one mark; false when all that matters was seen."""
        if mark == ":":
            self.named()
        elif mark in ("{", "["):
            if mark == "[" and self.starts_collection():
                self.head.array, self.record_depth = self.name or "", len(self.open) + 2
            elif self.name is not None and self.open == ["{"]:
                self.head.nested.add(self.name)
            self.open.append(mark)
        elif mark in ("}", "]"):
            if not self.open or len(self.open) == self.record_depth:
                return False
            self.open.pop()
            return bool(self.open)
        elif mark == ",":
            self.name = None
        else:
            self.last = mark[1:-1] if len(mark) < 400 else None
            if self.name == "@odata.context" and len(self.open) == 1:
                self.head.context = self.last
        return True

    def named(self) -> None:
        """A text before a colon is a member's name."""
        self.name = self.last
        if self.name is not None and self.open[-1:] == ["{"]:
            if len(self.open) == 1:
                self.head.top.add(self.name)
            if len(self.open) == self.record_depth:
                self.head.record.add(self.name)

    def starts_collection(self) -> bool:
        """Whether the bracket here opens the list of records."""
        return not self.open or (self.open == ["{"] and self.name in COLLECTIONS and self.head.array is None)


def read_head(text: str) -> Head | None:
    """The head of a JSON text that may be cut anywhere; null where it does not begin like one."""
    if not _OPENED.match(text):
        return None
    scan = _Scan(Head())
    for match in islice(_MARK.finditer(text), _MARKS):
        if not scan.see(match[0]):
            break
    return scan.head
