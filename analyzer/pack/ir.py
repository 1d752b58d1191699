"""What rules are compiled to: small serialisable records, no pySigma in them.

A condition is a tree of `All`, `Any`, `Not` over leaves; every leaf looks at one field of a row. Leaves other than `IsNull`
and `Exists` are unknown on a null.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from analyzer.finding import Owner, Severity

Comparison = Literal["lt", "lte", "gt", "gte", "neq"]
Position = Literal["equals", "contains", "startswith", "endswith"]
CorrelationType = Literal["event_count", "value_count", "temporal", "temporal_ordered"]


class Node(msgspec.Struct, frozen=True, tag_field="op"):
    """A part of a condition."""


class All(Node, frozen=True, tag="all"):
    """True when every part is."""

    parts: tuple[Expr, ...]


class Any(Node, frozen=True, tag="any"):
    """True when one part is."""

    parts: tuple[Expr, ...]


class Not(Node, frozen=True, tag="not"):
    """The opposite; unknown stays unknown."""

    part: Expr


class Text(Node, frozen=True, tag="text"):
    """The field's text is, holds, starts or ends with ``value``; ``cased`` false compares without regard to case."""

    field: str
    value: str
    where: Position = "equals"
    cased: bool = False


class Regex(Node, frozen=True, tag="regex"):
    """The field's text matches an RE2 expression somewhere. ``flags`` of ``i``, ``m``, ``s``.

    ``glob`` is the Sigma text with wildcards that it was made from, for people; empty where a regex was written.
    """

    field: str
    pattern: str
    flags: str = ""
    glob: str = ""


class Number(Node, frozen=True, tag="number"):
    """The field equals a number."""

    field: str
    value: int | float


class Bool(Node, frozen=True, tag="bool"):
    """The field equals a truth value."""

    field: str
    value: bool


class Compare(Node, frozen=True, tag="compare"):
    """The field is a number that stands so to ``value``; unknown where it is no number."""

    field: str
    how: Comparison
    value: int | float


class Cidr(Node, frozen=True, tag="cidr"):
    """The field is an address (a port is allowed) of a network; unknown where it is no address."""

    field: str
    network: str


class IsNull(Node, frozen=True, tag="null"):
    """The field is null; never unknown."""

    field: str


class Exists(Node, frozen=True, tag="exists"):
    """The field has a value (``wanted`` true) or none; never unknown."""

    field: str
    wanted: bool


class FieldRef(Node, frozen=True, tag="fieldref"):
    """The field is, holds, starts or ends with the value of another field of the row."""

    field: str
    other: str
    where: Position = "equals"


Leaf = Text | Regex | Number | Bool | Compare | Cidr | IsNull | Exists | FieldRef
Expr = All | Any | Not | Leaf


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """A Sigma correlation.

    ``rules`` are Sigma names. ``aliases`` maps alias → rule → field. For counts, ``minimum`` is the least number that fires;
    for ``temporal``, ``needs`` lists alternative sets of rules, each of which is enough.
    """

    type: CorrelationType
    rules: tuple[str, ...]
    timespan_s: int
    group_by: tuple[str, ...] = ()
    aliases: dict[str, dict[str, str]] = {}
    minimum: int = 0
    field: str | None = None
    needs: tuple[tuple[str, ...], ...] = ()
    generate: bool = False


class Texts(msgspec.Struct, frozen=True):
    """What people read, in one language. ``message`` has ``{field}`` placeholders."""

    title: str
    message: str
    remedy: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One signature.

    ``code`` is empty for a part of a correlation that says nothing by itself. ``tables`` are the categories that it looks at;
    a correlation has those of its rules. ``grade`` is how the evidence of its text is known.

    ``role`` is that of its findings as long as nothing else explains them. ``explains`` holds codes and names of rules whose
    findings may follow from its own. ``roots`` of a correlation are the rules, among its own or itself, from whose findings
    those of the others follow.
    """

    code: str
    name: str
    id: str
    status: str
    level: Severity
    owner: Owner
    confidence: int
    confidence_from: str | None = None
    severity_from: str | None = None
    clause: str | None = None
    areas: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    tables: tuple[str, ...]
    condition: Expr | None = None
    correlation: Correlation | None = None
    group_by: tuple[str, ...] | None = None
    subject: tuple[str, ...] | None = None
    role: Literal["root", "context"] = "root"
    explains: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    texts: dict[str, Texts]
    description: str = ""
    grade: str | None = None
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def title(self) -> str:
        """The English title."""
        return self.texts["en"].title

    @property
    def table(self) -> str:
        """The category of a rule that is no correlation."""
        return self.tables[0]

    def text(self, language: str) -> Texts:
        """The texts in a language, English where there are none."""
        return self.texts.get(language) or self.texts["en"]


class Pattern(msgspec.Struct, frozen=True):
    """One expression of the line scanner and the log rules (by name) for which it is a necessary condition."""

    expression: str
    caseless: bool
    rules: tuple[str, ...]


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as it lies in the cache. ``silenced`` are names of rules that a correlation speaks for."""

    version: str
    engine: str
    rules: tuple[Rule, ...]
    patterns: tuple[Pattern, ...]
    silenced: tuple[str, ...]
    problems: tuple[str, ...] = ()


def fields_of(expr: Expr) -> list[str]:
    """Every field that a condition looks at, in order, once each."""
    found: dict[str, None] = {}
    pending: list[Expr] = [expr]
    while pending:
        node = pending.pop(0)
        if isinstance(node, All | Any):
            pending[:0] = node.parts
        elif isinstance(node, Not):
            pending.insert(0, node.part)
        else:
            found[node.field] = None
            if isinstance(node, FieldRef):
                found[node.other] = None
    return list(found)
