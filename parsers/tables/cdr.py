"""Call detail records: CDR files (one for all calls, or one a call) and the table ``cdroutput`` of V20 U6 and later.

    Call 700001,00000AAA11BB22CC_101,00:01:10,2026/02/01 09:00:00,2026/02/01 09:00:05,2026/02/01 09:01:15,TerminatedByDst,…

The layout of files is configurable; the documented order has 27 fields, older files its first 20. Where a line has another
order, only what is plain by its form (call id, duration, times, reasons, chain) is taken.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.cdr import Cdr
from parsers.tables.csv_rows import Header, TableRow, first_header, table_rows
from parsers.tree.member import Member
from parsers.tree.text import head_text, lines

ROW_LIMIT = 100_000
"""Calls that become rows; more are only counted."""
LINE_LIMIT = 64 * 1024

_FIELDS = (
    "history_id", "call_id", "duration_s", "start", "answered", "end", "reason", "from_number", "to_number", "from_dn", "to_dn",
    "dialled", "change", "final_number", "final_dn", None, None, None, None, "chain", "from_type", "to_type", "final_type",
    "from_name", "to_name", "final_name", "missed_queue_calls",
)  # fmt: skip
"""The documented order (bill-code, bill-rate, bill-cost and bill-name are left out)."""
_SHORT, _LONG = 20, 27
_NAMES = _FIELDS.index("from_name")

_ID = lazy.pattern(r"[0-9A-Fa-f]{8,40}_\d{1,10}")
_DURATION = lazy.pattern(r"(\d{1,4}):([0-5]\d):([0-5]\d)")
_MOMENT = lazy.pattern(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,7})?")
_REASON = lazy.pattern(
    r"TerminatedBy(?:Src|Dst)|(?:src|dst)_participant_terminated|continued_in|completed_elsewhere|no_route"
)
_NUMBERS = lazy.pattern(r"[\d;:|+* -]*")
_LINE = lazy.pattern(
    rf"(?m)^(?:Call )?(?:[^,\r\n]{{0,100}},){{0,8}}(?:{_ID.pattern}|{_DURATION.pattern}),(?:[^,\r\n]{{0,100}},){{0,8}}?{_MOMENT.pattern},"
)

_COLUMNS = {
    "cdrid": "call_id", "callhistoryid": "history_id", "cdrstartedat": "start", "cdransweredat": "answered", "cdrendedat": "end",
    "terminationreason": "reason", "creationmethod": "creation", "creationforwardreason": "change",
    "sourcednnumber": "from_dn", "sourcedntype": "from_type", "sourceparticipantphonenumber": "from_number",
    "sourceparticipantname": "from_name", "destinationdnnumber": "to_dn", "destinationdntype": "to_type",
    "destinationparticipantphonenumber": "to_number", "destinationparticipantname": "to_name",
}  # fmt: skip
_TIMES = frozenset({"start", "answered", "end"})


class CdrFileParser:
    """CDR files."""

    kind = "cdr"

    def claims(self, probe: Probe) -> int:
        """By the form of its first lines; else by name (``cdr.log``, ``cdr-260201090000.700001.log``)."""
        header = first_header(probe.text)
        if header and _is_table(header):
            return 90
        first = probe.text[:LINE_LIMIT].lstrip().partition("\n")[0]
        if _documented(first.split(",")) is not None:
            return 90
        if _LINE.match(first):
            return 60
        return 30 if re.fullmatch(r"cdr[-.].{0,60}\.?log", probe.name.lower()) else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `Cdr` row for each line or row."""
        header = first_header(head_text(member.head))
        tally = Tally()
        odd: list[int] = []
        if header and _is_table(header):
            for row in table_rows(member, header):
                tally.records += 1
                found = _table_call(row, header, out)
                tally.understood += found is not None
                _keep(found, tally, out)
            return tally
        for number, line in lines(member, limit=LINE_LIMIT):
            if not line.strip():
                continue
            tally.records += 1
            fields = line.rstrip().split(",")
            entries = _documented(fields)
            if entries is None:
                odd.append(number)
                entries = _by_form(fields)
            if entries.get("start") is None:
                continue
            tally.understood += 1
            source = Source(artifact=out.artifact, line=number, time=_raw_time(fields), text=line[:QUOTE_LIMIT])
            _keep(Cdr(source=source, local=True, **entries), tally, out)  # type: ignore[arg-type]
        if odd:
            others = f" and {len(odd) - 1} more" if len(odd) > 1 else ""
            out.problem(
                f"line {odd[0]}{others}: not the documented order of fields; only what is plain by its form is taken"
            )
        return tally


def _keep(call: Cdr | None, tally: Tally, out: Sink) -> None:
    if tally.records > ROW_LIMIT:
        out.problem(f"more than the limit of {ROW_LIMIT} calls: the others are only counted")
    elif call is not None:
        out.add(call)


def _is_table(header: Header) -> bool:
    return "cdrid" in header.places and ("cdrstartedat" in header.places or "terminationreason" in header.places)


def _table_call(row: TableRow, header: Header, out: Sink) -> Cdr | None:
    if row.cells is None:
        return None
    entries: dict[str, object] = {}
    for column, name in _COLUMNS.items():
        place = header.places.get(column)
        if place is not None:
            cell = row.cells[place]
            entries[name] = values.moment(cell) if name in _TIMES else values.text(cell)
    start, end = entries.get("start"), entries.get("end")
    if not isinstance(start, datetime):
        return None
    if isinstance(end, datetime):
        entries["duration_s"] = max(0, round((end - start).total_seconds()))
    text = header.delimiter.join(row.cells)[:QUOTE_LIMIT]
    source = Source(artifact=out.artifact, row=row.number, time=header.cell(row.cells, "cdrstartedat"), text=text)
    return Cdr(source=source, local=False, **entries)  # type: ignore[arg-type]


def _documented(fields: list[str]) -> dict[str, object] | None:
    """The entries of a line in the documented order; null for another order."""
    count = len(fields)
    if count < _SHORT or not (_ID.fullmatch(fields[1]) and (not fields[2] or _DURATION.fullmatch(fields[2]))):
        return None
    if any(cell and not _MOMENT.fullmatch(cell) for cell in fields[3:6]):
        return None
    entries: dict[str, object] = {}
    for name, cell in zip(_FIELDS, fields, strict=False):
        if name:
            entries[name] = _value(name, cell)
    if count > _LONG + 1 or (count == _LONG + 1 and (fields[-1] or not _NUMBERS.fullmatch(fields[-2]))):
        # names hold commas unless the option that removes them is on: which comma parts them cannot be told
        for name in ("from_name", "to_name", "final_name", "missed_queue_calls"):
            entries.pop(name, None)
    return entries


def _by_form(fields: list[str]) -> dict[str, object]:
    """What can be told from the form of single fields."""
    entries: dict[str, object] = {}
    moments = [cell for cell in fields if _MOMENT.fullmatch(cell)]
    if len(moments) == 3 and moments[0] <= moments[1] <= moments[2]:
        entries |= {name: _time(cell) for name, cell in zip(("start", "answered", "end"), moments, strict=True)}
    elif moments:
        entries["start"] = _time(min(moments))
    for cell in fields:
        found = _ID.fullmatch(cell.removeprefix("Call "))
        if found:
            entries.setdefault("call_id", found[0])
        elif _DURATION.fullmatch(cell):
            entries.setdefault("duration_s", _seconds(cell))
        elif _REASON.fullmatch(cell):
            entries.setdefault("reason", cell)
        elif cell.startswith("Chain: "):
            entries.setdefault("chain", _value("chain", cell))
    return entries


def _value(name: str, cell: str) -> object:
    cell = cell.strip()
    if name in _TIMES:
        return _time(cell)
    if name == "duration_s":
        return _seconds(cell)
    if name == "history_id":
        cell = cell.removeprefix("Call ")
    if name == "chain":
        cell = cell.removeprefix("Chain:").strip()
    if name.endswith("_type"):
        cell = cell.lower()
    return values.text(cell)


def _time(cell: str) -> datetime | None:
    try:
        return datetime.fromisoformat(cell.replace("/", "-")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _seconds(cell: str) -> int | None:
    found = _DURATION.fullmatch(cell)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) if found else None


def _raw_time(fields: list[str]) -> str | None:
    return next((cell for cell in fields if _MOMENT.fullmatch(cell)), None)


PARSERS = (CdrFileParser(),)
