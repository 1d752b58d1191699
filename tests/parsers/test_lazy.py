"""Regexes that are compiled at their first use."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import analyzer
import parsers
from parsers import lazy


def test_it_is_compiled_once_and_when_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[tuple[str, int]] = []
    real = re.compile

    def noted(text: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append((text, flags))
        return real(text, flags)

    monkeypatch.setattr(re, "compile", noted)
    word = lazy.pattern(r"(?P<word>[a-z]+)", re.IGNORECASE)
    assert compiled == []
    found = word.search("12 Ab")
    assert found is not None
    assert found["word"] == "Ab"
    assert word.search("12") is None
    assert compiled == [(r"(?P<word>[a-z]+)", re.IGNORECASE)]
    assert (word.sub("x", "a1b"), word.flags & re.IGNORECASE, list(word.groupindex)) == ("x1x", re.IGNORECASE, ["word"])


def test_a_wrong_expression_raises_when_it_is_used() -> None:
    wrong = lazy.pattern("(")
    with pytest.raises(re.error):
        wrong.match("x")
    with pytest.raises(AttributeError):
        _ = lazy.pattern("x").no_method  # type: ignore[attr-defined]


def test_every_pattern_of_the_program_can_be_compiled() -> None:
    kind = type(lazy.pattern(""))
    found = 0
    for package in (analyzer, parsers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for value in vars(importlib.import_module(module.name)).values():
                    if isinstance(value, kind):
                        assert isinstance(value.flags, int)
                        found += 1
    assert found > 50
