"""What a verb says of a case on standard error, beside its result."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from analyzer.cli.output import is_terminal
from analyzer.i18n import translate as _
from parsers.tree.ticket_file import TICKET

if TYPE_CHECKING:
    from analyzer.case import Case

FILES_SHOWN = 5


def say(notes: Iterable[str]) -> None:
    """Write notes to standard error."""
    from analyzer.redact.secrets import Scrubber
    from analyzer.report.printable import printable

    for note in notes:
        click.echo(printable(Scrubber().text(note)), err=True)


def of_case(case: Case, *, files: bool = False) -> Iterator[str]:
    """Nothing could be read (with ``files``: which, and why), a ticket lies among the inputs and nobody named it, or there is
    none: how to make one, for somebody at a terminal.
    """
    from analyzer.report.file_problems import problem_text

    if not case.readable:
        yield _("Nothing in the input could be read as a 3CX file.")
        if files:
            for item in case.artifacts[:FILES_SHOWN]:
                yield f"{item.path}: {'; '.join(map(problem_text, item.problems))}"
    if case.options.ticket_file is not None:
        return
    tickets = [item.path for item in case.artifacts if item.kind == TICKET]
    for path in tickets:
        yield _("{path} is a ticket file and was not used: name it with --ticket.").format(path=path)
    if not tickets and not case.options.ticket_given and case.readable and is_terminal(sys.stderr):
        yield _(
            "What only people know: 'tcxtriage ticket new --output ticket.yaml' asks for it, --ticket ticket.yaml adds it."
        )
