"""What a text-log format is: one typed description, with sample lines beside it. No code.

See docs/writing-a-parser.md for a worked example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field

from parsers.facts.log import Level

FieldValue = str | int | float | bool | None
PREFIX_FIELDS = ("host", "ip")
PREFIX_GROUPS = frozenset({"date", "time", "zone", "level", "pid", "thread", "logger", "code", *PREFIX_FIELDS})
"""Names that a prefix may give to its parts. `PREFIX_FIELDS` become entries of the record's ``fields``, ``pid`` is dropped."""

FACT_LIMIT = 16 * 1024
"""Characters of a record in which a fact's pattern is looked for."""

LEVEL_OF: Mapping[str, Level] = MappingProxyType(
    {
        "tra": "trace", "trc": "trace", "ver": "trace",
        "dbg": "debug", "deb": "debug",
        "inf": "info", "not": "info", "log": "info",
        "war": "warn", "wrn": "warn",
        "err": "error",
        "cri": "critical", "crt": "critical", "fat": "critical", "pan": "critical", "ale": "critical", "eme": "critical",
    }
)  # fmt: skip
"""First three letters of a level, lower case. Seen in 3CX logs: Inf, Info, Dbg, Trac, Warn, Erro; the rest is usual."""


class FormatError(ValueError):
    """A description that contradicts itself."""


class Fact(Struct, frozen=True, kw_only=True):
    """Something in a record that makes it a row.

    ``find``: literal texts, one of which must stand in the record (found in the raw bytes, case matters). ``pattern``: a
    regex that must be found in the record's text as well; its named groups become ``fields`` (the group ``code`` the
    column), converted by ``types``. ``fields``: constant entries. ``line``: the line is a record of its own although it
    has no prefix; it gets the time of the record before it.
    """

    find: tuple[str, ...]
    pattern: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    types: Mapping[str, Callable[[str], FieldValue]] = field(default_factory=dict)
    line: bool = False

    def __post_init__(self) -> None:
        if not self.find or any(len(text) < 3 for text in self.find):
            raise FormatError(f"fact {self.pattern!r}: needs a literal of three characters or more to search for")
        # not by compiling the pattern: most formats do not occur in a case
        unknown = sorted(name for name in self.types if f"(?P<{name}>" not in self.pattern)
        if unknown:
            raise FormatError(f"fact {self.pattern!r}: has no group {unknown}")

    def read(self, text: str) -> dict[str, FieldValue] | None:
        """The entries that this fact takes out of a record; null when it does not stand there."""
        for literal in self.find:
            if literal in text:
                break
        else:
            return None
        match = regex(self.pattern).search(text[:FACT_LIMIT])
        if match is None:
            return None
        found: dict[str, FieldValue] = dict(self.fields)
        for name, value in match.groupdict().items():
            if value is None:
                found.setdefault(name, None)
            else:
                found[name] = self.types[name](value) if name in self.types else value
        return found


class Sample(Struct, frozen=True, kw_only=True):
    """Lines as they stand in a file, and what must come out: one entry for each record (columns of `LogRecord` and
    ``fields``; ``time`` as ISO text; what is not named is not compared).

    ``own``: how many of these records become rows by the format itself, without a signature that asks for them.
    ``understood``: how many records have a known prefix (all, where null). ``name``, ``written``: name and time of the file.
    """

    lines: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    own: int = 0
    understood: int | None = None
    name: str | None = None
    written: datetime | None = None


class LogFormat(Struct, frozen=True, kw_only=True):
    """One text-log format.

    ``starts``: pictures of how a record begins (``9`` a digit, ``A`` a letter, ``?`` anything, the rest itself); empty
    when each line is a record. ``prefix``: verbose regex of what stands before the record's text, in named groups of
    `PREFIX_GROUPS`; bytes of a line start must satisfy it for the record to count as understood. ``date_order`` says how
    the digits of the group ``date`` are read (``none``: the prefix has only a time, the day comes from lines that match
    ``date_line``, else from the file name). ``utc``: the times are UTC where the line has no zone.
    ``utc_inside``: literal behind which a UTC time stands in records whose prefix is the wall clock.
    ``levels`` overrides `LEVEL_OF`. ``names``: file-name patterns. ``hints``: literals without which a file is not this
    format. ``signature``: a literal that proves the format wherever it stands at a line start. ``sql``: literal that only
    a trace with SQL has. ``sip``: whole SIP messages may stand in the records.
    ``dated``: every record begins with a date or a time, so that a line that begins with one in another form is a record
    too, which is not understood. ``fallback``: takes a text that nobody else wants.
    """

    kind: str
    samples: tuple[Sample, ...]
    prefix: str = ""
    starts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    signature: str = ""
    date_order: Literal["ymd", "dmy", "mon", "none"] = "ymd"
    date_line: str = ""
    utc: bool = False
    levels: Mapping[str, Level | None] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    secrets: tuple[str, ...] = ()
    sql: str = ""
    utc_inside: str = ""
    sip: bool = False
    dated: bool = False
    fallback: bool = False

    def __post_init__(self) -> None:
        if not self.samples:
            raise FormatError(f"{self.kind}: a format without a sample line is not a format")

    @property
    def regex(self) -> re.Pattern[str]:
        """The prefix, compiled when first needed. Raises FormatError for a group with an unknown name."""
        return prefix_regex(self.kind, self.prefix)

    def level(self, raw: str) -> Level | None:
        """A level in the words of `Level`; null for one that is not known."""
        if raw in self.levels:
            return self.levels[raw]
        return LEVEL_OF.get(raw[:3].lower())


@lru_cache(maxsize=512)
def regex(pattern: str) -> re.Pattern[str]:
    """A verbose pattern over lines, compiled once."""
    return re.compile(pattern, re.VERBOSE | re.MULTILINE)


@lru_cache(maxsize=512)
def prefix_regex(kind: str, prefix: str) -> re.Pattern[str]:
    """The pattern of a prefix. Raises FormatError for a group with an unknown name."""
    pattern = regex(prefix)
    unknown = set(pattern.groupindex) - PREFIX_GROUPS
    if unknown:
        raise FormatError(f"{kind}: unknown groups {sorted(unknown)} in the prefix")
    return pattern


def number(text: str) -> FieldValue:
    """A whole or broken number; null for anything else (``<none>``)."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None


def some(text: str) -> FieldValue:
    """A text; null for the ways in which logs write that there is none."""
    return None if text in {"", "<none>", "(null)", "-"} else text
