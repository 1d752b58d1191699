"""Messages that are not the same in two captures: one was taken before, the other behind a device that rewrote them.

Within one capture `parsers.capture.rewrites` sees to it; here are the messages of calls and registrations that several captures hold.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from parsers.capture.rewrites import mark_rewrites
from parsers.facts import Facts
from parsers.facts.capture import Capture, SipMessage

APART = timedelta(days=1)
"""Messages of one Call-ID that lie so far apart are those of two calls: generators of test calls give the same ones again."""


def join_rewrites(facts: Facts) -> None:
    """Mark the messages that read otherwise than in another capture (docs/facts.md)."""
    whole = {capture.artifact: capture.derived.get("continues", capture.artifact) for capture in facts.of(Capture)}
    if len(set(whole.values())) < 2:
        return
    seen_in: dict[str, set[str]] = defaultdict(set)
    for message in facts.of(SipMessage):
        if message.call_id and message.artifact in whole:
            seen_in[message.call_id].add(whole[message.artifact])
    several = {call_id for call_id, captures in seen_in.items() if len(captures) > 1}
    groups: dict[str, list[tuple[datetime, SipMessage]]] = defaultdict(list)
    for message in facts.of(SipMessage) if several else ():
        if message.call_id in several and message.time is not None:
            groups[message.call_id].append((message.time, message))
    for group in groups.values():
        group.sort(key=lambda timed: timed[0])
        if group[-1][0] - group[0][0] <= APART:
            # requests first: the clocks of the two captures may differ
            mark_rewrites(message for _, message in sorted(group, key=lambda timed: timed[1].method is None))
