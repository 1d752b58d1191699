"""SIP messages that stand in a log and in a capture: the same message is one moment on two clocks.

Joined by Call-ID, CSeq and branch (RFC 3261 8.1.1): a back-to-back user agent gives its two legs different Call-IDs, so that
no message of one leg is taken for one of the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from parsers.facts import Facts
from parsers.facts.capture import Capture, SipMessage

MIN_JOINS = 5
"""Fewer joined messages give no offset."""
NEAR_S = 300.0
"""An offset that is no farther than this from a time zone is that zone and a wrong clock."""
DRIFT_JOINS, DRIFT_SPAN_S = 20, 600.0
"""Joins, and seconds from the first to the last, that a rate needs."""

_HALF_HOURS = (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)
ZONES_S = tuple(sorted(int(hours * 3600) for hours in (*range(-12, 15), *_HALF_HOURS)))
"""Offsets from UTC that are in use somewhere (IANA time zone database)."""

_Key = tuple[str | None, int | None, str | None, str | int | None, str | None]


def join_captures(facts: Facts) -> None:
    """Fill ``joined_messages``, ``tz_offset_s`` and ``clock_skew_s`` of captures; ``derived`` gets ``clock_drift_ppm``.

    To be done while the times of logs are the server's wall clock.
    """
    logged: dict[_Key, list[SipMessage]] = defaultdict(list)
    wire = []
    for message in facts.of(SipMessage):
        if message.frame is not None:
            wire.append(message)
        elif message.source.line is not None and message.time is not None and message.call_id:
            logged[_key(message)].append(message)
    if not logged:
        return
    captured: dict[str, dict[_Key, list[SipMessage]]] = defaultdict(lambda: defaultdict(list))
    for message in wire:
        if message.time is not None and (key := _key(message)) in logged:
            captured[message.artifact or ""][key].append(message)
    from statistics import median  # brings much, and most cases have none

    for capture in facts.of(Capture):
        pairs = list(_pairs(logged, captured.get(capture.artifact, {})))
        capture.joined_messages = len(pairs)
        if len(pairs) >= MIN_JOINS:
            offset = median(ahead for _, ahead in pairs)
            zone = min(ZONES_S, key=lambda seconds: abs(offset - seconds))
            near = abs(offset - zone) <= NEAR_S
            capture.tz_offset_s = zone if near else None
            capture.clock_skew_s = round(offset - zone if near else offset, 3)
            capture.derived["clock_drift_ppm"] = _drift(pairs)


def _key(message: SipMessage) -> _Key:
    what = message.method or message.status
    return message.call_id, message.cseq, message.cseq_method, what, message.branch


def _pairs(
    logged: dict[_Key, list[SipMessage]], captured: dict[_Key, list[SipMessage]]
) -> Iterable[tuple[float, float]]:
    """Time in the capture, and how far the log is ahead. A log that leaves out repeats joins only the first sending."""
    for key, mine in logged.items():
        theirs = captured.get(key)
        if not theirs:
            continue
        ours, wire = (sorted(some.timestamp() for m in rows if (some := m.time)) for rows in (mine, theirs))
        count = len(ours) if len(ours) == len(wire) else 1
        for log_time, time in zip(ours[:count], wire[:count], strict=True):
            yield time, log_time - time


def _drift(pairs: list[tuple[float, float]]) -> float | None:
    """Parts per million by which the log's clock is faster: the slope of a straight line through the offsets."""
    times = [time for time, _ in pairs]
    if len(pairs) < DRIFT_JOINS or max(times) - min(times) < DRIFT_SPAN_S:
        return None
    middle, mean = sum(times) / len(pairs), sum(ahead for _, ahead in pairs) / len(pairs)
    spread = sum((time - middle) ** 2 for time in times)
    slope = sum((time - middle) * (ahead - mean) for time, ahead in pairs) / spread
    return round(slope * 1e6, 1)
