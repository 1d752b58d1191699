"""Queues and their agents: who is logged in, by the live export and by the queue manager's log."""

from __future__ import annotations

from datetime import UTC, datetime

from analyzer.system import System
from parsers.facts import Facts
from parsers.facts.inventory import Extension
from parsers.facts.log import LogRecord
from parsers.facts.routing import Queue

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def join_queues(facts: Facts, system: System) -> None:
    """Give queues ``agents_known`` and ``agents_in``, the system ``log_agents`` and ``log_agents_in``."""
    states = {row.number: row for row in facts.of(Extension) if row.in_queues is not None}
    for queue in facts.of(Queue):
        known = [states[number] for number in queue.agents or () if number in states]
        whole = bool(queue.agents) and len(known) == len(queue.agents or ())
        queue.derived["agents_known"] = len(known) if whole else None
        queue.derived["agents_in"] = sum(bool(row.in_queues) for row in known) if whole else None
        if known:
            queue.sources["agents_in"] = known[0].source_of("in_queues")
    _logged(facts, system)


def _logged(facts: Facts, system: System) -> None:
    """``- Ag.0101 Dial:0 Logged-OUT``: the last word on each agent (layout known from one tool only)."""
    last: dict[str, LogRecord] = {}
    for record in facts.of(LogRecord):
        agent = record.fields.get("agent")
        if agent is None or record.fields.get("logged") not in ("IN", "OUT"):
            continue
        before = last.get(str(agent))
        if before is None or (record.time or _BEGINNING) >= (before.time or _BEGINNING):
            last[str(agent)] = record
    inside = [record for record in last.values() if record.fields["logged"] == "IN"]
    system.fields["log_agents"] = len(last) or None
    system.fields["log_agents_in"] = len(inside) if last else None
    if last:
        newest = max(last.values(), key=lambda record: record.time or _BEGINNING)
        system.sources["log_agents_in"] = system.sources["log_agents"] = (inside or [newest])[0].source
