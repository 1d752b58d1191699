"""Samples: a rule that they contradict does not load."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from analyzer.pack.errors import RuleError
from analyzer.pack.samples import make_row, sample_rows
from analyzer.pack.scan import Scanner
from analyzer.system import System
from parsers.facts.capture import Registration
from parsers.facts.inventory import Phone
from parsers.facts.log import Event, LogRecord
from tests.analyzer.pack.rules import LINE, built, count_rule, event, event_part, log_rule, pack, rule


def problems(folder: Path, *rules: dict[str, Any]) -> list[str]:
    return [str(item).replace(f"{folder}/", "") for item in built(folder, *rules).problems]


def test_samples_that_hold(tmp_path: Path) -> None:
    made = pack(tmp_path, rule(), log_rule(), event_part("part_a", 1), count_rule())
    assert [item.code for item in made.rules] == ["ABC-01", "CNT-01", "LOG-01"]
    assert [item.name for item in made.parts] == ["part_a"]


def samples(**sides: Any) -> dict[str, Any]:
    return rule(samples=sides)


FIRES, SILENT = [{"phone": [{"vendor": "Acme"}]}], [{"phone": [{"vendor": "Other"}]}]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (samples(fires=FIRES), 25, "at least one sample that stays silent is needed"),
        (samples(silent=SILENT, fires=[]), 29, "at least one sample that fires is needed"),
        (samples(fires=FIRES, silent=SILENT, often=[]), 32, "samples.often is not known"),
        (samples(fires=FIRES, silent=[{"phone": [{"vendor": "ACME"}]}]), 30, "is to be silent, but the rule fires on it"),
        (samples(fires=SILENT, silent=SILENT), 27, "the rule is silent on it: vendor is 'Acme' is false"),
        (samples(fires=[{"phone": [{"model": "x"}]}], silent=SILENT), 27, "vendor is 'Acme' is unknown"),
        (samples(fires=[{"trunk": [{"name": "x"}]}], silent=SILENT), 27, "it gives no row of table 'phone'"),
        (samples(fires=[{"phones": []}], silent=SILENT), 27, "table 'phones' is not known; did you mean 'phone'?"),
        (samples(fires=[{"phone": [{"vendro": "x"}]}], silent=SILENT), 28, "has no column 'vendro'; did you mean 'vendor'?"),
        (samples(fires=[{"phone": {}}], silent=SILENT), 27, "phone must be a list of rows"),
        (samples(fires=["text"], silent=SILENT), 27, "a sample is a mapping"),
        (rule(samples=["x"]), 25, "samples must be a mapping"),
    ],
)  # fmt: skip
def test_samples_that_do_not(tmp_path: Path, data: dict[str, Any], line: int, words: str) -> None:
    found = problems(tmp_path, data)
    assert len(found) == 1
    assert found[0].startswith(f"rules.yaml:{line}:"), found
    assert words in found[0]
    assert not built(tmp_path, data).compiled.rules


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ({"kind": "nothing_log", "lines": ["x"]}, "no parser reads artifacts of kind 'nothing_log'"),
        ({"kind": "service_log", "lines": ["no record at all"]}, "understands none of these lines"),
        ({"kind": "service_log"}, "has kind (a text) and lines"),
        ({"kind": "service_log", "lines": ["x"] * 1001}, "at most 1000 lines"),
        ({"kind": "service_log", "lines": [LINE.format("disk is here")]}, "no row of table 'log'"),
    ],
)
def test_samples_of_logs_that_cannot_be(tmp_path: Path, sample: dict[str, Any], words: str) -> None:
    data = log_rule()
    data["samples"]["fires"] = [sample]
    [found] = problems(tmp_path, data)
    assert words in found


def test_a_silent_sample_may_be_unknown(tmp_path: Path) -> None:
    assert not problems(tmp_path, samples(fires=FIRES, silent=[{"phone": [{"vendor": None}]}]))


def test_samples_of_correlations_are_judged_as_a_whole(tmp_path: Path) -> None:
    data = count_rule()
    data["samples"]["silent"] = data["samples"]["fires"]
    [found] = problems(tmp_path, event_part("part_a", 1), data)
    assert "is to be silent" in found


def test_a_sample_may_mix_lines_and_rows(tmp_path: Path) -> None:
    mixed = {"kind": "service_log", "lines": [LINE.format("the disk is gone")], "phone": [{"vendor": "Acme"}]}
    data = count_rule(
        "MIX-01",
        {"type": "temporal", "rules": ["log_01", "abc_01"], "condition": None, "group-by": None, "generate": True},
        samples={"fires": [mixed], "silent": [{"phone": [{"vendor": "Acme"}]}]},
    )
    assert not problems(tmp_path, log_rule(), rule(), data)


def test_rows_are_of_the_real_classes() -> None:
    row = make_row(Event, {"event_id": 4100, "time": "2026-11-12 09:14:00", "trunk": "10000"})
    assert isinstance(row, Event)
    assert (row.event_id, row.time) == (4100, datetime(2026, 11, 12, 9, 14, tzinfo=UTC))
    assert row.fields == {"trunk": "10000"}
    assert row.source.text == "event_id: 4100, time: 2026-11-12 09:14:00, trunk: 10000"
    system = make_row(System, {"SystemStatus.LocalIpValid": False})
    assert system.get("SystemStatus.LocalIpValid") is False
    assert make_row(Registration, {"status": "rejected"}).get("aor") is None
    assert make_row(Phone, {}).get("extensions") == []
    assert make_row(LogRecord, {"text": "x", "fields": {"a": 1}, "b": 2}).get("b") == 2


@pytest.mark.parametrize("time", ["yesterday", 12])
def test_times_that_are_none(time: object) -> None:
    with pytest.raises(RuleError, match="is no time in ISO 8601"):
        make_row(Event, {"time": time})


def test_rows_of_a_sample_by_table() -> None:
    rows = sample_rows({"event": [event(1, "09:00:00"), event(2, "09:00:01")], "phone": []}, Scanner.of(None))
    assert {table: len(some) for table, some in rows.items()} == {"event": 2, "phone": 0}
