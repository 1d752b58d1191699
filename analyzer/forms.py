"""Numbers, dates and lists as the reader's language writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

from analyzer.i18n import current_language, translate_plural
from analyzer.i18n import translate as _
from parsers import lazy

LOCALES = {"en": "en_GB"}
"""Babel's locale of a language where it is not the language's own code."""

LANGUAGE_NAMES = {
    "en": "English", "de": "German", "it": "Italian", "fr": "French", "ru": "Russian", "el": "Greek", "pt": "Portuguese",
    "es": "Spanish",
}  # fmt: skip
"""Names in English, which is read most: to ask Babel takes longer than to judge a small case."""

_MOMENT = lazy.pattern(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|\+00(?::00)?)?")
_TONOS = "\u0301"


def number(value: int) -> str:
    """A count: ``12,345``."""
    if -1000 < value < 1000 or current_language() == "en":  # Babel takes its time to start
        return f"{value:,}"
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_locale()))


def measure(value: float) -> str:
    """A measured value to the thousandth: ``18.0``, ``0.108``."""
    rounded = round(value, 3)
    if current_language() == "en":
        return f"{rounded:,}"
    from babel.numbers import format_decimal

    return str(format_decimal(rounded, format="#,##0.0##", locale=_locale()))


def day(text: str) -> str:
    """A date ``2026-11-22``; English keeps that form, which the logs have too."""
    if current_language() == "en":
        return text
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(text), "medium", locale=_locale()))


def moment(text: str, *, fraction: bool = False) -> str:
    """A time of the report (``2026-11-12T09:14:00.120000Z``) to the second, or with its milliseconds; without ``Z`` or offset it
    is the server's wall clock. What has another form stays as it is.
    """
    found = _MOMENT.fullmatch(text)
    if not found:
        return text
    zone = "UTC" if found[4] else _("server time")
    clock = found[2] + (found[3] or "" if fraction else "")
    try:
        return f"{day(found[1])} {clock} {zone}"
    except ValueError:  # a stranger's text with the look of a day
        return text


def due(text: str) -> str:
    """When something is due (ISO 8601 with an offset), with weekday and offset."""
    from babel.dates import format_date

    at = datetime.fromisoformat(text)
    offset = at.strftime("%z")
    return _("{day}, {time} ({zone})").format(
        day=format_date(at.date(), "full", locale=_locale()),
        time=at.strftime("%H:%M"),
        zone="UTC" if not at.utcoffset() else f"UTC{offset[:3]}:{offset[3:5]}",
    )


def country(code: str) -> str:
    """A country by its two letters."""
    from babel import Locale

    return str(Locale.parse(_locale()).territories.get(code, code))


def language_name(code: str) -> str:
    """A language by its code."""
    if current_language() == "en" and code in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[code]
    from babel import Locale

    return str(Locale.parse(_locale()).languages.get(code, code))


def first_few(texts: Iterable[str], most: int) -> list[str]:
    """The first texts without repetitions, and how many more there are."""
    found = list(dict.fromkeys(texts))
    left = len(found) - most
    return found if left <= 0 else [*found[:most], more(left)]


def more(count: int) -> str:
    """How many more there are."""
    return translate_plural("{n} more", "{n} more", count).format(n=number(count))


def labelled(label: str, value: object) -> str:
    """A value behind its label; languages differ in what stands before the colon."""
    return _("{label}: {value}").format(label=label, value=value)


def capitals(text: str) -> str:
    """A heading in capitals. Greek capitals have no accent but the dieresis."""
    if current_language() == "el":
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).replace(_TONOS, ""))
    return text.upper()


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _locale() -> str:
    language = current_language()
    return LOCALES.get(language, language)
