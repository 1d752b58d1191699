"""Single values of configuration files, made sense of. What is masked, empty or of another shape is null, never a guess."""

from __future__ import annotations

import ipaddress
import math
import re
from datetime import UTC, datetime
from typing import Any

from parsers import lazy
from parsers.facts.inventory import ProvisionType

TEXT_LIMIT = 500
"""Characters of one value that go into a row."""

_MASK = lazy.pattern(r"XXXX|xxxx|\*\*\*|####|[•●█▒][•●█▒]")
_MASK_WORD = lazy.pattern(r"[<\[(](?:redacted|masked|hidden|removed|censored|anonymi[sz]ed)[>\])]", re.IGNORECASE)
_MASK_WORDS = frozenset({"redacted", "masked", "removed", "censored", "xxx", "**"})

_WHOLE = lazy.pattern(r"[+-]?\d{1,19}", re.ASCII)

NO_DATA = frozenset({"", "{}", "[]", "null"})
"""JSON texts in which nothing stands."""

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})

_PROVISION_TYPES: dict[str, ProvisionType] = {
    # Pbx.ProvType of the configuration API, setupconfig.xml     and the network options of templates
    "locallan": "local_lan",
    "remoteext": "stun",
    "remoteextsipproxymgr": "tunnel",
    "sbc": "sbc",
    "remotestun": "stun",
    "remotespm": "tunnel",
}


def masked(value: str) -> bool:
    """Whether somebody blanked the value before giving the file away (``XXXX``, ``***``, ``<redacted>``), wholly or in part."""
    return (
        _MASK.search(value) is not None
        or (value[:1] in "<[(" and _MASK_WORD.match(value) is not None)
        or value.strip().lower() in _MASK_WORDS
    )


def text(value: Any) -> str | None:  # noqa: ANN401 - whatever a decoder gave
    """Text or a number as text, without surrounding blanks; null for empty and masked ones and for other types."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return None
    shown = str(value)[: TEXT_LIMIT + 100].strip()[:TEXT_LIMIT]
    return shown if shown and not masked(shown) else None


def whole(value: Any) -> int | None:  # noqa: ANN401 - whatever a decoder gave
    """A whole number, also from text (``"16"``); null beyond 64 bits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        stripped = value.strip()
        if not _WHOLE.fullmatch(stripped):
            return None
        value = int(stripped)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and -(1 << 63) <= value < 1 << 63 else None


def count(value: Any) -> int | None:  # noqa: ANN401 - whatever a decoder gave
    """`whole`, of a number of things or a size: null below 0."""
    known = whole(value)
    return known if known is not None and known >= 0 else None


def number(value: Any) -> float | None:  # noqa: ANN401 - whatever a decoder gave
    """A finite number, also from text; OData writes ``"NaN"`` and ``"INF"``, which are null."""
    if isinstance(value, str):
        stripped = value.strip()
        if not re.fullmatch(r"[+-]?\d{1,19}(?:\.\d{1,19})?(?:[eE][+-]?\d{1,3})?", stripped, re.ASCII):
            return None
        value = float(stripped)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e300 < value < 1e300:
        return None
    return float(value)


def flag(value: Any) -> bool | None:  # noqa: ANN401 - whatever a decoder gave
    """Yes or no, also as text or number."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else str(value) if value in (0, 1) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def moment(value: Any) -> datetime | None:  # noqa: ANN401 - whatever a decoder gave
    """A time in ISO 8601 as UTC; without offset it is taken as UTC. Null for .NET's "no time" (year 1)."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
        parsed = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.year > 1 else None


def instant(value: Any) -> str | None:  # noqa: ANN401 - whatever a decoder gave
    """`moment` as the text that reports use: ``2028-05-01T00:00:00.000000Z``."""
    parsed = moment(value)
    return parsed.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0") if parsed else None


def mac(value: Any) -> str | None:  # noqa: ANN401 - whatever a decoder gave
    """A hardware address as 12 lower-case hex digits."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    digits = re.sub(r"[\s:.\-]", "", value).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) and digits != "0" * 12 else None


def address(value: Any) -> str | None:  # noqa: ANN401 - whatever a decoder gave
    """An IP address without port; ``203.0.113.77 Static`` and ``10.0.0.5:5060`` give the address."""
    if not isinstance(value, str) or len(value) > 200:
        return None
    first = value.strip().split(" ")[0].strip("[]")
    for candidate in (first, first.rpartition(":")[0].strip("[]")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None


def provision_type(value: Any) -> ProvisionType | None:  # noqa: ANN401 - whatever a decoder gave
    """3CX's word for how a phone is provisioned: ``RemoteExt`` or ``REMOTESTUN`` is ``stun``. That the two names mean the
    same is inferred from their equal order. Null for no word, ``unknown`` for a word that is not known.
    """
    word = text(value)
    return None if word is None else _PROVISION_TYPES.get(word.lower(), "unknown")
