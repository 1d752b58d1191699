"""The catalogues: whole, in step with the texts, and compiled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from analyzer.i18n import LANGUAGES, LOCALE_DIR
from analyzer.locale.collect import collect, in_python
from analyzer.locale.faults import faults_of
from analyzer.locale.files import HERE, load, path_of

TRANSLATED = LANGUAGES[1:]

Key = str | tuple[str, ...]


@cache
def template() -> Catalog:
    """All texts of the program."""
    return collect()


def key(text: str | Sequence[str]) -> Key:
    """A message's id or translation, comparable."""
    return text if isinstance(text, str) else tuple(text)


def ids_of(catalog: Catalog) -> set[Key]:
    """What a catalogue translates; its header has no id."""
    return {key(message.id) for message in catalog if message.id}


def texts_of(catalog: Catalog) -> dict[Key, Key]:
    """Translations by what they translate."""
    return {key(message.id): key(message.string or "") for message in catalog if message.id}


def small(
    language: str, text: str | tuple[str, str], translation: str | tuple[str, ...], flags: tuple[str, ...] = ()
) -> list[str]:
    """The faults of a catalogue of one message."""
    original = Catalog()
    original.add(text)
    done = Catalog(locale=language)
    done.add(text, translation, flags=flags)
    return list(faults_of(done, original))


def test_all_languages_of_the_policy_are_there() -> None:
    folders = {path.name for path in LOCALE_DIR.iterdir() if (path / "LC_MESSAGES").is_dir()}
    assert folders == set(TRANSLATED)
    assert len(TRANSLATED) == 7


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_missing_and_placeholders_fit(language: str) -> None:
    assert list(faults_of(load(language), template())) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_of_texts_that_are_gone(language: str) -> None:
    assert ids_of(load(language)) - ids_of(template()) == set()


@pytest.mark.parametrize(
    ("language", "forms"), [("de", 2), ("it", 2), ("fr", 2), ("ru", 3), ("el", 2), ("pt", 2), ("es", 2)]
)
def test_every_plural_has_the_forms_of_its_language(language: str, forms: int) -> None:
    catalog = load(language)
    plurals = [key(message.string or "") for message in catalog if isinstance(message.id, (tuple, list))]
    assert catalog.num_plurals == forms
    assert plurals
    assert {len(strings) for strings in plurals if isinstance(strings, tuple)} == {forms}


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_the_program_reads_is_what_was_written(language: str) -> None:
    with path_of(language, "mo").open("rb") as source:
        assert texts_of(read_mo(source)) == texts_of(load(language))


def test_the_template_has_the_texts_of_the_program() -> None:
    with (HERE / "tcxtriage.pot").open("rb") as source:
        assert ids_of(read_po(source)) == ids_of(template())


def test_a_missing_text_is_a_fault() -> None:
    assert small("de", "Why", "") == ["not translated: 'Why'"]


def test_a_guessed_text_is_a_fault() -> None:
    assert small("de", "Why", "Warum", flags=("fuzzy",)) == ["not translated: 'Why'"]


def test_another_placeholder_is_a_fault() -> None:
    assert small("de", "Due {due}.", "Fällig: {do}.") == [
        "other placeholders than the original: 'Due {due}.' → 'Fällig: {do}.'"
    ]


def test_a_broken_placeholder_is_a_fault() -> None:
    assert len(small("de", "Due {due}.", "Fällig: {due.")) == 1


def test_a_missing_plural_form_is_a_fault() -> None:
    assert small("ru", ("{n} call", "{n} calls"), ("{n} вызов", "{n} вызова")) == [
        "2 plural forms instead of 3: '{n} calls'"
    ]


def test_an_empty_plural_form_is_a_fault() -> None:
    assert small("de", ("{n} call", "{n} calls"), ("{n} Anruf", "")) == ["not translated: '{n} calls'"]


def test_a_good_text_is_none() -> None:
    assert small("de", ("{n} call", "{n} calls"), ("{n} Anruf", "{n} Anrufe")) == []


def test_texts_are_found_inside_f_strings_and_as_pairs() -> None:
    source = 'say(f"{_(\'Why\')}: {value}", translate_plural("{n} call", "{n} calls", n), _(name), other("no text"))'
    assert sorted(in_python(source), key=str) == [("{n} call", "{n} calls"), "Why"]
