"""One capture given twice, under two names or once more inside a bundle: its packets count once."""

from __future__ import annotations

from parsers.facts import Facts
from parsers.facts.capture import Capture


def drop_copies(facts: Facts) -> None:
    """Take away what the second and further copies of a capture gave; of them stays the row of the table ``capture``, with
    all of its packets as ``duplicates``.

    The same number of packets from the same microsecond to the same microsecond is the same capture.
    """
    seen = set()
    copies = set()
    for capture in facts.of(Capture):
        if capture.first is None:
            continue
        key = (capture.packets, capture.first, capture.last, tuple(capture.link_types), capture.truncated_packets)
        if key not in seen:
            seen.add(key)
            continue
        copies.add(capture.artifact)
        capture.duplicates = capture.packets
        capture.sip_requests, capture.sip_responses = {}, {}
    if not copies:
        return
    for rows in facts.tables().values():
        rows[:] = [row for row in rows if isinstance(row, Capture) or row.source.artifact not in copies]
