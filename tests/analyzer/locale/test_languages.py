"""The report in every language: its frame is translated, its plurals follow the language's rules."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from analyzer.case import Options, analyze
from analyzer.i18n import LANGUAGES, language, translate, translate_plural
from analyzer.report import html, text
from analyzer.report.build import build
from analyzer.ticket import load_ticket
from tests.conftest import ROOT

SAMPLE = "mixed"
TRANSLATED = LANGUAGES[1:]

HEADINGS = ("Why", "Way back into scope", "Support", "Could not be looked at", "Looked at")
"""Lines of the text report that stand alone; the one of the findings has their number behind it."""

SAME_WORD = {("fr", "Support")}
"""Words that a language shares with English."""


def options(folder: Path) -> Options:
    """The sample without a ticket, judged on its own day."""
    return Options(
        inputs=(str(folder / "input"),),
        ticket=load_ticket(None),
        ticket_given=False,
        as_of=date(2026, 11, 12),
    )


@cache
def rendered(code: str, form: str = "text") -> str:
    """The report on the sample in a language."""
    with language(code):
        report = build(analyze(options(ROOT / "sample_bundles" / SAMPLE)))
        return html.render(report) if form == "html" else text.render(report)


def headings(code: str) -> set[str]:
    """Lines that begin at the left edge, without what is counted behind them."""
    return {line.split(" (")[0] for line in rendered(code).splitlines() if line and not line.startswith(" ")}


def test_the_english_report_has_all_headings() -> None:
    assert set(HEADINGS) | {"Findings"} <= headings("en")


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize("heading", [*HEADINGS, "Findings"])
def test_headings_are_in_the_language(code: str, heading: str) -> None:
    with language(code):
        translated = translate(heading)
    assert translated in headings(code)
    assert (translated == heading) is ((code, heading) in SAME_WORD)
    assert (heading in headings(code)) is ((code, heading) in SAME_WORD)


@pytest.mark.parametrize("code", TRANSLATED)
@pytest.mark.parametrize(
    "words", ["Whole case", "judged as of", "No ticket given", "signatures need", "stayed silent", "by phone"]
)
def test_lines_around_the_facts_are_in_the_language(code: str, words: str) -> None:
    assert words in rendered("en")
    assert words not in rendered(code)


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_page_says_its_language_and_speaks_it(code: str) -> None:
    page = rendered(code, "html")
    assert f'lang="{code}"' in page
    assert "Way back into scope" not in page
    assert "Could not be looked at" not in page


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_a_fact_is_the_same_in_every_language(code: str) -> None:
    for fact in ("hollybrook.example.com", "excluded.outdated", "TRK-07", "20.0.8.1131"):
        assert fact in rendered(code)


def test_russian_has_a_form_for_one_for_a_few_and_for_many() -> None:
    forms = {count: plural("ru", "… and {n} more file", "… and {n} more files", count) for count in (1, 2, 5, 11, 21)}
    assert len({forms[1], forms[2], forms[5]}) == 3
    assert forms[11] == forms[5]
    assert forms[21] == forms[1]


@pytest.mark.parametrize("code", LANGUAGES)
def test_one_place_is_not_said_like_two(code: str) -> None:
    place = ("… and {n} more place", "… and {n} more places")
    assert plural(code, *place, 1) != plural(code, *place, 2)


def test_french_zero_is_singular() -> None:
    place = ("… and {n} more place", "… and {n} more places")
    assert plural("fr", *place, 0) == plural("fr", *place, 1)
    assert plural("de", *place, 0) == plural("de", *place, 2)


def plural(code: str, singular: str, several: str, count: int) -> str:
    """A message for a number, its number not filled in."""
    with language(code):
        return translate_plural(singular, several, count)
