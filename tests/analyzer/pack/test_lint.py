"""Each check of the lint, with a rule that it likes and one that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analyzer.pack.lint import CHECKS, lint
from tests.analyzer.pack.rules import LINE, built, count_rule, event_part, log_rule, rule


def found(folder: Path, *rules: dict[str, Any], clauses: frozenset[str] | None = None) -> list[str]:
    return [str(item).replace(f"{folder}/", "") for item in lint(built(folder, *rules), clauses)]


def test_rules_without_fault(tmp_path: Path) -> None:
    correlation = count_rule(tags=["area.trunk"])
    assert found(tmp_path, rule(), log_rule(), event_part("part_a", 1), correlation) == []


def test_every_check_has_a_name_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_what_does_not_load_is_listed_too(tmp_path: Path) -> None:
    assert found(tmp_path, rule(owner="nobody"))[0].startswith("rules.yaml:9: owner 'nobody'")


def one(folder: Path, name: str, *rules: dict[str, Any], clauses: frozenset[str] | None = None) -> str:
    """The only finding of a check."""
    [text] = [text for text in found(folder, *rules, clauses=clauses) if text.endswith(f"[{name}]")]
    return text


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ({"grade": None}, 1, "ABC-01 has no grade"),
        ({"falsepositives": None}, 1, "ABC-01 has no falsepositives"),
        ({"references": []}, 21, "ABC-01 has no references"),
        ({"tags": ["scope.x"]}, 23, "ABC-01 has no tag area.…"),
    ],
)
def test_missing_keys(tmp_path: Path, changes: dict[str, Any], line: int, words: str) -> None:
    assert one(tmp_path, "missing-keys", rule(**changes)) == f"rules.yaml:{line}: {words} [missing-keys]"


def test_level_against_confidence(tmp_path: Path) -> None:
    assert "at most low" in one(tmp_path, "level-confidence", rule(confidence=59))
    assert "inferred evidence is at most low" in one(tmp_path, "level-confidence", rule(grade="inferred"))
    assert found(tmp_path, rule(confidence=10, grade="inferred", level="low")) == []
    assert found(tmp_path, rule(confidence=60)) == []


def test_unknown_clause(tmp_path: Path) -> None:
    data = rule(tags=["scope.excluded.stun-phones", "area.phone"])
    assert found(tmp_path, data, clauses=frozenset({"excluded.stun-phones"})) == []
    assert "no clause 'excluded.stun-phones'" in one(tmp_path, "unknown-clause", data, clauses=frozenset({"x"}))


def test_duplicates(tmp_path: Path) -> None:
    other = rule("ABC-02", detection={"x": {"model": "T"}, "condition": "x"}, message="x", samples={"fires": [{"phone": [{"model": "T"}]}], "silent": [{"phone": [{}]}]})  # fmt: skip
    assert found(tmp_path, rule(), other) == []
    assert "id 1234" in one(tmp_path, "duplicate", *(item | {"id": "12345678-1234-5678-1234-567812345678"} for item in (rule(), other))).replace("12345678-1234-5678-1234-567812345678", "1234")  # fmt: skip
    assert "meaning is that of abc_01" in one(tmp_path, "duplicate", rule(), rule("ABC-02"))
    assert "code ABC-02 is that of" in one(tmp_path, "duplicate", rule(aliases=["ABC-02"]), other)
    assert found(tmp_path, rule(), other | {"code": "ABC-01", "name": "abc_01_model"}) == []


def test_generate_has_to_be_said(tmp_path: Path) -> None:
    temporal: dict[str, Any] = {"type": "temporal", "rules": ["abc_01", "log_01"], "condition": None, "group-by": None}
    both = {"phone": [{"vendor": "acme"}], "log": [{"time": "2026-11-12", "text": "disk is gone"}]}
    samples = {"fires": [both], "silent": [{"phone": []}]}
    quiet = count_rule("COR-01", temporal | {"generate": None}, samples=samples, message="x")
    del quiet["correlation"]["generate"]
    assert "say generate" in one(tmp_path, "generate", rule(), log_rule(), quiet)
    loud = count_rule("COR-01", temporal | {"generate": True}, samples=samples, message="x")
    assert found(tmp_path, rule(), log_rule(), loud) == []


def text_rule(**pattern: Any) -> dict[str, Any]:
    """A log rule over a pattern, whose firing sample has everything in it."""
    line = LINE.format("the disk failed with INVITE sip and code 12345 abc gone")
    samples = {
        "fires": [{"kind": "service_log", "lines": [line]}],
        "silent": [{"kind": "service_log", "lines": [LINE.format("-")]}],
    }
    return log_rule(
        "LOG-09",
        detection={"a": {f"text|{key}": value for key, value in pattern.items()}, "condition": "a"},
        samples=samples,
    )


@pytest.mark.parametrize("pattern", [{"contains": "abc"}, {"re": "abc|failed with"}])
def test_literals_that_are_short(tmp_path: Path, pattern: dict[str, Any]) -> None:
    assert "only 3 bytes of fixed text in a row, 4 are needed" in one(tmp_path, "weak-literal", text_rule(**pattern))


@pytest.mark.parametrize("pattern", [{"contains": "INVITE"}, {"re": "(?i)invite"}])
def test_literals_that_stand_everywhere(tmp_path: Path, pattern: dict[str, Any]) -> None:
    assert "'invite' stands in nearly every" in one(tmp_path, "weak-literal", text_rule(**pattern))


def test_good_literals(tmp_path: Path) -> None:
    assert found(tmp_path, text_rule(contains="disk failed")) == []
    assert found(tmp_path, text_rule(re=r"failed with .{1,20}code \d{5}")) == []


@pytest.mark.parametrize(
    "pattern", ["disk failed.*", r"with code \d+", r"disk failed[^y]+", "disk failed.*)"[:-1], r"disk failed\w{2,}"]
)
def test_open_ends(tmp_path: Path, pattern: str) -> None:
    line = LINE.format("the disk failedxx with code 12345 abc gone")
    data = text_rule(re=pattern)
    data["samples"]["fires"][0]["lines"] = [line]
    assert "ends with an open repeat" in one(tmp_path, "open-repeat", data)


def test_open_starts(tmp_path: Path) -> None:
    assert "begins with an open repeat" in one(tmp_path, "open-repeat", text_rule(re=".*disk failed"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message": "{vendro} is odd."}, "no column 'vendro'; did you mean 'vendor'?"),
        ({"severity_from": "standng"}, "no column 'standng'"),
        ({"confidence_from": "nothing"}, "no column 'nothing'"),
        ({"group_by": ["nothing"]}, "no column 'nothing'"),
        ({"subject": ["phone:{nothing}"]}, "no column 'nothing'"),
    ],
)
def test_unknown_fields(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert words in one(tmp_path, "unknown-field", rule(**changes))


def test_names_nearly_those_of_a_column(tmp_path: Path) -> None:
    data = log_rule(message="At {loger} a disk is gone.")
    assert "'loger' is no column, 'logger' is" in one(tmp_path, "unknown-field", data)
    assert found(tmp_path, log_rule(message="{remote_addr} {count} {subjects}")) == []


def test_fields_of_correlations(tmp_path: Path) -> None:
    assert found(tmp_path, event_part("part_a", 1), count_rule(message="{trunk} {part_a.origin} {count}")) == []
    data = count_rule(message="{orign}")
    assert "'orign' is no column" in one(tmp_path, "unknown-field", event_part("part_a", 1), data)


@pytest.mark.parametrize("message", ["{vendor is odd", "{ven dor} is odd", "a } b"])
def test_broken_placeholders(tmp_path: Path, message: str) -> None:
    assert "is no placeholder" in one(tmp_path, "placeholder", rule(message=message))


def test_samples_that_do_not_cover_the_condition(tmp_path: Path) -> None:
    detection = {"odd": {"vendor": ["Acme", "Other"]}, "condition": "odd"}
    samples: dict[str, Any] = {"fires": [{"phone": [{"vendor": "Acme"}]}], "silent": [{"phone": [{}]}]}
    text = one(tmp_path, "uncovered", rule(detection=detection, samples=samples))
    assert text == "rules.yaml:28: no firing sample proves: vendor is 'Other' [uncovered]"
    samples["fires"].append({"phone": [{"vendor": "Other"}]})
    assert found(tmp_path, rule(detection=detection, samples=samples)) == []


def test_detections_that_the_condition_does_not_name(tmp_path: Path) -> None:
    detection = {"odd": {"vendor": "Acme"}, "left_over": {"model": "x"}, "condition": "odd"}
    assert "does not name 'left_over'" in one(tmp_path, "uncovered", rule(detection=detection))


def test_negated_parts_are_proved_by_their_absence(tmp_path: Path) -> None:
    detection = {"odd": {"vendor": "Acme"}, "harmless": {"model": ["A", "B"]}, "condition": "odd and not harmless"}
    samples = {
        "fires": [{"phone": [{"vendor": "Acme", "model": "C"}]}],
        "silent": [{"phone": [{"vendor": "Acme", "model": "A"}]}],
    }
    assert found(tmp_path, rule(detection=detection, samples=samples)) == []


def test_names_that_begin_with_an_operator(tmp_path: Path) -> None:
    detection = {"nothing": {"vendor": "Acme"}, "condition": "1 of noth*"}
    assert "'nothing' begins with 'not'" in one(tmp_path, "operator-name", rule(detection=detection))


def test_a_rule_that_fires_on_what_others_know_as_harmless(tmp_path: Path) -> None:
    others = [rule(f"OTH-{n:02d}", detection={"a": {"model": f"M{n}"}, "condition": "a"}, samples={"fires": [{"phone": [{"model": f"M{n}"}]}], "silent": [{"phone": [{"model": "x", "vendor": "Acme"}]}]}) for n in range(8)]  # fmt: skip
    assert "ABC-01 fires on 8 of 8 samples that are harmless" in one(tmp_path, "too-broad", rule(), *others)
    assert found(tmp_path, rule(level="informational"), *others) == []
    assert found(tmp_path, rule(), *others[:7]) == []
