"""Numbers, days and names of languages: what English does without Babel is what Babel says."""

from __future__ import annotations

import pytest
from babel import Locale
from babel.numbers import format_decimal

from analyzer import i18n
from analyzer.forms import LANGUAGE_NAMES, LOCALES, day, language_name, measure, moment, number


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-12T09:14:00.120000Z", "2026-11-12 09:14:00.120 UTC"),
        ("2026-11-12 09:14:00.120000+00", "2026-11-12 09:14:00.120 UTC"),
        ("2026-11-12T09:14:00+00:00", "2026-11-12 09:14:00 UTC"),
        ("2026-11-12T09:14:00.5", "2026-11-12 09:14:00.5 server time"),
        ("2026-11-12T09:14:00+02:00", "2026-11-12T09:14:00+02:00"),
        ("16:12:12.205", "16:12:12.205"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments(text: str, shown: str) -> None:
    assert moment(text, fraction=True) == shown


def test_moments_to_the_second() -> None:
    assert moment("2026-11-12T09:14:00.120000Z") == "2026-11-12 09:14:00 UTC"


def test_what_only_looks_like_a_moment_stays_as_it_is() -> None:
    with i18n.language("de"):
        assert moment("2026-99-99 09:14:00Z") == "2026-99-99 09:14:00Z"
        assert moment("2026-11-12T09:14:00Z") == "12.11.2026 09:14:00 UTC"


def test_measures() -> None:
    assert [measure(value) for value in (18.000074, 0.1084, 1234.5)] == ["18.0", "0.108", "1,234.5"]
    with i18n.language("fr"):
        assert measure(0.1084) == "0,108"
