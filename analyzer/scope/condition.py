"""Conditions of the policy: Sigma detections over one row, judged in three values.

The policy uses a small part of the language: fields with a value, a list (any of them), null, and the modifiers below;
selections joined by ``and``, ``or``, ``not`` and brackets. Reading it needs no Sigma library, so that judging starts fast; it
becomes the same records as the signatures' conditions do.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.pack import ir
from parsers import lazy

COMPARISONS: dict[str, ir.Comparison] = {"lt": "lt", "lte": "lte", "gt": "gt", "gte": "gte"}

_TOKEN = lazy.pattern(r"\s*(\(|\)|[A-Za-z_]\w*)")


class ConditionError(ValueError):
    """A detection cannot be read."""


def lower(detection: object) -> ir.Expr:
    """The condition of a detection. One without ``condition`` is a single selection. Raises `ConditionError`."""
    if not isinstance(detection, Mapping) or "condition" not in detection:
        return _selection(detection)
    selections = {name: _selection(part) for name, part in detection.items() if name != "condition"}
    return _Reader(str(detection["condition"]), selections).whole()


def _selection(part: object) -> ir.Expr:
    if isinstance(part, list):
        return _any([_selection(entry) for entry in part])
    if not isinstance(part, Mapping) or not part:
        raise ConditionError(f"{part!r} is no selection")
    return _all([_field(str(key), value) for key, value in part.items()])


def _field(key: str, value: object) -> ir.Expr:
    name, _, modifier = key.partition("|")
    if modifier == "exists" and isinstance(value, bool):
        return ir.Exists(name, value)
    if modifier in COMPARISONS and isinstance(value, int | float) and not isinstance(value, bool):
        return ir.Compare(name, COMPARISONS[modifier], value)
    if modifier:
        raise ConditionError(f"{key}: {value!r}: no such modifier, or not with this value")
    if isinstance(value, list):
        return _any([_field(name, entry) for entry in value])
    return _equals(name, value)


def _equals(name: str, value: object) -> ir.Expr:
    if value is None:
        return ir.IsNull(name)
    if isinstance(value, bool):
        return ir.Bool(name, value)
    if isinstance(value, int | float):
        return ir.Number(name, value)
    if isinstance(value, str):
        return ir.Text(name, value)
    raise ConditionError(f"{name}: {value!r} is no value to compare with")


def _all(parts: list[ir.Expr]) -> ir.Expr:
    return parts[0] if len(parts) == 1 else ir.All(tuple(parts))


def _any(parts: list[ir.Expr]) -> ir.Expr:
    return parts[0] if len(parts) == 1 else ir.Any(tuple(parts))


class _Reader:
    """Reads ``a and not (b or c)``: ``or`` binds least, ``not`` most."""

    def __init__(self, text: str, selections: Mapping[str, ir.Expr]) -> None:
        self.text = text
        self.selections = selections
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                raise ConditionError(f"condition {text!r} cannot be read at {text[at:]!r}")
            self.tokens.append(found[1])
            at = found.end()

    def whole(self) -> ir.Expr:
        """The expression of the whole text."""
        found = self._or()
        if self.tokens:
            raise ConditionError(f"condition {self.text!r} goes on at {self.tokens[0]!r}")
        return found

    def _or(self) -> ir.Expr:
        parts = [self._and()]
        while self.tokens[:1] == ["or"]:
            self.tokens.pop(0)
            parts.append(self._and())
        return _any(parts)

    def _and(self) -> ir.Expr:
        parts = [self._not()]
        while self.tokens[:1] == ["and"]:
            self.tokens.pop(0)
            parts.append(self._not())
        return _all(parts)

    def _not(self) -> ir.Expr:
        if not self.tokens:
            raise ConditionError(f"condition {self.text!r} ends too early")
        word = self.tokens.pop(0)
        if word == "not":
            return ir.Not(self._not())
        if word == "(":
            inside = self._or()
            if self.tokens[:1] != [")"]:
                raise ConditionError(f"condition {self.text!r} lacks a bracket")
            self.tokens.pop(0)
            return inside
        if word not in self.selections:
            raise ConditionError(f"condition {self.text!r} names {word!r}, which is no selection")
        return self.selections[word]
