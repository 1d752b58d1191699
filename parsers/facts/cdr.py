"""Call detail records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from msgspec import field

from parsers.facts.base import Row


class Cdr(Row, kw_only=True):
    """One line of a CDR file, or one row of the tables ``cdroutput`` / ``cdr_output`` (V20 U6 and later).

    ``answered`` is null for a call that nobody answered: the most reliable sign of a missed call. ``reason`` is why the
    call ended, ``change`` why it went on to ``final_number``; both are 3CX's words, whose spelling differs between versions.
    ``chain`` are the places the call went through. Types are lower case (``line``, ``queue``, ``extension``, ``ivr``).
    ``local``: the times are the server's wall clock written as if it were UTC. That CDR files are in UTC is inferred from
    one system; files say nothing, so that theirs count as local. ``derived``: docs/facts.md.
    """

    table: ClassVar[str] = "cdr"

    history_id: str | None = None
    call_id: str | None = None
    duration_s: int | None = None
    start: datetime | None = None
    answered: datetime | None = None
    end: datetime | None = None
    reason: str | None = None
    change: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    from_dn: str | None = None
    to_dn: str | None = None
    dialled: str | None = None
    final_number: str | None = None
    final_dn: str | None = None
    from_type: str | None = None
    to_type: str | None = None
    final_type: str | None = None
    from_name: str | None = None
    to_name: str | None = None
    final_name: str | None = None
    chain: str | None = None
    creation: str | None = None
    missed_queue_calls: str | None = None
    local: bool = False
    derived: dict[str, Any] = field(default_factory=dict)
