"""Where a result goes: standard output, or the file that the user names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from parsers import lazy

_LABEL = lazy.pattern(r"- |→ |[^:]{1,24}: ")

FAILED = 1
MOST_COLUMNS = 120


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
    try:
        wrong = _wrong(output, inputs)
    except OSError as error:  # a folder on the way may not be entered
        wrong = f": {error.strerror or error}"
    if wrong:
        raise click.UsageError(f"--output {str(output)!r}{wrong}.")


def _wrong(output: Path, inputs: Iterable[str | Path | None]) -> str:
    if output.is_dir():
        return " is a folder; give a file"
    if not output.parent.is_dir():
        return f": there is no folder {str(output.parent)!r}"
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        return ": it may not be written there"
    if output.exists() and any(item is not None and Path(item).exists() and output.samefile(item) for item in inputs):
        return " is one of the inputs; give another file"
    return ""


def is_there(item: str) -> None:
    """Say that an input is missing, or may not be looked at. Raises `click.UsageError`."""
    try:
        Path(item).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise click.UsageError(f"Input {item!r} does not exist.") from None
    except OSError as error:
        raise click.UsageError(f"Input {item!r} cannot be read: {error.strerror or error}.") from None


def write(text: str, output: Path | None, said: str = "Written to {}.", *, machine: bool = False) -> None:
    """Write the result; ``said`` goes to standard error once a file is written. Raises `NotWrittenError`.

    ``machine``: another program reads it, so that standard output gets UTF-8 whatever the terminal speaks.
    """
    if output is None:
        _print(text, machine=machine)
        return
    try:
        output.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotWrittenError(f"{output} could not be written: {error.strerror or error}.") from error
    click.echo(said.format(output), err=True)


def _print(text: str, *, machine: bool) -> None:
    try:
        if machine:  # in UTF-8 wherever it goes
            click.echo(text.encode("utf-8", "replace"), nl=False)
        else:
            click.echo(text, nl=False)
    except BrokenPipeError:  # the reader has seen enough (`| head`): the exit code stands all the same
        silence()
    except OSError as error:
        silence()
        raise NotWrittenError(f"The result could not be written: {error.strerror or error}.") from error


def show_lines(lines: Iterable[str]) -> None:
    """Print lines. On a terminal the words of long ones go on behind their label (``Meaning: …``); elsewhere a line stays a line."""
    if not is_terminal(sys.stdout):
        click.echo("\n".join(lines))
        return
    from analyzer.report.page import Page

    page = Page(terminal_width())
    for line in lines:
        left = len(line) - len(line.lstrip(" "))
        label = _LABEL.match(line, left)
        head = label[0] if label else ""
        page.hanging(left, [head], line[left + len(head) :])
    click.echo(page.text(), nl=False)


def terminal_width(most: int = MOST_COLUMNS) -> int:
    """How many columns a line may have: those of the terminal, and not more than can be read at a glance."""
    import shutil

    return min(shutil.get_terminal_size((most, 40)).columns, most)


def silence() -> None:
    """Let nothing more go to standard output: flushing it at the end would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
