"""How long the other side had been silent before each call of the PBX: a NAT that forgets too early shows in it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping

from parsers.capture.calls import CallState
from parsers.capture.media import nanoseconds
from parsers.facts.capture import SipMessage

FAILURES = 2
"""Calls that have to fail after a longer silence than all that work."""
SHORTEST_S = 15.0
"""No NAT forgets a connection sooner (RFC 4787 section 4.3 wants two minutes and more)."""


def derive(
    states: Iterable[CallState], messages: Iterable[SipMessage], keepalives: Mapping[tuple[str, str], list[int]]
) -> None:  # fmt: skip
    """Fill ``idle_before_s``, ``idle_works_s`` and ``idle_fails_s`` of the calls (docs/facts.md)."""
    heard: dict[tuple[str, str], list[int]] = defaultdict(list)
    for m in messages:
        if m.src is not None and m.dst is not None and m.time is not None:
            heard[m.src, m.dst].append(nanoseconds(m.time))
    for pair, times in keepalives.items():
        heard[pair] = sorted((*heard[pair], *times))
    peers: dict[str | None, list[CallState]] = defaultdict(list)
    for state in states:
        row, d = state.row, state.row.derived
        d["idle_before_s"] = d["idle_works_s"] = d["idle_fails_s"] = None
        if not d["by_pbx"] or row.start is None or not state.invites:
            continue
        before = heard.get((row.callee or "", row.caller or ""), [])
        start = nanoseconds(row.start)
        at = bisect_left(before, start)
        if at:
            d["idle_before_s"] = round((start - before[at - 1]) / 1e9, 3)
            peers[state.callee_host].append(state)
    for group in peers.values():
        _compare(group)


def _compare(group: list[CallState]) -> None:
    """Calls to one host: where all that got no answer came after a longer silence than all that got one."""
    works = [s.row.derived["idle_before_s"] for s in group if s.provisional or s.finals]
    fails = [s for s in group if s.row.derived["timer_b_expired"]]
    silences = [s.row.derived["idle_before_s"] for s in fails]
    if not works or len(fails) < FAILURES or min(silences) < max(SHORTEST_S, *works):
        return
    for state in fails:
        state.row.derived["idle_works_s"], state.row.derived["idle_fails_s"] = max(works), min(silences)
