"""Takes secrets out of text before it leaves the program.

Two nets: values that parsers met in places known to hold secrets (`Facts.secrets`, the ticket's licence key), and patterns
for secrets that stand in raw evidence text. What is taken out is replaced by `MASK`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "‹secret›"
"""Stands in the place of a secret."""

MIN_LENGTH = 6
"""Shorter known values are not searched for, nor values of digits only (a PIN, a provider's user name that is a phone
number): they would blank extensions and trunks. Where they stand behind their key, the patterns take them."""

_TRIGGER = re.compile(
    r"(?i)response|nonce|opaque|rspauth|authorization|inline:|a=(?:ice|key|k)|passw|secret|auth|privatekey|api_?key"
    r"|accesskey|token|vmpin|licen[sc]e|/provisioning/|/sbc/|prov(?:isioning)?link|[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}-"
)
"""Text without any of these words cannot match a pattern."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: Digest username="231", …, nonce="n1", response="5f2ab3…"  (any header that carries credentials)
    (
        re.compile(r'(?i)\b(response|nonce|cnonce|opaque|nextnonce|rspauth)(\s*=\s*"?)[^",;\s<>&]{4,512}'),
        r"\1\2" + MASK,
    ),
    (re.compile(r"(?i)\b((?:proxy-)?authorization\s*:\s*(?:basic|bearer)\s+)[^\s,;]{4,4096}"), r"\1" + MASK),
    # a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:Wm9v…   (RFC 4568: the key itself)
    (re.compile(r"(?i)\b(inline:)[A-Za-z0-9+/=|:]{8,512}"), r"\1" + MASK),
    (re.compile(r"(?i)\b(a=(?:ice-pwd|ice-ufrag|key-mgmt|k):)[^\s]{4,512}"), r"\1" + MASK),
    # "AuthPassword": "Zq231hTr9Lm"   Password=…   <AuthPassword>…</AuthPassword>   MasterDBPassword = …
    (
        re.compile(
            r'(?i)("?[A-Za-z0-9_.]{0,40}(?:password|passwd|secret|auth_?pw|accesskey|privatekey|api_?key|vmpin|authkey'
            r'|licen[sc]e_?key|auth_?token|access_?token)"?\s*[:=]\s*)("[^"]{0,512}"|[^\s,;<>"{}\[\]]{1,512})'
        ),
        r"\1" + MASK,
    ),
    (
        re.compile(
            r"(?i)(<(?:[A-Za-z0-9_]{0,40}(?:password|secret|vmpin|authid|licen[sc]ekey|privatekey))(?:\s[^<>]{0,200})?>)"
            r"[^<]{1,512}"
        ),
        r"\1" + MASK,
    ),
    # https://pbx.example.com/provisioning/w8f2qn6yk1/805ec00000e7.cfg   https://pbx/sbc/KEY: the folder name is the credential
    (re.compile(r"(?i)(/(?:provisioning|sbc)/)[A-Za-z0-9_\-]{4,200}"), r"\1" + MASK),
    # ProvLink=https://…
    (re.compile(r"(?i)\b(prov(?:isioning)?link(?:ext|local)?\"?\s*[:=]\s*\"?)[^\s\",;<>]{4,1024}"), r"\1" + MASK),
    # K7QT-93XD-ZP4M-2HVB: four groups of four with letters and digits, standing alone: the shape of a licence key
    # (no part of a Call-ID: 00e9d4a5-0015-0001-0000-0000@192.0.2.4)
    (
        re.compile(
            r"(?<![\w.@-])(?=[A-Z0-9-]{0,18}\d)(?=(?:[0-9-]{0,18}[A-Z]){2})[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}(?![\w@-])"
        ),
        MASK,
    ),
)


class Scrubber:
    """Replaces known secret values and secret-looking text in strings."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        # longest first, so that a secret that contains another goes as a whole
        usable = {v for v in known if len(v) >= MIN_LENGTH and not v.isdigit()}
        values = sorted(usable, key=lambda v: (-len(v), v))
        groups = [values[i : i + 500] for i in range(0, len(values), 500)]
        self._known = [(len(group[-1]), re.compile("|".join(map(re.escape, group)))) for group in groups]

    def text(self, text: str) -> str:
        """The text without secrets."""
        for shortest, pattern in self._known:
            if len(text) >= shortest:
                text = pattern.sub(MASK, text)
        if _TRIGGER.search(text):
            for pattern, put in _PATTERNS:
                text = pattern.sub(put, text)
        return text
