"""Who answers, in which language: what limits the levels, what is open, and languages that support does not speak."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analyzer.scope.making import judged


def test_a_limit_takes_the_levels_above_it_away() -> None:
    assert judged({"problem": "audio"}).route.levels == [1, 2, 3]
    limited = judged({"problem": "teams"}).route
    assert limited.levels == [1, 2]
    assert "The problem is about Microsoft Teams, for which there is no level 3." in [r.why for r in limited.reasons]


@pytest.mark.parametrize(
    ("ticket", "language", "why"),
    [
        ({"language": "es"}, "es", "As the ticket asks, as available; English is the default."),
        ({"language": "ja"}, "en", "No support is given in the ticket's language (ja); English is the default."),
        ({"language": None}, "en", "No language given; English is the default."),
    ],
)
def test_the_language_of_the_answer(ticket: dict[str, Any], language: str, why: str) -> None:
    route = judged(ticket).route
    assert route.language == language
    assert [reason.why for reason in route.reasons if reason.clause == "entitle.language"] == [why]
