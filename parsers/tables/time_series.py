"""Load of the machine and of the services: ``DbTables/tsdb.*.csv`` of a support bundle.

    time,cpu_usage,total_virt_mem,free_virt_mem,total_phys_mem,free_phys_mem,total_disk_space,free_disk_space,tick_count
    2026-08-05 11:02:00.039293+00,7.5,0,0,4104044544,1855426560,50465865728,42949672960,1

Times are UTC, one row every two minutes for one or two weeks, sizes in bytes. Rows are thinned (`parsers.tables.thinned`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.network import NetworkMetric
from parsers.facts.system import HostMetric, Service
from parsers.tables.csv_rows import Header, TableRow, first_header, table_rows
from parsers.tables.thinned import Thinned
from parsers.tables.untimed import Untimed
from parsers.tree.member import Member
from parsers.tree.text import head_text

ROWS = 2000
SERIES_LIMIT = 64
"""Services or interfaces of one file."""

SERVICES = (
    "Database", "Configuration", "AudioProvider", "SIPService", "SystemService", "IVR", "CallFlow", "QueueMananger", "Tunnel",
    "ManagementConsole", "MediaServer", "HotelModule", "EventNotiificationManager", "Nginx", "Gateway", "AiBridge",
)  # fmt: skip
"""What the index in ``service`` stands for: the order of the configuration API's PhoneSystemService, 3CX's spelling. The
list is 3CX's; that the index counts along it was cross-checked for 0 and 13 on a real system."""


class _Series:
    """What the three files have in common."""

    kind = ""
    names: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()

    def claims(self, probe: Probe) -> int:
        """By its columns."""
        header = first_header(probe.text)
        if header and self.needs <= header.places.keys():
            return 90
        return 30 if probe.name.lower() in self.names else 0

    def header(self, member: Member, out: Sink) -> Header | None:
        """The header of the file; null, and said, where columns are missing."""
        header = first_header(head_text(member.head))
        if header is None or not self.needs <= header.places.keys():
            out.problem(f"the header lacks columns of this table ({', '.join(sorted(self.needs))})")
            return None
        return header


def _cell(row: TableRow, header: Header, name: str) -> str | None:
    return header.cell(row.cells, name) if row.cells is not None else None


def _size(row: TableRow, header: Header, name: str) -> int | None:
    """Bytes; 0 and less mean that nothing was measured."""
    found = values.whole(_cell(row, header, name))
    return found if found is not None and found > 0 else None


def _source(row: TableRow, header: Header, out: Sink) -> Source:
    text = header.delimiter.join(row.cells or ())
    return Source(artifact=out.artifact, row=row.number, time=_cell(row, header, "time"), text=text[:QUOTE_LIMIT])


class SystemSeriesParser(_Series):
    """tsdb.system.csv."""

    kind = "tsdb_system"
    names = ("tsdb.system.csv",)
    needs = frozenset({"time", "cpuusage", "freephysmem", "freediskspace"})

    def parse(self, member: Member, out: Sink) -> Tally:
        """`HostMetric` rows."""
        header, tally = self.header(member, out), Tally()
        if header is None:
            return Tally(unreadable=True)
        kept: Thinned[HostMetric] = Thinned(ROWS)
        untimed = Untimed()
        for row in table_rows(member, header):
            tally.records += 1
            time = values.moment(_cell(row, header, "time"))
            if time is None:
                untimed.see(row.number, _cell(row, header, "time"))
                continue
            tally.understood += 1
            metric = HostMetric(
                source=_source(row, header, out),
                time=time,
                cpu_pct=values.number(_cell(row, header, "cpuusage")),
                memory_bytes=_size(row, header, "totalphysmem"),
                memory_free_bytes=_size(row, header, "freephysmem"),
                disk_bytes=_size(row, header, "totaldiskspace"),
                disk_free_bytes=_size(row, header, "freediskspace"),
            )
            least = {"memory": metric.memory_free_bytes, "disk": metric.disk_free_bytes}
            extremes = {name: -value if value is not None else None for name, value in least.items()}
            kept.add(tally.records, metric, {"cpu": metric.cpu_pct, **extremes})
        for metric in kept.rows():
            out.add(metric)
        untimed.say(out)
        return tally


class NetworkSeriesParser(_Series):
    """tsdb.network.csv: counters since the start of the machine."""

    kind = "tsdb_network"
    names = ("tsdb.network.csv",)
    needs = frozenset({"time", "id", "bytessent", "bytesreceived"})

    def parse(self, member: Member, out: Sink) -> Tally:
        """`NetworkMetric` rows; where a counter falls (a restart) there is no rate."""
        header, tally = self.header(member, out), Tally()
        if header is None:
            return Tally(unreadable=True)
        before: dict[str, tuple[datetime, int, int]] = {}
        kept: dict[str, Thinned[NetworkMetric]] = {}
        untimed = Untimed()
        for row in table_rows(member, header):
            tally.records += 1
            time, name = values.moment(_cell(row, header, "time")), values.text(_cell(row, header, "id"))
            sent = values.whole(_cell(row, header, "bytessent"))
            received = values.whole(_cell(row, header, "bytesreceived"))
            if time is None:
                untimed.see(row.number, _cell(row, header, "time"))
            if time is None or name is None or sent is None or received is None:
                continue
            tally.understood += 1
            if name not in kept and len(kept) >= SERIES_LIMIT:
                out.problem(f"more than {SERIES_LIMIT} interfaces: the others are only counted")
                continue
            metric = _rates(
                NetworkMetric(source=_source(row, header, out), interface=name, time=time),
                before.get(name),
                (time, sent, received),
            )
            before[name] = (time, sent, received)
            series = kept.setdefault(name, Thinned(ROWS // 8))
            series.add(tally.records, metric, {"sent": metric.sent_bps, "received": metric.received_bps})
        for series in kept.values():
            for metric in series.rows():
                out.add(metric)
        untimed.say(out)
        return tally


def _rates(
    metric: NetworkMetric, before: tuple[datetime, int, int] | None, now: tuple[datetime, int, int]
) -> NetworkMetric:
    seconds = (now[0] - before[0]).total_seconds() if before else 0
    if before and seconds > 0 and now[1] >= before[1] and now[2] >= before[2]:
        metric.sent_bps = round(8 * (now[1] - before[1]) / seconds, 1)
        metric.received_bps = round(8 * (now[2] - before[2]) / seconds, 1)
    return metric


class ServiceSeriesParser(_Series):
    """tsdb.services.csv."""

    kind = "tsdb_services"
    names = ("tsdb.services.csv",)
    needs = frozenset({"service", "privatememory", "threadcount", "processcount"})

    def parse(self, member: Member, out: Sink) -> Tally:
        """`Service` rows."""
        header, tally = self.header(member, out), Tally()
        if header is None:
            return Tally(unreadable=True)
        kept: dict[int, Thinned[Service]] = defaultdict(lambda: Thinned(ROWS // len(SERVICES)))
        untimed = Untimed()
        for row in table_rows(member, header):
            tally.records += 1
            index = values.whole(_cell(row, header, "service"))
            if index is None or not 0 <= index < SERIES_LIMIT:
                continue
            known, time = index < len(SERVICES), values.moment(_cell(row, header, "time"))
            tally.understood += known
            if time is None and "time" in header.places:
                untimed.see(row.number, _cell(row, header, "time"))
            if not known:
                out.problem(f"service {index} is not among the {len(SERVICES)} services that are known by number")
            service = Service(
                source=_source(row, header, out),
                name=SERVICES[index] if known else str(index),
                time=time,
                private_memory=values.whole(_cell(row, header, "privatememory")),
                thread_count=values.whole(_cell(row, header, "threadcount")),
                process_count=values.whole(_cell(row, header, "processcount")),
            )
            kept[index].add(tally.records, service, {"memory": service.private_memory, "threads": service.thread_count})
        for _, series in sorted(kept.items()):
            for service in series.rows():
                out.add(service)
        untimed.say(out)
        return tally


PARSERS = (SystemSeriesParser(), NetworkSeriesParser(), ServiceSeriesParser())
