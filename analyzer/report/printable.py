"""Text that a terminal or a page can show: evidence is written by strangers."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Characters that a terminal obeys (escape codes), that turn the direction of writing, or that no encoding can write."""


def printable(text: str) -> str:
    """Text on one line without control characters."""
    return CONTROL.sub(" ", text).strip()
