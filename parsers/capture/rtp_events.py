"""What can be wrong with telephone events (RFC 4733)."""

from __future__ import annotations

from parsers.capture.notes import DtmfEvent, StreamStats

SHORTEST_MS = 40.0
"""ITU-T Q.24: a receiver needs so long to know a tone, and a pause."""
PRESS_NS = 100_000_000
"""Nobody presses a key again sooner."""


def is_short(event: DtmfEvent) -> bool:
    """Too short for a receiver of tones."""
    return event.duration_ms is not None and event.duration_ms < SHORTEST_MS


def without_end(event: DtmfEvent, stats: StreamStats) -> bool:
    """No end mark, though the stream went on for a second after it: the key is no longer held, nor cut off by the capture's end."""
    return not event.ended and stats.last_ns - event.time_ns - (event.duration_ms or 0) * 1e6 >= 1e9


def hurried(event: DtmfEvent, after: DtmfEvent) -> bool:
    """Another digit begins before a pause that is long enough."""
    pause_ms = (after.time_ns - event.time_ns) / 1e6 - (event.duration_ms or 0)
    return event.digit != after.digit and pause_ms < SHORTEST_MS


def repeated(event: DtmfEvent, after: DtmfEvent) -> bool:
    """The same digit begins again sooner than it can be pressed."""
    return event.digit == after.digit and after.time_ns - event.time_ns < PRESS_NS
