"""The policy file: chosen by day, checked when read, in our own words."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

from analyzer.pack import ir
from analyzer.scope import policy as module
from analyzer.scope.judge import situation_of
from analyzer.scope.messages import messages
from analyzer.scope.policy import KINDS, Policy, PolicyError, available, parse
from analyzer.scope.route import routed
from analyzer.ticket import READERS
from parsers import cache
from tests.analyzer.scope.making import POLICY, crm, given, judged, phone, trunk

TODAY = date(2026, 11, 30)
HEAD = """
id: test
name: Test
date: 2026-01-01
source: {language: en}
facts: {x: {ask: What x is., values: [true, false]}}
parts: {phone: {own: [phone], shared: [calls]}}
findings: {network: [NAT], deviations: [CFG]}
clauses:
"""
CLAUSE = "  - {id: a.b, kind: S, title: T, text: T, rules: [{when: {x: true}, effect: excludes, why: Because., asks: [x]}]}\n"


def test_every_kind_has_clauses() -> None:
    assert {clause.kind for clause in POLICY.clauses} == set(KINDS)
    assert len(POLICY.clauses) == 49


def test_exclusions_have_a_way_back_or_say_why_not() -> None:
    for clause in POLICY.clauses:
        for rule in clause.rules:
            if rule.effect in ("excludes", "requires"):
                assert rule.way_back or rule.no_way_back, clause.id


def test_what_is_asked_has_a_question_and_answers() -> None:
    for clause in POLICY.clauses:
        for rule in clause.rules:
            assert rule.effect != "requires" or rule.asks or (rule.ask and rule.answers), clause.id
            assert rule.unknown != "requires" or rule.asks, clause.id
            for name in rule.asks:
                assert POLICY.facts[name].values, name


def situation_facts() -> dict[str, object]:
    """All facts of a case by name."""
    return situation_of(POLICY, given())[0].case.fields


def test_facts_of_conditions_are_known() -> None:
    """A misspelt fact would be null for ever."""

    asked = given(rows=[phone(), trunk(), crm()])
    situation, _build = situation_of(POLICY, asked)
    routed(POLICY, situation.case, [], asked.ticket)
    known = set(situation.case.fields) | {"inferred_problem"}
    tables = {part.of: set(part.fields) for part in situation.parts}
    for clause in POLICY.clauses:
        for rule in clause.rules:
            assert set(ir.fields_of(rule.when)) <= known | tables.get(rule.of or "", set()), clause.id
        for says in clause.says:
            assert says.when is None or set(ir.fields_of(says.when)) <= known, clause.id


def test_ticket_facts_are_keys_of_the_ticket() -> None:
    derived = {"outdated", "verbose_logs", "attachments", "unsupported_software", "inferred_problem"}
    assert set(POLICY.facts) - derived <= set(READERS)


def test_the_newest_that_is_not_too_young(monkeypatch: pytest.MonkeyPatch) -> None:
    days = [("3cx-support", date(2026, 1, 1)), ("3cx-support", date(2026, 6, 1)), ("other", date(2026, 3, 1))]
    asked: list[str] = []

    def stored(name: str) -> Policy:
        asked.append(name)
        return POLICY

    monkeypatch.setattr(module, "available", lambda: days)
    monkeypatch.setattr(module, "_stored", stored)
    for wanted, day in [
        (None, date(2026, 5, 31)),
        (None, date(2026, 6, 1)),
        (None, date(2020, 1, 1)),
        ("other", date(2026, 12, 1)),
        ("3cx-support-2026-06-01", date(2020, 1, 1)),
    ]:
        Policy.load(wanted, day)
    assert asked == [
        "3cx-support-2026-01-01",
        "3cx-support-2026-06-01",
        "3cx-support-2026-01-01",
        "other-2026-03-01",
        "3cx-support-2026-06-01",
    ]


def test_unknown_policy_says_which_there_are() -> None:
    with pytest.raises(PolicyError, match="3cx-support-2026-11-22"):
        Policy.load("none", date(2026, 11, 22))


def test_a_file(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(HEAD + CLAUSE)
    assert Policy.load(str(own), date(2026, 1, 1)).id == "test"
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(str(tmp_path / "none.yaml"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + CLAUSE.replace("kind: S", "kind: Z"), "a.b.*'Z'"),
        (HEAD + CLAUSE.replace("effect: excludes", "effect: bans"), "a.b.*'bans'"),
        (HEAD + CLAUSE.replace("why:", "wye:"), "a.b.*unknown key 'wye'"),
        (HEAD + CLAUSE.replace("asks: [x]", "asks: [y]"), "a.b asks for y"),
        (HEAD + CLAUSE.replace("{x: true}", "{x|like: true}"), "a.b.*modifier"),
        (HEAD + CLAUSE + CLAUSE, "a.b stands twice"),
        (HEAD + CLAUSE.replace("title: T,", "title: T, same_as: z,"), "a.b: same_as"),
        (HEAD.replace("name: Test", "nom: Test") + CLAUSE, "unknown key 'nom'"),
        (HEAD + "  - [", "no valid YAML"),
    ],
)
def test_wrong_policies_are_refused(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        parse(text, "test")


def test_file_names_say_id_and_date() -> None:
    for name, day in available():
        read = Policy.load(f"{name}-{day.isoformat()}", day)
        assert (read.id, read.date) == (name, day)


@pytest.mark.shared
def test_no_sentence_of_the_page_is_copied(shared: Path) -> None:
    page = (shared / "policy" / "source-es.txt").read_text("utf-8").casefold()
    sentences = [s.strip(" •") for s in page.replace("\n", ". ").split(". ") if len(s.strip(" •")) > 40]
    text = "".join(
        entry.read_text("utf-8").casefold()
        for entry in files("signatures").joinpath("policy").iterdir()
        if entry.name.endswith(".yaml")
    )
    assert not [sentence for sentence in sentences if sentence in text]


def test_placeholders_can_be_filled() -> None:

    known = set(situation_facts()) | {"parts", "standings", "inferred_problem"}
    for text in messages(POLICY):
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert names <= known, text
    assert "{" not in "".join(reason.why for reason in judged({"problem": "fraud"}).verdict.reasons)


def test_messages_hold_what_people_read() -> None:

    found = list(messages(POLICY))
    assert "Update the PBX to {latest_build} or newer, then retest." in found
    assert "Phones configured through STUN" in found
    assert "Toll-fraud analysis is asked for" in found
    assert "more than 64" in found
    assert all(found)


def cached(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy file, and an empty cache."""
    monkeypatch.setenv("TCXTRIAGE_CACHE", str(folder / "cache"))
    path = folder / "own.yaml"
    path.write_text(HEAD + CLAUSE)
    return path


def test_the_second_load_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(cached(tmp_path, monkeypatch))
    first, stored = Policy.load(path, TODAY), Policy.load(None, TODAY)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "parse", never)
    assert Policy.load(path, TODAY) == first
    assert Policy.load(None, TODAY) == stored == POLICY


def test_any_change_of_a_policy_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cached(tmp_path, monkeypatch)
    assert Policy.load(str(path), TODAY).clauses[0].title == "T"
    path.write_text((HEAD + CLAUSE).replace("title: T", "title: U"))
    assert Policy.load(str(path), TODAY).clauses[0].title == "U"
    path.write_text((HEAD + CLAUSE).replace("kind: S", "kind: Z"))
    with pytest.raises(PolicyError, match="'Z' is none of"):
        Policy.load(str(path), TODAY)


@pytest.mark.parametrize("content", [b"", b"x", b"\x81\xa1x\x01"])
def test_a_damaged_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    path = str(cached(tmp_path, monkeypatch))
    first = Policy.load(path, TODAY)
    [stored] = (tmp_path / "cache").iterdir()
    cache.write("policy", stored.stem, content)
    assert Policy.load(path, TODAY) == first
    stored.write_bytes(content)
    assert Policy.load(path, TODAY) == first
