"""The audit log: ``DbTables/audit_log.csv`` of a support bundle.

    id,time_stamp,source,ip,action,object_type,user_name,object_name,prev_data,new_data
    7,2026-11-12 09:02:11.120000+00,1,203.0.113.5,2,4,admin,105,"{""Enabled"":true}","{""Enabled"":false}"

About 98 of 100 rows are openings of the web client, without old and new data: they are only counted. Old and new data may
hold passwords: they are searched for secrets and not kept; only which members they name is. The numbers in ``action`` are
unpublished: they are not translated.
"""

from __future__ import annotations

from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.config.secret_keys import harvest_text
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.log import Audit
from parsers.tables.audit_data import DATA_LIMIT, changed_keys, roles_given
from parsers.tables.csv_rows import first_header, table_rows
from parsers.tables.untimed import Untimed
from parsers.tree.member import Member
from parsers.tree.text import head_text

ROW_LIMIT = 50_000
"""Changes that become rows; more are only counted."""
_NEEDS = frozenset({"timestamp", "objectname", "prevdata", "newdata"})
_SHOWN = ("timestamp", "ip", "action", "objecttype", "username", "objectname")


class AuditLogParser:
    """Audit log as CSV."""

    kind = "audit_log"

    def claims(self, probe: Probe) -> int:
        """By its columns."""
        header = first_header(probe.text)
        if header and header.places.keys() >= _NEEDS:
            return 90
        return 30 if probe.name.lower() == "audit_log.csv" else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """An `Audit` row for each change."""
        header = first_header(head_text(member.head))
        if header is None or not header.places.keys() >= _NEEDS:
            out.problem(f"the header lacks columns of this table ({', '.join(sorted(_NEEDS))})")
            return Tally(unreadable=True)
        places, tally, kept, lost, untimed = header.places, Tally(), 0, 0, Untimed()
        before, after = places["prevdata"], places["newdata"]
        for row in table_rows(member, header):
            tally.records += 1
            cells = row.cells
            if cells is None:
                lost += 1
                continue
            if {cells[before].strip(), cells[after].strip()} <= values.NO_DATA:
                tally.understood += 1
                continue
            for place in (before, after):
                harvest_text(cells[place][:DATA_LIMIT], out)
            shown = {name: cells[places[name]] for name in _SHOWN if name in places}
            time = values.moment(shown["timestamp"])
            tally.understood += time is not None
            if time is None:
                untimed.see(row.number, shown["timestamp"])
            kept += 1
            if kept > ROW_LIMIT:
                continue
            text = header.delimiter.join(shown.values())[:QUOTE_LIMIT]
            out.add(
                Audit(
                    source=Source(artifact=out.artifact, row=row.number, time=shown["timestamp"] or None, text=text),
                    time=time,
                    user=values.text(shown.get("username")),
                    ip=values.address(shown.get("ip")),
                    object_name=values.text(shown.get("objectname")),
                    action=values.text(shown.get("action")),
                    changed=True,
                    changed_keys=changed_keys(cells[before], cells[after]),
                    roles_given=roles_given(cells[before], cells[after]),
                )
            )
        if kept > ROW_LIMIT:
            out.problem(f"{kept} changes: the limit of {ROW_LIMIT} is reached, the others are only counted")
        untimed.say(out)
        if lost:
            out.problem(f"{lost} rows could not be split into the columns of the header")
        return tally


PARSERS = (AuditLogParser(),)
