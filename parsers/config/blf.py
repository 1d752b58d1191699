"""The string in which 3CX keeps a user's line keys.

``<PhoneDevice><BLFS><BLF ID="29" BLFNo="2" BLFType="BLF" BLFTypeID="0">100</BLF></BLFS></PhoneDevice>``
"""

from __future__ import annotations

from parsers import lazy

_KEY = lazy.pattern(r"<BLF\s[^<>]{0,400}?BLFType(?:ID)?\s{0,3}=")
_LIMIT = 200_000


def count_keys(text: str) -> int | None:
    """How many keys are assigned; null where the text is no such string."""
    if "<BLFS" not in text[:_LIMIT]:
        return 0 if not text.strip() else None
    return sum(1 for _ in _KEY.finditer(text[:_LIMIT]))
