"""SBCs: what the live export says of each, the tunnel's state by the event log, and how many phones stand behind it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from analyzer.catalog.version import parse
from analyzer.system import System
from parsers.facts import Facts
from parsers.facts.inventory import PhoneSeen, Sbc
from parsers.facts.log import Event

STATUS_EVENT = 4102
"""``Trunk SBC 'Site' (203.0.113.9/10.0.0.5) has changed status to Down``"""

_WORDS = {"up": True, "down": False}
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def join_sbcs(facts: Facts, system: System) -> None:
    """Complete the table ``sbc``: rows for SBCs that only the event log knows, and what rules compare (``derived``).

    ``phones``: devices provisioned through it, null where no list of phones names its SBC. ``major_differs``: its version
    begins with another number than the PBX's; null where one is not known.
    """
    rows = facts.of(Sbc)
    known = {name for row in rows for name in _names(row)}
    rows = [*rows, *(row for row in _from_events(facts.of(Event)) if not _names(row) & known)]
    devices = _devices(facts.of(PhoneSeen))
    version = system.value("version")
    own = parse(version) if isinstance(version, str) else None
    for row in rows:
        behind = [phones for name, phones in devices.items() if name in _names(row)]
        row.derived["phones"] = len(set().union(*behind)) if devices else None
        theirs = parse(row.version) if row.version else None
        row.derived["major_differs"] = own[0] != theirs[0] if own and theirs else None
        row.derived["pbx_version"] = version
    facts.replace(Sbc, rows)


def _names(row: Sbc) -> set[str]:
    return {name.casefold() for name in (row.name, row.identifier) if name}


def _devices(rows: Iterable[PhoneSeen]) -> dict[str, set[str]]:
    """Devices by the SBC that they are provisioned through."""
    found: dict[str, set[str]] = {}
    for row in rows:
        device = row.mac or row.extension or row.ip
        if row.sbc_name and device:
            found.setdefault(row.sbc_name.casefold(), set()).add(device)
    return found


def _from_events(events: Iterable[Event]) -> list[Sbc]:
    """The last state of each SBC by the event log."""
    last: dict[str, Event] = {}
    for event in events:
        name = event.fields.get("sbc")
        if event.event_id != STATUS_EVENT or not isinstance(name, str):
            continue
        before = last.get(name.casefold())
        if before is None or (event.time or _BEGINNING) >= (before.time or _BEGINNING):
            last[name.casefold()] = event
    return [
        Sbc(
            source=event.source,
            name=str(event.fields["sbc"]),
            connected=_WORDS.get(str(event.fields.get("status")).casefold()),
            public_ip=_text(event.fields.get("ip")),
            local_ip=_text(event.fields.get("lan_ip")),
        )
        for event in last.values()
    ]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
