from __future__ import annotations

import pytest

from analyzer.i18n import preferred

NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")


@pytest.mark.parametrize(
    ("spoken", "code"),
    [
        (("", "", ""), "en"),
        (("", "", "de_DE.UTF-8"), "de"),
        (("", "it_IT", "de_DE.UTF-8"), "it"),
        (("pt_BR.UTF-8", "it_IT", "de_DE.UTF-8"), "pt"),
        (("C.UTF-8", "it_IT", "de_DE.UTF-8"), "en"),
        (("", "C", "de_DE.UTF-8"), "en"),
        (("nl_NL", "", "de_DE.UTF-8"), "en"),
    ],
)
def test_of_what_the_environment_says_the_first_counts(
    monkeypatch: pytest.MonkeyPatch, spoken: tuple[str, str, str], code: str
) -> None:
    for name, value in zip(NAMES, spoken, strict=True):
        monkeypatch.setenv(name, value)
    assert preferred(None) == code
    assert preferred("xx") == code
    assert preferred("fr") == "fr"
    assert preferred(None, environment=False) == "en"


def test_an_environment_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    assert preferred(None) == "en"
