"""The firewall checker's result as HTML: a live export's member, or the console's page as a browser saved it.

Its markup was not seen: block elements end a line (line breaks do not), a step begins one, and a result that stands alone
belongs to the step before it. Scripts and styles are no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from parsers import lazy

SIZE_LIMIT: Final = 16 * 1024 * 1024
"""Characters of a page: consoles carry their programs with them."""

_HTML: Final = lazy.pattern(
    r"\s{0,200}(?:<!--[^>]{0,500}-->\s{0,200})?<(?:!doctype\s+html|html|head|body|div|p|ul|ol|li|table|pre|span|h\d)\b",
    re.IGNORECASE,
)
_HIDDEN: Final = lazy.pattern(r"<(?:(script|style|svg|head)\b|!--)", re.IGNORECASE)
_TAG: Final = lazy.pattern(r"<!?/?([A-Za-z][A-Za-z0-9]{0,20})?[^<>]{0,2000}>")
_BLOCKS: Final = frozenset(
    {"br", "p", "div", "li", "ul", "ol", "tr", "td", "table", "pre", "section", "h1", "h2", "h3", "h4"}
)
_VERB: Final = r"(?:resolving|testing|stopping|detecting|starting)[ \xa0]"
_BEGIN: Final = lazy.pattern(rf"(?<=[\w?)])[ \t\xa0]+(?={_VERB})", re.IGNORECASE)
_NEXT: Final = lazy.pattern(rf"(?<=\n)(?=[ \t\xa0]{{0,80}}{_VERB})", re.IGNORECASE)
_RESULT: Final = lazy.pattern(r"(?:full cone test )?(?:done|failed)\b", re.IGNORECASE)
_END: Final = "\v"
"""Stands where a line ends."""


def is_html(text: str) -> bool:
    """Whether a text begins as a page or a piece of one."""
    return _HTML.match(text) is not None


def lines_of_html(html: str) -> list[tuple[int, str]]:
    """The lines that are shown, a step a line, with the lines on which they begin."""
    lines: list[tuple[int, str]] = []
    for number, line in _shown(html[:SIZE_LIMIT]):
        if lines and lines[-1][1].endswith(("...", "…")) and _RESULT.match(line):
            lines[-1] = lines[-1][0], f"{lines[-1][1]} {line}"
        else:
            lines.append((number, line))
    return lines


def _shown(html: str) -> Iterator[tuple[int, str]]:
    from html import unescape  # brings a table of all characters with a name

    text = "\n".join(unescape(line).replace("\n", " ") for line in _TAG.sub(_end, _visible(html)).split("\n"))
    number = 1
    for block in text.split(_END):
        for piece in _NEXT.split(block):
            begin = number + piece[: len(piece) - len(piece.lstrip())].count("\n")
            for step in _BEGIN.sub(_END, piece).split(_END):
                line = " ".join(step.split()).replace("( ", "(").replace(" )", ")")
                if line:
                    yield begin, line
            number += piece.count("\n")


def _visible(html: str) -> str:
    """Without what is never shown, line for line; what is not closed hides the rest."""
    lowered, shown, at = html.lower(), list[str](), 0
    while hidden := _HIDDEN.search(html, at):
        close = f"</{hidden[1].lower()}" if hidden[1] else "-->"
        end = lowered.find(close, hidden.end())
        shown.append(html[at : hidden.start()])
        if end < 0:
            return "".join(shown)
        shown.append(_END + "\n" * html.count("\n", hidden.start(), end))
        at = end + (0 if hidden[1] else len(close))
    return "".join(shown) + html[at:]


def _end(tag: re.Match[str]) -> str:
    return (_END if (tag[1] or "").lower() in _BLOCKS else " ") + "\n" * tag[0].count("\n")
