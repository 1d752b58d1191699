"""Every clause once firing, once silent and, where a fact can be unknown, once unknown."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.scope import Judged
from analyzer.scope.explain import on_case
from parsers.facts.capture import Call
from tests.analyzer.scope.making import (
    MAKERS,
    POLICY,
    clauses,
    crm,
    finding,
    generic_trunk,
    given,
    judged,
    phone,
    source,
    stun_phone,
    trunk,
    unknown_phone,
)

ABOUT_PHONE = {"problem": "phone", "involves": ["ext:231"]}
ABOUT_TRUNK = {"problem": "trunk", "involves": ["trunk:10000"]}


def case(ticket: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Arguments of `making.judged`."""
    return {"ticket": ticket or {}, **more}


FIRES: dict[str, tuple[str, dict[str, Any]]] = {
    "prereq.admin": ("excludes", case({"requester_is_admin": False})),
    "prereq.unsupported-parts": ("requires", case(findings=[finding("SCOPE-15", clause="prereq.unsupported-parts")])),
    "prereq.configured-per-manual": ("advises", case(findings=[finding("CFG-28", remedy="Set it back.")])),
    "prereq.network-checked": ("requires", case({"problem": "audio"}, without=["replicated_on_hosted"])),
    "prereq.verbose-logs": ("requires", case(system={"verbose_logs": "no"})),
    "prereq.vendor-first": ("requires", case({**ABOUT_PHONE, "vendor_contacted": False})),
    "prereq.hardware": ("advises", case(fields={"hardware_below": ["2 vCPU, 4 recommended"]})),
    "ticket.licence-key": ("requires", case(without=["license_key"])),
    "ticket.no-nfr": ("excludes", case({"license_nfr": True})),
    "ticket.description": ("requires", case(without=["description"])),
    "ticket.steps-before": ("requires", case(without=["steps_before"])),
    "ticket.reproduction": ("requires", case(without=["reproduction"])),
    "ticket.attachments": ("requires", case(artifacts=[])),
    "ticket.one-incident": ("advises", case({"incidents": 3})),
    "ticket.unsupported-fee": ("advises", case(fields={"outdated": True})),
    "entitle.bronze": ("excludes", case({"problem": "audio", "partner_tier": "bronze"})),
    "entitle.end-user": ("advises", case({"partner_tier": "end_user"})),
    "forum.same-rules": ("advises", case({"partner_tier": "bronze"})),
    "excluded.first-line": ("excludes", case({"requests": ["first_line"]})),
    "excluded.remote-install": ("excludes", case({"requests": ["remote_install"]})),
    "excluded.network-os": ("excludes", case({"problem": "os"})),
    "excluded.outdated": ("excludes", case(fields={"outdated": True})),
    "excluded.stun-phones": ("excludes", case(ABOUT_PHONE, rows=[stun_phone()])),
    "excluded.eol-phones": ("excludes", case(ABOUT_PHONE, rows=[phone(standing="eol", status="eol")])),
    "excluded.unsupported-phones": ("excludes", case(ABOUT_PHONE, rows=[phone(standing="marked_unsupported")])),
    "excluded.integrations": ("excludes", case({"problem": "crm"}, without=["involves"], rows=[crm()])),
    "excluded.cfd": ("excludes", case({"requests": ["cfd"]})),
    "excluded.unsupported-trunk": ("excludes", case(ABOUT_TRUNK, rows=[generic_trunk("10000")])),
    "excluded.headset-gateway": ("excludes", case({"problem": "headset"})),
    "excluded.firewall": ("excludes", case({"problem": "firewall"})),
    "excluded.custom-template": ("excludes", case(ABOUT_PHONE, rows=[phone(custom_template=True)])),
    "excluded.call-control-api": ("excludes", case({"problem": "call_control_api"})),
    "excluded.fraud": ("excludes", case({"problem": "fraud"})),
    "excluded.teams-l3": ("limits", case({"problem": "teams"})),
    "excluded.conference": ("excludes", case({"requests": ["conference"]})),
    "excluded.remote-session": ("limits", case({"requests": ["remote_session"]})),
    "excluded.evaluation": ("excludes", case({"edition": "trial"})),
}
"""Clauses of the verdict: effect, and a case in which they have it."""

UNKNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "prereq.admin": ("advises", case(without=["requester_is_admin"])),
    "prereq.unsupported-parts": (
        "advises",
        case(findings=[finding("SCOPE-15", clause="prereq.unsupported-parts", confidence=55)]),
    ),
    "prereq.network-checked": ("requires", case({"problem": "audio"}, without=["replicated_on_hosted", "hosting"])),
    "prereq.verbose-logs": ("advises", case(system={"verbose_logs": "unknown"})),
    "prereq.vendor-first": ("requires", case(ABOUT_PHONE, without=["vendor_contacted"])),
    "ticket.no-nfr": ("advises", case(without=["license_nfr"])),
    "entitle.bronze": ("requires", case({"problem": "audio"}, without=["partner_tier"])),
    "excluded.network-os": ("requires", case({"problem": "os"}, without=["hosting"])),
    "excluded.outdated": ("requires", case(system={"version": None}, fields={"outdated": None})),
    "excluded.stun-phones": ("requires", case(ABOUT_PHONE, rows=[MAKERS["maybe-stun"]()])),
    "excluded.eol-phones": ("requires", case(ABOUT_PHONE, rows=[MAKERS["believed-eol"]()])),
    "excluded.unsupported-phones": ("requires", case(ABOUT_PHONE, rows=[unknown_phone("231")])),
    "excluded.integrations": ("requires", case({"problem": "crm"}, without=["involves"], rows=[crm(status="unknown")])),
    "excluded.unsupported-trunk": ("requires", case(ABOUT_TRUNK, rows=[MAKERS["unknown-trunk"]()])),
    "excluded.custom-template": ("requires", case(ABOUT_PHONE, rows=[MAKERS["dedicated"]()])),
    "excluded.fraud": (
        "requires",
        case({"problem": "fraud", "simultaneous_calls": None}, system={"simultaneous_calls": None}),
    ),
}
"""Where the deciding fact is not known."""

ON_ROUTE: dict[str, dict[str, Any]] = {
    "entitle.l1": case(),
    "entitle.l2": case(),
    "entitle.l3": case(),
    "entitle.silver-plus": case(),
    "entitle.priority": case({"partner_tier": "platinum"}),
    "entitle.phone": case(),
    "entitle.language": case(),
    "sla.48h": case(),
}
SILENT_ON_ROUTE: dict[str, dict[str, Any]] = {
    "entitle.silver-plus": case({"partner_tier": "bronze"}),
    "entitle.priority": case(),
}
UNKNOWN_ON_ROUTE: dict[str, dict[str, Any]] = {
    "entitle.l2": case(without=["partner_tier", "edition"]),
    "entitle.l3": case(without=["partner_tier", "edition"]),
    "entitle.priority": case(without=["partner_tier"]),
    "entitle.phone": case(without=["partner_tier"]),
}
JUDGED_ELSEWHERE = {"prereq.supported-trunk", "prereq.latest-version"}
TOLD_ONLY = {"ticket.one-hour", "ticket.answers"}
"""They stand in ``ticket check`` and ``ticket draft``."""


def route_clauses(result: Judged) -> dict[str, str]:
    """Sentences of the route by clause."""
    return {reason.clause: reason.why for reason in result.route.reasons}


def test_every_clause_is_here() -> None:
    told = set(FIRES) | set(ON_ROUTE) | JUDGED_ELSEWHERE | TOLD_ONLY
    assert told == {clause.id for clause in POLICY.clauses}


@pytest.mark.parametrize("clause", FIRES)
def test_fires(clause: str) -> None:
    effect, arguments = FIRES[clause]
    assert clause in clauses(judged(**arguments), effect)


@pytest.mark.parametrize("clause", FIRES)
def test_silent(clause: str) -> None:
    result = judged()
    assert clause not in {reason.clause for reason in result.verdict.reasons}


@pytest.mark.parametrize("clause", UNKNOWN)
def test_unknown_never_excludes(clause: str) -> None:
    effect, arguments = UNKNOWN[clause]
    result = judged(**arguments)
    assert clause in clauses(result, effect)
    assert clause not in clauses(result, "excludes")
    if effect == "requires":
        assert clause in {item.clause for item in result.verdict.missing}


@pytest.mark.parametrize("clause", ON_ROUTE)
def test_on_the_route(clause: str) -> None:
    assert clause in route_clauses(judged(**ON_ROUTE[clause]))


@pytest.mark.parametrize("clause", SILENT_ON_ROUTE)
def test_not_on_the_route(clause: str) -> None:
    assert clause not in route_clauses(judged(**SILENT_ON_ROUTE[clause]))


@pytest.mark.parametrize("clause", UNKNOWN_ON_ROUTE)
def test_route_depends(clause: str) -> None:
    result = judged(**UNKNOWN_ON_ROUTE[clause])
    assert "partner tier" in route_clauses(result)[clause]
    assert "The partner tier of whoever opens the ticket." in result.route.depends_on


def test_level_3_depends_on_what_level_2_depends_on() -> None:
    said = route_clauses(judged({"simultaneous_calls": None}, system={"simultaneous_calls": None}))
    assert said["entitle.l2"] == said["entitle.l3"] == "Depends on: simultaneous calls."
    said = route_clauses(judged({"extensions": None}, without=["partner_tier"], system={"extensions": None}))
    assert said["entitle.l3"] == "Depends on: partner tier, extensions."


@pytest.mark.parametrize("clause", sorted(JUDGED_ELSEWHERE))
def test_same_as_another(clause: str) -> None:
    found = POLICY.clause(clause)
    assert found is not None
    assert not found.rules
    assert found.same_as in FIRES


def test_parts_count_when_nothing_is_known_of_the_problem() -> None:
    result = judged(without=["problem", "involves"], rows=[stun_phone(), phone("232"), trunk()])
    assert clauses(result, "excludes") == {"excluded.stun-phones"}
    assert "prereq.unsupported-parts" in clauses(result, "advises")


def test_a_finding_that_is_no_root_excuses_its_phone() -> None:
    found = finding(
        "SCOPE-07", clause="excluded.stun-phones", subject=["phone:805ec00000e7", "ext:231"], role="unrelated"
    )
    result = judged(ABOUT_PHONE, rows=[stun_phone()], findings=[found])
    assert result.verdict.scope == "in_scope"
    assert "excluded.stun-phones" in clauses(result, "advises")


def test_reason_carries_finding_and_evidence() -> None:
    found = finding("SCOPE-07", clause="excluded.stun-phones", subject=["phone:805ec00000e7", "ext:231"])
    other = finding("SCOPE-07", clause="excluded.stun-phones", subject=["phone:805ec00000e8", "ext:232"])
    result = judged(ABOUT_PHONE, rows=[stun_phone(), phone("232")], findings=[found, other])
    reason = result.verdict.reasons[0]
    assert (reason.clause, reason.findings) == ("excluded.stun-phones", ["SCOPE-07"])
    assert reason.evidence[0].text == "SCOPE-07"
    assert reason.why == "Configured through STUN: Yealink T54W of extension 231."


def test_stronger_row_tells_of_the_rest() -> None:
    result = judged(ABOUT_PHONE, rows=[stun_phone(), stun_phone("232")])
    rows = [reason for reason in result.verdict.reasons if reason.clause == "excluded.stun-phones"]
    assert [row.effect for row in rows] == ["excludes"]
    assert rows[0].why.endswith("Not part of the problem: Configured through STUN: Yealink T54W of extension 232.")


def test_needed_rows_stand_in_missing_too() -> None:
    result = judged(without=["description", "license_key", "vendor_contacted"])
    assert clauses(result, "requires") == {item.clause for item in result.verdict.missing}


def test_missing_names_the_model_to_find_out() -> None:
    result = judged({"problem": "phone", "involves": ["ext:233"]}, rows=[phone("232"), unknown_phone("233")])
    (item,) = result.verdict.missing
    assert "Zetavox ZX-900 of extension 233" in item.what
    assert (item.if_yes, item.if_no) == ("in_scope", "out_of_scope")


@pytest.mark.parametrize(
    ("incidents", "why"),
    [
        (3, "The ticket holds 3 incidents; open one ticket each."),
        (["A", "B"], "The ticket holds 2 incidents; open one ticket each: 1. A; 2. B."),
        (["A.", "B. "], "The ticket holds 2 incidents; open one ticket each: 1. A; 2. B."),
    ],
)
def test_incidents_are_named_where_the_ticket_names_them(incidents: Any, why: str) -> None:
    (row,) = judged({"incidents": incidents}).verdict.reasons
    assert (row.clause, row.effect, row.why) == ("ticket.one-incident", "advises", why)


def test_what_findings_suggest_shows_them() -> None:
    found = finding("SYS-01", areas=["os"], severity="critical")
    result = judged(without=["problem", "involves"], findings=[found])
    row = next(reason for reason in result.verdict.reasons if reason.effect == "requires")
    assert (row.clause, row.findings, row.evidence) == ("excluded.network-os", ["SYS-01"], found.evidence)
    assert "out of scope: the problem lies with the operating system" in row.why
    assert (result.problem.area, result.problem.inferred, result.problem.by) == ("os", True, ("SYS-01",))


def test_nothing_is_inferred_where_nothing_suggests_it() -> None:
    problem = judged(without=["problem", "involves"]).problem
    assert (problem.area, problem.inferred, problem.by) == (None, False, ())


@pytest.mark.parametrize(
    ("ticket", "summary"),
    [
        ({"problem": "remote_session"}, "Out of scope: a remote session is all that is asked for; a ticket about the fault comes first."),
        ({"problem": "teams"}, "In scope, with a limit: the problem is about Microsoft Teams, for which there is no level 3."),
        ({"problem": "evaluation"}, "Out of scope: the system is being evaluated or is a trial."),
    ],
)  # fmt: skip
def test_summary_reads_as_one_sentence(ticket: dict[str, Any], summary: str) -> None:
    assert judged(ticket).verdict.summary == summary


def test_a_call_involves_its_phone_and_its_trunk() -> None:
    """The provider's address stands in no configuration: which trunk carried the call is known from its name in DNS."""
    call = Call(
        source=source(), call_id="7@pbx", caller="192.0.2.10:5060", callee="203.0.113.9:5060", to_user="34910000001"
    )
    call.derived["trunk_number"] = "10001"
    rows = [phone("231", ip="192.0.2.10"), stun_phone("232"), trunk(), generic_trunk(), call]
    result = judged({"problem": "calls", "involves": ["call:7@pbx"]}, without=["vendor_contacted"], rows=rows)
    assert clauses(result, "excludes") == {"excluded.unsupported-trunk"}
    assert clauses(result, "requires") == {"prereq.vendor-first"}
    assert "excluded.stun-phones" in clauses(result, "advises")


def test_a_phone_that_uses_no_stun_is_no_open_question() -> None:
    rows = on_case(
        POLICY,
        next(c for c in POLICY.clauses if c.id == "excluded.stun-phones"),
        given(rows=[phone(stun=False), unknown_phone("232", stun=None)]),
    )
    assert [(row.about, row.verdict) for row in rows] == [
        ("Yealink T54W of extension 231", False),
        ("Zetavox ZX-900 of extension 232", None),
        ("Yealink T54W of extension 231", False),
        ("Zetavox ZX-900 of extension 232", None),
    ]


def test_many_unknown_phones_are_all_asked_for() -> None:
    rows = [unknown_phone(str(300 + number)) for number in range(24)]
    result = judged({"problem": "calls"}, without=["involves"], rows=rows)
    missing = result.verdict.missing
    assert len(missing) == 21
    assert "extension 319 is supported" in missing[19].what
    assert all(f"extension {number}" in missing[20].what for number in (320, 321, 322, 323))
    assert {(item.if_yes, item.if_no) for item in missing} == {("needs_information", "out_of_scope")}


def test_a_missing_description_does_not_hide_the_missing_problem_area() -> None:
    result = judged(without=["problem", "description"])
    rows = [row for row in result.verdict.reasons if row.clause == "ticket.description"]
    assert [row.effect for row in rows] == ["requires"]
    assert rows[0].why.startswith(
        "A description of the problem is missing. The ticket does not say what the problem is about,"
    )


@pytest.mark.parametrize(
    "name",
    [
        "80:5E:C0:00:00:E7",
        "80-5e-c0-00-00-e7",
        "805e.c000.00e7",
        "805EC00000E7",
        "10.44.8.31",
        "10.44.8.31:5060",
        "231",
    ],
)
def test_a_phone_is_named_by_mac_address_or_extension(name: str) -> None:
    result = judged({"problem": "phone", "involves": [f"phone:{name}"]}, rows=[stun_phone("231"), phone("232")])
    assert clauses(result, "excludes") == {"excluded.stun-phones"}
    other = judged({"problem": "phone", "involves": [f"phone:{name}"]}, rows=[phone("231"), stun_phone("232")])
    assert clauses(other, "excludes") == set()


def test_findings_about_what_the_ticket_names_suggest_the_problem() -> None:
    disk = finding("SYS-01", areas=["os"], severity="critical")
    flaps = finding("TRK-07", areas=["trunk"], severity="medium", subject=["trunk:10000"])
    sound = finding("MED-01", areas=["audio"], severity="high", subject=["call:7@pbx", "ext:231"])

    def inferred(*involves: str) -> tuple[str | None, tuple[str, ...]]:
        problem = judged({"involves": list(involves)}, without=["problem"], findings=[disk, flaps, sound]).problem
        return problem.area, problem.by

    assert inferred() == ("os", ("SYS-01",))
    assert inferred("ext:231") == ("audio", ("MED-01",))
    assert inferred("trunk:Nordtel Voice") == ("trunk", ("TRK-07",))
    assert inferred("ext:232") == (None, ())


def test_a_version_that_cannot_be_compared_is_quoted() -> None:
    """``20.0 Update 9 (Build 995)`` is asked about, and what stands there is shown."""
    result = judged(system={"version": "20.0 Update 9 (Build 995)"}, fields={"outdated": None})
    [reason] = [reason for reason in result.verdict.reasons if reason.clause == "excluded.outdated"]
    assert reason.effect == "requires"
    assert [place.artifact for place in reason.evidence] == ["bundle.zip!/x.json"]


def test_an_operating_system_that_the_version_does_not_run_on_deviates_from_the_manuals() -> None:
    """An advisory with the action, no exclusion."""
    said = finding("SYS-14", clause="prereq.configured-per-manual", message="Ubuntu is none.", remedy="Move to Debian.")
    result = judged(findings=[said])
    assert result.verdict.scope == "in_scope"
    [reason] = [r for r in result.verdict.reasons if r.clause == "prereq.configured-per-manual"]
    assert (reason.effect, reason.findings) == ("advises", ["SYS-14"])
    assert "Move to Debian" in reason.why
