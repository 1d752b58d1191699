"""The command group. Verbs are imported only when they are called: ``--help`` must be quick."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path

import click

from analyzer import __version__

VERBS: dict[str, str] = {
    "analyze": "Analyze one case: findings, evidence, and whether it is in support scope.",
    "calls": "List the calls of captures.",
    "catalog": "Show, check or refresh the reference data.",
    "explain": "Say what a code or clause means, and why it did or did not fire.",
    "frame": "Show one frame of a capture in full.",
    "ladder": "Draw the SIP ladder of one call.",
    "policy": "Show the support policy.",
    "signatures": "List, test, check or make signatures.",
    "ticket": "Make, check or draft a ticket.",
}
"""Every verb with its line of help. ``analyzer.cli.<verb>`` has the command under the name ``command``."""


class LazyGroup(click.Group):
    """Knows its verbs by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All verbs in alphabetical order."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The verb's command, imported now."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"analyzer.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of verbs, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  tcxtriage analyze bundle.zip --ticket ticket.yaml",
)
@click.version_option(__version__, prog_name="tcxtriage")
def group() -> None:
    """Read what a 3CX support case comes with, say what is wrong, and whether it is in support scope."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 2 usage, 1 internal error, others as each verb says."""
    try:
        sys.exit(group.main(args=argv, prog_name="tcxtriage", standalone_mode=False) or 0)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as wrong:
        wrong.message = _shown(wrong.message)
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("TCXTRIAGE_DEBUG"):
            raise
        click.echo(
            f"Internal error: {type(error).__name__} in {_where(error)}. Please report it; TCXTRIAGE_DEBUG=1 shows more.",
            err=True,
        )
        sys.exit(1)


def _shown(message: str) -> str:
    """A message as it may stand on a terminal: what it quotes of files and options may hold secrets and escape codes."""
    from analyzer.redact.secrets import Scrubber
    from analyzer.report.printable import CONTROL

    return "\n".join(CONTROL.sub(" ", line) for line in Scrubber().text(message).split("\n"))


def _where(error: BaseException) -> str:
    """The innermost place of our own code (the message itself may hold secrets of the input)."""
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return places[-1] if places else "an unknown place"
