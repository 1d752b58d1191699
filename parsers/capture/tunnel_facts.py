"""Rows of the TCP connections of 3CX tunnels (docs/facts.md)."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.capture.address import is_private, join
from parsers.capture.notes import utc
from parsers.capture.tunnel import PORT, Way
from parsers.facts.base import Source
from parsers.facts.capture import TunnelWay


def rows(ways: Iterable[tuple[Way, Way | None]], artifact: str | None) -> list[TunnelWay]:
    """A row for each direction."""
    return [_row(way, back, artifact) for way, back in ways]


def _row(way: Way, back: Way | None, artifact: str | None) -> TunnelWay:
    sender, receiver = join(*way.src), join(*way.dst)
    measured = [one.round_trip_ns for one in (way, back) if one is not None and one.round_trip_ns is not None]
    says = f"TCP {sender} > {receiver}: {way.segments} segments with payload"
    row = TunnelWay(
        source=Source(artifact=artifact, frame=way.frame, text=says),
        sender=sender,
        receiver=receiver,
        segments=way.segments,
        repeats=way.repeats,
        repeats_pct=round(100 * way.repeats / way.segments, 2) if way.segments else None,
        closed=way.closed,
        # from the place of the capture to either end and back
        round_trip_ms=round(sum(measured) / 1e6, 3) if measured else None,
        round_trips=way.round_trips + (back.round_trips if back is not None else 0),
        first=utc(way.first),
        last=utc(way.last),
    )
    for name, frame, what in (
        ("repeats_pct", way.repeat_frame, "a segment that was sent before"),
        ("closed", way.closed_frame, "window 0"),
    ):
        if frame is not None:
            row.sources[name] = Source(artifact=artifact, frame=frame, text=f"TCP {sender} > {receiver}: {what}")
    server, client = (way.dst, way.src) if way.dst[1] == PORT else (way.src, way.dst)
    row.derived = {
        "client": client[0],
        "server_host": server[0],
        "to_server": way.dst == server,
        "client_public": is_private(client[0]) is False,
    }
    return row
