"""``tcxtriage policy``."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from analyzer.cli.policy import command
from tests.analyzer.scope.making import POLICY

NAME = f"{POLICY.id}-{POLICY.date.isoformat()}"


def run(*arguments: str) -> Result:
    """One call of the verb."""
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def test_every_clause_is_shown() -> None:
    output = run("show", "--policy", NAME).output
    assert output.startswith("3cx-support, 2026-11-22: ")
    assert all(f"\n{clause.id}  [{clause.kind}: " in output for clause in POLICY.clauses)


def test_one_clause_with_its_rules() -> None:
    output = run("show", "entitle.bronze").output
    assert "excludes: partner_tier is 'bronze' and" in output
    assert "way back: Have a Silver partner or better open the ticket." in output
    assert "excluded.outdated" not in output
    assert "judged as excluded.outdated" in run("show", "prereq.latest-version").output


def test_chosen_by_kind_and_pattern() -> None:
    shown = json.loads(run("show", "ticket.*", "--kind", "a", "--format", "json").output)
    assert [clause["id"] for clause in shown["clauses"]] == [
        "ticket.one-hour",
        "ticket.answers",
        "ticket.unsupported-fee",
    ]


def test_json_has_every_clause() -> None:
    shown = json.loads(run("show", "--policy", NAME, "--format", "json").output)
    assert (shown["id"], shown["as_of"], shown["source"]["language"]) == ("3cx-support", "2026-11-22", "es")
    assert [clause["id"] for clause in shown["clauses"]] == [clause.id for clause in POLICY.clauses]
    outdated = next(clause for clause in shown["clauses"] if clause["id"] == "excluded.outdated")
    assert outdated["needs"] == ["outdated"]


def test_wrong_names() -> None:
    assert "Did you mean 'excluded.outdated'?" in str(run("show", "excluded.outdatd").exception)
    assert "'tcxtriage policy show' lists all" in str(run("show", "qqqq").exception)
    assert "There is no policy 'none'" in str(run("show", "--policy", "none").exception)


def test_list() -> None:
    assert "3cx-support-2026-11-22\n" in run("list").output
