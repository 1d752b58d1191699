"""The rhythm in which the registration of a trunk comes and goes, from the status events."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from analyzer.join.trunks import STATUS_EVENT
from parsers.facts import Facts, Source
from parsers.facts.inventory import Trunk
from parsers.facts.log import Event

SERVICE_EVENTS = frozenset({4097, 4098})
"""A service started, a service got the signal to stop."""
UP, DOWN = "registered", "unregistered"
LEAST = 3
"""Fewer spans make no rhythm."""
RESTART_S = 60.0


def join_flaps(facts: Facts) -> None:
    """Give trunks the rhythm of their registration: ``flap_count`` times it was lost, ``flap_up_s`` median seconds that it
    held, ``flap_spread_pct`` how far these differ from it (median deviation), ``flap_period_s`` median seconds from one loss
    to the next, ``flap_restart_pct`` share of the losses within a minute of a restart of a service. Null below three spans, and all of them
    without an event log.
    """
    changes: dict[str, list[tuple[datetime, str, Source]]] = defaultdict(list)
    restarts: list[datetime] = []
    for event in facts.of(Event):
        if event.time is None:
            continue
        trunk, status = event.fields.get("trunk"), str(event.fields.get("status") or "").casefold()
        if event.event_id == STATUS_EVENT and trunk is not None and status in (UP, DOWN):
            changes[str(trunk).casefold()].append((event.time, status, event.source))
        elif event.event_id in SERVICE_EVENTS:
            restarts.append(event.time)
    if not facts.of(Event):
        return
    for row in facts.of(Trunk):
        row.derived["flap_count"] = 0
        own = changes.get(str(row.number or "").casefold()) or changes.get(str(row.name or "").casefold())
        if own:
            _rhythm(row, sorted(own, key=lambda change: change[0]), restarts)


def _rhythm(trunk: Trunk, changes: list[tuple[datetime, str, Source]], restarts: list[datetime]) -> None:
    from statistics import median  # brings much, and most cases have none

    lost = [time for time, status, _ in changes if status == DOWN]
    held = [
        (after[0] - before[0]).total_seconds()
        for before, after in pairwise(changes)
        if (before[1], after[1]) == (UP, DOWN)
    ]
    between = [(after - before).total_seconds() for before, after in pairwise(lost)]
    trunk.derived["flap_count"] = len(lost)
    if len(held) >= LEAST:
        middle = median(held)
        trunk.derived["flap_up_s"] = round(middle, 1)
        spread = median(abs(seconds - middle) for seconds in held)
        trunk.derived["flap_spread_pct"] = round(100 * spread / middle, 1) if middle else None
    if len(between) >= LEAST:
        trunk.derived["flap_period_s"] = round(median(between), 1)
    if len(lost) >= LEAST:
        near = sum(any(abs((time - at).total_seconds()) <= RESTART_S for at in restarts) for time in lost)
        trunk.derived["flap_restart_pct"] = round(100 * near / len(lost), 1)
    place = next(source for _, status, source in changes if status == DOWN) if lost else changes[0][2]
    for name in ("flap_count", "flap_up_s", "flap_spread_pct", "flap_period_s", "flap_restart_pct"):
        trunk.sources[name] = place
