"""Takes secrets out of text before it becomes a row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from parsers.logs.format import regex

SHOWN: Final = "***"

_KNOWN: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (needle, re.compile(pattern, re.IGNORECASE))
    for needles, pattern in (
        # Digest username="105", realm="3CXPhoneSystem", …, response="…" (RFC 7616)
        (("response=", "cnonce="), r'\b(?:response|cnonce)="([^"\r\n]{1,256})"'),
        # a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:… (RFC 4568)
        (("inline:",), r"\binline:([A-Za-z0-9+/=]{16,256})"),
        # a password in JSON or behind an equals sign
        (
            ("passw", "pwd", "secret", "passphrase", "authpass"),
            r"(?:passw(?:or)?d|passphrase|\bpwd|authpass\w{0,8}|secret)\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([^\s\"',;}]{1,256})",
        ),
        # the key ProvLink, and links of phones: https://pbx.example.com/provisioning/abcdefgh/…
        (("provlink",), r"provlink[\w]{0,8}\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([^\s\"',;}]{1,512})"),
        (("/provisioning/",), r"/provisioning/([A-Za-z0-9_-]{4,128})"),
        # a licence key behind its name
        (("licen",), r"licen[sc]e[_ ]?key\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?\{?[ \t]{0,4}([^\s\"',;}]{4,64})"),
        (("://",), r"://[^/\s:@]{1,128}:([^/\s@]{1,128})@"),
        (("authorization", "bearer"), r"\b(?:bearer|basic)[ \t]{1,4}([A-Za-z0-9._~+/=-]{8,4096})"),
        (("token",), r"\b\w{0,16}token\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([A-Za-z0-9._~+/=-]{8,4096})"),
        (
            ("pin",),
            r"\b(?:vm|voicemail)?_?pin(?:[_ ]?(?:number|code))?\"?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([0-9]{3,12})\b",
        ),
    )
    for needle in needles
)


def scrub(text: str, extra: Iterable[str] = ()) -> tuple[str, set[str]]:
    """The text with every known kind of secret shown as ``***``, and the secrets. ``extra``: patterns with one group."""
    found: set[str] = set()
    lowered = text.lower()
    patterns = [pattern for needle, pattern in _KNOWN if needle in lowered]
    patterns.extend(regex(pattern) for pattern in extra)
    for pattern in dict.fromkeys(patterns):
        for match in list(pattern.finditer(text))[::-1]:
            if match[1] and match[1] != SHOWN:
                found.add(match[1])
                text = text[: match.start(1)] + SHOWN + text[match.end(1) :]
    return text, found
