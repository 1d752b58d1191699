"""The command group. Verbs are imported only when they are called: ``--help`` must be quick."""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import io
import os
import sys
from typing import Any

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

OWN = ("analyzer", "parsers")
"""Our packages: installed, they lie among those of others."""

YOUNG_OBJECTS = 50_000
"""So many new objects before garbage is looked for among them: what is imported and read stays, and 700, as Python has it, means
to look through all modules again and again while they are imported.
"""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that was called; where there is none of that name, the nearest one is named."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"verbs are {', '.join(VERBS)}."
            if os.path.exists(args[0]):  # noqa: PTH110 - whatever was typed
                hint = f"to look into that file or folder: 'tcxtriage analyze {args[0]}'."
            ctx.fail(f"There is no verb {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """The verb's result. A reader that has seen enough (``| head``) is no error, a full disk is not ours."""
        from analyzer.cli.output import NotWrittenError, silence

        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            silence()
            return 0
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            silence()
            raise NotWrittenError(f"The result could not be written: {error.strerror}.") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of verbs, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  tcxtriage analyze bundle.zip
  tcxtriage analyze bundle.zip --ticket ticket.yaml --format html --output report.html
  tcxtriage analyze --help
""",
)
@click.version_option(__version__, prog_name="tcxtriage")
def group() -> None:
    """Read what a 3CX support case comes with, say what is wrong, and whether it is in support scope."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 2 usage, 1 internal error, others as each verb says."""
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # what ends with the process is no garbage that has to be looked for
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's algebra, which nobody here asks for, starts one a core
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that does not know a character shows another one
            stream.reconfigure(errors="replace")
    try:
        sys.exit(group.main(args=argv, prog_name="tcxtriage", standalone_mode=False) or 0)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as wrong:
        said = io.StringIO()
        wrong.show(file=said)
        click.echo(_shown(said.getvalue()), err=True, nl=False)
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
    import traceback
    from pathlib import Path

    root = Path(__file__).parents[2]
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(path, line) for path, line in frames if any(path.is_relative_to(root / package) for package in OWN)]
    path, line = (own or frames or [(Path("an unknown place"), 0)])[-1]
    return f"{path.relative_to(root) if path.is_relative_to(root) else path.name}:{line}"
