"""``tcxtriage calls``: the calls of captures as a table, CSV or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from analyzer.cli import exit_codes
from analyzer.cli.asked import verifier, verify_option
from analyzer.cli.output import is_there

if TYPE_CHECKING:
    from parsers.facts.artifact import Artifact
    from parsers.facts.capture import Call
    from parsers.facts.store import Facts

CSV_COLUMNS = (
    "call_id", "start", "from_user", "to_user", "caller", "callee", "transport", "outcome", "final_status", "pdd_ms", "ring_ms",
    "answered_after_ms", "answered", "end", "duration_s", "end_by", "reason", "media", "ack", "hold_s", "encrypted", "t38", "dtmf",
    "user_agents", "retransmissions", "response_retransmissions", "linked",
)  # fmt: skip

EPILOG = """\b
Examples:
  tcxtriage calls dump.pcap
  tcxtriage calls bundle.zip --format csv > calls.csv
"""


@click.command("calls", epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="Form of the list.")  # fmt: skip
@verify_option
def command(*, inputs: tuple[str, ...], form: str, verify_with: str | None) -> int:
    """List the calls of packet captures: who called whom, when, and what became of it.

    Captures are found in files, folders and archives; all else is passed over. Exit code 5: there is no capture.
    """
    from analyzer.cli.progress import reading
    from analyzer.ladder.read import ordered_calls, read_captures
    from analyzer.redact.secrets import Scrubber
    from analyzer.report.printable import printable

    for item in inputs:
        is_there(item.partition("!/")[0])
    verifier(verify_with)
    with reading() as progress:
        facts, artifacts = read_captures(inputs, progress)
    for artifact in artifacts:
        for problem in artifact.problems:
            click.echo(printable(Scrubber(facts.secrets).text(f"{artifact.path}: {problem}")), err=True)
    if not any(artifact.records for artifact in artifacts):
        click.echo(
            "The capture holds no packet." if artifacts else "There is no packet capture in the input.", err=True
        )
        return exit_codes.NOTHING_READABLE
    if verify_with:
        _second_opinion(artifacts, facts)
    calls = ordered_calls(facts)
    render = {"table": _table, "csv": _csv, "json": _json}[form]
    click.echo(Scrubber(facts.secrets).text(render(calls)), nl=False)
    return 0


def _second_opinion(artifacts: list[Artifact], facts: Facts) -> None:
    from msgspec.structs import asdict

    from analyzer.redact.secrets import Scrubber
    from analyzer.report.text import difference_line, opinion_line
    from analyzer.second_opinion import second_opinion

    differences = [asdict(item) for item in second_opinion(artifacts, facts)]
    scrubber = Scrubber(facts.secrets)
    for line in (opinion_line(differences), *map(difference_line, differences)):
        click.echo(scrubber.text(line), err=True)


def _json(calls: list[Call]) -> str:
    import json

    from analyzer.report.rows import row

    return json.dumps([row(call) for call in calls], indent=1, ensure_ascii=False) + "\n"


def _csv(calls: list[Call]) -> str:
    import csv
    import io

    from analyzer.report.rows import plain

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for call in calls:
        writer.writerow([_cell(plain(getattr(call, name))) for name in CSV_COLUMNS])
    return out.getvalue()


def _cell(value: Any) -> str:  # noqa: ANN401 - JSON values
    """A cell on one line that no spreadsheet takes for a formula."""
    from analyzer.report.printable import printable

    if isinstance(value, dict):  # {"caller": "Yealink …", "callee": null}
        value = "; ".join(f"{name}: {text}" for name, text in value.items() if text is not None)
    elif isinstance(value, list):  # Call-IDs, or digits: {"digits": "15", "method": "rfc4733", "from": "caller"}
        value = " ".join(" ".join(item.values()) if isinstance(item, dict) else item for item in value)
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = printable(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _table(calls: list[Call]) -> str:
    if not calls:
        return "No calls.\n"
    heads = ("start (UTC)", "from", "to", "outcome", "status", "pdd", "talk", "ended by", "audio", "Call-ID")
    rows = [heads, *(_cells(call) for call in calls)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _cells(call: Call) -> tuple[str, ...]:
    from analyzer.ladder.model import clean

    return (
        call.start.strftime("%Y-%m-%d %H:%M:%S") if call.start else "?",
        clean(call.from_user or "?")[:20],
        clean(call.to_user or "?")[:20],
        call.outcome,
        str(call.final_status or "–"),
        f"{call.pdd_ms / 1000:.1f} s" if call.pdd_ms is not None else "–",
        f"{call.duration_s:.1f} s" if call.duration_s is not None else "–",
        call.end_by or "–",
        call.media or "–",
        clean(call.call_id),
    )
