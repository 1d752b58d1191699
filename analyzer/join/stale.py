"""Logs that end while calls go on."""

from __future__ import annotations

from parsers.facts import Facts
from parsers.facts.cdr import Cdr
from parsers.facts.log import LogCoverage, Quality

CALL_LOG = "3cxcallflow"
"""The log that is written with every call (V20)."""
LATE_S = 120


def join_stale(facts: Facts) -> None:
    """``calls_after_end`` of the newest call flow log: calls that ended more than two minutes after its last record, and
    ``calls_after_end_s``, how long after. Null where log and calls are not known to run on one clock.
    """
    logs = [log for log in facts.of(LogCoverage) if CALL_LOG in log.family.casefold() and log.last and not log.local]
    if not logs:
        return
    newest = max(logs, key=lambda log: (log.last, log.source.artifact))
    ends = [row.time for row in facts.of(Quality) if row.time] + [
        row.end for row in facts.of(Cdr) if row.end and not row.local
    ]
    if newest.last is None or not ends:
        return
    late = [(end - newest.last).total_seconds() for end in ends]
    newest.derived["calls_after_end"] = sum(seconds > LATE_S for seconds in late)
    newest.derived["calls_after_end_s"] = round(max(late), 3)
