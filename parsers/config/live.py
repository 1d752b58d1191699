"""Live exports: what the configuration API answered, saved as JSON. The parts that all families share.

A family is one kind of object (users, trunks, system status …). Its file says by which names in the OData context and by
which member names it is known, and turns records into rows. Missing members are normal: the API leaves nulls out, and
older builds have fewer of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring as quoted
from typing import Any

from msgspec import Struct

from parsers import lazy
from parsers.api import Sink
from parsers.config import values
from parsers.config.secret_keys import conceal, is_secret
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.system import Setting, SystemSeen, Value

LIVE_RANK = 90
"""`SystemSeen.rank` of the PBX's own live export."""

SETTINGS_LIMIT = 2000
"""Settings that one record may give."""


class Node(Struct):
    """One JSON object and its place. Members are read through it, so that their sources name the exact path."""

    artifact: str
    path: str
    value: dict[str, Any]

    def raw(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """A member as it stands; null where it is missing."""
        return self.value.get(name)

    def text(self, name: str) -> str | None:
        """See `parsers.config.values.text`."""
        return values.text(self.value.get(name))

    def whole(self, name: str) -> int | None:
        """See `parsers.config.values.whole`."""
        return values.whole(self.value.get(name))

    def count(self, name: str) -> int | None:
        """See `parsers.config.values.count`."""
        return values.count(self.value.get(name))

    def number(self, name: str) -> float | None:
        """See `parsers.config.values.number`."""
        return values.number(self.value.get(name))

    def flag(self, name: str) -> bool | None:
        """See `parsers.config.values.flag`."""
        return values.flag(self.value.get(name))

    def child(self, name: str) -> Node:
        """A member that is an object; an empty one where it is not."""
        inner = self.value.get(name)
        return Node(self.artifact, self.at(name), inner if isinstance(inner, dict) else {})

    def children(self, name: str) -> Iterator[Node]:
        """The objects of a member that is a list."""
        inner = self.value.get(name)
        for index, item in enumerate(inner if isinstance(inner, list) else []):
            if isinstance(item, dict):
                yield Node(self.artifact, f"{self.at(name)}[{index}]", item)

    def texts(self, name: str) -> list[str]:
        """A member that is a list of texts, or one text with commas."""
        inner = self.value.get(name)
        parts = inner if isinstance(inner, list) else inner.split(",") if isinstance(inner, str) else []
        return [part for part in map(values.text, parts) if part]

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.path}.{name}" if self.path else name

    def place(self, quote: str) -> Source:
        """The place of the object as a whole, told apart by the text of one member."""
        text = member_text(quote, self.value[quote]) if quote in self.value else ""
        return Source(artifact=self.artifact, path=self.path or None, text=text)

    def source(self, name: str) -> Source:
        """The place of a member with its text as JSON, ``"ProvisionType": "RemoteExt"``."""
        return Source(artifact=self.artifact, path=self.at(name), text=member_text(name, self.value.get(name)))

    def sources(self, **fields: str) -> dict[str, Source]:
        """The places of several fields, ``column=member``, of those members that are there."""
        return {column: self.source(name) for column, name in fields.items() if name in self.value}


def member_text(name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A member as it stands in JSON; the insides of objects and lists are left out, secrets too."""
    if isinstance(value, str):
        shown = '"…"' if is_secret(name) else quoted(value[:QUOTE_LIMIT])
    elif isinstance(value, (dict, list)):
        shown = "{…}" if isinstance(value, dict) else "[…]"
    elif isinstance(value, bool) or value is None:
        shown = json.dumps(value)
    else:
        shown = (
            "…" if is_secret(name) or (isinstance(value, int) and values.whole(value) is None) else json.dumps(value)
        )
    return f"{quoted(name[:200])}: {shown}"[:QUOTE_LIMIT]


Take = Callable[[Iterable[Node], Sink], int]


class Family(Struct, frozen=True):
    """One kind of live export.

    ``names`` are the entity sets, types and functions that the context or the file's name may give; ``keys`` are sets of
    member names of which one, found whole, tells the family where there is no context. ``take`` turns the records of one
    document into rows and returns how many it understood. ``lists`` limits it to legacy ``{"list": […]}`` answers.
    """

    kind: str
    names: tuple[str, ...]
    keys: tuple[frozenset[str], ...]
    take: Take
    lists: bool = False


def keys(*sets: str) -> tuple[frozenset[str], ...]:
    """Sets of names, each written with blanks between: ``keys("Phones Number", "Gateway")``."""
    return tuple(frozenset(names.split()) for names in sets)


def each(one: Callable[[Node, Sink], object]) -> Take:
    """A `Take` that handles record by record; every record counts as understood unless ``False`` comes back."""

    def take(nodes: Iterable[Node], out: Sink) -> int:
        return sum(one(node, out) is not False for node in nodes)

    return take


_CONTEXT = lazy.pattern(r"#(?:Collection\()?(?:Pbx\.)?([A-Za-z0-9_]{1,80})")


def context_name(context: str | None) -> str | None:
    """``https://pbx/xapi/v1/$metadata#Users(Phones())`` is about ``Users``."""
    match = _CONTEXT.search(context[:4000]) if context else None
    return match[1] if match else None


def emit_settings(node: Node, name: str, out: Sink, *, skip: frozenset[str] = frozenset(), depth: int = 3) -> None:
    """Every scalar of an object as a `Setting` under its own name; nested ones as ``License.IsEnterprise``.

    Secrets are handed over and left out; masked values are null; lists of scalars become one text with commas.
    """
    stack: list[tuple[str, str, Any, int]] = [("", k, v, 1) for k, v in reversed(node.value.items())]
    for _ in range(SETTINGS_LIMIT):
        if not stack:
            return
        before, last, value, level = stack.pop()
        key = before + last
        if last.startswith("@") or last in skip or (last == "Id" and level == 1):
            continue
        if is_secret(last) and not isinstance(value, bool):
            conceal(value, out)
        elif isinstance(value, dict):
            if level < depth:
                stack.extend((f"{key}.", k, v, level + 1) for k, v in reversed(value.items()))
        elif isinstance(value, list):
            if value and len(value) <= 100 and not any(isinstance(v, (dict, list)) for v in value):
                shown = ",".join(v for v in map(values.text, value) if v)
                _setting(node, name, key, shown, out)
        else:
            _setting(node, name, key, value, out)
    out.problem(f"{name}: only the first {SETTINGS_LIMIT} settings are read")


def _setting(node: Node, name: str, key: str, value: Any, out: Sink) -> None:  # noqa: ANN401 - any JSON scalar
    known: Value = value if isinstance(value, bool) else None
    if not isinstance(value, bool):
        known = values.text(value) if isinstance(value, str) else values.whole(value)
        known = values.number(value) if known is None and isinstance(value, float) else known
    shown = member_text(key.rpartition(".")[2], value)
    source = Source(artifact=node.artifact, path=node.at(key), text=shown)
    out.add(Setting(source=source, object=name, name=key, value=known))


def seen(node: Node, key: str, value: Value, name: str, out: Sink, *, rank: int = LIVE_RANK) -> None:
    """One column of the report's ``system``, when there is a value; ``name`` is the member it comes from."""
    if value is not None:
        out.add(SystemSeen(source=node.source(name), key=key, value=value, rank=rank))
