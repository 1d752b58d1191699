"""The verb ``explain``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from analyzer.cli import explain
from analyzer.detect.explain import Explanation, explain_on
from analyzer.pack import Pack, Rule
from parsers.facts import Facts
from parsers.facts.base import Source
from parsers.facts.inventory import Phone
from parsers.facts.log import Event
from tests.analyzer.pack.rules import count_rule, event_part, pack, rule


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """A small pack in the place of the program's own."""
    texts = {"es": {"title": "Raro", "message": "{vendor} es raro.", "remedy": "Mírelo."}}
    made = pack(
        tmp_path,
        rule(
            description="It is odd.", aliases=["OLD-01"], texts=texts, tags=["scope.excluded.eol-phones", "area.phone"]
        ),
        event_part("part_a", 1),
        count_rule(),
    )
    monkeypatch.setattr("analyzer.pack.load_pack", lambda _packs: made)
    monkeypatch.setenv("TCXTRIAGE_CACHE", "/dev/null/none")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "en_GB.UTF-8")
    return made


def shown(*words: str) -> str:
    result = CliRunner().invoke(explain.command, words)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("small")
def test_a_signature() -> None:
    text = shown("abc-01")
    for line in (
        "ABC-01: Title of ABC-01",
        "high, confidence 90, stable; for the partner; looks at phone",
        "Also known as OLD-01",
        "Says: {vendor} {model} is odd.",
        "Meaning: It is odd.",
        "Next step: Look at it.",
        "Evidence: standard: follows from a standard",
        "Policy clause: excluded.eol-phones",
        "  - none known",
        "  - RFC 3261",
    ):
        assert line in text.splitlines()
    assert shown("OLD-01") == text


@pytest.mark.usefixtures("small")
def test_in_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "es_ES.UTF-8")
    assert "ABC-01: Raro" in shown("abc-01")


@pytest.mark.usefixtures("small")
def test_a_clause_and_a_code_that_the_policy_makes() -> None:
    text = shown("excluded.stun-phones")
    assert text.startswith("excluded.stun-phones: ")
    assert "Excludes: " in text
    assert shown("SCOPE-04").startswith("entitle.bronze: ")


@pytest.mark.usefixtures("small")
def test_codes_that_are_none() -> None:
    result = CliRunner().invoke(explain.command, ["abc-02"])
    assert result.exit_code == 2
    assert "did you mean 'ABC-01'?" in result.output


@pytest.mark.usefixtures("small")
def test_a_clause_on_an_input(tmp_path: Path) -> None:
    result = CliRunner().invoke(explain.command, ["excluded.stun-phones", "--on", str(tmp_path)])
    assert result.exit_code == 2
    assert "'analyze' shows why it applies" in result.output


def test_on_an_input(small: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts()
    facts.add(Phone(source=Source(artifact="U.json", path="value[0]"), vendor="Acme", model="T1\x1b[31m"))
    facts.add(Phone(source=Source(artifact="U.json", path="value[1]")))
    nine = datetime(2026, 11, 12, 9, tzinfo=UTC)
    facts.add(Event(source=Source(artifact="e.csv", row=2), event_id=1, time=nine, fields={"trunk": "10000"}))

    def on_facts(wanted: Rule, _inputs: object, _packs: object) -> Explanation:
        return explain_on(small, wanted, facts)

    monkeypatch.setattr(explain, "_explain", on_facts)
    lines = shown("ABC-01", "--on", str(tmp_path)).splitlines()
    assert lines[lines.index("ABC-01 on this input: It fires.") :] == [
        "ABC-01 on this input: It fires.",
        "  Rows looked at: 2; true: 1",
        "  Not known: vendor (1 time)",
        "  high: Acme T1 [31m is odd.",
        "  At: U.json value[0]",
        "    holds: vendor is 'Acme' (here: Acme)",
        "  At: U.json value[1]",
        "    cannot be told: vendor is 'Acme' (here: null)",
    ]
    lines = shown("CNT-01", "--on", str(tmp_path)).splitlines()
    assert "CNT-01 on this input: It stays silent: its condition does not hold." in lines
    assert "  part_a on this input: It fires." in lines
    assert "    At: e.csv row 2" in lines


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("scope-22", "SCOPE-22: Captures are analysed with a ticket only"),
        ("SCOPE-24", "SCOPE-24: Ticket and bundle disagree"),
        ("SCOPE-25", "SCOPE-25: Catalogue out of date"),
    ],
)
def test_codes_that_the_scope_makes_by_itself(code: str, title: str, tmp_path: Path) -> None:
    text = shown(code, "--lang", "en").splitlines()
    assert text[0] == title
    assert len(text[2]) > 40
    result = CliRunner().invoke(explain.command, [code, "--on", str(tmp_path)])
    assert result.exit_code == 2
    assert "comes from the policy" in result.output
