"""The IP blacklist page of the console, exported or pasted.

    IP Address,Subnet Mask,Action,Expiration Date,IP Address Range,Description
    198.51.100.23,255.255.255.255,Deny,11/13/2026 9:41 AM,198.51.100.23,Automatic. User-Agent: friendly-scanner

Pasted text comes with tabs between the columns. The expiry date has no zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.block import Block
from parsers.tables.csv_rows import Header, TableRow, first_header, table_rows
from parsers.tree.member import Member
from parsers.tree.text import head_text

_NEEDS = frozenset({"ipaddress", "subnetmask", "action"})
_ACTIONS: dict[str, Literal["allow", "deny"]] = {"allow": "allow", "deny": "deny", "block": "deny"}
_AGENT = lazy.pattern(r"User-Agent: {0,4}(?P<agent>[^\r\n]{1,200})")


class BlacklistParser:
    """IP blacklist."""

    kind = "blacklist"

    def claims(self, probe: Probe) -> int:
        """By its columns."""
        header = first_header(probe.text)
        return 90 if header and header.places.keys() >= _NEEDS else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `Block` row for each entry."""
        header, tally = first_header(head_text(member.head)), Tally()
        if header is None:
            return Tally(unreadable=True)
        for row in table_rows(member, header):
            tally.records += 1
            if row.cells is not None:
                tally.understood += _entry(row, row.cells, header, out)
        return tally


def _entry(row: TableRow, cells: list[str], header: Header, out: Sink) -> bool:
    def cell(name: str) -> str | None:
        return values.text(header.cell(cells, name))

    address, action = cell("ipaddress"), _ACTIONS.get((cell("action") or "").lower())
    if address is None:
        return False
    description = cell("description")
    agent = _AGENT.search(description) if description else None
    out.add(
        Block(
            source=Source(artifact=out.artifact, row=row.number, text=header.delimiter.join(cells)[:QUOTE_LIMIT]),
            address=address,
            mask=cell("subnetmask"),
            range=cell("ipaddressrange"),
            action=action,
            expires=_expiry(cell("expirationdate")),
            description=description,
            automatic=agent is not None,
            user_agent=agent["agent"].strip() if agent else None,
        )
    )
    return action is not None


def _expiry(text: str | None) -> datetime | None:
    """``11/13/2026 9:41 AM`` (month first), or ISO."""
    if not text:
        return None
    try:
        return datetime.strptime(text.replace("\u202f", " "), "%m/%d/%Y %I:%M %p").replace(tzinfo=UTC)
    except ValueError:
        return values.moment(text)


PARSERS = (BlacklistParser(),)
