"""Header lines of SIP messages: split, read and remembered, because the messages of a dialog repeat most of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from parsers.capture.message import QUOTED, Shown
from parsers.capture.sip_header import COMPACT, VALUE_LIMIT, masked, number, read_address, split_values, via
from parsers.capture.sip_start import remember

_SECRET_WORDS = ("password", "passwd", "token", "secret", "api-key", "apikey", "auth-key")
_OWN_COLUMN = frozenset(
    [
        "via", "from", "to", "call-id", "cseq", "contact", "user-agent", "server", "content-length", "content-type", "expires",
        "warning", "reason",
    ]
)  # fmt: skip
CREDENTIALS = ("authorization", "proxy-authorization")
CHALLENGES = ("www-authenticate", "proxy-authenticate")
SECRET = frozenset({*CREDENTIALS, *CHALLENGES, "authentication-info", "proxy-authentication-info", "identity"})

Line = tuple[str, str, Shown | None, Any]
"""A header line: canonical name, value, what of it may be shown (null: nothing), and what `_READERS` made of the value."""

Vias = tuple[str | None, str | None, int | None, bool, str | None, int, str | None]
"""Branch, received, rport, whether rport was asked for, and sent-by of the topmost Via; how many; the last one's host."""
NO_VIA: Vias = (None, None, None, False, None, 0, None)

lines: dict[str, Line] = {}
"""Lines that were split before. Never credentials."""


class _Name(NamedTuple):
    """A header's name: in its canonical form, whether it has credentials, and where its value may be shown."""

    canonical: str
    secret: bool
    kept: bool
    quoted: bool


def split_line(line: str) -> Line | None:
    """Take a line apart that is not among `lines`, and put it there; null where it is no header."""
    before, colon, value = line.partition(":")
    name = _name(before) if colon else None
    if name is None:
        return None
    value = value.strip()[:VALUE_LIMIT]
    canonical = name.canonical
    if name.secret:
        return canonical, value, None, None
    kept = masked(value) if name.kept else None
    quoted = masked(value[:300]) if name.quoted else None
    shown = (canonical, kept, quoted) if kept is not None or quoted is not None else None
    reader = _READERS.get(canonical)
    known = (canonical, value, shown, reader(value) if reader is not None else None)
    remember(lines, line, known)
    return known


@lru_cache(maxsize=16_384)
def read(name: str, value: str) -> Any:  # noqa: ANN401 - each header has its own
    """What a row needs of the joined values of a header; null for headers that are taken as they are."""
    reader = _READERS.get(name)
    return reader(value) if reader is not None else None


@lru_cache(maxsize=4096)
def _name(text: str) -> _Name | None:
    name = text.strip().lower()
    if not name or len(name) > 64 or " " in name:
        return None
    name = COMPACT.get(name, name)
    private = name in _OWN_COLUMN or any(word in name for word in _SECRET_WORDS)
    return _Name(name, name in SECRET, not private, name in QUOTED)


def _vias(value: str) -> Vias:
    values = split_values(value)
    top = via(values[0]) if values else None
    if top is None:
        return NO_VIA
    bottom = via(values[-1]) if len(values) > 1 else top
    return (
        top.branch,
        top.received,
        top.rport,
        top.has_rport,
        top.sent_by,
        len(values),
        (bottom.received or bottom.host) if bottom else None,
    )


def _cseq(value: str) -> tuple[int | None, str | None]:
    words = value.split(None, 1)
    return (number(words[0]), words[1].strip().upper()[:32]) if len(words) == 2 else (number(value), None)


_READERS: dict[str, Callable[[str], Any]] = {
    "from": read_address,
    "to": read_address,
    "contact": read_address,
    "via": _vias,
    "cseq": _cseq,
    "expires": number,
    "content-length": number,
}
"""How a header's value is read."""
