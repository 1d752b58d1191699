"""Secrets that stand in another spelling of the text: escaped letters, base64 of a name and its password, parts of private keys."""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from parsers.lazy import pattern
from parsers.secret_commands import contains

Span = tuple[int, int]

KEY_LIMIT: Final = 8192
"""Characters of a private key."""

# \u0070assword   \x70assword   p&#97;ssword   p&#x61;ssword   %70assword, also escaped twice: %2570, \\u0070, &amp;#97;
_ESCAPE = pattern(
    r"\\{1,4}(?:u00|x)(?P<slashed>[2-7][0-9A-Fa-f])|%(?:25){0,3}(?P<percent>[2-7][0-9A-Fa-f])"
    r"|&(?:amp;){0,3}(?:\#0{0,4}(?P<decimal>[3-9]\d|1[01]\d|12[0-6])|\#[xX]0{0,4}(?P<hex>[2-7][0-9A-Fa-f])"
    r"|(?P<name>amp|lt|gt|quot|apos));|\\{1,4}(?P<slash>/)"
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Plain(Struct, frozen=True):
    """A text whose escapes are undone, and where its pieces stood: ``starts`` in it, ``origins`` in the text as it was."""

    text: str
    starts: list[int]
    origins: list[int]

    def original(self, span: Span) -> Span:
        """A span of the text as it was."""
        start, end = span
        return self._place(start), self._place(end - 1, behind=True) if end > start else self._place(start)

    def _place(self, at: int, *, behind: bool = False) -> int:
        piece = bisect_right(self.starts, at) - 1
        offset = at - self.starts[piece]
        if not behind:
            return self.origins[piece] + offset
        last = piece + 1 == len(self.starts) or at + 1 < self.starts[piece + 1]
        return self.origins[piece] + offset + 1 if last else self.origins[piece + 1]


def plain(text: str) -> Plain | None:
    """The text with all escapes of printable ASCII undone; null where none stands in it."""
    if "\\" not in text and "%" not in text and "&" not in text:
        return None
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = done = 0
    for match in _ESCAPE.finditer(text):
        for piece, origin in ((text[done : match.start()], done), (_character(match), match.start())):
            if piece:
                pieces.append(piece)
                starts.append(length)
                origins.append(origin)
                length += len(piece)
        done = match.end()
    if not pieces:
        return None
    return Plain("".join((*pieces, text[done:])), [*starts, length], [*origins, done])


def _character(match: re.Match[str]) -> str:
    if match["slash"]:
        return "/"
    if match["name"]:
        return _NAMED[match["name"]]
    if match["decimal"]:
        return chr(int(match["decimal"]))
    return chr(int(match["slashed"] or match["percent"] or match["hex"], 16))


# how private keys begin: PKCS#1 and #8 of RSA, PKCS#8 that is encrypted, SEC 1 and PKCS#8 of curves, OpenSSH
_KEY_HEAD: Final = (
    r"MII[A-Za-z0-9+/]{1,4}IBA(?:A|DAN)|MII[A-Za-z0-9+/]{3}B[A-Za-z0-9+/]BgkqhkiG9w0BBQ"
    r"|MHcCAQEE|MIGkAgEBBD|MIHcAgEBBE|MIGHAgEAMB|MIG2AgEAMB|MIHuAgEAMB|MC4CAQAwBQ|b3BlbnNzaC1rZXktdjE"
)
_BREAK: Final = r"(?:\s|\\{1,4}[nr]){1,20}"
_KEY_BEGUN = pattern(
    rf"(?<![\w+/])((?:{_KEY_HEAD})[A-Za-z0-9+/=]{{16,8192}}(?:{_BREAK}[A-Za-z0-9+/=]{{40,76}}(?![\w+/=]))*)"
)
_KEY_MARK = pattern(r"-----(begin|end) [a-z ]{0,40}private key(?: block)?-----", re.IGNORECASE)
_KEY_END = pattern(r"-----end", re.IGNORECASE)
# the text before an end mark, read backwards: a line of any length, then full lines
_KEY_BEFORE = pattern(
    r"(?:\s|[nr]\\{1,4}){0,20}([A-Za-z0-9+/=]+(?!\\)(?:(?:\s|[nr]\\{1,4}){1,20}[A-Za-z0-9+/=]{40,}(?!\\))*)"
)
# one line of a key whose neighbours are in other records: 64 or 76 characters of base64 and nothing else
_KEY_LINE = pattern(
    r"^[ \t]{0,20}((?=[a-z0-9+/]{0,75}[A-Z])(?=[A-Z0-9+/]{0,75}[a-z])(?=[A-Za-z+/]{0,75}\d)[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{12})?)\s*$",
    re.MULTILINE,
)
KEY_LINE: Final = 64
KEY_WORDS: Final = (
    "private key",
    "mii",
    "mhccaqee",
    "migkagebbd",
    "mihcagebbe",
    "mighageamb",
    "mig2ageamb",
    "mihuageamb",
    "mc4caqawbq",
    "b3blbnnz",
)


def key_spans(text: str, lowered: str) -> Iterator[Span]:
    """Private keys: between their marks, after the first or before the last where the other was cut off, and by how they begin."""
    if "private key-----" in lowered or "private key block-----" in lowered:
        for match in _KEY_MARK.finditer(text):
            if match[1].lower() == "begin":
                stop = min(len(text), match.end() + KEY_LIMIT)
                end = _KEY_END.search(text, match.end(), stop)
                yield match.end(), end.start() if end else stop
            else:
                before = _KEY_BEFORE.match(text[max(0, match.start() - KEY_LIMIT) : match.start()][::-1])
                if before is not None and len(before[1]) >= KEY_LINE // 2:
                    yield match.start() - before.end(), match.start() - before.start(1)
    if contains(lowered, KEY_WORDS[1:]):
        yield from (match.span(1) for match in _KEY_BEGUN.finditer(text))


def key_line_spans(text: str) -> Iterator[Span]:
    """Lines that are nothing but base64 of the length at which keys are broken."""
    if len(text) >= KEY_LINE:
        yield from (match.span(1) for match in _KEY_LINE.finditer(text))


# dXNlcjpwYXNz, standing alone
_BASE64 = pattern(r"(?<![\w+/=.@-])([A-Za-z0-9+/]{10,300}={0,2})(?![\w+/=@-])")
# admin:x9   name@example.com:x9; not 192.0.2.1:5060, not 10:15:00
_NAME_AND_PASSWORD = pattern(r"(?=[^:]{0,80}[A-Za-z])[\w.@+-]{2,80}:(?!\d{1,5}\Z)[!-~]{4,160}", re.ASCII)


def credential_spans(text: str) -> Iterator[Span]:
    """Base64 of ``name:password``."""
    for match in _BASE64.finditer(text):
        coded = match[1].rstrip("=")
        if len(coded) % 4 == 1 or coded.islower() or coded.isupper() or coded.isdigit():
            continue
        try:
            said = binascii.a2b_base64(coded + "=" * (-len(coded) % 4)).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if _NAME_AND_PASSWORD.fullmatch(said):
            yield match.span(1)
