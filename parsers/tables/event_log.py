"""The event log: ``DbTables/eventlog.csv`` of a support bundle, and the CSV that the console exports.

    timegenerated,eventid,message,source,severity
    2026-11-12 09:14:00.120000+00,4100,Trunk 10000 has changed status to Unregistered,SIP,Info

    Level,Event ID,Date & Time,Details,Source
    Info,4100,2026-11-12 09:14:00Z,Trunk 10000 has changed status to Unregistered,SIP

Times are UTC. The severity is not to be believed: a finished backup is filed as Error.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.inventory import PhoneSeen, Sbc, TrunkSeen
from parsers.facts.log import Event
from parsers.logs.secrets import scrub
from parsers.tables.call_quality import QUALITY, quality_rows
from parsers.tables.csv_rows import Header, TableRow, first_header, table_rows
from parsers.tables.event_fields import Fields, event_fields
from parsers.tables.latest import Latest
from parsers.tables.untimed import Untimed
from parsers.tree.member import Member
from parsers.tree.text import head_text

STATES = (4100, 4102)
"""Trunks and SBCs changed their status."""
MESSAGE_LIMIT = 16 * 1024
MESSAGES_KEPT = 2000
SIP_LIMIT = 5000
"""SIP messages of one event log that become rows."""
PHONE_LIMIT = 5000
EACH_LIMIT = 50_000
"""Events of one id that become rows, the latest; those before are only counted. A busy system has as many of all in a fortnight."""
ROW_LIMIT = 300_000

_TIME = ("timegenerated", "datetime", "timestamp", "time", "date")
_TEXT = ("message", "details")
_SEVERITY = ("severity", "level", "type")
_SIP = lazy.pattern(r"(?m)^(?:[A-Z]{3,9} sips?:[^\s]{1,400} SIP/2\.0|SIP/2\.0 \d{3} )")
_UP = frozenset({"registered", "up", "connected"})
_DOWN = frozenset({"unregistered", "down", "disconnected"})


class _Columns(Struct):
    time: int
    event_id: int
    text: int
    source: int | None
    severity: int | None


class _Seen(Struct):
    """What is kept once for the whole file."""

    trunks: dict[str, TrunkSeen] = field(default_factory=dict)
    sbcs: dict[str, tuple[datetime | None, Sbc]] = field(default_factory=dict)
    phones: dict[tuple[str | None, ...], PhoneSeen] = field(default_factory=dict)
    untimed: Untimed = field(default_factory=Untimed)
    sip: int = 0
    messages: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    def scrubbed(self, message: str) -> tuple[str, set[str]]:
        """A message without its secrets, and those; the same few messages stand in a log again and again."""
        found = self.messages.get(message)
        if found is None:
            if len(self.messages) >= MESSAGES_KEPT:
                self.messages.clear()
            found = self.messages[message] = scrub(message)
        return found


class EventLogParser:
    """Event log as CSV."""

    kind = "eventlog"

    def claims(self, probe: Probe) -> int:
        """By its header."""
        header = first_header(probe.text)
        if header and _columns(header):
            return 90
        return 30 if probe.name.lower() == "eventlog.csv" else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """Every row an `Event`; call quality, phones, trunks, SBCs and SIP messages out of their texts."""
        header = first_header(head_text(member.head))
        columns = _columns(header) if header else None
        if header is None or columns is None:
            out.problem("the header of the event log is missing or has other columns: no row can be read")
            return Tally(unreadable=True)
        tally, seen, repaired, lost = Tally(), _Seen(), [], []
        latest = Latest(EACH_LIMIT, ROW_LIMIT, lambda row: _time(row, columns))
        passed = 0
        sink = Sink(out.artifact, lambda row: _once(row, seen, out), None, out.problems, out.secrets)
        for row in table_rows(member, header):
            tally.records += 1
            if row.cells is None:
                lost.append(row.number)
                continue
            if row.repaired:
                repaired.append(row.number)
            older = latest.add(row.cells[columns.event_id], row)
            if older is not None:
                passed += 1
                tally.understood += _counted(older, columns, out.artifact, seen)
        for row in latest.rows():
            tally.understood += _event(row, header, columns, seen, sink)
        for kept in (*seen.trunks.values(), *(sbc for _, sbc in seen.sbcs.values()), *seen.phones.values()):
            out.add(kept)
        if passed:
            out.problem(
                f"{passed} of {tally.records} events are only counted: the limit is the latest {EACH_LIMIT} of each kind, "
                f"{ROW_LIMIT} in all"
            )
        seen.untimed.say(out)
        if repaired:
            out.problem(f"quotes do not pair in {_rows(repaired)}: split by its columns")
        if lost:
            out.problem(f"{_rows(lost)} could not be split into the columns of the header")
        return tally


def _rows(numbers: list[int]) -> str:
    return f"row {numbers[0]}" + (f" and {len(numbers) - 1} more" if len(numbers) > 1 else "")


def _columns(header: Header) -> _Columns | None:
    def first(names: tuple[str, ...]) -> int | None:
        return next((header.places[name] for name in names if name in header.places), None)

    event_id, text, time = header.places.get("eventid"), first(_TEXT), first(_TIME)
    if event_id is None or text is None or time is None:
        return None
    return _Columns(time, event_id, text, header.places.get("source"), first(_SEVERITY))


def _event(row: TableRow, header: Header, columns: _Columns, seen: _Seen, out: Sink) -> bool:
    assert row.cells is not None
    cells = row.cells
    message = cells[columns.text]
    stamp = cells[columns.time]
    time = values.moment(stamp)
    event_id = values.whole(cells[columns.event_id])
    raw = message
    message, secrets = seen.scrubbed(message[:MESSAGE_LIMIT])
    out.secret(secrets)
    cells = [*cells[: columns.text], message, *cells[columns.text + 1 :]]
    source = Source(
        artifact=out.artifact, row=row.number, time=stamp or None, text=header.delimiter.join(cells)[:QUOTE_LIMIT]
    )
    fields = event_fields(event_id, message)
    out.add(
        Event(
            source=source,
            event_id=event_id,
            time=time,
            message=message,
            origin=cells[columns.source] or None if columns.source is not None else None,
            raw_severity=cells[columns.severity] or None if columns.severity is not None else None,
            fields=fields,
        )
    )
    if time is None:
        seen.untimed.see(row.number, stamp)
    understood = event_id is not None and time is not None
    if event_id == QUALITY:
        understood = quality_rows(raw, source, time, out) and understood
    elif event_id in STATES:
        _status(fields, time, source, seen)
    if seen.sip < SIP_LIMIT and "SIP/2.0" in raw:
        _sip(raw, time, source, seen, out)
    return understood


def _counted(row: TableRow, columns: _Columns, artifact: str, seen: _Seen) -> bool:
    """An event that becomes no row; what it says of a trunk or SBC counts all the same."""
    assert row.cells is not None
    event_id, time = values.whole(row.cells[columns.event_id]), _time(row, columns)
    if time is None:
        seen.untimed.see(row.number, row.cells[columns.time])
    if event_id in STATES:
        message, _ = seen.scrubbed(row.cells[columns.text][:MESSAGE_LIMIT])
        place = Source(
            artifact=artifact, row=row.number, time=row.cells[columns.time] or None, text=message[:QUOTE_LIMIT]
        )
        _status(event_fields(event_id, message), time, place, seen)
    return event_id is not None and time is not None


def _time(row: TableRow, columns: _Columns) -> datetime | None:
    return values.moment(row.cells[columns.time]) if row.cells is not None else None


def _status(fields: Fields, time: datetime | None, source: Source, seen: _Seen) -> None:
    """The last status of each trunk and SBC."""
    word = str(fields.get("status") or "").lower()
    up = True if word in _UP else False if word in _DOWN else None
    if up is None:
        return
    trunk, sbc = fields.get("trunk"), fields.get("sbc")
    if isinstance(trunk, str):
        before = seen.trunks.get(trunk)
        if before is None or _later(time, before.time):
            number, name = (trunk, None) if trunk.isdigit() else (None, trunk)
            seen.trunks[trunk] = TrunkSeen(
                source=source, origin="event", number=number, name=name, registered=up, time=time
            )
    elif isinstance(sbc, str):
        known = seen.sbcs.get(sbc)
        if known is None or _later(time, known[0]):
            public, local = fields.get("ip"), fields.get("lan_ip")
            seen.sbcs[sbc] = (
                time,
                Sbc(
                    source=source,
                    name=sbc,
                    connected=up,
                    public_ip=public if isinstance(public, str) else None,
                    local_ip=local if isinstance(local, str) else None,
                ),
            )


def _later(time: datetime | None, before: datetime | None) -> bool:
    return before is None or (time is not None and time >= before)


def _sip(raw: str, time: datetime | None, source: Source, seen: _Seen, out: Sink) -> None:
    """A whole SIP message inside the cell."""
    found = _SIP.search(raw)
    if found is None:
        return
    data = raw[found.start() : found.start() + 64 * 1024].encode("utf-8", "replace")
    from parsers.capture.sip import parse_message

    message = parse_message(data, source=source, time=time, secret=out.secret)
    if message is not None:
        seen.sip += 1
        out.add(message)


def _once(row: object, seen: _Seen, out: Sink) -> None:
    """Pass rows on; a device is kept once, as it was first seen, with the time when it was last."""
    if isinstance(row, PhoneSeen):
        key = (row.mac, row.ip, row.extension, row.user_agent)
        kept = seen.phones.get(key)
        if kept is not None:
            kept.time = max(filter(None, (kept.time, row.time)), default=None)
        elif len(seen.phones) < PHONE_LIMIT:
            seen.phones[key] = row
        return
    out.add(row)  # type: ignore[arg-type]


PARSERS = (EventLogParser(),)
