"""The report's ``system`` object: what the files say, and the ticket where they are silent."""

from __future__ import annotations

from typing import Any

from analyzer.report.rows import place, plain
from analyzer.system import COLUMNS, System, SystemValue
from analyzer.ticket import Ticket
from parsers.facts.base import Source

HOSTED_BY_3CX = "hosted_by_3cx"

FROM_TICKET: tuple[str, ...] = ("version", "edition", "simultaneous_calls", "extensions", "hosting", "license_nfr")
"""Columns that a ticket may give under the same key."""

COMPUTED = frozenset({"verbose_logs", "log_utc_offset_s"})
"""Columns that rest on signs rather than on one place: their source says which signs."""


def system_object(system: System, ticket: Ticket) -> dict[str, Any]:
    """All columns, null where neither file nor ticket knows; where the ticket disagrees with the files it stands in ``also``."""
    shown = {name: _column(system.columns.get(name), _told(name, ticket)) for name in COLUMNS}
    if (
        system.columns.get("hosting") is None
        and ticket.hosting == HOSTED_BY_3CX
        and system.fields.get(HOSTED_BY_3CX) is False
    ):
        shown["hosting"] = None  # the files say that it is not; which of the others it is, nobody says
    for name in COMPUTED:
        known, column = system.columns.get(name), shown[name]
        if known and column and known.source.text:
            column["source"]["text"] = known.source.text
            for other, (_, source) in zip(column.get("also", ()), known.also, strict=False):
                other["source"]["text"] = source.text
    return shown


def _told(name: str, ticket: Ticket) -> SystemValue | None:
    if name == "license_present":
        return SystemValue(value=True, source=Source(ticket="license_key")) if ticket.license_key else None
    value = getattr(ticket, name) if name in FROM_TICKET else None
    return None if value is None else SystemValue(value=value, source=Source(ticket=name))


def _column(known: SystemValue | None, told: SystemValue | None) -> dict[str, Any] | None:
    best = known or told
    if best is None:
        return None
    others = list(best.also)
    if known and told and told.value != known.value:
        others.append((told.value, told.source))
    shown: dict[str, Any] = {"value": plain(best.value), "source": place(best.source)}
    if others:
        shown["also"] = [{"value": plain(value), "source": place(source)} for value, source in others]
    return shown
