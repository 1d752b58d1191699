"""The text to paste into a ticket."""

from __future__ import annotations

import copy
from typing import Any

from analyzer.ticket_draft import draft
from tests.analyzer.scope.making import POLICY

FINDING: dict[str, Any] = {
    "code": "TRK-07",
    "title": "Trunk registration goes up and down",
    "message": "The registration of trunk 10000 went up and down.",
    "severity": "high",
    "role": "root",
    "areas": ["trunk"],
    "count": 4,
    "first_seen": "2026-11-12T09:14:00.120000Z",
    "last_seen": "2026-11-12T09:47:10.000000Z",
    "evidence": [
        {"artifact": "a.zip!/DbTables/eventlog.csv", "row": row, "text": f"Trunk 10000 is down\n{row}"}
        for row in (2, 3, 4)
    ],
}

REPORT: dict[str, Any] = {
    "coverage": {"artifacts": {"records": 3}},
    "case": {
        "inputs": ["in/a.zip"],
        "ticket": {
            "problem": "trunk",
            "involves": ["trunk:10000", "ext:105"],
            "description": "The trunk drops.\nSeveral times a day.",
            "steps_before": "Restarted.",
            "license_key": "given",
            "replicated_on_hosted": True,
            "vendor_contacted": False,
        },
    },
    "artifacts": [{"path": "in/a.zip!/Logs/x.log", "records": 3}],
    "system": {"version": {"value": "20.0.9.995"}, "edition": None, "fqdn": {"value": "pbx.example.com"}},
    "phones": [{"vendor": "Yealink", "model": "T54W", "firmware": "96.86.0.75", "mac": "805e0c112233", "extensions": ["105"], "provision_type": "sbc"}, {"vendor": "Snom", "model": "D785", "extensions": ["106"]}],
    "trunks": [{"number": "10000", "name": "Nordtel", "host": "sip.nordtel.example", "template": "nordtel.pv.xml"}],
    "captures": [],
    "findings": [FINDING],
    "verdict": {"scope": "needs_information", "summary": "Needs information: …", "missing": [{"clause": "prereq.verbose-logs", "what": "Logs"}], "way_back": [{"clause": "ticket.reproduction", "action": "Say how it is reproduced."}], "way_back_reason": None},
}  # fmt: skip


def drafted(**changes: Any) -> str:
    """The draft of the report with other parts."""
    report = copy.deepcopy(REPORT)
    for path, value in changes.items():
        *above, last = path.split("__")
        place = report
        for key in above:
            place = place[key]
        place[last] = value
    return draft(report, POLICY)


def test_whole() -> None:
    assert drafted().splitlines()[:38] == [
        "[trunk] The trunk drops.",
        "",
        "PROBLEM",
        "The trunk drops.",
        "Several times a day.",
        "",
        "WHAT WAS TRIED BEFORE",
        "Restarted.",
        "",
        "HOW TO REPRODUCE IT",
        "(please fill in)",
        "",
        "SYSTEM",
        "- Version: 20.0.9.995",
        "- FQDN: pbx.example.com",
        "- Licence key: (please enter; it is not copied from the files)",
        "",
        "INVOLVED",
        "- trunk:10000, ext:105",
        "- Yealink T54W 96.86.0.75 (105, SBC)",
        "- 10000, Nordtel, sip.nordtel.example, nordtel.pv.xml",
        "",
        "WHAT THE FILES SHOW",
        "- TRK-07 (high): The registration of trunk 10000 went up and down.",
        "  2026-11-12 09:14:00 UTC – 2026-11-12 09:47:10 UTC, 4 times",
        "  > DbTables/eventlog.csv row 2: Trunk 10000 is down 2",
        "  > DbTables/eventlog.csv row 3: Trunk 10000 is down 3",
        "",
        "CHECKED ALREADY",
        "- The maker or provider was not asked yet.",
        "- It shows on a system hosted by 3CX too.",
        "",
        "ATTACHMENTS",
        "- [x] a.zip",
        "- [ ] Support bundle with verbose logs of the time of the problem",
        "- [ ] Packet capture of one failing call, taken on the PBX",
        "",
        "BEFORE IT IS SENT",
    ]


def test_nothing_to_do_in_scope() -> None:
    assert "BEFORE IT IS SENT" not in drafted(verdict__scope="in_scope", verdict__missing=[])


def test_no_way_back_gives_the_reason() -> None:
    text = drafted(verdict__scope="out_of_scope", verdict__way_back=None, verdict__way_back_reason="Only so.")
    assert "Only so." in text


def test_incidents_are_split() -> None:
    text = drafted(case__ticket=REPORT["case"]["ticket"] | {"incidents": ["Trunk drops", "Voicemail arrives twice"]})
    assert "MORE THAN ONE INCIDENT" in text
    assert "2. Voicemail arrives twice" in text
    assert "each of the 3" in drafted(case__ticket=REPORT["case"]["ticket"] | {"incidents": 3})
    assert "MORE THAN ONE INCIDENT" not in drafted()


def test_roots_of_another_area_are_proposed_as_a_ticket_of_their_own() -> None:
    full = FINDING | {"code": "SYS-01", "areas": ["os"], "severity": "critical"}
    low = FINDING | {"code": "QIV-01", "areas": ["queue_ivr"], "severity": "low"}
    text = drafted(findings=[full, full, FINDING, low])
    assert "- operating system: SYS-01\n" in text
    assert "queue_ivr:" not in text


def test_scope_findings_and_notes_are_no_fault() -> None:
    scope = FINDING | {"code": "SCOPE-07"}
    note = FINDING | {"code": "NAT-10", "severity": "info"}
    cause = FINDING | {"code": "DNS-01", "role": "contributing"}
    text = drafted(findings=[scope, note, cause])
    assert "Nothing was found in what was looked at." in text
    assert "SCOPE-07" not in text


def test_an_empty_ticket_says_what_to_fill_in() -> None:
    text = drafted(case__ticket={}, case__inputs=[], artifacts=[], findings=[])
    assert text.startswith("[problem area: please fill in] short title: please fill in\n")
    assert text.count("(please fill in)") == 3
    assert "No files were looked at." in text


def test_files_that_could_not_be_read_are_never_nothing_found() -> None:
    text = drafted(coverage__artifacts__records=0, findings=[])
    assert "Nothing could be looked at." in text
    assert "Nothing was found" not in text


def test_nothing_that_a_terminal_obeys() -> None:
    report = copy.deepcopy(REPORT)
    report["case"]["ticket"]["description"] = "It drops.\r\n\x1b[31mred\x1b]0;title\x07\ttwice \u202etxt"
    text = draft(report, POLICY)
    assert "It drops.\n[31mred]0;title\ttwice txt" in text
    assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}


def test_an_input_of_which_nothing_could_be_read_is_no_attachment() -> None:
    inputs = ["in/a.zip", "photos", "in/a.zip.txt"]
    artifacts = [*REPORT["artifacts"], {"path": "photos/1.jpg", "records": 0}, {"path": "in/a.zip.txt", "records": 0}]
    text = drafted(case__inputs=inputs, artifacts=artifacts)
    odd = "Fall\u00a01.zip"  # as artifacts have it, escaped
    shown = [{"path": "Fall\\xa01.zip!/x.log", "records": 1}]
    assert "not one record" not in drafted(case__inputs=[odd], artifacts=shown)
    assert "not one record" not in drafted(case__inputs=["f\ufffdll.zip"])
    assert "- [x] a.zip\n- [ ] photos: not one record of it could be read\n- [ ] a.zip.txt: not one" in text


def test_what_other_files_say_of_the_system_stands_beside_it() -> None:
    version = {"value": "20.0.9.995", "also": [{"value": "20.0.7.1080", "source": {}}]}
    assert "- Version: 20.0.9.995, also 20.0.7.1080\n" in drafted(system__version=version)
