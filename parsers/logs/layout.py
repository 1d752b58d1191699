"""How records begin.

A `Mask` is a byte pattern of digits, letters, anything and literals, laid over the first bytes of many lines as 64-bit
words. Pictures of a format become masks that find record starts; the prefix of each new kind of record is matched once by
the format's regex, and the mask learnt from it (`Layouts`) then recognises all others of its kind.
"""

from __future__ import annotations

import re

import numpy as np
from msgspec import Struct, field

from parsers.logs.block import Octets
from parsers.logs.format import LogFormat

DATES = (
    "9999-99-99 99:99:99", "9999-99-99T99:99:99", "[9999-99-99 99:99:99", "[9999-99-99T99:99:99", "9999/99/99 99:99:99",
    "[9999/99/99 99:99:99", "99/99/9999 99:99:99", "99.99.9999 99:99:99",
)  # fmt: skip
"""How lines of other logs begin."""
WIDEST = 128
"""Bytes at the start of a line that are looked at."""
LAYOUT_LIMIT = 128
FAILURE_LIMIT = 10_000
"""Lines of one file that are tried by the regex in vain before all others like them are given up."""

_CLASSES = {"9": (0xFF, 0, 0x30, 0x76), "A": (0xFF, 0x20, 0x60, 0x65), "?": (0, 0, 0, 0)}
"""How a byte b is looked at: x = ((b & keep) | fold) ^ want must be less than 80, and (x + lift) too. That leaves of digits 0
to 9, of letters (in lower case) 0 to 1A, so that @ and ` pass for letters. The byte itself must leave 0.
"""


class Mask(Struct, frozen=True):
    """What the first ``size`` bytes of a line must be; word by word."""

    size: int
    words: tuple[tuple[np.uint64, ...], ...]

    @classmethod
    def of(cls, text: bytes, classes: str) -> Mask:
        """``classes`` has a character a byte: ``9`` digit, ``A`` letter, ``?`` anything, ``=`` the byte itself."""
        count = -(-len(text) // 8)
        table = np.zeros((4, count * 8), dtype=np.uint8)
        for place, (byte, kind) in enumerate(zip(text, classes, strict=True)):
            table[:, place] = _CLASSES.get(kind, (0xFF, 0, byte, 0x7F))
        words = table.view(np.uint64)
        return cls(len(text), tuple(tuple(words[:, i]) for i in range(count)))


class Pictures(Struct, frozen=True):
    """Ways in which a record may begin; a line is compared with them when it is as long as the shortest."""

    texts: tuple[str, ...]

    @property
    def masks(self) -> list[Mask]:
        """A mask for each."""
        return [picture(text) for text in self.texts]

    @property
    def shortest(self) -> int:
        """Bytes of the shortest."""
        return min(map(len, self.texts), default=0)


def picture(text: str) -> Mask:
    """The mask of a picture: ``9999/99/99 99:99``."""
    return Mask.of(text.encode(), "".join(c if c in "9A?" else "=" for c in text))


def pictures(form: LogFormat) -> tuple[Pictures, ...]:
    """How records of a format begin; in a ``dated`` one also with any other date."""
    own = Pictures(form.starts)
    return () if not form.starts else (own, Pictures(DATES)) if form.dated else (own,)


class Layout(Struct, frozen=True):
    """Where the parts of one kind of prefix lie: date and level as (offset, length), digits of the time as offsets."""

    mask: Mask
    date: tuple[int, int] | None
    digits: tuple[int, ...]
    level: tuple[int, int] | None


class Layouts(Struct):
    """All kinds of prefixes met in one file, in the order in which they were met."""

    form: LogFormat
    known: list[Layout] = field(default_factory=list)
    failures: int = 0

    @property
    def closed(self) -> bool:
        """Whether no more are learnt."""
        return len(self.known) >= LAYOUT_LIMIT or self.failures >= FAILURE_LIMIT

    def learn(self, buffer: Octets, begin: int) -> bool:
        """Match a record of unknown kind by the format's regex; keep what it looks like, where it is understood."""
        text = bytes(buffer[begin : begin + WIDEST]).split(b"\n", 1)[0].decode("latin-1")
        match = self.form.regex.match(text)
        if match is None:
            self.failures += 1
            return False
        self.known.append(layout_of(match, text))
        return True


def layout_of(match: re.Match[str], text: str) -> Layout:
    """What a matched prefix looks like: digits may be other digits, the level other letters, threads and zones anything."""
    spans = {name: match.span(name) for name in match.re.groupindex if match[name]}
    end = max((spans[name][1] for name in ("date", "time", "level") if name in spans), default=match.end())
    end = min(end + 1, len(text), WIDEST)
    classes = ["9" if c in "0123456789" else "=" for c in text[:end]]
    for name, (begin, stop) in spans.items():
        if name == "level":
            classes[begin:stop] = ["A" if c.isalpha() and c.isascii() else "=" for c in text[begin:stop]][
                : max(0, end - begin)
            ]
        elif name not in {"date", "time"} and not text[begin:stop].isdigit():
            classes[begin:stop] = ["?"] * max(0, min(stop, end) - begin)
    date, level = spans.get("date"), spans.get("level")
    begin, stop = spans.get("time", (0, 0))
    return Layout(
        mask=Mask.of(text[:end].encode("latin-1"), "".join(classes)),
        date=(date[0], min(date[1] - date[0], 16)) if date else None,
        digits=tuple(place for place in range(begin, min(stop, end)) if text[place] in "0123456789")[:9],
        level=(level[0], level[1] - level[0]) if level and level[1] <= end and level[1] - level[0] <= 8 else None,
    )
