"""Where a result goes: standard output, or the file that the user names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

FAILED = 1


class NotWrittenError(click.ClickException):
    """The result could not be written: no space, a device that is gone."""

    exit_code = FAILED


def is_terminal(stream: object) -> bool:
    """Whether somebody sits at a standard stream; no where it is closed."""
    ask = getattr(stream, "isatty", None)
    return bool(ask and ask())


def check(output: Path | None, inputs: Iterable[str | Path | None] = ()) -> None:
    """Say before the work that the result cannot go there. Raises `click.UsageError`.

    ``inputs`` are what is read: none of them is written over.
    """
    if output is None:
        return
    if output.is_dir():
        raise click.UsageError(f"--output {str(output)!r} is a folder; give a file.")
    if not output.parent.is_dir():
        raise click.UsageError(f"--output {str(output)!r}: there is no folder {str(output.parent)!r}.")
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise click.UsageError(f"--output {str(output)!r}: it may not be written there.")
    if output.exists() and any(item is not None and Path(item).exists() and output.samefile(item) for item in inputs):
        raise click.UsageError(f"--output {str(output)!r} is one of the inputs; give another file.")


def write(text: str, output: Path | None, said: str = "Written to {}.") -> None:
    """Write the result; ``said`` goes to standard error once a file is written. Raises `NotWrittenError`."""
    if output is None:
        _print(text)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotWrittenError(f"{output} could not be written: {error.strerror or error}.") from error
    click.echo(said.format(output), err=True)


def _print(text: str) -> None:
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:  # the reader has seen enough (`| head`): the exit code stands all the same
        silence()
    except OSError as error:
        silence()
        raise NotWrittenError(f"The result could not be written: {error.strerror or error}.") from error


def silence() -> None:
    """Let nothing more go to standard output: flushing it at the end would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
