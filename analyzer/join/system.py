"""The PBX as a whole: columns by the best source, contradictions kept, and what rules want to compare."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from analyzer.catalog import Catalog
from analyzer.catalog.version import parse
from analyzer.join import ages, derived
from analyzer.join.clock import Offset
from analyzer.join.verbosity import Verbosity
from analyzer.join.wire import configured
from analyzer.system import COLUMNS, System, SystemValue
from parsers.capture.address import canonical
from parsers.facts import Facts, Source
from parsers.facts.capture import SipPeer
from parsers.facts.system import HostMetric, Setting, SystemSeen, Value

HINT_RANK = 40
"""A source of lower rank is a hint: it fills no column, only the entry ``<column>_hint`` of ``fields``."""

MEASURED_RANK = 75
"""Load of the machine as the bundle's time series has it: exact, below the PBX's own word and its support information."""

AGING_RANK = 70
"""Sources up to this rank, backups and captures, tell the version of their own day: the newest of them holds."""

WIRE_RANK = 50

MOVING = frozenset({"disk_free_bytes", "memory_free_bytes"})
"""Columns that change by the minute: several values are no contradiction."""

SIZES = frozenset({"disk_bytes", "memory_bytes"})
SAME_SIZE = 0.03
"""Sizes are rounded in some sources ("15.6 GB")."""


def join_system(facts: Facts, catalog: Catalog, as_of: date, offset: Offset | None, verbosity: Verbosity) -> System:
    """The one row of the table ``system``. The tables ``phone``, ``trunk`` and ``integration`` must be joined before."""
    columns: dict[str, SystemValue] = {}
    fields: dict[str, Value | list[str]] = {}
    sources: dict[str, Source] = {}
    seen: dict[str, list[SystemSeen]] = defaultdict(list)
    for row in (*facts.of(SystemSeen), *_measured(facts), *_configured_host(facts)):
        if row.value is not None:
            seen[row.key].append(row)
    places = {ages.place(row.source.artifact or "") for rows in seen.values() for row in rows} - {None}
    backups, bundles = ages.backups(facts), ages.bundles(facts) if len(places) > 1 else {}

    def order(row: SystemSeen) -> tuple[bool, int, float, int]:
        """The best source first, of equal ones the newest."""
        rank = AGING_RANK if row.key == "version" and row.rank < AGING_RANK else row.rank
        time = row.time or ages.of(row.source.artifact, backups, bundles)
        return _unclear(row), -rank, -time.timestamp() if time else 0, -row.rank

    for key, rows in seen.items():
        solid = sorted((row for row in rows if row.rank >= HINT_RANK), key=order)
        if not solid:
            hint = max(rows, key=lambda row: row.rank)
            fields[f"{key}_hint"], sources[f"{key}_hint"] = hint.value, hint.source
        elif key in COLUMNS:
            columns[key] = _value(key, solid)
        else:
            fields[key], sources[key] = solid[0].value, solid[0].source
    if offset is not None:
        before = [(offset.before.seconds, offset.before.source)] if offset.before else []
        columns["log_utc_offset_s"] = SystemValue(value=offset.seconds, source=offset.source, also=[*before])
    if verbosity.answer is not None and verbosity.source is not None:
        columns["verbose_logs"] = SystemValue(value=verbosity.answer, source=verbosity.source)
    fields["has_logs"] = verbosity.has_logs
    columns = {name: columns[name] for name in COLUMNS if name in columns}
    for setting in facts.of(Setting):
        fields.setdefault(f"{setting.object}.{setting.name}", setting.value)
    fields |= {name: (columns[name].value if name in columns else None) for name in COLUMNS}
    system = System(source=_place(columns), columns=columns, fields=fields)
    system.sources = sources | {name: known.source for name, known in columns.items()}
    for setting in facts.of(Setting):
        system.sources.setdefault(f"{setting.object}.{setting.name}", setting.source)
    derived.fill(system, facts, catalog, as_of)
    return system


def _value(key: str, rows: list[SystemSeen]) -> SystemValue:
    best = rows[0]
    also: list[tuple[Value, Source]] = []
    for row in rows[1:]:
        if key in MOVING or _same(key, row.value, best.value) or any(_same(key, row.value, known) for known, _ in also):
            continue
        also.append((row.value, row.source))
    return SystemValue(value=best.value, source=best.source, also=also)


def _configured_host(facts: Facts) -> list[SystemSeen]:
    """The version that the PBX's configured address names in captures, where several hosts are 3CX too."""
    own = configured(facts, "local_ip") | configured(facts, "public_ip")
    return [
        SystemSeen(source=peer.source_of("version"), key="version", value=peer.version, rank=WIRE_RANK, time=peer.first)
        for peer in facts.of(SipPeer)
        if peer.version and canonical(peer.ip) in own
    ]


def _unclear(row: SystemSeen) -> bool:
    """Whether a version is none that can be compared: it stands behind all that can."""
    return row.key == "version" and (not isinstance(row.value, str) or parse(row.value) is None)


def _same(key: str, left: Value, right: Value) -> bool:
    if key in SIZES and isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return abs(left - right) <= SAME_SIZE * max(abs(left), abs(right))
    if key == "version" and isinstance(left, str) and isinstance(right, str):
        builds = parse(left), parse(right)
        return builds[0] == builds[1] if all(builds) else left.strip() == right.strip()
    if isinstance(left, str) and isinstance(right, str):
        mine, theirs = left.strip().casefold(), right.strip().casefold()
        return mine == theirs or (key == "os" and (mine in theirs or theirs in mine))
    return left == right


def _measured(facts: Facts) -> list[SystemSeen]:
    """The newest load of the machine, as what a source says of the system."""
    metrics = [row for row in facts.of(HostMetric) if row.time is not None]
    if not metrics:
        return []
    newest = max(metrics, key=lambda row: row.time)  # type: ignore[arg-type,return-value]
    found = []
    for column in ("memory_bytes", "memory_free_bytes", "disk_bytes", "disk_free_bytes"):
        value = getattr(newest, column)
        if value:
            found.append(SystemSeen(source=newest.source_of(column), key=column, value=value, rank=MEASURED_RANK))
    return found


def _place(columns: dict[str, SystemValue]) -> Source:
    """Where the system as a whole is described: where its version was read, else the first column's place."""
    known = columns.get("version") or next(iter(columns.values()), None)
    return known.source if known else Source()
