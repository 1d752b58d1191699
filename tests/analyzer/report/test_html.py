"""The page: one file that loads nothing, runs nothing, and escapes everything."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import Any

from analyzer.report.html import render
from tests.analyzer.report.test_text import finding, report

EVIL = "<script>alert(4711)</script><img src=x onerror=alert(1)>\"'"


def page(**changes: Any) -> str:
    tables: dict[str, Any] = {
        name: [] for name in ("phones", "trunks", "integrations", "calls", "registrations", "streams")
    }
    tool = {
        "version": "0.1",
        "as_of": "2026-11-12",
        "policy": {"id": "p", "as_of": "2026-11-22"},
        "signatures": {"version": "v", "count": 1},
        "catalog": {"builds": "2026-08-22"},
    }
    return render(report(tool=tool, **(tables | changes)))


def test_markup_in_every_place_is_escaped() -> None:
    verdict = report()["verdict"]
    verdict["reasons"] = [
        {
            "clause": EVIL,
            "effect": "excludes",
            "why": EVIL,
            "findings": [],
            "evidence": [{"artifact": EVIL, "path": EVIL, "time": EVIL, "text": EVIL}],
        }
    ]
    verdict["way_back"] = [{"clause": EVIL, "action": EVIL, "who": EVIL}]
    verdict["summary"] = EVIL
    artifact = {"path": EVIL, "kind": EVIL, "status": "unreadable", "problems": [EVIL], "records": 0, "understood": 0}
    trunk = dict.fromkeys(("number", "name", "host", "template", "type", "registered", "status"), EVIL)
    system = dict(report()["system"], version={"value": EVIL, "source": {}})
    made = page(verdict=verdict, artifacts=[artifact], trunks=[trunk], findings=[finding(EVIL)], system=system)
    assert "<script" not in made
    assert "<img" not in made
    assert html.escape(EVIL).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in made


def test_policy_allows_only_the_own_style_sheet() -> None:
    made = page()
    allowed = re.search(r"style-src '(sha256-[^']+)'", made)
    style = re.search(r"<style>(.*?)</style>", made, re.DOTALL)
    assert allowed
    assert style
    assert allowed[1] == "sha256-" + base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert "default-src 'none'" in made


def test_nothing_is_loaded_from_elsewhere() -> None:
    made = page(findings=[finding("plain")])
    assert not re.findall(r"""(?:src|href)\s*=(?!"#[a-z-]+")""", made)
    assert "url(" not in made
    assert "@import" not in made


def test_control_characters_and_turned_text_are_left_out() -> None:
    made = page(findings=[finding("\x1b[31mred \u202egnp.exe")])
    assert "[31mred  gnp.exe" in made
    assert not set(made) & {"\x1b", "\u202e"}


def test_without_a_ticket_the_installation_leads() -> None:
    verdict = report()["verdict"] | {"summary": "Installation: in scope. No ticket given: 6 things to add."}
    made = page(case={"inputs": ["x"], "ticket": {}}, verdict=verdict)
    assert "<h1>Installation: in scope</h1>" in made
    assert '<p class="summary">No ticket given: 6 things to add.</p>' in made
    assert "<title>Installation: in scope · x · tcxtriage</title>" in made
    assert '<section class="verdict in_scope"' in made
    assert "Whole case: needs information" in made


def test_what_is_missing_stands_there_with_what_each_answer_leads_to() -> None:
    made = page()
    assert "ticket.description" in made
    assert "yes → in scope" in made


def test_a_cut_list_of_files_says_so() -> None:
    artifact = {"path": "x", "kind": "k", "status": "ok", "problems": [], "records": 1, "understood": 1}
    assert "The first 500 are shown" in page(artifacts=[artifact] * 501)
    assert "are shown" not in page(artifacts=[artifact] * 500)


def test_an_input_without_a_record_is_never_nothing_found() -> None:
    shown = page(case={"inputs": ["note.txt"], "ticket": {}}, findings=[])
    assert "Nothing in the input could be read" in shown
    assert "<p>Nothing could be looked at.</p>" in shown
    assert "Nothing was found" not in shown


def test_the_verdict_stands_once_and_its_reason_below_it() -> None:
    verdict = report()["verdict"] | {"summary": "Needs information: the hosting is not known. And 2 more."}
    made = page(verdict=verdict)
    assert "<h1>Needs information</h1>" in made
    assert '<p class="summary">The hosting is not known. And 2 more.</p>' in made
    assert made.count("Needs information") == 2  # in the head of the page and in its title


def test_an_answer_that_says_all_has_no_empty_line_below_it() -> None:
    made = page(verdict=report()["verdict"] | {"summary": "In scope."})
    assert "<h1>In scope</h1>" in made
    assert 'class="summary"' not in made


def test_a_quote_keeps_its_lines_and_times_are_for_people() -> None:
    told = {
        "artifact": "a.pcap",
        "frame": 3,
        "time": "2026-11-12T15:00:05.020185+00:00",
        "text": "INVITE x\r\n\r\nTo: y",
    }
    made = page(findings=[finding("x") | {"evidence": [told]}])
    assert "INVITE x<br>To: y" in made
    assert "2026-11-12 15:00:05.020 UTC" in made
    assert "T15:00:05" not in made


def test_the_page_says_which_inputs_it_is_about() -> None:
    inputs = ["cases/7/bundle.zip", "C:\\dumps\\a.pcap", "folder/"]
    made = page(case={"inputs": inputs, "ticket": {"problem": "audio"}})
    assert "Input: bundle.zip, a.pcap, folder" in made
    assert "<title>Needs information · bundle.zip · tcxtriage</title>" in made
    assert "Input: a, a.zip, b, c, d, 2 more" in page(
        case={"inputs": ["a", "a.zip", "b", "c", "d", "e", "f"], "ticket": {}}
    )


def test_what_could_not_be_looked_at_is_a_line_each_with_its_codes_inside() -> None:
    coverage = report()["coverage"]
    coverage["signatures"]["skipped"] = [{"code": code, "needs": "a capture"} for code in ("MED-05", "SIP-01")]
    coverage["signatures"]["undecided"] = [{"code": "CFG-02", "lacks": "running"}]
    made = page(coverage=coverage)
    assert "<summary>2 signatures need a capture</summary>" in made
    assert "MED-05, SIP-01" in made
    assert "<summary>1 signature met rows whose facts are unknown</summary>" in made


def test_files_that_do_not_agree_on_the_system_are_named() -> None:
    edition = {"value": "pro", "source": {}, "also": [{"value": "<i>smb", "source": {}}]}
    made = page(system=report()["system"] | {"edition": edition})
    assert '<p class="differs">The files do not agree on the system: edition: Pro, also &lt;i&gt;smb.' in made
    assert 'class="differs"' not in page()


def test_inputs_of_one_name_are_told_apart() -> None:
    made = page(case={"inputs": ["1/input", "2/input/", "b.zip"], "ticket": {"problem": "audio"}})
    assert "Input: 1/input, 2/input, b.zip" in made


def test_what_the_answer_depends_on_stands_below_its_heading() -> None:
    route = report()["route"] | {"depends_on": ["The partner tier."]}
    assert "Who answers depends on: <ul><li>The partner tier.</li></ul>" in page(route=route)
    assert "Who answers depends on" not in page()


def test_when_the_answer_is_due_stands_once() -> None:
    reasons = [{"clause": "sla.48h", "why": "Due on Monday."}, {"clause": "entitle.l1", "why": "Level 1 first."}]
    due = {"due": "2026-11-16T17:45:00+01:00", "rule": "sla.48h: 48 hours of business days, Spain"}
    made = page(route=report()["route"] | {"sla": due, "reasons": reasons})
    assert "Due on Monday." not in made
    assert "Level 1 first." in made
    assert "Due on Monday." in page(route=report()["route"] | {"reasons": reasons})
