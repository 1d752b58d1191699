"""``tcxtriage ticket``."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from analyzer.cli.ticket import command
from analyzer.ticket import READERS, load_ticket
from tests.analyzer.scope.making import KEY, TICKET


def run(*arguments: str, answers: str | None = None) -> Result:
    """One call of the verb."""
    return CliRunner().invoke(command, list(arguments), input=answers, standalone_mode=False)


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    """A complete ticket file."""
    import json

    file = tmp_path / "ticket.json"
    file.write_text(json.dumps(TICKET))
    return file


def test_new_writes_a_template_where_nobody_can_be_asked(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    assert run("new", "--output", str(file)).exit_code == 0
    assert load_ticket(file).shown() == {}
    assert all(f"{key}:" in file.read_text() for key in READERS)
    again = run("new", "--output", str(file))
    assert "is there already" in str(again.exception)


def test_new_with_values() -> None:
    assert run("new", "--set", "partner_tier=gold").output == "partner_tier: gold\n"
    assert "platinum" in str(run("new", "--set", "partner_tier=goldd").exception)


def test_new_asks_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.cli.ticket._can_ask", lambda: True)
    answers = {"partner_tier": "goldd\ngold", "problem": "audio", "involves": "ext:105, trunk:10000"}
    typed = "\n".join(answers.get(key, "") for key in READERS) + "\n"
    result = run("new", answers=typed)
    assert result.exit_code == 0, result.exception
    assert result.stdout == "partner_tier: gold\nproblem: audio\ninvolves:\n- ext:105\n- trunk:10000\n"
    assert "'goldd'" in result.stderr


def test_new_asks_with_examples_and_takes_the_words_that_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.cli.ticket._can_ask", lambda: True)
    answers = {"requester_is_admin": "Ja", "license_nfr": "no", "problem": "audio"}
    result = run("new", "--lang", "de", answers="\n".join(answers.get(key, "") for key in READERS) + "\n")
    assert result.exit_code == 0, result.exception
    assert yaml.safe_load(result.stdout) == {"requester_is_admin": "yes", "license_nfr": "no", "problem": "audio"}
    assert "(zum Beispiel: 2026-11-16T09:30:00+01:00)" in result.stderr
    assert "(ja, nein)" in result.stderr


def test_new_completes_a_file(monkeypatch: pytest.MonkeyPatch, ticket: Path) -> None:
    monkeypatch.setattr("analyzer.cli.ticket._can_ask", lambda: True)
    left = [key for key in READERS if key not in TICKET]
    result = run("new", "--ticket", str(ticket), answers="\n" * len(left))
    assert result.exit_code == 0, result.exception
    assert yaml.safe_load(result.stdout) == TICKET
    assert "cannot be read" in str(run("new", "--ticket", "none.yaml").exception)


def test_check_of_a_complete_ticket(ticket: Path) -> None:
    result = run("check", str(ticket), "--as-of", "2026-11-16", "--lang", "en")
    assert result.return_value == 0
    assert "Nothing else is missing." in result.output
    assert "ticket.one-hour" in result.output
    assert "ticket.answers" in result.output
    assert KEY not in result.output


def test_check_says_what_is_missing(ticket: Path) -> None:
    result = run("check", str(ticket), "--set", "description=", "--set", "partner_tier=", "--lang", "en")
    assert result.return_value == 4
    assert "ticket.description: A clear, detailed description of the problem." in result.output
    assert "Who answers depends on" in result.output
    assert "ticket.attachments" in result.output.partition("The support bundle supplies")[2]


def test_check_says_out_of_scope(ticket: Path) -> None:
    result = run("check", str(ticket), "--set", "problem=firewall", "--lang", "en")
    assert result.return_value == 3
    assert "excluded.firewall" in result.output


def test_check_of_a_wrong_ticket(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text("partner_teir: gold\n")
    result = run("check", str(file))
    assert "partner_teir" in str(result.exception)
    assert "partner_tier" in str(result.exception)


def test_draft_of_a_ticket_alone(ticket: Path) -> None:
    result = run("draft", "--ticket", str(ticket), "--as-of", "2026-11-16", "--lang", "en")
    assert result.exit_code == 0, result.exception
    assert result.output.startswith("[queue or digital receptionist] Queue 801 skips agent 231.\n")
    assert KEY not in result.output
    assert "Give at least one" in str(run("draft").exception)
