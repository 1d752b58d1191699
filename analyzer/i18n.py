"""Texts in the reader's language.

Message ids are the English sentences; catalogues lie in ``analyzer/locale``. A text without a translation stays English.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

DOMAIN = "tcxtriage"
LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES: tuple[str, ...] = ("en", "de", "it", "fr", "ru", "el", "pt", "es")
"""Languages that support is given in (policy clause ``entitle.language``), the default first."""

_current: ContextVar[gettext.NullTranslations] = ContextVar("translations", default=gettext.NullTranslations())  # noqa: B039 - never written to
_language: ContextVar[str] = ContextVar("language", default="en")


def translate(message: str) -> str:
    """The message in the current language."""
    return _current.get().gettext(message) if message else message


def mark(message: str) -> str:
    """Says that a text is translated later, where it is shown (a constant)."""
    return message


def translate_plural(singular: str, plural: str, count: int) -> str:
    """The right plural form of a message for ``count`` in the current language."""
    return _current.get().ngettext(singular, plural, count)


def current_language() -> str:
    """The language in use (a two-letter code of `LANGUAGES`)."""
    return _language.get()


def preferred(ticket_language: str | None) -> str:
    """The ticket's language, else the environment's (``LC_ALL``, ``LC_MESSAGES``, ``LANG``), else English."""
    for wish in (ticket_language, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))):
        short = (wish or "").replace("_", "-").split("-")[0].split(".")[0].lower()
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]


@contextmanager
def language(code: str) -> Iterator[None]:
    """Use a language for the texts made inside the block; an unknown one falls back to English."""
    short = code.replace("_", "-").split("-")[0].lower()
    known = short if short in LANGUAGES else "en"
    translations = gettext.translation(DOMAIN, LOCALE_DIR, languages=[known], fallback=True)
    tokens = _current.set(translations), _language.set(known)
    try:
        yield
    finally:
        _current.reset(tokens[0])
        _language.reset(tokens[1])
