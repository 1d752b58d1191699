"""``tcxtriage ladder``: the SIP ladder of one call as text, SVG or Mermaid."""

from __future__ import annotations

from pathlib import Path

import click

from analyzer.cli.output import check, is_there, write

EPILOG = """\b
Examples:
  tcxtriage ladder dump.pcap --call 1-31193@192.0.2.21
  tcxtriage ladder bundle.zip --call 1-311 --format svg --output call.svg
"""


@click.command("ladder", epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@click.option("--call", "wanted", metavar="ID", help="Call-ID, or how it begins ('calls' lists them); needed where there are several.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "svg", "mermaid"]), default="text", show_default=True, help="Form of the ladder.")  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it there instead of to standard output.")  # fmt: skip
def command(*, inputs: tuple[str, ...], wanted: str | None, form: str, output: Path | None) -> int:
    """Draw the SIP ladder of one call, the legs linked to it included.

    Retransmissions, long silences, codecs, hold, transfers, digits, RTP streams and ICMP errors are marked.
    """
    from analyzer.cli.progress import reading
    from analyzer.ladder import found, mermaid, svg, text
    from analyzer.ladder.model import build
    from analyzer.ladder.read import find_call, ordered_calls, read_captures
    from analyzer.redact.secrets import Scrubber
    from analyzer.report.printable import printable
    from parsers.tree.unreadable import Unreadable

    check(output, inputs)
    for item in inputs:
        is_there(item.partition("!/")[0])
    unread: list[Unreadable] = []
    with reading() as progress:
        facts, artifacts = read_captures(inputs, progress, unread)
    for line in found.could_not_look(unread):
        click.echo(printable(line), err=True)
    if not any(artifact.records for artifact in artifacts):
        raise click.UsageError(found.nothing_read(inputs, artifacts))
    calls, call = ordered_calls(facts), find_call(facts, wanted or "")
    if not calls:
        click.echo(found.no_calls(facts, artifacts), err=True)
    if call is None:
        several = sum(1 for c in calls if c.call_id.startswith(wanted or ""))
        why = f"{several} calls begin so" if several else "no capture has such a call"
        if not wanted:
            why = f"there are {several} calls, say which" if several else "there is no call in the captures"
        given = f"--call {wanted!r}" if wanted else "--call"
        raise click.UsageError(f"{given}: {why}; 'tcxtriage calls' lists all Call-IDs.")
    render = {"text": text.render, "svg": svg.render, "mermaid": mermaid.render}[form]
    drawn = Scrubber(facts.secrets).text(render(build(facts, call)))
    write(drawn, output)
    return 0
