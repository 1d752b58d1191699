"""The terminal report: one line a thought, nothing that a stranger wrote can steer the terminal."""

from __future__ import annotations

import copy
import re
from typing import Any

from analyzer.report.printable import printable
from analyzer.report.text import render, where


def report(**changes: Any) -> dict[str, Any]:
    """The smallest whole report."""
    system = dict.fromkeys(("version", "edition", "simultaneous_calls", "extensions", "hosting", "os", "fqdn"))
    empty: dict[str, Any] = {
        "schema": "tcxtriage.report/1",
        "tool": {"version": "0", "as_of": "2026-11-12", "policy": {"id": "3cx-support", "as_of": "2026-11-22"}},
        "case": {"inputs": [], "ticket": {"problem": "audio"}},
        "artifacts": [],
        "system": system,
        "findings": [],
        "verdict": {
            "scope": "needs_information",
            "installation": "in_scope",
            "summary": "Needs information: no ticket.",
            "reasons": [],
            "missing": [
                {
                    "clause": "ticket.description",
                    "what": "A description.",
                    "answers": [{"answer": "yes", "scope": "in_scope"}],
                }
            ],
            "way_back": [],
            "way_back_reason": None,
        },
        "route": {
            "levels": [1],
            "phone_support": None,
            "priority": False,
            "language": "en",
            "sla": None,
            "reasons": [],
            "depends_on": [],
        },
        "coverage": {
            "signatures": {"ran": 2, "fired": 0, "silent": 2, "unknown": 0, "skipped": [], "undecided": []},
            "artifacts": {
                "total": 0,
                "ok": 0,
                "partial": 0,
                "unreadable": 0,
                "ignored": 0,
                "records": 0,
                "understood": 0,
            },
            "problems": [],
            "second_opinion": None,
        },
    }
    return empty | changes


def finding(text: str) -> dict[str, Any]:
    return {
        "code": "SEC-03", "title": "t", "message": f"m {text}", "severity": "high", "owner": "partner", "clause": None, "confidence": 90,
        "subject": [], "role": "root", "caused_by": None, "count": 3, "first_seen": "2026-11-12T10:00:00.000000", "last_seen": None,
        "remedy": "r", "areas": [], "language": "en", "evidence": [{"artifact": text, "line": 2, "time": None, "text": text}],
    }  # fmt: skip


def test_head_has_the_verdict_once_and_the_day() -> None:
    lines = render(report()).splitlines()
    assert lines[0] == "Needs information: no ticket."
    assert "in scope" in lines[2]
    assert "2026-11-12" in lines[2]


def test_missing_things_are_listed() -> None:
    assert "? ticket.description  A description.\n      yes → in scope\n" in render(report())


def test_no_colours_away_from_a_terminal() -> None:
    assert "\x1b" not in render(report(findings=[finding("plain")]))


def test_colours_on_a_terminal() -> None:
    assert "\x1b[" in render(report(), terminal=True)


def test_escape_codes_of_strangers_do_not_reach_the_terminal() -> None:
    shown = render(report(findings=[finding("evil\x1b]0;owned\x07\x1b[2J\u202e\r\nnext")]))
    assert not set("\x1b\x07\r\u202e") & set(shown)
    assert "evil" in shown


def test_markup_of_strangers_is_text() -> None:
    assert "[bold]x[/bold]" in render(report(findings=[finding("[bold]x[/bold]")]))


def test_info_findings_only_when_asked() -> None:
    note = finding("quiet") | {"severity": "info"}
    assert "SEC-03" not in render(report(findings=[note]))
    assert "1 note of level info" in render(report(findings=[note]))
    assert "SEC-03" in render(report(findings=[note]), verbose=True)


def test_server_time_is_called_so() -> None:
    assert "2026-11-12 10:00:00 server time" in render(report(findings=[finding("x")]))


def test_left_out_rules_are_named() -> None:
    coverage = report()["coverage"] | {"problems": ["rule x.yaml was left out"]}
    assert "rule x.yaml was left out" in render(report(coverage=coverage))


def test_what_could_not_be_looked_at_stands_there() -> None:
    coverage = report()["coverage"]
    coverage["signatures"]["skipped"] = [{"code": "MED-05", "needs": "a capture"}]
    artifact = {
        "path": "a.log",
        "kind": "unknown",
        "status": "unreadable",
        "problems": ["no known format"],
        "records": 0,
        "understood": 0,
    }
    shown = render(report(coverage=coverage, artifacts=[artifact]))
    assert "1 signature needs a capture" in shown
    assert "a.log  unreadable: no known format" in shown


def test_places() -> None:
    assert where({"artifact": "a.zip!/x.log", "line": 7}) == "a.zip!/x.log:7"
    assert where({"artifact": "a.pcap", "frame": 3}) == "a.pcap frame 3"
    assert where({"artifact": "U.json", "path": "value[0].Number"}) == "U.json value[0].Number"
    assert where({"ticket": "hosting"}) == "ticket: hosting"


def test_printable_keeps_letters_of_all_scripts() -> None:
    assert printable("Ünïcødé Ελλάδα Россия\t1") == "Ünïcødé Ελλάδα Россия 1"


def test_further_lines_begin_below_the_words() -> None:
    words = "word " * 60
    lines = render(report(findings=[finding(words)])).splitlines()
    first = next(n for n, line in enumerate(lines) if "word word" in line)
    assert lines[first + 1].index("word") == lines[first].index("m word")


def test_a_long_quote_stands_on_a_line_of_its_own_and_says_that_it_is_cut() -> None:
    found = finding("x")
    found["evidence"] = [{"artifact": "Logs/x.log", "line": 7, "time": None, "text": "q" * 400}]
    lines = render(report(findings=[found])).splitlines()
    spot = next(n for n, line in enumerate(lines) if line.endswith("Logs/x.log:7"))
    quote = "".join(line.strip() for line in lines[spot + 1 : spot + 3])
    assert quote == "q" * 159 + "…"


def test_a_cut_list_of_codes_says_so() -> None:
    undecided = [{"code": f"TRK-{n:02d}", "lacks": "x", "rows": 1} for n in range(20)]
    given = report()
    given["coverage"]["signatures"]["undecided"] = undecided
    assert "TRK-11, …" in render(given)
    assert "TRK-19" in render(given, verbose=True)


def test_without_a_ticket_the_installation_leads() -> None:
    verdict = report()["verdict"] | {"summary": "Installation: in scope. No ticket given: 6 things to add."}
    given = report(case={"inputs": ["x"], "ticket": {}}, verdict=verdict)
    given["coverage"]["artifacts"]["records"] = 5
    lines = render(given, terminal=True).splitlines()
    assert re.match(r"\x1b\[1;32mInstallation: in scope\.\x1b\[0m No ticket given", lines[0])
    assert "Whole case:" in lines[2]
    assert "needs information" in lines[2]


def test_an_input_without_a_record_is_never_nothing_found() -> None:
    unread = report(case={"inputs": ["note.txt"], "ticket": {}})
    assert "Nothing could be looked at." in render(unread)
    assert "in what was looked at" not in render(unread)
    read = copy.deepcopy(unread)
    read["coverage"]["artifacts"]["records"] = 1
    assert "Nothing above info in what was looked at." in render(read)
    assert "Nothing could be looked at." not in render(read)


def test_the_same_need_in_other_words_is_one_line() -> None:
    full = report()
    full["coverage"]["signatures"]["skipped"] = [
        {"code": "MED-01", "needs": "a capture or a live export or a backup"},
        {"code": "PHN-01", "needs": "a live export, a backup or a capture"},
        {"code": "TRK-01", "needs": "a live export or a backup or a live export"},
    ]
    shown = render(full)
    assert "2 signatures need a live export or a backup or a capture\n" in shown
    assert "1 signature needs a live export or a backup\n" in shown


def test_files_that_do_not_agree_on_the_system_are_named() -> None:
    version = {"value": "20.0.7.1080", "source": {}, "also": [{"value": "20.0.9.995", "source": {}}]}
    fqdn = {"value": "a.example.com", "source": {}, "also": []}
    system = report()["system"] | {"version": version, "fqdn": fqdn}
    shown = " ".join(render(report(system=system)).split())
    assert "do not agree on the system: version: 20.0.7.1080, also 20.0.9.995. Where they are of two systems" in shown
    assert "do not agree" not in render(report(system=report()["system"] | {"fqdn": fqdn}))


def test_what_moves_by_itself_is_no_disagreement() -> None:
    free = {"value": 1, "source": {}, "also": [{"value": 2, "source": {}}]}
    assert "do not agree" not in render(report(system=report()["system"] | {"disk_free_bytes": free}))


def test_files_stand_before_what_signatures_need_and_many_needs_are_cut() -> None:
    coverage = report()["coverage"]
    needs = [f"table {place}" for place in range(10)]
    coverage["signatures"]["skipped"] = [{"code": f"X-{place}", "needs": need} for place, need in enumerate(needs)]
    file = {
        "path": "a.bin",
        "kind": "unknown",
        "status": "unreadable",
        "problems": ["why"],
        "records": 0,
        "understood": 0,
    }
    lines = render(report(coverage=coverage, artifacts=[file])).splitlines()
    start = lines.index("Could not be looked at")
    assert lines[start + 1] == "  a.bin  unreadable: why"
    assert lines[start + 2] == "  1 signature needs table 0"
    assert "  … and 2 more that need something else: see --verbose" in lines
    assert "  1 signature needs table 9" not in lines
    assert "  1 signature needs table 9" in render(report(coverage=coverage), verbose=True).splitlines()


def test_how_often_something_was_seen_is_written_as_numbers_are() -> None:
    assert "×12,345" in render(report(findings=[finding("x") | {"count": 12345}]))
