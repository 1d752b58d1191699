"""Takes secrets out of text before it leaves the program.

Two nets: values that parsers met in places known to hold secrets (`Facts.secrets`, the ticket's licence key), and what
`parsers.secret_text` knows of secrets that stand in free text. What is taken out is replaced by `MASK`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from parsers.secret_text import Span, containing, merged, suspects, without, without_secrets

MASK = "‹secret›"
"""Stands in the place of a secret."""

MIN_LENGTH = 6
"""Shorter known values are not searched for, nor values of digits only (a PIN, a provider's user name that is a phone
number): they would blank extensions and trunks. Where they stand behind their key, the patterns take them."""
FEW = 100
"""So many known values are looked for one by one; more (the passwords of thousands of extensions) by how they begin."""


_ELEMENT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = _ELEMENT | str.maketrans({'"': "&quot;", "'": "&#x27;"})
_DOTNET = str.maketrans({c: f"\\u{ord(c):04X}" for c in "\"'&+<>`"} | {"\\": "\\\\"})


def _spellings(value: str) -> set[str]:
    r"""How a value stands in other formats: ``a"b`` is ``a\"b`` and ``a\u0022b`` in JSON, ``a%22b`` in a URL, ``a&quot;b`` in XML."""
    if value.isalnum() and value.isascii():
        return {value}
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        value.translate(_DOTNET),
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        value.translate(_ATTRIBUTE),
        value.translate(_ELEMENT),
        value.replace('"', '""'),
    }


class Scrubber:
    """Replaces known secret values and secret-looking text in strings."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        values = {v for v in known if len(v) >= MIN_LENGTH and not v.isdigit()}
        self._known = sorted({spelled for value in values for spelled in _spellings(value)}, key=len)
        self._beginning: dict[str, list[str]] = defaultdict(list)
        if len(self._known) > FEW:
            for value in self._known:
                self._beginning[value[:MIN_LENGTH]].append(value)

    def text(self, text: str) -> str:
        """The text without secrets."""
        return without_secrets(without(text, merged(self._places(text)), MASK), MASK)

    def texts(self, texts: Iterable[str]) -> dict[str, str]:
        """Every different text with what `text` gives for it: all are searched at once, and few have to be looked at singly."""
        different = list(dict.fromkeys(texts))
        cleaned = dict(zip(different, different, strict=True))
        for text in (*suspects(different), *self._with_known(different)):
            cleaned[text] = self.text(text)
        return cleaned

    def _with_known(self, texts: list[str]) -> list[str]:
        if not self._known:
            return []
        shortest = len(self._known[0])
        long = [text for text in texts if len(text) >= shortest]
        if self._beginning:
            return [text for text in long if any(True for _ in self._places(text))]
        return [long[number] for number in containing(long, self._known)]

    def _places(self, text: str) -> Iterator[Span]:
        """Where known values stand, also one inside another."""
        if self._beginning:
            starts = range(len(text) - MIN_LENGTH + 1)
            if self._beginning.keys().isdisjoint([text[at : at + MIN_LENGTH] for at in starts]):
                return
            for at in starts:
                for value in self._beginning.get(text[at : at + MIN_LENGTH], ()):
                    if text.startswith(value, at):
                        yield at, at + len(value)
            return
        for value in self._known:
            at = text.find(value)
            while at >= 0:
                yield at, at + len(value)
                at = text.find(value, at + 1)
