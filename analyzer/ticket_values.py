"""What the values of a ticket may be.

Each reader takes a value as YAML, JSON, a form or ``--set`` gives it, and returns it clean, or raises `WrongValueError` with
what is allowed. A blank value and the word ``unknown`` are null: not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct

from parsers import lazy

H = TypeVar("H", bound=Hashable)

PARTNER_TIERS = ("end_user", "bronze", "silver", "gold", "platinum", "titanium")
HOSTINGS = ("hosted_by_3cx", "self_hosted", "on_premise")
EDITIONS = ("free", "startup", "basic", "smb", "standard", "pro", "enterprise", "trial")
PROBLEMS = (
    "calls", "audio", "trunk", "phone", "provisioning", "network", "firewall", "os", "update", "install", "backup",
    "web_client", "mobile_app", "queue_ivr", "voicemail", "fax", "crm", "pms", "teams", "cfd", "call_control_api",
    "conference_third_party", "fraud", "headset", "gateway", "custom_template", "licence", "first_line", "evaluation",
    "remote_session", "other",
)  # fmt: skip
"""Problem areas."""
REQUESTS = (
    "remote_session", "remote_install", "remote_provisioning", "cfd", "firewall", "fraud_analysis", "conference",
    "first_line", "evaluation",
)  # fmt: skip
"""Kinds of work that a ticket may ask for."""
PARTY_KINDS = ("ext", "phone", "trunk", "call", "integration")
"""What a problem may involve."""

MAX_TEXT = 20_000
MAX_ITEMS = 200
MAX_NUMBER = 1_000_000

# ``on`` and ``off`` are booleans of YAML too
_TRUE = ("yes", "true", "on")
_FALSE = ("no", "false", "off")
_NO_KEY = (*_FALSE, "none", "n/a", "-")
HIDDEN = "(not shown)"
"""Stands in the place of a value that may be a licence key."""
_VERSION = lazy.pattern(r"v?(\d{1,4}(?:\.\d{1,6}){0,3})")
_LANGUAGE = lazy.pattern(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")
_MAC = lazy.pattern(r"[0-9a-f]{12}")
_HALF = lazy.pattern("[\ud800-\udfff]")


class WrongValueError(ValueError):
    """A value is not allowed; the text says what is. ``value`` is the wrong entry of a list, null where the whole is wrong."""

    def __init__(self, allowed: str, value: object = None) -> None:
        super().__init__(allowed)
        self.value = value


class Moment(Struct, frozen=True):
    """When the ticket was opened. ``zone_given`` is false where the text had no zone and UTC was taken."""

    time: datetime
    zone_given: bool


class Party(Struct, frozen=True):
    """Something that the problem touches: ``ext:105``. A phone's MAC is 12 lower-case hex digits."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


Reader = Callable[[Any], Any]


def is_blank(value: object) -> bool:
    """Whether a value says nothing: null, blank text, an empty list, the word ``unknown``."""
    if value is None or value == []:
        return True
    return isinstance(value, str) and value.strip().casefold() in ("", "unknown", "null", "~")


def text(value: object) -> str:
    """Free text, blanks around it taken off. Raises `WrongValueError`."""
    if isinstance(value, bool | list | dict) or len(str(value)) > MAX_TEXT or not is_whole(str(value)):
        raise WrongValueError(f"text of at most {MAX_TEXT} characters")
    return str(value).strip()


def licence_key(value: object) -> str | None:
    """The key as text, null where it says that there is none. Raises `WrongValueError`, which never holds the value."""
    if value is False:
        return None
    if isinstance(value, list | dict):
        raise WrongValueError("the key as one text", HIDDEN)
    try:
        word = str(value) if value is True else text(value)
    except WrongValueError as wrong:
        raise WrongValueError(str(wrong), HIDDEN) from None
    return None if word.casefold() in _NO_KEY else word


def is_whole(word: str) -> bool:
    """Whether every character can be written: half of a pair (from JSON, from a command line that is no UTF-8) cannot."""
    return not _HALF.search(word)


def truth(value: object) -> bool:
    """A yes or no. Raises `WrongValueError`."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise WrongValueError("yes, no, true, false")


def number(least: int) -> Reader:
    """A reader of whole numbers from ``least``."""

    def read(value: object) -> int:
        digits = str(value).strip()
        if (
            isinstance(value, bool)
            or not re.fullmatch(r"\d{1,7}", digits, re.ASCII)
            or not least <= int(digits) <= MAX_NUMBER
        ):
            raise WrongValueError(f"a whole number from {least} to {MAX_NUMBER}")
        return int(digits)

    return read


def choice(allowed: tuple[str, ...]) -> Reader:
    """A reader of one of several words; case, blanks and hyphens do not matter."""

    def read(value: object) -> str:
        word = re.sub(r"[\s\-]+", "_", str(value).strip().casefold())
        if word not in allowed:
            raise WrongValueError(", ".join((*allowed, "unknown")))
        return word

    return read


def choices(allowed: tuple[str, ...]) -> Reader:
    """A reader of a list of such words; one word alone is a list of one."""
    one = choice(allowed)

    def read(value: object) -> list[str]:
        return _each(one, value)

    return read


def _each(read: Callable[[object], H], value: object) -> list[H]:
    """The entries of a list, read one by one, each once. Raises `WrongValueError` that names the entry."""
    found: dict[H, None] = {}
    for item in items(value):
        try:
            found[read(item)] = None
        except WrongValueError as wrong:
            raise WrongValueError(str(wrong), item) from None
    return list(found)


def items(value: object) -> list[Any]:
    """The entries of a list, or of text with commas, without blank ones. Raises `WrongValueError` beyond `MAX_ITEMS`."""
    if isinstance(value, str):
        entries: list[Any] = [part.strip() for part in value.split(",") if part.strip()]
    elif isinstance(value, list | tuple):
        entries = list(value)
    else:
        entries = [value]
    if len(entries) > MAX_ITEMS or any(isinstance(e, list | tuple) for e in entries):
        raise WrongValueError(f"a list of at most {MAX_ITEMS} texts")
    return [entry for entry in entries if not is_blank(entry)]


def version(value: object) -> str:
    """A version of the PBX (``20.0.9.995``). Raises `WrongValueError`."""
    found = _VERSION.fullmatch(str(value).strip())
    if not found:
        raise WrongValueError("a version such as 20.0.9.995")
    return found[1]


def moment(value: object) -> Moment:
    """A date and time of ISO 8601. Raises `WrongValueError`."""
    allowed = "a date and time such as 2026-11-16T09:30:00+01:00"
    if isinstance(value, datetime):
        when = value
    else:
        try:
            when = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise WrongValueError(allowed) from None
    if not 2000 <= when.year <= 2200:
        raise WrongValueError(f"{allowed}, between the years 2000 and 2200")
    if when.tzinfo is None:
        return Moment(when.replace(tzinfo=UTC), zone_given=False)
    return Moment(when.astimezone(timezone(when.utcoffset() or timedelta())), zone_given=True)


@cache
def _territories() -> dict[str, str]:
    """ISO 3166 codes of two and three letters → the two letters."""
    from babel import Locale
    from babel.core import get_global

    # regions, pseudo-locales and codes that ISO only reserves
    no_country = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
    two = {code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)} - no_country
    known = {code: code for code in two}
    for code, alias in get_global("territory_aliases").items():
        if re.fullmatch("[A-Z]{3}", code) and len(alias) == 1 and alias[0] in two:
            known[code] = alias[0]
    return known


def country(value: object) -> str:
    """A country as its two letters of ISO 3166-1; three letters are understood. Raises `WrongValueError`."""
    code = str(value).strip().upper()
    found = _territories().get(code)
    if found is None:
        raise WrongValueError("a country code of ISO 3166 such as ES, DE, GB")
    return found


def language(value: object) -> str:
    """A language as its code (``es``, ``es-ES``), lower case, without the region. Raises `WrongValueError`."""
    from babel import Locale

    found = _LANGUAGE.fullmatch(str(value).strip())
    code = found[1].lower() if found else ""
    if code not in Locale("en").languages:
        raise WrongValueError("a language code of ISO 639 such as en, de, es")
    return code


def party(value: object) -> Party:
    """One entry of ``involves``. Raises `WrongValueError`."""
    if isinstance(value, dict) and len(value) == 1:  # "- ext: 105", a blank too many
        value = ":".join(map(str, next(iter(value.items()))))
    kind, colon, name = str(value).strip().partition(":")
    kind, name = kind.strip().casefold(), name.strip()
    if not colon or kind not in PARTY_KINDS or not name or len(name) > 300 or not is_whole(name):
        raise WrongValueError("ext:105, phone:MAC, trunk:NAME-or-number, call:ID, integration:NAME")
    if kind == "phone":
        bare = re.sub(r"[:.\-\s]", "", name).casefold()
        name = bare if _MAC.fullmatch(bare) else name
    return Party(kind, name)


def parties(value: object) -> list[Party]:
    """What the problem involves. Raises `WrongValueError`."""
    return _each(party, value)


def _incident(item: object) -> str:
    if isinstance(item, dict) and len(item) == 1:  # "- Queue 801: skips an agent" is a mapping to YAML
        (name, rest) = next(iter(item.items()))
        item = item if isinstance(rest, list | dict) else f"{name}: {rest}"
    try:
        return text(item)
    except WrongValueError as wrong:
        raise WrongValueError(str(wrong), item) from None


def incidents(value: object) -> list[str] | int:
    """How many incidents the ticket is about: a number, or one text each. Raises `WrongValueError`."""
    if isinstance(value, list | tuple):
        return [_incident(item) for item in items(value)]
    if re.fullmatch(r"\d{1,4}", str(value).strip(), re.ASCII) and int(str(value)) > 0:
        return int(str(value))
    raise WrongValueError("a number from 1, or a list of one text each")
