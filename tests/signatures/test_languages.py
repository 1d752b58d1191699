"""Texts of the shipped rules in other languages."""

from __future__ import annotations

import string

import pytest

from analyzer.i18n import LANGUAGES
from analyzer.pack import load_pack
from analyzer.pack.ir import Rule

TRANSLATED_FACTS = frozenset({"label", "standing_why"})
"""Columns that are in the reader's language: an English sentence around them would be half in one, half in the other."""

RULES = load_pack(()).rules


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def in_every_language(rule: Rule) -> bool:
    return rule.code.startswith("SCOPE-") or bool(fields(rule.text("en").message) & TRANSLATED_FACTS)


@pytest.mark.parametrize("rule", [rule for rule in RULES if in_every_language(rule)], ids=lambda rule: rule.name)
def test_what_decides_about_the_scope_is_in_every_language(rule: Rule) -> None:
    assert set(rule.texts) == set(LANGUAGES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_translations_say_the_same_facts(rule: Rule) -> None:
    english = rule.text("en")
    for texts in rule.texts.values():
        assert fields(texts.message) == fields(english.message)
        assert fields(texts.remedy) == fields(english.remedy)
        assert texts.title
