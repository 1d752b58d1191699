"""What several verbs are asked: the options of a case, a second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyzer.cli.output import is_there

if TYPE_CHECKING:
    from analyzer.case import Options


class Day(click.DateTime):
    """A day as ``2026-05-01``."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """The day at midnight. Fails in words that name the form."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write it as 2026-05-01.", param, ctx)


DAY = Day()

as_of_option = click.option(
    "--as-of", type=DAY, metavar="DATE", help="Day of the judgement and of the catalogues (default: today)."
)
verify_option = click.option(
    "--verify-with",
    type=click.Choice(["tshark"]),
    help="Let another program count messages, calls and streams of the captures too, and say where it differs.",
)


def verifier(tool: str | None) -> str | None:
    """The tool of ``--verify-with``. Raises `click.UsageError` where it is not installed."""
    if tool is not None:
        from analyzer.second_opinion import ToolMissingError, require

        try:
            require(tool)
        except ToolMissingError as missing:
            raise click.UsageError(str(missing)) from missing
    return tool


def day_of(as_of: datetime | None) -> date:
    """The day of the judgement: as given, else today (UTC)."""
    return as_of.date() if as_of else datetime.now(tz=UTC).date()


def case_options(
    inputs: Sequence[str],
    ticket_file: Path | None,
    sets: Sequence[str],
    as_of: datetime | None,
    policy_id: str | None,
    *,
    about: Sequence[str] = (),
    signatures: Sequence[Path] = (),
) -> Options:
    """The options of a case. Raises `click.UsageError` for nothing to look at, an input that is not there, a wrong ticket."""
    from analyzer.case import Options
    from analyzer.ticket import TicketError, load_ticket

    if not inputs and ticket_file is None and not sets:
        raise click.UsageError("Give at least one INPUT or a --ticket.")
    for item in inputs:
        is_there(item)
    try:
        ticket = load_ticket(ticket_file, sets)
    except TicketError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    return Options(
        inputs=inputs,
        ticket=ticket,
        ticket_given=ticket_file is not None or bool(sets),
        ticket_file=ticket_file,
        as_of=day_of(as_of),
        about=about,
        policy_id=policy_id,
        signatures=signatures,
    )
