"""The keys of a rule."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.pack import ir
from analyzer.pack.rule import DEFAULT_CONFIDENCE, read_rule
from tests.analyzer.pack.rules import count_rule, document, event_part, faults, rule


def read(data: dict[str, Any]) -> ir.Rule:
    draft, problems = read_rule(document(data))
    assert draft is not None, problems
    return draft.rule


def test_a_rule_with_everything() -> None:
    texts = {"es": {"title": "Título", "message": "{vendor} raro.", "remedy": "Mírelo."}}
    found = read(
        rule(
            description="d",
            tags=["scope.excluded.stun-phones", "area.phone", "area.audio", "attack.t1"],
            aliases=["ABC-02"],
            severity_from="standing",
            confidence_from="stun_confidence",
            subject=["phone:{mac}"],
            group_by="vendor",
            texts=texts,
        )
    )
    assert (found.code, found.name, found.level, found.owner, found.confidence) == (
        "ABC-01",
        "abc_01",
        "high",
        "partner",
        90,
    )
    assert (found.clause, found.areas, found.aliases) == ("excluded.stun-phones", ("phone", "audio"), ("ABC-02",))
    assert (found.severity_from, found.confidence_from) == ("standing", "stun_confidence")
    assert (found.subject, found.group_by, found.tables) == (("phone:{mac}",), ("vendor",), ("phone",))
    assert found.text("es").title == "Título"
    assert found.text("de").title == found.title == "Title of ABC-01"
    assert (found.file, found.line, found.grade) == ("x.yaml", 1, "standard")


def test_sigma_calls_info_informational() -> None:
    assert read(rule(level="informational")).level == "info"
    assert any("'info' is not a valid Sigma rule level" in text for text in faults(rule(level="info")))


def test_confidence_from_needs_no_number() -> None:
    assert read(rule(confidence=None, confidence_from="stun_confidence")).confidence == DEFAULT_CONFIDENCE


@pytest.mark.parametrize("key", ["title", "id", "name", "status", "level", "owner", "message", "remedy", "samples"])
def test_missing_keys(key: str) -> None:
    data = rule()
    del data[key]
    assert any(f"key {key!r} is missing" in text for text in faults(data))


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ({"confidence": None}, 1, "'confidence' (0-100) or 'confidence_from' is missing"),
        ({"confidence": 101}, 7, "from 0 to 100"),
        ({"confidence": True}, 7, "from 0 to 100"),
        ({"code": "abc"}, 4, "not of the form TRK-07"),
        ({"name": "other"}, 3, "name must be 'abc_01'"),
        ({"owner": "parner"}, 9, "did you mean 'partner'?"),
        ({"status": "old"}, 5, "'old'"),
        ({"level": "severe"}, 6, "'severe' is not a valid Sigma rule level"),
        ({"grade": "sure"}, 8, "grade 'sure' is not known"),
        ({"id": "1234"}, 2, "must be an UUID"),
        ({"tags": ["scope.a", "scope.b"]}, 23, "more than one tag scope"),
        ({"aliases": [1]}, 32, "aliases must be a list of texts"),
        ({"sample": []}, 32, "key 'sample' is not known; did you mean 'samples'?"),
        ({"logsource": {"product": "linux", "category": "phone"}}, 11, "product must be '3cx'"),
        ({"logsource": {"product": "3cx", "category": "phones"}}, 12, "table 'phones' is not known; did you mean 'phone'?"),
        ({"texts": {"es": {"title": "t"}}}, 33, "need just title, message and remedy"),
        ({"texts": {"es": {"title": "t", "message": "{modle}", "remedy": "r"}}}, 35, "placeholders that the English one has not: modle"),
    ],
)  # fmt: skip
def test_faults_name_their_line(changes: dict[str, Any], line: int, words: str) -> None:
    found = faults(rule(**changes))
    assert any(words in text and text.startswith(f"x.yaml:{line}:") for text in found), found


def test_parts_have_no_code() -> None:
    part = read(event_part("part_a", 1))
    assert (part.code, part.name) == ("", "part_a")


def test_a_further_rule_of_a_code_bears_its_name_and_a_word() -> None:
    named = read(rule("ABC-01", name="abc_01_trunk"))
    assert (named.code, named.name) == ("ABC-01", "abc_01_trunk")
    assert any("further rules of it abc_01_…" in text for text in faults(rule("ABC-01", name="abc_01trunk")))


def joined(**correlation: Any) -> ir.Correlation:
    found = read(count_rule(correlation=correlation)).correlation
    assert found is not None
    return found


def test_correlations() -> None:
    found = joined()
    assert (found.type, found.rules, found.timespan_s, found.group_by, found.minimum) == (
        "event_count",
        ("part_a",),
        3600,
        ("trunk",),
        3,
    )
    assert joined(condition={"gt": 3}).minimum == 4
    assert joined(type="value_count", condition={"gte": 2, "field": "ip"}).field == "ip"
    assert joined(type="temporal", rules=["a", "b"], condition=None).needs == (("a", "b"),)
    either = joined(type="temporal", rules=["a", "b", "c"], condition="a and (b or c)")
    assert either.needs == (("a", "b"), ("a", "c"))
    assert joined(aliases={"who": {"a": "x"}}).aliases == {"who": {"a": "x"}}
    assert joined(generate=True).generate


@pytest.mark.parametrize(
    ("correlation", "words"),
    [
        ({"type": "value_avg", "condition": {"gte": 2, "field": "x"}}, "type value_avg is not known"),
        ({"type": "often"}, "'often' is no valid Sigma correlation type"),
        ({"condition": {"lt": 2}}, "cannot be proved: only gt and gte"),
        ({"condition": {"eq": 2}}, "cannot be proved: only gt and gte"),
        ({"condition": {"gte": 0}}, "a whole one from 1"),
        ({"condition": {"gte": 1.5}}, "a whole one from 1"),
        ({"timespan": "1 hour"}, "Timespan '1 hour' is invalid"),
        ({"type": "value_count"}, "without field reference"),
        ({"type": "temporal", "rules": ["a", "b"], "condition": "a and not b"}, "'not' cannot be proved"),
        ({"type": "temporal", "rules": ["a", "b"], "condition": {"gte": 1}}, "wants all its rules"),
        ({"type": "temporal_ordered", "rules": ["a", "b"], "condition": "a or b"}, "all its rules in their order"),
        ({"timespann": "1h"}, "'timespann' is not known; did you mean 'timespan'?"),
        ({"type": "temporal", "rules": [f"r{n}" for n in range(14)],
          "condition": " and ".join(f"(r{2 * n} or r{2 * n + 1})" for n in range(7))}, "more than 64 ways"),
    ],
)  # fmt: skip
def test_correlations_that_cannot_be(correlation: dict[str, Any], words: str) -> None:
    found = faults(count_rule(correlation=correlation))
    assert any(words in text for text in found), found
    assert all(not text.startswith("x.yaml:0") for text in found)


@pytest.mark.parametrize(
    "detection",
    [
        {"odd": {"vendor|re": "(" * 5000 + "a" + ")" * 5000}, "condition": "odd"},
        {"odd": {"vendor": "Acme"}, "condition": "not " * 20_001 + "odd"},
    ],
)
def test_what_is_nested_too_deeply_is_a_fault_of_the_rule(detection: dict[str, Any]) -> None:
    assert any("nested too deeply" in text for text in faults(rule(detection=detection)))
