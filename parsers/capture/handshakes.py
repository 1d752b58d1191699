"""Who opened TCP connections to whom, and whether the other side took them: the segments with SYN."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from parsers.capture.ip import text

SYN_ACK = 0x12
MAX_KEPT = 20_000
"""Directions of connections of which the opening is kept."""


class Opening(Struct):
    """All connections of one client to one port of a server. ``attempts`` counts connections, ``syns`` their first segments
    with repeats, ``accepted`` those that the server agreed to.
    """

    client: str
    server: str
    port: int
    frame: int
    first: int
    last: int
    attempts: int = 0
    syns: int = 0
    accepted: int = 0


class Handshakes:
    """Notes the opening segments while the kernel reads; `openings` puts them together at the end."""

    def __init__(self) -> None:
        self._asked: dict[int, list[int]] = {}
        self._agreed: set[int] = set()

    def note(self, flow: int, flags: int, frame: int, now: int) -> None:
        """A segment with SYN."""
        if flags & SYN_ACK == SYN_ACK:
            if len(self._agreed) < MAX_KEPT:
                self._agreed.add(flow)
            return
        seen = self._asked.get(flow)
        if seen is not None:
            seen[0] += 1
            seen[3] = now
        elif len(self._asked) < MAX_KEPT:
            self._asked[flow] = [1, frame, now, now]

    def openings(self, kernel: Any) -> list[Opening]:  # noqa: ANN401 - compiled or interpreted
        """The openings by client and server, in the order of their first segment."""
        agreed = {_key(kernel.flow(flow)) for flow in self._agreed}
        found: dict[tuple[str, str, int], Opening] = {}
        for flow, (syns, frame, first, last) in self._asked.items():
            space, src_hi, src, dst_hi, dst, ports, _ = kernel.flow(flow)
            version = space & 0xF
            client, server, port = text(version, src_hi, src), text(version, dst_hi, dst), ports & 0xFFFF
            row = found.get((client, server, port))
            if row is None:
                row = found[client, server, port] = Opening(client, server, port, frame, first, last)
            row.attempts += 1
            row.syns += syns
            row.accepted += (space, dst_hi, dst, src_hi, src, (ports & 0xFFFF) << 16 | ports >> 16) in agreed
            row.last = max(row.last, last)
        return list(found.values())


def _key(flow: tuple[int, int, int, int, int, int, int]) -> tuple[int, int, int, int, int, int]:
    return flow[:6]
