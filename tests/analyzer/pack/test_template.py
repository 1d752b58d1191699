from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from analyzer.pack.template import VALUE_LIMIT, fill, filled_whole, words

VALUES = {
    "loss": 3.14159,
    "both": True,
    "none": None,
    "empty": [],
    "names": ["a", None, "b"],
    "whole": 32.0,
    "text": "x",
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "yes"), (False, "no"), (32.050606, "32.05"), (32.0, "32"), (7, "7"), (None, ""), ([], ""), (["a", None, True], "a, yes"),
        (datetime(2026, 10, 30, tzinfo=UTC), "2026-10-30"), (datetime(2026, 10, 30, 9, 5, tzinfo=UTC), "2026-10-30 09:05:00 UTC"),
        (datetime(2026, 10, 30, 1, tzinfo=timezone(timedelta(hours=1))), "2026-10-30"),
        ("2026-10-01T00:00:00.000000Z", "2026-10-01"), ("2026-10-01T08:00:00Z", "2026-10-01 08:00:00 UTC"), ("2026-04-31T08:00:00Z",) * 2,
        ("y" * (VALUE_LIMIT + 1), "y" * (VALUE_LIMIT - 1) + "…"),
    ],
)  # fmt: skip
def test_values_for_people(value: object, shown: str) -> None:
    assert words(value) == shown


def test_messages_in_both_languages() -> None:
    template = "{loss} % lost, both: {both}, {names}, {none}, {empty}; {whole} s {not a name}"
    assert fill(template, VALUES.get, "en") == "3.14 % lost, both: yes, a, b, unknown, unknown; 32 s {not a name}"
    assert fill("{both}, {none}", VALUES.get, "es") == "sí, desconocido"
    assert fill("{both}, {none}", VALUES.get, "de") == "yes, unknown"


def test_subjects_need_all_values() -> None:
    assert filled_whole("stream:{text}>{whole}", VALUES.get) == "stream:x>32"
    assert filled_whole("ext:{none}", VALUES.get) is None
    assert filled_whole("ext:{empty}", VALUES.get) is None
