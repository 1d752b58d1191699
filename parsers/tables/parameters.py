"""The table of parameters as CSV. Its columns are known from tools that ask the database; that backups and bundles hold it as
the others is inferred.

    idparameter,name,description,parametertype,value
    7,SIPDOMAIN,,0,pbx.example.com
"""

from __future__ import annotations

from parsers.api import Probe, Sink, Tally
from parsers.config.live import member_text
from parsers.config.parameters import holds_secret, take_parameter
from parsers.facts.base import Source
from parsers.tables.csv_rows import first_header, table_rows
from parsers.tree.member import Member
from parsers.tree.text import head_text

ROW_LIMIT = 20_000
_NEEDS = frozenset({"idparameter", "name", "value"})


class ParameterTable:
    """``parameter.csv``."""

    kind = "parameter_table"

    def claims(self, probe: Probe) -> int:
        """By its columns."""
        header = first_header(probe.text)
        return 90 if header and header.places.keys() >= _NEEDS else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `Setting` a row."""
        header, tally = first_header(head_text(member.head)), Tally()
        if header is None or not header.places.keys() >= _NEEDS:
            out.problem(f"the header lacks columns of this table ({', '.join(sorted(_NEEDS))})")
            return Tally(unreadable=True)
        for row in table_rows(member, header):
            tally.records += 1
            name = (header.cell(row.cells, "name") or "").strip() if row.cells else ""
            if not name or row.cells is None:
                continue
            tally.understood += 1
            if tally.understood > ROW_LIMIT:
                out.problem(f"more than {ROW_LIMIT} parameters: the others are only counted")
                continue
            value, description = header.cell(row.cells, "value"), header.cell(row.cells, "description")
            shown = "" if holds_secret(name, description) else member_text(name, value)
            take_parameter(name, description, value, Source(artifact=out.artifact, row=row.number, text=shown), out)
        return tally


PARSERS = (ParameterTable(),)
