"""Start lines of SIP messages (RFC 3261 section 7), also behind a little junk and a cache for lines that come again and again."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

from parsers.capture.sip_header import VALUE_LIMIT, masked

JUNK_LIMIT = 512
"""Bytes before the start line that are skipped to find it."""

METHODS = (
    "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO", "REFER", "MESSAGE",
    "UPDATE", "PRACK",
)  # fmt: skip

T = TypeVar("T")

START = re.compile(
    r"(?:SIP/2\.0 (?P<status>[1-7]\d\d)(?!\d)(?: (?P<phrase>[^\r\n]{0,200}))?"
    r"|(?P<method>[A-Za-z][A-Za-z.!%*_+`'~-]{0,31}) (?P<uri>[^\s]{1,4096}) SIP/2\.0)[^\r\n]*(?:\r?\n|$)"
)
_BURIED = re.compile(rf"SIP/2\.0 [1-7]\d\d|(?:{'|'.join(METHODS)}) [A-Za-z]{{3,4}}:[^\s]{{1,2000}} SIP/2\.0")
_CSEQ = re.compile(r"(?im)^CSeq[ \t]{0,16}:[ \t]{0,16}\d{1,10}[ \t]{1,16}([^\s]{1,32})")
CACHE_LIMIT = 20_000
"""Lines that are kept for the next message."""
CACHED_LINE = 1000
"""Longer lines are not kept."""


class Start(NamedTuple):
    """A start line. ``strange``: a method that is not among `METHODS`; ``size`` counts its characters with the line end."""

    method: str | None
    status: int | None
    phrase: str | None
    uri: str | None
    shown: str
    size: int
    strange: bool


_starts: dict[str, Start] = {}


def start_of(text: str) -> Start | None:
    """The start line that a text begins with; null where it begins with something else."""
    line = text[: text.find("\n") + 1] or text
    known = _starts.get(line)
    if known is not None:
        return known
    found = START.match(line)
    if found is None:
        return None
    status, method = found["status"], found["method"]
    start = Start(
        method=method.upper() if method else None,
        status=int(status) if status else None,
        phrase=found["phrase"] if status else None,
        uri=masked(found["uri"])[:VALUE_LIMIT] if method else None,
        shown=masked(found[0].strip())[:VALUE_LIMIT],
        size=found.end(),
        strange=bool(method) and method not in METHODS,
    )
    remember(_starts, line, start)
    return start


def cseq_method(text: str) -> str | None:
    """The method that the CSeq names: ``BENOTIFY`` there and in the start line is a method, not junk before one."""
    found = _CSEQ.search(text)
    return found[1].upper() if found else None


def behind_junk(data: bytes) -> int:
    """Where a start line with a known method begins behind a little junk, 0 where none does.

    ``DBREGISTER sip:…`` has been seen: junk that touches the method.
    """
    found = _BURIED.search(data[: JUNK_LIMIT + 2048].decode("latin-1"))
    return found.start() if found is not None and found.start() <= JUNK_LIMIT else 0


def remember(cache: dict[str, T], line: str, known: T) -> None:
    """Keep what was read from a line; a cache that is full begins anew."""
    if len(line) <= CACHED_LINE:
        if len(cache) >= CACHE_LIMIT:
            cache.clear()
        cache[line] = known
