"""Text that a terminal or a page can show: evidence is written by strangers."""

from __future__ import annotations

import re

from parsers import lazy

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Characters that a terminal obeys (escape codes), that turn the direction of writing, or that no encoding can write."""

_ACCENT = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = lazy.pattern(f"({_ACCENT}{{3}}){_ACCENT}+")
"""More accents on one letter than any language has: they would be drawn over the lines above and below."""


def harmless(text: str) -> str:
    """Text without control characters, and with at most three accents a letter."""
    plain = CONTROL.sub(" ", text)
    return plain if plain.isascii() else _PILED.sub(r"\1", plain)


def printable(text: str) -> str:
    """Harmless text on one line."""
    return harmless(text).strip()
