"""Regexes that are compiled at their first use."""

from __future__ import annotations

import re

import pytest

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
