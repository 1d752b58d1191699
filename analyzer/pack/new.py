"""A rule file made from a log line or a row that somebody points at."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from analyzer.pack import tables
from analyzer.pack.errors import PackError
from analyzer.pack.rule import nearest

OTHER_TEXT = "Another message of the same logger"
_LEAST = 4
_MOST_PIECES = 4
_NAMESPACE = uuid.UUID("5d4b4b58-9c39-4e8a-9d2a-3c0c5f6c1c4e")

_VARIABLE = re.compile(
    r"""
    [\w.+-]+@[\w.-]+                        # an address or AOR
    | \b[0-9A-Fa-f]{8,}\b                   # ids
    | \b\w*\d\w*\b                          # whatever has a digit: numbers, IPs, times
    | "[^"]*" | '[^']*'                     # quoted values
    | [|<>{}\[\]()=,;*?\\]                  # separators
    """,
    re.VERBOSE,
)
"""What differs from record to record and so cannot be what a rule looks for."""


def fixed_pieces(text: str) -> list[str]:
    """The pieces of a record's text that look the same each time, longest first, at most four."""
    first_line = text.strip().splitlines()[0] if text.strip() else ""
    pieces = [" ".join(piece.split()) for piece in _VARIABLE.split(first_line)]
    pieces = [piece.strip(" :.-") for piece in pieces]
    fit = [piece for piece in dict.fromkeys(pieces) if len(piece) >= _LEAST and piece in first_line]
    return sorted(fit, key=len, reverse=True)[:_MOST_PIECES]


def from_line(code: str, title: str, kind: str, line: str) -> str:
    """A rule that fires on one record of a log. Raises `PackError` where no parser of ``kind`` understands the line."""
    from parsers.api import Sink
    from parsers.facts.base import Row
    from parsers.registry import parser_of
    from parsers.tree.member import Member

    class Everything:
        """A scanner that is interested in every line."""

        def scan(self, data: bytes | memoryview) -> Sequence[int]:
            return [position for position, byte in enumerate(bytes(data)) if byte == ord("\n")]

    try:
        parser = parser_of(kind)
    except KeyError:
        raise PackError(f"no parser reads artifacts of kind {kind!r}") from None
    rows: list[Row] = []
    tally = parser.parse(
        Member.of_bytes("line", f"{line}\n".encode()), Sink(artifact="line", add=rows.append, scanner=Everything())
    )
    texts = [str(row.get("text")) for row in rows if row.table == tables.LOG]
    if not texts or not tally.understood:
        raise PackError(f"the parser of {kind!r} does not understand this line")
    pieces = fixed_pieces(texts[0])
    if not pieces:
        raise PackError("the line has no fixed text of four characters or more to look for")
    silent = line.replace(texts[0].splitlines()[0], OTHER_TEXT)
    detection = {"text|contains|all" if len(pieces) > 1 else "text|contains": pieces if len(pieces) > 1 else pieces[0]}
    samples = {"fires": [{"kind": kind, "lines": [line]}], "silent": [{"kind": kind, "lines": [silent]}]}
    return _write(code, title, tables.LOG, detection, samples)


def from_row(code: str, title: str, table: str, row: Mapping[str, Any], fields: Sequence[str]) -> str:
    """A rule that fires on a row with the same values in ``fields`` (all single values of the row where none is named).

    Raises `PackError` for an unknown table, column or field.
    """
    kind = tables.classes().get(table)
    if kind is None:
        raise PackError(f"table {table!r} is not known{nearest(table, tables.classes())}")
    known = tables.columns(kind)
    values = {
        name: value for name, value in row.items() if name != "source" and (name in known or tables.open_names(kind))
    }
    for name in fields:
        if name not in values:
            raise PackError(f"the row has no field {name!r}{nearest(name, values)}")
    wanted = {name: values[name] for name in fields or values if isinstance(values[name], str | int | float | bool)}
    if not wanted:
        raise PackError("the row has no single value to look for")
    detection = {name: _escaped(value) for name, value in wanted.items()}
    other = values | {name: _other(value) for name, value in wanted.items()}
    return _write(code, title, table, detection, {"fires": [{table: [values]}], "silent": [{table: [other]}]})


def _escaped(value: Any) -> Any:  # noqa: ANN401 - columns of all types
    """Sigma reads ``*`` and ``?`` as wildcards."""
    return re.sub(r"([*?\\])", r"\\\1", value) if isinstance(value, str) else value


def _other(value: str | float | bool) -> str | float | bool:  # noqa: FBT001 - a value of a row
    if isinstance(value, bool):
        return not value
    return f"{value} not" if isinstance(value, str) else value + 1


def _write(code: str, title: str, table: str, detection: dict[str, Any], samples: dict[str, Any]) -> str:
    rule = {
        "title": title,
        "id": str(uuid.uuid5(_NAMESPACE, code)),
        "name": code.lower().replace("-", "_"),
        "code": code,
        "status": "experimental",
        "level": "low",
        "confidence": 50,
        "grade": "verbatim",
        "owner": "partner",
        "description": "Made from one record; say what it means.",
        "logsource": {"product": "3cx", "category": table},
        "detection": {"seen": detection, "condition": "seen"},
        "message": title.rstrip(".") + ".",
        "remedy": "Say what the reader does next.",
        "falsepositives": ["not yet known"],
        "references": ["a record that was pointed at"],
        "tags": ["area.other"],
        "samples": samples,
    }
    return yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=1000)
