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


def preferred(ticket_language: str | None, *, environment: bool = True) -> str:
    """The ticket's language, else the environment's, else English.

    ``environment`` is false where the same input must give the same bytes on every machine. Of ``LC_ALL``, ``LC_MESSAGES`` and
    ``LANG`` the first one that is set counts (POSIX.1, 8.2), also where it means no language: ``LC_ALL=C``.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG") if environment else ()
    spoken = next((name for name in map(os.environ.get, names) if name), None)
    return next((code for wish in (ticket_language, spoken) if wish and (code := code_of(wish))), LANGUAGES[0])


def code_of(name: str) -> str | None:
    """The code of `LANGUAGES` that a locale's name means (``pt_BR.UTF-8``, ``de-AT``), null where it is none of them."""
    short = name.replace("_", "-").split("-")[0].split(".")[0].lower()
    return short if short in LANGUAGES else None


@contextmanager
def language(code: str) -> Iterator[None]:
    """Use a language for the texts made inside the block; an unknown one falls back to English."""
    known = code_of(code) or LANGUAGES[0]
    translations = gettext.translation(DOMAIN, LOCALE_DIR, languages=[known], fallback=True)
    tokens = _current.set(translations), _language.set(known)
    try:
        yield
    finally:
        _current.reset(tokens[0])
        _language.reset(tokens[1])
