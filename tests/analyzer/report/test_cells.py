"""Values of tables for people."""

from __future__ import annotations

import pytest

from analyzer import i18n
from analyzer.report.cells import MEASURED, WORDED, cell
from analyzer.report.html import TABLES


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (None, "status", "–"),
        ([], "extensions", "–"),
        (["101", "102"], "extensions", "101, 102"),
        (True, "registered", "yes"),
        (False, "enabled", "no"),
        (0, "lost", "0"),
        (12345, "packets", "12,345"),
        (18.000074, "duration_s", "18.0"),
        (0.1084, "jitter_max_ms", "0.108"),
        ("2026-11-12T15:00:05.000148Z", "start", "2026-11-12 15:00:05 UTC"),
        ("no_response", "outcome", "no response"),
        ("eol", "status", "end of life"),
        ("local_lan", "provision_type", "local LAN"),
        ("formerly_supported", "status", "formerly supported"),
        ("local_lan", "name", "local_lan"),
        ("busy", "from_user", "busy"),
    ],
)
def test_cells(value: object, column: str, shown: str) -> None:
    assert cell(value, column) == shown


def test_cells_in_another_language() -> None:
    with i18n.language("de"):
        assert cell("no_response", "outcome") == "keine Antwort"
        assert cell(1234.5, "duration_s") == "1.234,5"
        assert cell("2026-11-12T15:00:05.000148Z", "start") == "12.11.2026 15:00:05 UTC"


def test_columns_with_words_and_measures_are_columns_of_the_page() -> None:
    columns = {column for names in TABLES.values() for column in names}
    assert columns >= WORDED
    assert columns >= MEASURED
