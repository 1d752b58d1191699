"""Findings that the scope engine makes, contradictions, old lists, and the inferred problem."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from parsers.facts.artifact import Artifact
from parsers.facts.base import Source
from tests.analyzer.scope.making import clauses, finding, judged, phone, source, trunk


def codes(**arguments: Any) -> list[str]:
    """Codes of all findings of a case."""
    return [found.code for found in judged(**arguments).findings]


def test_none_for_a_case_in_order() -> None:
    assert codes() == []


def test_one_code_a_clause() -> None:
    expected: dict[str, dict[str, Any]] = {
        "SCOPE-03": {"ticket": {"problem": "os"}},
        "SCOPE-04": {"ticket": {"problem": "update", "partner_tier": "bronze"}},
        "SCOPE-05": {"ticket": {"simultaneous_calls": 4}, "system": {"simultaneous_calls": 4}},
        "SCOPE-06": {"ticket": {"partner_tier": "bronze"}},
        "SCOPE-13": {"ticket": {"problem": "firewall"}},
        "SCOPE-18": {"ticket": {"problem": "fraud"}},
        "SCOPE-19": {"ticket": {"problem": "teams"}},
        "SCOPE-20": {"without": ["description"]},
        "SCOPE-21": {"ticket": {"problem": "phone"}, "without": ["vendor_contacted"]},
        "SCOPE-23": {"ticket": {"problem": "audio"}, "without": ["replicated_on_hosted"]},
    }
    for code, arguments in expected.items():
        found = judged(**arguments)
        assert code in {f.code for f in found.findings}, code
        assert all(f.evidence for f in found.findings), code


def test_undecided_clauses_make_no_finding() -> None:
    assert "SCOPE-04" not in codes(ticket={"problem": "audio"}, without=["partner_tier"])


def test_what_a_ticket_lacks_is_one_finding() -> None:
    (found,) = judged(without=["description", "reproduction", "license_key"]).findings
    assert found.code == "SCOPE-20"
    assert found.severity == "medium"
    assert "licence key" in found.message
    assert "reproduce" in found.message
    assert [source.ticket for source in found.evidence] == ["license_key", "description", "reproduction"]


def test_no_ticket_no_finding_about_it() -> None:
    assert codes(ticket_given=False) == []


def test_captures_without_a_ticket() -> None:
    capture = Artifact(path="a.pcap", kind="capture", records=7)
    (found,) = judged(ticket_given=False, artifacts=[capture]).findings
    assert (found.code, found.severity, found.evidence) == (
        "SCOPE-22",
        "info",
        [Source(artifact="a.pcap", text="7 packets")],
    )
    assert codes(artifacts=[capture]) == []


def test_the_bundle_wins_and_both_are_shown() -> None:
    result = judged({"simultaneous_calls": 96, "problem": "fraud"})
    assert result.verdict.scope == "out_of_scope"
    found = next(f for f in result.findings if f.code == "SCOPE-24")
    assert found.severity == "info"
    assert found.message == "Simultaneous calls: the bundle says 16, the ticket says 96; the bundle counts."
    assert [(s.artifact, s.ticket) for s in found.evidence] == [
        ("bundle.zip!/x.json", None),
        (None, "simultaneous_calls"),
    ]


def test_no_contradiction_where_one_is_silent_or_shorter() -> None:
    assert "SCOPE-24" not in codes(ticket={"version": "20.0.9"})
    assert "SCOPE-24" in codes(ticket={"version": "20.0.8"})
    assert "SCOPE-24" not in codes(without=["extensions"])


def test_every_fact_of_both_is_compared() -> None:
    system = {"hosting": "hosted_by_3cx", "edition": "SMB", "license_nfr": "yes", "extensions": 20}
    facts = {f.message.split(":")[0] for f in judged(system=system).findings if f.code == "SCOPE-24"}
    assert facts == {"Hosting", "Edition", "NFR licence", "Extensions"}


def test_an_old_list_is_said_where_a_reason_rests_on_it() -> None:
    lists = {"builds": "2026-08-01", "eol": "2026-01-01", "phone_status": "2026-01-01"}
    (found,) = judged(catalog_as_of=lists).findings
    assert (found.code, found.severity) == ("SCOPE-25", "info")
    assert "builds is of 2026-08-01, 107 days" in found.message
    rested = judged({"problem": "phone"}, rows=[phone(standing="eol")], catalog_as_of=lists).findings
    assert sum(f.code == "SCOPE-25" for f in rested) == 2


def test_ninety_days_are_not_old_yet() -> None:
    assert codes(catalog_as_of={"builds": "2026-08-18"}) == []
    assert codes(catalog_as_of={"builds": "2026-08-17"}) == ["SCOPE-25"]
    assert codes(catalog_as_of={"builds": "2027-08-17"}) == []


def test_a_suggested_problem_asks_and_never_excludes() -> None:
    full = finding("SYS-01", areas=["os"], severity="critical")
    result = judged(without=["problem", "involves"], findings=[finding("TRK-07", areas=["trunk"]), full])
    assert (result.problem.area, result.problem.inferred, result.problem.by) == ("os", True, ("SYS-01",))
    assert result.verdict.scope == "needs_information"
    assert clauses(result, "requires") == {"excluded.network-os"}
    (item,) = result.verdict.missing
    assert (item.fact, item.if_yes, item.if_no) == ("problem", "out_of_scope", "in_scope")
    assert any(
        "SYS-01" in r.why and "operating system" in r.why
        for r in result.verdict.reasons
        if r.clause == "ticket.description"
    )


def test_a_suggestion_does_not_narrow_what_counts() -> None:
    """Parts count for an unknown problem, whatever the findings suggest."""
    result = judged(
        without=["problem", "involves"],
        rows=[phone("231", provision_type="stun", stun_confidence=95), trunk()],
        findings=[finding("TRK-07", areas=["trunk"], subject=["trunk:10000"])],
    )
    assert result.problem.area == "trunk"
    assert clauses(result, "excludes") == {"excluded.stun-phones"}


def test_about_sets_the_problem() -> None:
    rows = [phone("231", provision_type="stun", stun_confidence=95), trunk()]
    unsaid = {"without": ["problem", "involves"], "rows": rows}
    assert judged(**unsaid).verdict.scope == "out_of_scope"
    assert judged(**unsaid, about=["problem:trunk"]).verdict.scope == "in_scope"
    assert judged(**unsaid, about=["trunk:10000"]).verdict.scope == "in_scope"
    assert judged(**unsaid, about=["ext:231"]).verdict.scope == "out_of_scope"
    assert judged({"problem": "trunk"}, rows=rows, about=["problem:phone", "ext:231"]).verdict.scope == "out_of_scope"


def test_what_only_may_be_does_not_suggest() -> None:
    low = finding("SYS-01", areas=["os"], severity="low")
    context = finding("SYS-02", areas=["os"], role="contributing")
    scope = finding("SCOPE-01", areas=["update"])
    assert judged(without=["problem", "involves"], findings=[low, context, scope]).problem.area is None


def test_age_counts_from_the_day_of_the_judgement() -> None:
    early = judged(catalog_as_of={"builds": "2024-01-01"}, as_of=date(2024, 2, 1))
    assert [f.code for f in early.findings] == []


def test_how_a_system_is_set_up_counts_beside_the_problem() -> None:
    def clauses(**values: Any) -> list[str]:
        return [r.clause for r in judged(findings=[finding("CFG-12", severity="medium", **values)]).verdict.reasons]

    assert clauses(role="context") == clauses() == ["prereq.configured-per-manual"]
    assert clauses(role="unrelated") == []


def test_what_deviates_reads_as_sentences() -> None:
    off = finding("CFG-28", message="Backups are off.", remedy="Schedule one.")
    row = judged(findings=[off, finding("CFG-12", message="A helper is on.", remedy="")]).verdict.reasons[0]
    assert row.why == "Deviates from the manuals: A helper is on. Backups are off. Schedule one."
    alien = [
        finding("SCOPE-15", clause="prereq.unsupported-parts", message=text)
        for text in ("Docker runs.", "Nagios runs.")
    ]
    row = judged(findings=alien).verdict.reasons[0]
    assert row.why == "Software that is not 3CX's runs on the PBX: Docker runs. Nagios runs."


def test_of_equal_findings_the_most_severe_is_quoted_in_whatever_order_they_come() -> None:
    given = [finding("MED-05", severity="medium"), finding("NAT-03", severity="high")]
    ticket = {"problem": "calls", "replicated_on_hosted": False}
    one, two = (judged(ticket, findings=found) for found in (given, given[::-1]))
    assert one.verdict == two.verdict
    (why,) = (reason for reason in one.verdict.reasons if reason.clause == "excluded.network-os")
    quoted = {place.text for place in why.evidence}
    assert "NAT-03" in quoted
    assert "MED-05" not in quoted


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"provision_type": "local_lan", "stun_used": True, "stun_confidence": 85}, "wire"),
        ({"provision_type": "stun", "stun_used": False, "stun_confidence": 95}, "console"),
        ({"provision_type": "stun", "stun_used": None, "stun_confidence": 95}, "console"),
    ],
)
def test_what_shows_stun_is_quoted_and_not_what_speaks_against_it(columns: dict[str, Any], expected: str) -> None:
    row = phone(**columns)
    row.sources |= {"provision_type": source("console"), "stun_used": source("wire")}
    result = judged({"problem": "phone"}, rows=[row])
    [reason] = [reason for reason in result.verdict.reasons if reason.clause == "excluded.stun-phones"]
    assert [place.text for place in reason.evidence] == [expected]


@pytest.mark.parametrize(("values", "deviates"), [({}, True), ({"owner": "3cx"}, False), ({"severity": "info"}, False)])
def test_only_what_the_partner_set_up_otherwise_deviates(values: dict[str, Any], deviates: bool) -> None:
    found = judged(findings=[finding("CFG-12", **{"severity": "low"} | values)]).verdict.reasons
    assert [row.clause for row in found] == ["prereq.configured-per-manual"] * deviates


def test_a_finding_that_names_the_clause_deviates_whatever_it_is() -> None:
    named = finding("ABC-01", clause="prereq.configured-per-manual", owner="3cx", severity="info")
    assert [row.clause for row in judged(findings=[named]).verdict.reasons] == ["prereq.configured-per-manual"]
