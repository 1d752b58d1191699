"""A table of cases with expectations that were written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.analyzer.scope.making import MAKERS, finding, judged

TABLES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("combinations.yaml").read_text("utf-8"))
SCOPES = {"in": "in_scope", "out": "out_of_scope", "needs": "needs_information"}
MARKS = {"!": "excludes", "?": "requires", "-": "limits"}
SPECIAL = {"without", "parts", "outdated", "verbose_logs", "has_logs"}


def rows() -> list[Any]:
    """Every row of every table, with a name."""
    return [
        pytest.param(table, row, id=f"{table['table'][:40]} {row}"[:160]) for table in TABLES for row in table["rows"]
    ]


def arguments(table: dict[str, Any], row: list[Any]) -> dict[str, Any]:
    """What a row asks `making.given` for."""
    values = dict(zip(table["keys"], row, strict=False))
    ticket = table.get("ticket", {}) | {key: value for key, value in values.items() if key not in SPECIAL}
    made: dict[str, Any] = {
        "ticket": ticket,
        "without": [*table.get("without", []), *values.get("without", [])],
        "system": dict(table.get("system", {})),
        "fields": {},
        "findings": [finding(code) for code in table.get("findings", [])],
    }
    made["without"] = [key for key in made["without"] if key not in table["keys"]]
    if "parts" in values:
        made["rows"] = [MAKERS[words.split()[0]](*words.split()[1:]) for words in values["parts"]]
    if "outdated" in values:
        made["fields"]["outdated"] = values["outdated"]
    if "verbose_logs" in values:
        made["system"]["verbose_logs"] = values["verbose_logs"]
        made["fields"]["has_logs"] = values["has_logs"]
    return made


@pytest.mark.parametrize(("table", "row"), rows())
def test_combination(table: dict[str, Any], row: list[Any]) -> None:
    result = judged(**arguments(table, row))
    expected = row[len(table["keys"]) :]
    if table.get("route"):
        assert [result.route.levels, result.route.phone_support, result.route.priority] == expected
        return
    named = expected[1].split() if len(expected) > 1 else []
    strict = {(r.effect, r.clause) for r in result.verdict.reasons if r.effect != "advises"}
    assert strict == {(MARKS[word[0]], word[1:]) for word in named}
    assert result.verdict.scope == SCOPES[expected[0]]


def test_there_are_enough() -> None:
    assert len(rows()) >= 150
