"""The verb ``explain``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from analyzer.cli import explain
from analyzer.detect.explain import Explanation, explain_on
from analyzer.pack import Pack, Rule
from analyzer.pack.registers import Entry
from parsers.facts import Facts
from parsers.facts.base import Source
from parsers.facts.inventory import Phone
from parsers.facts.log import Event, LogRecord
from tests.analyzer.pack.rules import LINE, count_rule, event_part, log_rule, pack, rule


def use(made: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a pack in the place of the program's own: first where it is used, whose import must find the true function."""
    for place in ("analyzer.case", "analyzer.pack"):
        monkeypatch.setattr(f"{place}.load_pack", lambda _packs: made)


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
    use(made, monkeypatch)
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
def test_a_clause_shows_its_twin_and_why_there_is_no_way_back() -> None:
    assert "judged as excluded.outdated" in shown("prereq.latest-version").splitlines()
    assert "only without that request" in shown("excluded.firewall")


@pytest.mark.usefixtures("small")
def test_a_clause_on_an_input(tmp_path: Path) -> None:
    log, ticket = tmp_path / "3cxSystemService.log", tmp_path / "ticket.yaml"
    log.write_text("2026/11/13 16:02:11.101|0007|Info| [Host.Scheduler] Tick 1\n" * 3)
    ticket.write_text("problem: os\nhosting: self_hosted\nversion: 18.0.1.237\n")
    told = shown("excluded.network-os", "--on", str(log), "--ticket", str(ticket)).splitlines()
    assert told[told.index("excluded.network-os on this input: It fires.") :][:6] == [
        "excluded.network-os on this input: It fires.",
        "  Excludes: The problem lies with the operating system of a machine that 3CX does not host.",
        "",
        "  Excludes: holds",
        "    holds: hosting is 'self_hosted'",
        "    does not hold: hosting is 'on_premise'",
    ]
    told = shown("prereq.latest-version", "--on", str(log), "--ticket", str(ticket)).splitlines()
    assert "prereq.latest-version on this input: It fires." in told
    assert "    holds: outdated is true" in told
    told = shown("excluded.fraud", "--on", str(log), "--ticket", str(ticket)).splitlines()
    assert "excluded.fraud on this input: It stays silent: its condition does not hold." in told
    told = shown("entitle.l2", "--on", str(log), "--ticket", str(ticket)).splitlines()
    assert "  Depends on: partner tier, edition, simultaneous calls." in told


@pytest.mark.usefixtures("small")
def test_a_clause_over_parts_on_an_input(tmp_path: Path) -> None:
    users = tmp_path / "Users.json"
    phone = {
        "MacAddress": "805ec00000e7",
        "Name": "Yealink T54W\u001b[31m",
        "TemplateName": "yealinkT4x.ph.xml",
        "Settings": {"ProvisionType": "RemoteExt"},
    }
    context = "https://pbx.example.com/xapi/v1/$metadata#Users(Phones())"
    users.write_text(json.dumps({"@odata.context": context, "value": [{"Id": 1, "Number": "231", "Phones": [phone]}]}))
    told = shown("excluded.stun-phones", "--on", str(users)).splitlines()
    assert "excluded.stun-phones on this input: It fires." in told
    assert "    part of the problem: unknown" in told
    assert "    holds: stun_confidence >= 80" in told
    assert not any("\x1b" in line for line in told)


def test_on_an_input(small: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts()
    facts.add(Phone(source=Source(artifact="U.json", path="value[0]"), vendor="Acme", model="T1\x1b[31m"))
    facts.add(Phone(source=Source(artifact="U.json", path="value[1]")))
    nine = datetime(2026, 11, 12, 9, tzinfo=UTC)
    facts.add(Event(source=Source(artifact="e.csv", row=2), event_id=1, time=nine, fields={"trunk": "10000"}))

    def on_facts(_pack: Pack, wanted: list[Rule], _case: object) -> list[Explanation]:
        return [explain_on(small, one, facts) for one in wanted]

    monkeypatch.setattr(explain, "_explain", on_facts)
    lines = shown("ABC-01", "--on", str(tmp_path)).splitlines()
    assert lines[lines.index("ABC-01 on this input: It fires.") :] == [
        "ABC-01 on this input: It fires.",
        "  Rows looked at: 2; true: 1",
        "  Not known: vendor (1 time)",
        "  high: Acme T1 [31m is odd.",
        "  At: U.json value[0]",
        "    holds: vendor is 'Acme' (here: Acme)",
        "  Nearest: U.json value[1]",
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
    assert f"{code.upper()} on this input: It " in shown(code, "--lang", "en", "--on", str(tmp_path))


@pytest.mark.usefixtures("small")
def test_a_disagreement_on_an_input(tmp_path: Path) -> None:
    status, ticket = tmp_path / "SystemStatus.json", tmp_path / "ticket.yaml"
    context = "https://pbx.example.com/xapi/v1/$metadata#SystemStatus"
    status.write_text(json.dumps({"@odata.context": context, "FQDN": "pbx.example.com", "MaxSimCalls": 16}))
    ticket.write_text("simultaneous_calls: 32\n")
    told = shown("SCOPE-24", "--on", str(status), "--ticket", str(ticket)).splitlines()
    assert told[-2:] == [
        "SCOPE-24 on this input: It fires.",
        "  Simultaneous calls: the bundle says 16, the ticket says 32; the bundle counts.",
    ]


@pytest.mark.usefixtures("small")
def test_codes_without_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"engine": {"ENG-01": Entry("ENG-01", "Joined", "joins", "report")}, "unbuilt": {"UNB-01": Entry("UNB-01", "Echo", "no text", "a log")}}  # fmt: skip
    monkeypatch.setattr("analyzer.pack.registers.register", rows.__getitem__)
    assert shown("eng-01").splitlines() == [
        "ENG-01: Joined", "Part of the program, no signature.", "", "What it does: joins", "Where it shows: report",
    ]  # fmt: skip
    assert shown("unb-01").splitlines() == [
        "UNB-01: Echo", "No signature looks for it yet.", "", "Why: no text", "What would unlock it: a log",
    ]  # fmt: skip
    assert shown("SCOPE-24").startswith("SCOPE-24: Ticket and bundle disagree\n")
    for code, words in (("UNB-01", "No signature looks for UNB-01"), ("ENG-01", "ENG-01 is part of the program")):
        result = CliRunner().invoke(explain.command, [code, "--on", __file__])
        assert result.exit_code == 2
        assert words in result.output
    assert "did you mean 'UNB-01'?" in CliRunner().invoke(explain.command, ["unb-02"]).output


def test_further_rules_of_a_code_and_what_explains_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    further = rule(
        name="abc_01_more", id="8f7f27ad-61a2-4a1f-8d1e-2b5b9d4a1b02", title="More", role="context",
        detection={"it": {"vendor": "x"}, "condition": "it"},
        samples={"fires": [{"phone": [{"vendor": "x"}]}], "silent": [{"phone": []}]},
    )  # fmt: skip
    made = pack(tmp_path, rule(explains=["LOG-01"]), further, log_rule())
    use(made, monkeypatch)
    lines = shown("ABC-01", "--lang", "en").splitlines()
    assert [line for line in lines if line.startswith("ABC-01: ")] == ["ABC-01: Title of ABC-01", "ABC-01: More"]
    assert lines.count("May explain: LOG-01") == 2
    assert "Worth knowing, no problem by itself: the scope does not look at it." in lines
    assert "May follow from: ABC-01" in shown("LOG-01", "--lang", "en").splitlines()


def test_a_log_rule_on_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = log_rule(detection={"full": {"text|contains": "disk is gone", "level": "error"}, "condition": "full"})
    made = pack(tmp_path, data, log_rule("LOG-02", detection={"it": {"text|contains": "engine is hot"}, "condition": "it"}, samples={"fires": [{"kind": "service_log", "lines": [LINE.format("The engine is hot")]}], "silent": [{"kind": "service_log", "lines": [LINE.format("cold")]}]}))  # fmt: skip
    facts = Facts()
    for number, text in enumerate(("The engine is hot", "The disk is gone"), 1):
        facts.add(LogRecord(source=Source(artifact="x.log", line=number), kind="service_log", level="info", text=text))
    found = explain_on(made, made.by_name["log_01"], facts)
    assert [item.source.line for item in found.candidates] == [2]
    use(made, monkeypatch)
    monkeypatch.setattr(explain, "_explain", lambda *_: [found])
    lines = shown("LOG-01", "--on", str(tmp_path), "--lang", "en").splitlines()
    assert "  Only those records of logs were looked at in which a text of some signature stands." in lines
    assert "  Nearest: x.log:2" in lines
    assert "    does not hold: level is 'error' (here: info)" in lines


def test_a_code_like_no_other_says_where_all_are_listed() -> None:
    output = " ".join(CliRunner().invoke(explain.command, ["qqqqqq"]).output.split())
    assert "'tcxtriage signatures list --all'" in output
    assert "'tcxtriage policy show'" in output
