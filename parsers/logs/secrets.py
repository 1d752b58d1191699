"""Takes secrets out of text before it becomes a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from parsers.logs.format import regex
from parsers.secret_text import secret_spans

SHOWN: Final = "***"


def scrub(text: str, extra: Iterable[str] = ()) -> tuple[str, set[str]]:
    """The text with every known kind of secret shown as ``***``, and the secrets. ``extra``: patterns with one group."""
    found: set[str] = set()
    for pattern in extra:
        spans = [match.span(1) for match in regex(pattern).finditer(text)]
        text = _shown(text, spans, found)
    return _shown(text, secret_spans(text), found), found


def _shown(text: str, spans: Iterable[tuple[int, int]], found: set[str]) -> str:
    for start, end in reversed(list(spans)):
        if start < end and text[start:end] != SHOWN:
            found.add(text[start:end])
            text = text[:start] + SHOWN + text[end:]
    return text
