"""A text log's parser: knows a log by its `LogFormat`. What reads it (`parsers.logs.engine`) brings numpy, and a case without
logs does without both.
"""

from __future__ import annotations

from fnmatch import fnmatch
from functools import lru_cache

from msgspec import Struct, field

from parsers.api import Probe, Sink, Tally
from parsers.logs.feed import ANSI
from parsers.logs.format import LogFormat
from parsers.tree.member import Member

BY_SIGNATURE, BY_CONTENT, BY_NAME, LAST_RESORT = 90, 60, 30, 10
PROBE_LINES = 120
PROBE_CHARACTERS = 16_384

_SHAPE = str.maketrans("012345678abcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ", "9" * 9 + "A" * 51)


class Limits(Struct, frozen=True, kw_only=True):
    """Bytes of a block, bytes of a record (or of one line) that are searched, rows and SIP messages of one file."""

    block: int = 4 * 1024 * 1024
    record: int = 1024 * 1024
    rows: int = 100_000
    sip: int = 2_000


class LogParser(Struct, frozen=True):
    """A `parsers.api.Parser` made of a description."""

    form: LogFormat
    limits: Limits = field(default_factory=Limits)

    @property
    def kind(self) -> str:
        """The format's name."""
        return self.form.kind

    def claims(self, probe: Probe) -> int:
        """90 with the format's signature at a line start, 60 when its prefix stands there, 30 by name."""
        if probe.head and not probe.text:
            return 0
        text = probe.text[:PROBE_CHARACTERS]
        if self.form.signature and self.form.signature in text and f"\n{self.form.signature}" in f"\n{text}":
            return BY_SIGNATURE
        if self._prefixed(text):
            return BY_CONTENT
        name = probe.name.lower()
        if not any(name.startswith(_beginning(pattern)) and fnmatch(name, pattern) for pattern in self.form.names):
            return 0
        return BY_NAME if not self.form.fallback else LAST_RESORT

    def _prefixed(self, text: str) -> bool:
        """Whether lines have this format's prefix: the first one, five, or a fifth; where each line is a record, half."""
        form = self.form
        if not form.prefix or (form.hints and not any(hint in text for hint in form.hints)):
            return False
        lines, shapes = _shapes(text)
        pictured = lines
        if form.starts:
            pictures = tuple(start.translate(_SHAPE) for start in form.starts)
            pictured = [line for line, shape in zip(lines, shapes, strict=True) if shape.startswith(pictures)]
        good = [line for line in pictured if form.regex.match(line)]
        if not form.starts:
            return bool(good) and 2 * len(good) >= len(lines)
        return bool(good) and (good[0] is lines[0] or len(good) >= 5 or 5 * len(good) >= len(lines))

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read the whole member; what goes wrong on the way is said, and what was read until then stays."""
        from parsers.logs.engine import Run

        return Run(self.form, self.limits, member, out).run()


def _beginning(pattern: str) -> str:
    """What a name must begin with to fit a pattern: most patterns need not be compiled."""
    return pattern.partition("*")[0].partition("?")[0].partition("[")[0]


@lru_cache(maxsize=2)
def _shapes(text: str) -> tuple[list[str], list[str]]:
    """The first lines that are not empty, and the same with all digits and letters alike."""
    if "\x1b" in text:
        text = ANSI.sub(b"", text.encode("utf-8", "replace")).decode("utf-8")
    lines = [line for line in text.split("\n")[:PROBE_LINES] if line.strip()]
    return lines, [line[:64].translate(_SHAPE) for line in lines]
