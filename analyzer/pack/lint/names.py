"""Names of fields in conditions, messages, groups."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from analyzer.pack import ir, tables
from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Subject
from analyzer.pack.rule import Draft, nearest
from analyzer.pack.template import PLACEHOLDER

ALWAYS = frozenset({"count", "subjects"})
_NEAR = 0.84


class UnknownField:
    """A field that no table of the rule has: in the message, the subject, the group, or what decides the severity."""

    name = "unknown-field"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules that name a column which does not exist, or one that is nearly that of a table with derived columns."""
        for draft in subject.drafts.values():
            rule = draft.rule
            joined = rule.correlation
            extra = {*joined.group_by, *joined.aliases, *(f"{name}." for name in joined.rules)} if joined else set()
            for name, path in _named(draft):
                bare = name.partition(".")
                if name in ALWAYS or name in extra or f"{bare[0]}." in extra:
                    continue
                yield from self._check(draft, name, path)
            for name in ir.fields_of(rule.condition) if rule.condition else ():
                yield from self._check(draft, name, ("detection",))

    def _check(self, draft: Draft, name: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
        kinds = [tables.classes()[table] for table in draft.rule.tables]
        known = {column: "" for kind in kinds for column in tables.columns(kind)}
        if name in known:
            return
        if not any(tables.open_names(kind) for kind in kinds):
            words = ", ".join(draft.rule.tables)
            yield draft.document.problem(f"table {words} has no column {name!r}{nearest(name, known)}", *path)
            return
        close = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
        if close:
            yield draft.document.problem(f"{name!r} is no column, {close[0]!r} is: is that meant?", *path)


def _named(draft: Draft) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    rule = draft.rule
    for name in PLACEHOLDER.findall(rule.texts["en"].message):
        yield name, ("message",)
    for template in rule.subject or ():
        for name in PLACEHOLDER.findall(template):
            yield name, ("subject",)
    for name in rule.group_by or ():
        yield name, ("group_by",)
    for key, value in (("severity_from", rule.severity_from), ("confidence_from", rule.confidence_from)):
        if value is not None:
            yield value, (key,)
    joined = rule.correlation
    if joined is not None:
        for name in joined.group_by:
            if name not in joined.aliases:
                yield name, ("correlation", "group-by")
        if joined.field is not None and joined.field not in joined.aliases:
            yield joined.field, ("correlation", "condition", "field")


class BrokenPlaceholder:
    """Braces in a message that are no placeholder."""

    name = "placeholder"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Messages with a brace that would be printed as it stands."""
        for draft in subject.drafts.values():
            for language, texts in draft.rule.texts.items():
                rest = PLACEHOLDER.sub("", texts.message)
                if "{" in rest or "}" in rest:
                    path = ("message",) if language == "en" else ("texts", language, "message")
                    yield draft.document.problem("a brace of the message is no placeholder such as {field}", *path)


class OperatorInName:
    """Detections whose name begins with ``not``."""

    name = "operator-name"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Rules that tools with pySigma below 2 read wrongly: to them ``nothing`` is ``not hing``."""
        for draft in subject.drafts.values():
            for name in draft.document.data.get("detection", ()):
                if name.lower().startswith("not"):
                    text = f"detection {name!r} begins with 'not': many converters read that as the operator"
                    yield draft.document.problem(text, "detection", name)
