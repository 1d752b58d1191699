"""``{field}`` placeholders in messages and subjects."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from analyzer.pack.match import as_text

PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)\}")
UNKNOWN = "unknown"
VALUE_LIMIT = 200
"""Characters of one value; a longer one is cut, the evidence has the whole."""


def fill(template: str, value_of: Callable[[str], Any], *, missing: str | None = UNKNOWN) -> str | None:
    """The text with every placeholder filled: lists joined, null as ``missing``.

    Null when ``missing`` is null and a value is not known.
    """
    lacking = False

    def one(found: re.Match[str]) -> str:
        nonlocal lacking
        text = words(value_of(found[1]))
        if not text:
            lacking = True
        return text or missing or ""

    text = PLACEHOLDER.sub(one, template)
    return None if lacking and missing is None else text


def words(value: Any) -> str:  # noqa: ANN401 - columns of all types
    """A value for people: lists joined with commas, empty for null and for an empty list."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        text = ", ".join(as_text(item) for item in value if item is not None)
    else:
        text = as_text(value)
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"
