"""``tcxtriage ticket``: a ticket to fill in, to check, and its text to paste."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli import exit_codes
from analyzer.cli.asked import as_of_option
from analyzer.cli.helping import examples
from analyzer.cli.language import lang_option
from analyzer.cli.output import check as check_output
from analyzer.cli.output import is_terminal, write

if TYPE_CHECKING:
    from analyzer.scope import Judged, ScopeInput
    from analyzer.scope.policy import Policy
    from analyzer.ticket import Ticket

BUNDLE_GIVES = frozenset(
    {
        "ticket.attachments",
        "prereq.verbose-logs",
        "excluded.outdated",
        "excluded.unsupported-phones",
        "excluded.unsupported-trunk",
        "excluded.integrations",
    }
)
"""Clauses whose facts a support bundle or live export supplies."""

_lang = lang_option("the ticket's, else the environment's")
_policy = click.option("--policy", "policy_id", metavar="ID", help="Policy to judge by.")
_set = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Set one key of the ticket; may be repeated.")  # fmt: skip
_output = click.option("--output", "-o", type=click.Path(path_type=Path), help="Write there instead of to standard output.")  # fmt: skip


@click.group(
    "ticket",
    epilog=examples(
        "ticket new --output ticket.yaml", "ticket check ticket.yaml", "ticket draft bundle.zip --ticket ticket.yaml"
    ),
)
def command() -> None:
    """Make, check or draft a ticket."""


@command.command(
    "new",
    epilog=examples("ticket new --output ticket.yaml", "ticket new --set problem=audio --set partner_tier=silver"),
    short_help="Make a ticket file.",
)
@click.option("--ticket", "ticket_file", type=click.Path(path_type=Path), help="Ticket file to complete: what it says is not asked again.")  # fmt: skip
@_set
@_output
@lang_option("the environment's")
def new(*, ticket_file: Path | None, sets: tuple[str, ...], output: Path | None, lang: str | None) -> None:
    """Make a ticket file: ask for every missing key on a terminal, else write a commented template."""
    from analyzer import i18n
    from analyzer.ticket import TicketError, parse_ticket
    from analyzer.ticket_form import filled_in, template

    check_output(output)
    try:
        given = _raw(ticket_file) | _pairs(sets)
        parse_ticket(given)
    except TicketError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if output and output.exists():
        raise click.UsageError(f"{str(output)!r} is there already.")
    with i18n.language(lang or i18n.preferred(None)):
        if _can_ask():
            given |= _asked(given)
        text = filled_in(given) if given else template()
    write(text, output)


def _raw(file: Path | None) -> dict[str, Any]:
    """Keys and values of a ticket file as they stand there. Raises `analyzer.ticket.TicketError`."""
    from analyzer.ticket import TicketError
    from analyzer.ticket_read import MAX_BYTES, UnreadableError, read_mapping

    if file is None:
        return {}
    try:
        with file.open("rb") as opened:
            return read_mapping(opened.read(MAX_BYTES + 1))
    except OSError as error:
        raise TicketError(f"Ticket {str(file)!r} cannot be read: {error.strerror or error}.") from error
    except UnreadableError as error:
        raise TicketError(f"{file}: {error}.") from error


def _pairs(sets: tuple[str, ...]) -> dict[str, Any]:
    """Keys and values of ``--set``. Raises `analyzer.ticket.TicketError`."""
    from analyzer.ticket import Ticket, with_sets

    with_sets(Ticket(), sets)
    return {key.strip(): value for key, _, value in (word.partition("=") for word in sets)}


@command.command("check", epilog=examples("ticket check ticket.yaml"), short_help="Say what a ticket file lacks.")
@click.argument("file", type=click.Path(path_type=Path))
@_set
@as_of_option
@_policy
@_lang
def check(*, file: Path, sets: tuple[str, ...], as_of: datetime | None, policy_id: str | None, lang: str | None) -> int:
    """Say what a ticket file lacks, without any bundle.

    Exit codes: 0 nothing is missing that a bundle does not supply, 4 something is, 3 out of scope as it stands, 2 the file is
    wrong.
    """
    from analyzer import i18n
    from analyzer.cli.asked import day_of
    from analyzer.scope import judge
    from analyzer.scope.policy import Policy, PolicyError
    from analyzer.ticket import TicketError, load_ticket

    day = day_of(as_of)
    try:
        ticket = load_ticket(file, sets)
        policy = Policy.load(policy_id, day)
    except (TicketError, PolicyError) as wrong:
        raise click.UsageError(str(wrong)) from wrong
    with i18n.language(lang or i18n.preferred(ticket.language)):
        judged = judge(policy, _alone(ticket, day))
        click.echo(_checked(judged, policy), nl=False)
    missing = [item for item in judged.verdict.missing if item.clause not in BUNDLE_GIVES]
    if judged.verdict.scope == "out_of_scope":
        return exit_codes.SCOPE["out_of_scope"]
    return exit_codes.SCOPE["needs_information" if missing else "in_scope"]


@command.command(
    "draft",
    epilog=examples(
        "ticket draft bundle.zip --ticket ticket.yaml",
        "ticket draft bundle.zip --ticket ticket.yaml --lang de --output ticket.txt",
    ),
    short_help="Write the text to paste into a ticket.",
)
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=click.Path(exists=True))
@click.option("--ticket", "ticket_file", type=click.Path(path_type=Path), help="Ticket file (YAML or JSON).")
@_set
@as_of_option
@_policy
@_lang
@_output
def draft(
    *,
    inputs: tuple[str, ...],
    ticket_file: Path | None,
    sets: tuple[str, ...],
    as_of: datetime | None,
    policy_id: str | None,
    lang: str | None,
    output: Path | None,
) -> int:
    """Write the text to paste into a ticket: description, steps, system, findings with evidence, what to add.

    Exit code 5: nothing in the input could be read; the text is written all the same.
    """
    from analyzer import i18n
    from analyzer.case import analyze
    from analyzer.cli.asked import case_options
    from analyzer.cli.notes import of_case, say
    from analyzer.cli.progress import reading
    from analyzer.i18n import translate as _
    from analyzer.report.build import build
    from analyzer.scope.policy import PolicyError
    from analyzer.ticket import TicketError
    from analyzer.ticket_draft import draft as render

    check_output(output, (*inputs, ticket_file))
    options = case_options(inputs, ticket_file, sets, as_of, policy_id)
    with i18n.language(lang or i18n.preferred(options.ticket.language)):
        try:
            with reading() as progress:
                case = analyze(options, progress)
        except (PolicyError, TicketError) as wrong:
            raise click.UsageError(str(wrong)) from wrong
        text = render(build(case), case.policy)
    with i18n.language(lang or i18n.preferred(None)):  # whoever calls may speak another language than the ticket
        write(text, output, _("Written to {}."))
        say(of_case(case, files=True))
    return 0 if case.readable else exit_codes.NOTHING_READABLE


def _can_ask() -> bool:
    return is_terminal(sys.stdin)


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """Ask for every key that is not set; an empty answer leaves it out."""
    from analyzer.i18n import translate as _
    from analyzer.ticket import READERS, TicketError, parse_ticket
    from analyzer.ticket_form import QUESTIONS, YES_NO

    answers: dict[str, Any] = {}
    click.echo(_("Press Enter for what is not known."), err=True)
    for key in READERS:
        if key in given:
            continue
        question = QUESTIONS[key]
        own = {_(word).casefold(): word for word in YES_NO} if question.allowed == YES_NO else {}
        hint = ", ".join(own or question.allowed)
        if question.example and not question.allowed:
            hint = _("for example: {example}").format(example=question.example)
        asked = f"{_(question.text)} ({hint})" if hint else _(question.text)
        while True:
            answer = click.prompt(asked, default="", show_default=False, err=True, hide_input=key == "license_key")
            answer = own.get(answer.strip().casefold(), answer)
            value: Any = [part.strip() for part in answer.split(",")] if question.several and answer else answer
            try:
                parse_ticket({key: value})
            except TicketError as wrong:
                click.echo(str(wrong), err=True)
                continue
            if answer.strip():
                answers[key] = value
            break
    return answers


def _alone(ticket: Ticket, day: date) -> ScopeInput:
    from analyzer.scope import ScopeInput as Given
    from analyzer.system import System
    from parsers.facts import Facts, Source

    return Given(
        ticket=ticket,
        ticket_given=True,
        system=System(source=Source()),
        facts=Facts(),
        findings=[],
        artifacts=[],
        as_of=day,
    )


def _checked(judged: Judged, policy: Policy) -> str:
    from analyzer.i18n import translate as _

    lines = [_("The ticket is read without errors.")]
    effects = {"excludes": _("Out of scope"), "limits": _("Limited"), "advises": _("Worth knowing")}
    for effect, heading in effects.items():
        rows = [reason for reason in judged.verdict.reasons if reason.effect == effect]
        lines += ["", heading, *(f"  {row.clause}: {row.why}" for row in rows)] if rows else []
    missing = [item for item in judged.verdict.missing if item.clause not in BUNDLE_GIVES]
    lines += ["", _("Missing"), *(f"  {item.clause}: {item.what}" for item in missing)] if missing else []
    supplied = [item for item in judged.verdict.missing if item.clause in BUNDLE_GIVES]
    lines += ["", _("The support bundle supplies"), *(f"  {i.clause}: {i.what}" for i in supplied)] if supplied else []
    lines += ["", _("Remember")]
    lines += [f"  {c.id}: {_(c.text)}" for c in policy.clauses if c.id in ("ticket.one-hour", "ticket.answers")]
    if judged.route.depends_on:
        lines += ["", _("Who answers depends on"), *(f"  {text}" for text in judged.route.depends_on)]
    if not missing and judged.verdict.scope != "out_of_scope":
        lines += ["", _("Nothing else is missing.")]
    return "\n".join(lines) + "\n"
