"""Names for people: what a signature needs."""

from __future__ import annotations

import pytest

from analyzer.i18n import language
from analyzer.names import needs_text


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ("a capture", "a capture"),
        ("a capture or service logs", "service logs or a capture"),
        ("service logs or a capture", "service logs or a capture"),
        ("a live export, a backup or a capture or a backup", "a live export or a backup or a capture"),
        ("a capture and a live export or a backup", "a capture and a live export or a backup"),
        ("data for something", "data for something"),
    ],
)
def test_each_way_is_said_once_in_one_order(needs: str, said: str) -> None:
    assert needs_text(needs) == said


def test_each_way_is_translated() -> None:
    with language("es"):
        assert needs_text("templates or a live export") == "una exportación en vivo o plantillas"
