"""A ticket of this program among the inputs: it is known, and left alone. What people declare counts only where they say so."""

from __future__ import annotations

import re

from parsers import lazy

TICKET = "ticket"
"""The kind of such an artifact."""
TICKET_REASON = "a ticket file: it counts only where --ticket names it"

OWN_KEYS = frozenset({
    "partner_tier", "requester_is_admin", "simultaneous_calls", "license_key", "license_nfr", "involves", "steps_before",
    "reproduction", "incidents", "vendor_contacted", "replicated_on_hosted",
})  # fmt: skip
"""Keys that a ticket has and hardly another file."""

COMMON_KEYS = frozenset({
    "created", "country", "language", "hosting", "edition", "extensions", "version", "problem", "description", "systems",
    "requests",
})  # fmt: skip

KEYS = OWN_KEYS | COMMON_KEYS

_ENDING = lazy.pattern(r"\.(ya?ml|json|txt)$", re.IGNORECASE)
_NAME = lazy.pattern(r"(^|[/!])ticket[^/]*\.(ya?ml|json)$", re.IGNORECASE)
# involves: [ext:105]
_YAML_KEY = re.compile(rb"^([A-Za-z_]+):(?:[ \t\r]|$)", re.MULTILINE)
_JSON_KEY = re.compile(rb'[{,]\s*"([A-Za-z_]+)"\s*:')
_READ = 16 * 1024


def is_ticket(path: str, head: bytes) -> bool:
    """Whether a file is a ticket: all its keys are a ticket's and one is a ticket's alone; of a file with a ticket's name one
    key is enough.
    """
    if not _ENDING.search(path):
        return False
    begin = head[:_READ].removeprefix(b"\xef\xbb\xbf")
    pattern = _JSON_KEY if begin.lstrip()[:1] == b"{" else _YAML_KEY
    keys = {key.decode() for key in pattern.findall(begin)}
    if _NAME.search(path) and keys & KEYS:
        return True
    return len(keys) > 1 and keys <= KEYS and bool(keys & OWN_KEYS)
