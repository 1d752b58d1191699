"""Gaps in audio, by direction: in what the PBX sends, in what it receives."""

from __future__ import annotations

from collections import defaultdict

from parsers.facts import Facts
from parsers.facts.capture import Capture, RtpStream

GAP_MS = 60.0
"""A gap of three packets of 20 ms."""
LEAST_PACKETS = 250


def join_gaps(facts: Facts) -> None:
    """Captures get ``sent_streams``, ``sent_gaps`` (streams of 250 packets and more from the PBX, those with a gap above
    60 ms), ``received_streams`` and ``received_gaps``. Null where there is audio and no host is known to be the
    PBX. Files that are one capture are told of at the first one.
    """
    streams = [row for row in facts.of(RtpStream) if row.packets >= LEAST_PACKETS and row.delta_max_ms is not None]
    captures = facts.of(Capture)
    begins = {capture.artifact: capture.derived.get("continues", capture.artifact) for capture in captures}
    by_capture: dict[object, list[RtpStream]] = defaultdict(list)
    for row in streams:
        by_capture[begins.get(row.source.artifact or "")].append(row)
    for capture in captures:
        own = by_capture[capture.artifact]
        for name, side in (("sent", "from_pbx"), ("received", "to_pbx")):
            some = [row for row in own if row.derived.get(side)]
            if own and not any(row.derived.get(side) is not None for row in own):
                continue
            late = [row for row in some if (row.delta_max_ms or 0) > GAP_MS]
            capture.derived[f"{name}_streams"], capture.derived[f"{name}_gaps"] = len(some), len(late)
            if late:
                capture.sources[f"{name}_gaps"] = max(late, key=lambda row: row.delta_max_ms or 0).source
