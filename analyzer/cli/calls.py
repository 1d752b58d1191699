"""``tcxtriage calls``: the calls of captures as a table, CSV or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analyzer.cli import exit_codes
from analyzer.cli.asked import verifier, verify_option
from analyzer.cli.output import is_there

if TYPE_CHECKING:
    from parsers.facts.artifact import Artifact
    from parsers.facts.capture import Call
    from parsers.facts.store import Facts

OUTCOMES = ("answered", "busy", "declined", "cancelled", "rejected", "no_response", "incomplete")
EPILOG = """\b
Examples:
  tcxtriage calls dump.pcap
  tcxtriage calls dump.pcap --number 442079460123 --outcome rejected --outcome busy
  tcxtriage calls bundle.zip --format csv > calls.csv
"""


@click.command("calls", epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@click.option("--number", metavar="TEXT", help="Only calls from or to a number or user with this text in it.")
@click.option("--outcome", "outcomes", multiple=True, type=click.Choice(OUTCOMES), help="Only calls that ended so; may be repeated.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="Form of the list.")  # fmt: skip
@verify_option
def command(
    *, inputs: tuple[str, ...], number: str | None, outcomes: tuple[str, ...], form: str, verify_with: str | None
) -> int:
    """List the calls of packet captures: who called whom, when, and what became of it.

    Captures are found in files, folders and archives; all else is passed over. Exit code 5: there is no capture.
    """
    from analyzer.cli import calls_forms
    from analyzer.cli.progress import reading
    from analyzer.ladder import found
    from analyzer.ladder.read import ordered_calls, read_captures
    from analyzer.redact.secrets import Scrubber
    from parsers.tree.unreadable import Unreadable

    for item in inputs:
        is_there(item.partition("!/")[0])
    verifier(verify_with)
    unread: list[Unreadable] = []
    with reading() as progress:
        facts, artifacts = read_captures(inputs, progress, unread)
    scrubber = Scrubber(facts.secrets)
    problems = [f"{artifact.path}: {problem}" for artifact in artifacts for problem in artifact.problems]
    for line in (*found.could_not_look(unread), *problems):
        _say(scrubber.text(line))
    if not any(artifact.records for artifact in artifacts):
        _say(found.nothing_read(inputs, artifacts))
        return exit_codes.NOTHING_READABLE
    if verify_with:
        _second_opinion(artifacts, facts)
    calls = ordered_calls(facts)
    chosen = [call for call in calls if _wanted(call, number, outcomes)]
    if not calls:
        _say(found.no_calls(facts, artifacts))
    elif len(chosen) < len(calls):
        _say(f"{len(chosen)} of {len(calls)} calls")
    click.echo(scrubber.text(calls_forms.render(chosen, form, several=len(artifacts) > 1)), nl=False)
    return 0


def _say(line: str) -> None:
    from analyzer.report.printable import printable

    click.echo(printable(line), err=True)


def _wanted(call: Call, number: str | None, outcomes: tuple[str, ...]) -> bool:
    if outcomes and call.outcome not in outcomes:
        return False
    return number is None or any(number.lower() in (user or "").lower() for user in (call.from_user, call.to_user))


def _second_opinion(artifacts: list[Artifact], facts: Facts) -> None:
    from msgspec.structs import asdict

    from analyzer.redact.secrets import Scrubber
    from analyzer.report.text import difference_line, opinion_line
    from analyzer.second_opinion import second_opinion

    differences = [asdict(item) for item in second_opinion(artifacts, facts)]
    scrubber = Scrubber(facts.secrets)
    for line in (opinion_line(differences), *map(difference_line, differences)):
        click.echo(scrubber.text(line), err=True)
