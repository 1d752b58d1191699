"""``{field}`` placeholders in messages and subjects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from analyzer.pack.match import as_text
from parsers import lazy

PLACEHOLDER = lazy.pattern(r"\{([A-Za-z_][\w.]*)\}")
ISO_TIME = lazy.pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
YES_NO_UNKNOWN = {"en": ("yes", "no", "unknown"), "es": ("sí", "no", "desconocido")}
"""By language; texts of a pack in another one take the English words."""
VALUE_LIMIT = 200
"""Characters of one value; a longer one is cut, the evidence has the whole."""


def fill(template: str, value_of: Callable[[str], Any], language: str) -> str:
    """The text with every placeholder filled for people; what is not known is called so."""
    unknown = _spoken(language)[2]
    return PLACEHOLDER.sub(lambda found: words(value_of(found[1]), language) or unknown, template)


def filled_whole(template: str, value_of: Callable[[str], Any]) -> str | None:
    """The text with every placeholder filled as rules write values; null when one is not known."""
    values = {name: value_of(name) for name in PLACEHOLDER.findall(template)}
    if any(value is None or value in ("", []) for value in values.values()):
        return None
    return PLACEHOLDER.sub(lambda found: as_text(values[found[1]]), template)


def words(value: Any, language: str = "en") -> str:  # noqa: ANN401 - columns of all types
    """A value for people: lists joined with commas, empty for null and for an empty list."""
    if value is None:
        return ""
    items = value if isinstance(value, list | tuple) else [value]
    text = ", ".join(_word(item, language) for item in items if item is not None)
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


def _spoken(language: str) -> tuple[str, str, str]:
    return YES_NO_UNKNOWN.get(language, YES_NO_UNKNOWN["en"])


def _word(value: Any, language: str) -> str:  # noqa: ANN401 - columns of all types
    if isinstance(value, bool):
        return _spoken(language)[0 if value else 1]
    if isinstance(value, float):
        return as_text(round(value, 2))
    if isinstance(value, str) and ISO_TIME.fullmatch(value):
        value = _time(value)
    if isinstance(value, datetime):
        shown = value.astimezone(UTC)
        return f"{shown:%Y-%m-%d}" if shown.time() == time() else f"{shown:%Y-%m-%d %H:%M:%S} UTC"
    return as_text(value)


def _time(text: str) -> str | datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the 31st of April
        return text
