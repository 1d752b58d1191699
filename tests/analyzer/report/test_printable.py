"""What a stranger wrote, as a terminal or a page may show it."""

from __future__ import annotations

from analyzer.report.printable import harmless, printable


def test_accents_are_not_piled_over_other_lines() -> None:
    assert harmless("a" + "\u0301" * 500 + "b") == "a" + "\u0301" * 3 + "b"
    assert harmless("ệ ά й ё") == "ệ ά й ё"
    assert harmless("e\u0302\u0323\u0301!") == "e\u0302\u0323\u0301!"


def test_control_characters_become_blanks() -> None:
    assert printable("\x1b[2Ja\u202eb\r\nc ") == "[2Ja b c"
