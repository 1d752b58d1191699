"""Takes secrets out of text before it leaves the program.

Two nets: values that parsers met in places known to hold secrets (`Facts.secrets`, the ticket's licence key), and what
`parsers.secret_text` knows of secrets that stand in free text. What is taken out is replaced by `MASK`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from parsers.secret_text import without_secrets

MASK = "‹secret›"
"""Stands in the place of a secret."""

MIN_LENGTH = 6
"""Shorter known values are not searched for, nor values of digits only (a PIN, a provider's user name that is a phone
number): they would blank extensions and trunks. Where they stand behind their key, the patterns take them."""


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
        return without_secrets(text, MASK)
