"""``tcxtriage analyze``: one case from any mix of inputs."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from analyzer.cli import exit_codes
from analyzer.cli.asked import as_of_option, verify_option
from analyzer.cli.language import lang_option
from analyzer.cli.output import check, is_terminal, write
from analyzer.cli.own_packs import signatures_option

FORMATS = ("text", "json", "html")

EPILOG = """\b
Examples:
  tcxtriage analyze bundle.zip
  tcxtriage analyze bundle.zip extra.log dump.pcap Users.json --ticket ticket.yaml
  tcxtriage analyze bundle.zip --set partner_tier=silver --set problem=audio --about ext:105
  tcxtriage analyze bundle.zip --format html --output report.html

\b
Exit codes:
  0 in scope   3 out of scope   4 needs information   5 nothing readable in the input
  1 internal error   2 wrong usage
"""


@click.command("analyze", epilog=EPILOG)
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=click.Path())
@click.option("--ticket", "ticket_file", type=click.Path(path_type=Path), help="Ticket file (YAML or JSON).")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Set one key of the ticket; may be repeated.")
@click.option("--about", multiple=True, metavar="WHAT", help="What the problem is about: ext:105, phone:MAC, trunk:NAME, call:ID, integration:NAME or problem:AREA; may be repeated.")  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Form of the report."
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Write the report there instead of to standard output."
)
@as_of_option
@lang_option("the ticket's, else the environment's; JSON: else en")
@click.option("--policy", "policy_id", metavar="ID", help="Policy to judge by (default: the one in force on that day).")
@signatures_option()
@verify_option
@click.option(
    "--installation", is_flag=True, help="Let the exit code follow the installation alone, without the ticket."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 instead of 3 and 4.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.option("--verbose", "-v", is_flag=True, help="Text report with every finding, artifact and signature that could not run.")  # fmt: skip
def command(
    *,
    inputs: tuple[str, ...],
    ticket_file: Path | None,
    sets: tuple[str, ...],
    about: tuple[str, ...],
    form: str,
    output: Path | None,
    as_of: datetime | None,
    lang: str | None,
    policy_id: str | None,
    packs: tuple[Path, ...],
    verify_with: str | None,
    installation: bool,
    exit_zero: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Analyze one case from any mix of inputs: support bundles, logs, captures, backups, live exports, folders.

    The report goes to standard output, progress and messages to standard error.
    """
    from analyzer import i18n
    from analyzer.case import analyze
    from analyzer.cli.asked import case_options, verifier
    from analyzer.cli.notes import of_case, say
    from analyzer.cli.progress import reading
    from analyzer.i18n import translate as _
    from analyzer.pack import PackError
    from analyzer.report.build import build
    from analyzer.scope.policy import PolicyError
    from analyzer.ticket import TicketError

    check(output, (*inputs, ticket_file))
    options = case_options(inputs, ticket_file, sets, as_of, policy_id, about=about, signatures=packs)
    options.verify_with = verifier(verify_with)
    with i18n.language(lang or i18n.preferred(options.ticket.language, environment=form != "json")):
        try:
            with nullcontext() if quiet else reading() as progress:
                case = analyze(options, progress)
        except (PackError, PolicyError, TicketError) as wrong:
            raise click.UsageError(str(wrong)) from wrong
        text = _render(build(case), form, verbose=verbose, output=output)
    with i18n.language(lang or i18n.preferred(None)):  # whoever calls may speak another language than the ticket
        write(text, output, _("Report written to {}."), machine=form != "text")
        say(of_case(case))
    if not case.readable:
        return exit_codes.NOTHING_READABLE
    code = exit_codes.SCOPE[case.verdict.installation if installation else case.verdict.scope]
    return 0 if exit_zero else code


def _render(report: dict[str, Any], form: str, *, verbose: bool, output: Path | None) -> str:
    if form == "json":
        from analyzer.report import json

        return json.render(report)
    if form == "html":
        from analyzer.report import html

        return html.render(report)
    from analyzer.report import text

    return text.render(report, verbose=verbose, terminal=output is None and is_terminal(sys.stdout))
