"""``tcxtriage frame``: one frame of a capture in full."""

from __future__ import annotations

import click

from analyzer.cli.output import is_there

EPILOG = """\b
Examples:
  tcxtriage frame dump.pcap 42
  tcxtriage frame 'bundle.zip!/dump.pcap' 42
"""


class Frame(click.IntRange):
    """The number of a frame."""

    name = "number"


FRAME = Frame(min=1)


@click.command("frame", epilog=EPILOG)
@click.argument("source", metavar="INPUT", type=click.Path())
@click.argument("number", metavar="N", type=FRAME)
def command(*, source: str, number: int) -> int:
    """Show frame N of a packet capture in full, with tshark where it is installed, else with scapy.

    INPUT is a capture, or a folder or archive with one capture in it; ARCHIVE!/MEMBER names one of several.
    """
    from analyzer.ladder.dissect import (
        DissectorMissingError,
        FrameMissingError,
        dissect,
        frames,
        secrets_in,
        without_short_secrets,
    )
    from analyzer.ladder.found import could_not_look
    from analyzer.ladder.read import captures
    from analyzer.redact.secrets import Scrubber
    from analyzer.report.printable import printable
    from parsers.tree.errors import TreeError
    from parsers.tree.unreadable import Unreadable

    is_there(source.partition("!/")[0])
    unread: list[Unreadable] = []
    members = list(captures([source], unread))
    if not members:
        for line in could_not_look(unread):
            click.echo(printable(line), err=True)
        raise click.UsageError(f"There is no packet capture in {source!r}.")
    if len(members) > 1:
        names = "\n".join(f"  {printable(member.path)}" for member in members)
        raise click.UsageError(f"There are several captures in {source!r}; name one of them:\n{names}")
    try:
        tool, text = dissect(members[0], number)
    except FrameMissingError as wrong:
        last = frames(members[0])
        raise click.UsageError(f"{printable(members[0].path)} has no frame {number}: it has {last}.") from wrong
    except DissectorMissingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except TreeError as wrong:
        raise click.ClickException(f"{printable(members[0].path)}: {wrong.reason}") from wrong
    scrubbed = Scrubber(secrets_in(text)).text(without_short_secrets(text))
    click.echo("\n".join(f"{_indent(line)}{printable(line)}" for line in scrubbed.splitlines()))
    click.echo(Scrubber().text(f"Frame {number} of {printable(members[0].path)}, by {tool}"), err=True)
    return 0


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" ")))
