"""Tables of the PBX's database that lie in backups and bundles as CSV: call quality, voicemail, calls of queues.

Column names were written down from a dump of a V20 (20.0.8) by a tool's author; that backups and bundles hold the tables as
CSV with a header is so for those that were seen (``DbTables/eventlog.csv``).

    call_id,time_stamp,a_number,b_number,a_codec,b_codec,a_mos_from_pbx,b_mos_from_pbx,a_rx,a_rx_loss,…
    __name,callee,caller,created_time,notify_failed,attempts,lasterror,…
    q_num,time_start,time_end,count_polls,count_dialed,count_rejected,…
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msgspec import Struct

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Row, Source
from parsers.facts.call_centre import QueueCall, Voicemail
from parsers.facts.log import Quality
from parsers.tables.call_quality import loss_pct, mos
from parsers.tables.csv_rows import Header, first_header, table_rows
from parsers.tree.member import Member
from parsers.tree.text import head_text

_STAMP = lazy.pattern(r"(\d{14})(?:\.\d{1,6})?")
_LETTERS = {"t": True, "f": False}
"""PostgreSQL's own way to write yes and no."""
Cell = Callable[[str], str | None]


class TableParser(Struct):
    """One table, known by columns that only it has. ``row`` makes the facts of a row, none where it is not understood."""

    kind: str
    needs: frozenset[str]
    row: Callable[[Cell, Source], list[Row]]

    def claims(self, probe: Probe) -> int:
        """By its columns."""
        header = first_header(probe.text)
        return 90 if header and header.places.keys() >= self.needs else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """The facts of each row."""
        header, tally = first_header(head_text(member.head)), Tally()
        if header is None:
            return Tally(unreadable=True)
        for row in table_rows(member, header):
            tally.records += 1
            if row.cells is None:
                continue
            text = header.delimiter.join(row.cells)[:QUOTE_LIMIT]
            found = self.row(_cell(header, row.cells), Source(artifact=out.artifact, row=row.number, text=text))
            for fact in found:
                out.add(fact)
            tally.understood += bool(found)
        return tally


def _cell(header: Header, cells: list[str]) -> Cell:
    def cell(name: str) -> str | None:
        text = values.text(header.cell(cells, name))
        return None if text == "NULL" else text

    return cell


def _quality(cell: Cell, source: Source) -> list[Row]:
    """Side a and side b."""
    found: list[Row] = []
    for side in "ab":
        lost, packets = values.whole(cell(f"{side}rxloss")), values.whole(cell(f"{side}rx"))
        if not any(cell(f"{side}{name}") for name in ("number", "address", "codec", "mosfrompbx", "mostopbx")):
            continue
        found.append(
            Quality(
                source=source,
                time=values.moment(cell("timestamp")),
                number=cell(f"{side}number"),
                codec=cell(f"{side}codec"),
                mos_from_pbx=mos(cell(f"{side}mosfrompbx")),
                mos_to_pbx=mos(cell(f"{side}mostopbx")),
                rx_lost=lost,
                rx_packets=packets,
                loss_pct=loss_pct(lost, packets),
                rx_jitter=values.number(cell(f"{side}rxjitter")),
                duration_s=values.number(cell(f"{side}duration")),
                user_agent=cell(f"{side}useragent"),
                address=cell(f"{side}address"),
                reason=cell("summary"),
            )
        )
    return found


def _voicemail(cell: Cell, source: Source) -> list[Row]:
    failed = cell("notifyfailed")
    if cell("callee") is None and failed is None:
        return []
    return [
        Voicemail(
            source=source,
            time=_stamp(cell("createdtime")),
            extension=cell("callee"),
            notify_failed=_LETTERS[failed] if failed in _LETTERS else values.flag(failed),
            attempts=values.whole(cell("attempts")),
            last_error=cell("lasterror"),
        )
    ]


def _stamp(text: str | None) -> datetime | None:
    """``20250913150955.00``, or a time as in the other tables. That the digits are UTC is inferred from those."""
    found = _STAMP.fullmatch(text or "")
    if found is None:
        return values.moment(text)
    try:
        return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _queue_call(cell: Cell, source: Source) -> list[Row]:
    queue, polls, rejected = cell("qnum"), values.whole(cell("countpolls")), values.whole(cell("countrejected"))
    if queue is None:
        return []
    share = None
    if polls is not None and rejected is not None and polls > 0 and rejected >= 0:
        share = round(100 * rejected / polls, 1)
    return [
        QueueCall(
            source=source,
            time=values.moment(cell("timestart")),
            queue=queue,
            polls=polls,
            dialed=values.whole(cell("countdialed")),
            rejected=rejected,
            rejected_pct=share,
        )
    ]


PARSERS = (
    TableParser("cl_quality", frozenset({"amosfrompbx", "bmosfrompbx"}), _quality),
    TableParser("voicemail_table", frozenset({"callee", "notifyfailed", "lasterror"}), _voicemail),
    TableParser("queue_calls", frozenset({"qnum", "countpolls", "countrejected"}), _queue_call),
)
