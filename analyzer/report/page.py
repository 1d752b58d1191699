"""Lines for a terminal or a plain text: words are wrapped, what hangs stays below the first line's words, styles where wanted.

Small on purpose: to import a library for it takes longer than to judge a small case.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

Part = str | tuple[str, str]
"""A text, or a text and its style: ``("refused", "bold red")``."""

GAP = 2
"""Blanks between the columns of a table."""

_CODES = {"bold": "1", "dim": "2", "underline": "4"}
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36"}
_WORD = re.compile(r"\s*\S+\s*")
_RANGES = ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2010, 0x2027), (0x2190, 0x2199))
NARROW = frozenset(chr(c) for first, last in _RANGES for c in range(first, last + 1)) | frozenset("↳−✗")
"""Characters that take one column: letters of Europe, punctuation, arrows. All others are looked up in a table."""


class Page:
    """Takes lines of a width. Styles are written for a ``terminal`` that knows them (``TERM``), colours not where ``NO_COLOR``
    is set.
    """

    def __init__(self, width: int, *, terminal: bool = False) -> None:
        self.width = width
        self._lines: list[str] = []
        styled = terminal and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}
        self._codes = {} if not styled else _CODES if os.environ.get("NO_COLOR") else _CODES | _COLOURS

    def line(self, left: int, *parts: Part) -> None:
        """A line, and as many below it as its words need."""
        self._lines += [" " * left + text for text in self._wrapped(parts, self.width - left)]

    def hanging(self, left: int, head: Sequence[Part], *parts: Part) -> None:
        """A line whose further lines begin where its words begin, not below its head."""
        size = columns("".join(_text(part) for part in head))
        begin = " " * left + "".join(self._styled(_text(part), part) for part in head)
        for text in self._wrapped(parts, self.width - left - size):
            self._lines.append(begin + text)
            begin = " " * (left + size)

    def table(self, left: int, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns below their headings; the widest ones are folded where there is no room for all."""
        widths = [max(1, *map(columns, column)) for column in zip(headings, *rows, strict=True)]
        room = self.width - left - GAP * (len(widths) - 1)
        while sum(widths) > room and max(widths) > 1:
            widths[widths.index(max(widths))] -= 1
        for row, style in ((headings, "dim"), *((row, "") for row in rows)):
            folded = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
            for place in range(max(map(len, folded))):
                cells = [lines[place] if place < len(lines) else "" for lines in folded]
                padded = (
                    self._styled(cell, (cell, style)) + " " * (width - columns(cell))
                    for cell, width in zip(cells, widths, strict=True)
                )
                self._lines.append(" " * left + (" " * GAP).join(padded))

    def text(self) -> str:
        """All lines, without blanks at their ends."""
        return "".join(line.rstrip(" ") + "\n" for line in self._lines)

    def _wrapped(self, parts: Sequence[Part], width: int) -> Iterator[str]:
        """The lines of some parts, with their styles."""
        plain = "".join(_text(part) for part in parts)
        for begin, end in _lines(plain, width):
            line, at = "", 0
            for part in parts:
                text = _text(part)
                line += self._styled(text[max(0, begin - at) : max(0, end - at)], part)
                at += len(text)
            yield line

    def _styled(self, text: str, part: Part) -> str:
        if not text or isinstance(part, str) or not self._codes:
            return text
        codes = ";".join(self._codes[word] for word in part[1].split() if word in self._codes)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes else text


def _text(part: Part) -> str:
    return part if isinstance(part, str) else part[0]


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if NARROW.issuperset(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, none of them wider than that."""
    return [text[begin:end] for begin, end in _lines(text, width)]


def _lines(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends; blanks that do not fit in are left out."""
    width = max(1, width)
    if len(text) <= width and columns(text) <= width:
        yield 0, len(text)
        return
    for begin, end in pairwise([0, *_breaks(text, width), len(text)]):
        line = text[begin:end]
        most, least, over = end, begin + len(line.rstrip()), columns(line) - width
        while over > 0 and most > least:
            most -= 1
            over -= columns(text[most])
        yield begin, most


def _breaks(text: str, width: int) -> Iterator[int]:
    """Where further lines begin: before a word that has no room left, within one that is wider than a whole line."""
    used = 0
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        size = columns(word.rstrip())
        if size <= width - used:
            used += columns(word)
        elif size > width:
            pieces = _pieces(word, width)
            for piece in pieces:
                if start:
                    yield start
                start += len(piece)
            used = columns(pieces[-1])
        elif used and start:
            yield start
            used = columns(word)


def _pieces(word: str, width: int) -> list[str]:
    if NARROW.issuperset(word):
        return [word[at : at + width] for at in range(0, len(word), width)]
    from rich.cells import chop_cells

    return chop_cells(word, width)
