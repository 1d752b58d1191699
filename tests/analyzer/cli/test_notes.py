"""What verbs say beside their result."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.case import analyze
from analyzer.cli.asked import case_options
from analyzer.cli.notes import of_case
from tests.cases import tool

NOTE = "ticket.yaml is a ticket file and was not used: name it with --ticket."
NOTHING = "Nothing in the input could be read as a 3CX file."


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A log and a ticket in one folder."""
    (tmp_path / "auth.log").write_text("Nov 12 09:00:00 pbx sshd[1]: Server listening on 0.0.0.0 port 22.\n")
    (tmp_path / "ticket.yaml").write_text("problem: audio\npartner_tier: silver\n")
    return tmp_path


def test_a_ticket_among_the_inputs_is_named_and_not_used(case: Path) -> None:
    done = tool("analyze", case, "--lang", "en")
    assert NOTE in done.stderr
    assert "No ticket given" in done.stdout
    assert "ignored: a ticket file: it counts only where --ticket names it" in " ".join(done.stdout.split())


def test_the_ticket_that_is_named_is_no_problem(case: Path) -> None:
    done = tool("analyze", case, "--ticket", case / "ticket.yaml", "--lang", "en")
    assert "ticket file" not in done.stdout + done.stderr
    assert "No ticket given" not in done.stdout


def test_another_ticket_than_the_named_one_is_still_said(case: Path) -> None:
    (case / "old").mkdir()
    (case / "old" / "ticket.yaml").write_text("problem: trunk\npartner_tier: gold\n")
    done = tool("analyze", case, "--ticket", case / "ticket.yaml", "--lang", "en")
    assert done.stdout.count("a ticket file") == 1


def test_notes_are_in_the_readers_language(case: Path) -> None:
    done = tool("analyze", case, "--lang", "de", "--output", case.parent / "report.txt")
    assert "ist eine Ticketdatei" in done.stderr
    assert "Bericht nach" in done.stderr


def test_a_draft_of_nothing_readable_says_so(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("call me\n")
    done = tool("ticket", "draft", tmp_path, "--lang", "en")
    assert done.returncode == 5
    assert NOTHING in done.stderr
    assert f"{tmp_path}/note.txt: a text whose format is not known" in done.stderr
    assert "Nothing could be looked at." in done.stdout
    assert f"- [ ] {tmp_path.name}: not one record of it could be read" in done.stdout


def test_a_draft_of_an_empty_folder_says_so(tmp_path: Path) -> None:
    done = tool("ticket", "draft", tmp_path, "--lang", "en")
    assert done.returncode == 5
    assert f"{tmp_path}: a folder without files" in done.stderr


def test_a_draft_of_something_readable_says_nothing(case: Path) -> None:
    done = tool("ticket", "draft", case / "auth.log", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_draft_of_a_ticket_alone_is_no_failure() -> None:
    done = tool("ticket", "draft", "--set", "problem=audio", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")


def test_notes_are_in_the_callers_language_not_the_tickets(case: Path) -> None:
    ticket = ("--ticket", case / "ticket.yaml", "--set", "language=es", "--output", case.parent / "report.txt")
    done = tool("analyze", case, *ticket)
    assert done.stderr == f"Report written to {case.parent}/report.txt.\n"
    assert "Soporte" in (case.parent / "report.txt").read_text()
    assert f"Written to {case.parent}/report.txt." in tool("ticket", "draft", case, *ticket).stderr


def test_without_a_ticket_somebody_at_a_terminal_is_told_how_to_make_one(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = case_options([str(case / "auth.log")], None, (), None, None)
    analyzed = analyze(asked)
    assert list(of_case(analyzed)) == []
    monkeypatch.setattr("analyzer.cli.notes.is_terminal", lambda _stream: True)
    (said,) = of_case(analyzed)
    assert "'tcxtriage ticket new --output ticket.yaml'" in said
    analyzed.options.ticket_given = True
    assert list(of_case(analyzed)) == []
