"""Rules made from what somebody points at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analyzer.pack import PackError
from analyzer.pack.new import fixed_pieces, from_line, from_row
from tests.analyzer.pack.rules import LINE, built, log_rule, rule


def loads(folder: Path, text: str, *others: dict[str, Any]) -> dict[str, Any]:
    """The rule of a text, which must load."""
    data: dict[str, Any] = yaml.safe_load(text)
    made = built(folder, data, *others)
    assert not made.problems, [str(item) for item in made.problems]
    return data


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ('Could not write file "/var/x.wav": Input/output error 5', ["Could not write file", "Input/output error"]),
        ("[A.Logger] call 12 from 10.0.0.1:5060 was dropped", ["was dropped", "A.Logger", "call", "from"]),
        ("user105@example.com 1234", []),
        ("first line here\nsecond line here", ["first line here"]),
    ],
)
def test_what_stays_the_same(text: str, pieces: list[str]) -> None:
    assert fixed_pieces(text) == pieces


def test_a_rule_from_a_line_loads(tmp_path: Path) -> None:
    line = LINE.format('Could not write file "/var/x y.wav": Input/output error: 5')
    data = loads(tmp_path, from_line("NEW-01", "Disk trouble", "service_log", line), log_rule())
    assert data["detection"]["seen"] == {
        "text|contains|all": ["Could not write file", "Input/output error", "Some.Logger"]
    }
    assert data["samples"]["fires"] == [{"kind": "service_log", "lines": [line]}]
    assert (data["status"], data["level"], data["name"]) == ("experimental", "low", "new_01")


@pytest.mark.parametrize(
    ("kind", "line", "words"),
    [
        ("nothing_log", "x", "no parser reads"),
        ("service_log", "no record", "does not understand this line"),
        ("service_log", "2026/11/12 10:14:00.119|0021|Erro| 12 34 567", "no fixed text"),
    ],
)
def test_lines_that_make_no_rule(kind: str, line: str, words: str) -> None:
    with pytest.raises(PackError, match=words):
        from_line("NEW-01", "t", kind, line)


def test_a_rule_from_a_row_loads(tmp_path: Path) -> None:
    row = {
        "mac": "805e0c112233", "vendor": "Ac*me", "custom_template": True, "stun": None, "extensions": ["105"],
        "source": {"artifact": "x"}, "stun_confidence": 60,
    }  # fmt: skip
    data = loads(tmp_path, from_row("NEW-01", "Odd", "phone", row, []), rule())
    assert data["detection"]["seen"] == {
        "mac": "805e0c112233", "vendor": r"Ac\*me", "custom_template": True, "stun_confidence": 60,
    }  # fmt: skip
    assert data["samples"]["silent"][0]["phone"][0]["custom_template"] is False
    some = loads(tmp_path, from_row("NEW-01", "Odd", "phone", row, ["custom_template"]))
    assert some["detection"]["seen"] == {"custom_template": True}


def test_a_row_with_derived_fields(tmp_path: Path) -> None:
    loads(tmp_path, from_row("NEW-01", "Odd", "event", {"event_id": 4100, "trunk": "10000"}, []))


@pytest.mark.parametrize(
    ("table", "row", "fields", "words"),
    [
        ("phones", {}, [], "table 'phones' is not known; did you mean 'phone'?"),
        ("phone", {"vendor": "x"}, ["vendro"], "no field 'vendro'; did you mean 'vendor'?"),
        ("phone", {"stun": None, "extensions": []}, [], "no single value"),
    ],
)
def test_rows_that_make_no_rule(table: str, row: dict[str, Any], fields: list[str], words: str) -> None:
    with pytest.raises(PackError) as caught:
        from_row("NEW-01", "t", table, row, fields)
    assert words in str(caught.value)
