"""What is judged: the facts of a case and its parts, as rows that can be changed and asked about again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from msgspec import Struct, field

from parsers.facts.base import Row, Source

UNSTATED = "unknown"
"""The problem area of a case of which nobody said what it is about. It is a word, not null: what was not asked for is not an
excluded request."""

Involved = Literal["yes", "no", "open"]
"""Whether the problem involves a part; ``open`` where nothing is known of what it involves."""

NOWHERE = Source()
"""The source of what is made of several facts."""


class CaseFacts(Row, kw_only=True):
    """The facts of the case as a whole, by name; null is not known."""

    table: ClassVar[str] = "case"

    fields: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:  # noqa: ANN401 - facts of all types
        """A fact, null where it is not known."""
        return self.fields.get(name)


class Part(Struct, kw_only=True):
    """A phone, trunk or integration. ``of`` is its table, ``kind`` its entry in the policy's ``parts``, ``key`` its subject
    (``phone:805e0c112233``), ``label`` what people read. Its ``fields`` are never changed: a changed part has others.

    ``excused``: clauses whose findings about this part are no root of the problem. ``place`` is its place among all parts.
    """

    of: str
    kind: str
    key: str
    label: str
    fields: dict[str, Any]
    source: Source
    sources: dict[str, Source] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    place: int = 0


class PartFacts(Row, kw_only=True):
    """What a rule over parts looks at: the columns of one part, behind them the facts of the case."""

    table: ClassVar[str] = "part"

    fields: dict[str, Any]
    case: dict[str, Any]

    def get(self, name: str) -> Any:  # noqa: ANN401 - facts of all types
        """A column of the part, else a fact of the case."""
        return self.fields[name] if name in self.fields else self.case.get(name)


class Named(Struct, frozen=True, kw_only=True):
    """What the ticket names: keys of parts, tables of parts of which it names any, and whether it names anything."""

    keys: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    anything: bool = False


class Changes(Struct, frozen=True, kw_only=True):
    """Facts with other values: of the case, and ``fields`` of the parts with these keys."""

    case: Mapping[str, Any] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    fields: Mapping[str, Any] = field(default_factory=dict)
