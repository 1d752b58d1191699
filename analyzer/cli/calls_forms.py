"""The list of calls as a table, CSV or JSON."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from analyzer.cli.output import is_terminal
from analyzer.ladder.labels import clean
from parsers.facts.capture import Call

CSV_COLUMNS = (
    "call_id", "start", "from_user", "to_user", "caller", "callee", "transport", "outcome", "final_status", "pdd_ms", "ring_ms",
    "answered_after_ms", "answered", "end", "duration_s", "end_by", "reason", "media", "ack", "hold_s", "encrypted", "t38", "dtmf",
    "user_agents", "retransmissions", "response_retransmissions", "linked",
)  # fmt: skip
CSV_PLACE = ("artifact", "frame")
"""Behind them: where the call begins."""
USER = 20
NARROW_USER = 12
HEADS = ("start (UTC)", "from", "to", "outcome", "status", "pdd", "talk", "ended by", "audio", "Call-ID")
NARROW = ("start (UTC)", "from", "to", "outcome", "talk", "audio")

Row = tuple[str, ...]


def render(calls: Sequence[Call], form: str, *, several: bool) -> str:
    """The list in one of its forms; ``several`` captures were read."""
    if form == "json":
        return _json(calls)
    return _csv(calls) if form == "csv" else _table(calls, several=several)


def _json(calls: Sequence[Call]) -> str:
    import json

    from analyzer.report.rows import row

    return json.dumps([row(call) for call in calls], indent=1, ensure_ascii=False) + "\n"


def _csv(calls: Sequence[Call]) -> str:
    import csv
    import io

    from analyzer.report.rows import plain

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*CSV_COLUMNS, *CSV_PLACE))
    for call in calls:
        cells = [*(getattr(call, name) for name in CSV_COLUMNS), *(getattr(call.source, name) for name in CSV_PLACE)]
        writer.writerow([_cell(plain(cell)) for cell in cells])
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


def _table(calls: Sequence[Call], *, several: bool) -> str:
    """A line a call; two where the terminal is too narrow for one, the second with the Call-ID."""
    if not calls:
        return "No calls.\n"
    wide = [
        (*HEADS[:-1], *(("capture",) if several else ()), HEADS[-1]),
        *(_wide(call, several=several) for call in calls),
    ]
    lines = _aligned(wide)
    room = _room()
    if room is None or max(map(len, lines)) <= room:
        return "\n".join(lines) + "\n"
    narrow = _aligned([NARROW, *(_narrow(call) for call in calls)])
    under = ["  Call-ID", *(f"  {_behind(call, several=several)}" for call in calls)]
    return "\n".join(line for pair in zip(narrow, under, strict=True) for line in pair) + "\n"


def _room() -> int | None:
    """Columns of the terminal; null where nobody sits at one."""
    if os.environ.get("COLUMNS", "").isdigit() or is_terminal(sys.stdout):
        return shutil.get_terminal_size().columns
    return None


def _aligned(rows: Sequence[Row]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _wide(call: Call, *, several: bool) -> Row:
    return (
        call.start.strftime("%Y-%m-%d %H:%M:%S") if call.start else "?",
        clean(call.from_user or "?", USER),
        clean(call.to_user or "?", USER),
        call.outcome.replace("_", " "),
        str(call.final_status or "–"),
        _seconds(call.pdd_ms / 1000 if call.pdd_ms is not None else None),
        _seconds(call.duration_s),
        call.end_by or "–",
        _audio(call),
        *((_file(call),) if several else ()),
        clean(call.call_id),
    )


def _narrow(call: Call) -> Row:
    outcome = call.outcome.replace("_", " ")
    refused = call.final_status is not None and call.outcome != "answered"
    return (
        call.start.strftime("%m-%d %H:%M:%S") if call.start else "?",
        clean(call.from_user or "?", NARROW_USER),
        clean(call.to_user or "?", NARROW_USER),
        f"{outcome} {call.final_status}" if refused else outcome,
        _seconds(call.duration_s),
        _audio(call),
    )


def _behind(call: Call, *, several: bool) -> str:
    return f"{clean(call.call_id)}  ({_file(call)})" if several else clean(call.call_id)


def _seconds(value: float | None) -> str:
    return f"{value:.1f} s" if value is not None else "–"


def _audio(call: Call) -> str:
    return call.media.replace("_", " ") if call.media else "–"


def _file(call: Call) -> str:
    return clean(PurePosixPath((call.source.artifact or "?").replace("\\", "/")).name, 40)
