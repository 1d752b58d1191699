"""Numbers, days and names of languages: what English does without Babel is what Babel says."""

from __future__ import annotations

import pytest
from babel import Locale
from babel.numbers import format_decimal

from analyzer import i18n
from analyzer.forms import LANGUAGE_NAMES, LOCALES, day, language_name, number


@pytest.mark.parametrize("value", [0, 7, -999, 1000, -1234, 123_456, 12_345_678])
def test_numbers_in_english(value: int) -> None:
    assert number(value) == format_decimal(value, locale=LOCALES["en"])


def test_numbers_in_other_languages() -> None:
    with i18n.language("de"):
        assert [number(value) for value in (999, 1234)] == ["999", "1.234"]


def test_languages_in_english() -> None:
    assert tuple(LANGUAGE_NAMES) == i18n.LANGUAGES
    names = Locale.parse(LOCALES["en"]).languages
    assert {code: names[code] for code in LANGUAGE_NAMES} == LANGUAGE_NAMES
    assert [language_name(code) for code in ("pt", "nl", "xx")] == ["Portuguese", "Dutch", "xx"]


def test_languages_in_other_languages() -> None:
    with i18n.language("de"):
        assert [language_name(code) for code in ("en", "xx")] == ["Englisch", "xx"]


def test_days() -> None:
    assert day("2026-11-22") == "2026-11-22"
    with i18n.language("de"):
        assert day("2026-11-22") == "22.11.2026"
