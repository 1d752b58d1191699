"""Calls that last equally long: a limit of somebody's ends them, not the people."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from parsers.facts import Facts
from parsers.facts.capture import Call

LONG_S = 600.0
"""Shorter calls are too many to say anything by their length."""
SAME_S = 2.0


def join_lengths(facts: Facts) -> None:
    """``same_length`` of calls of ten minutes and more: how many different calls, this one included, last as long (± 2 s)."""
    long = [(call, call.duration_s) for call in facts.of(Call) if call.duration_s is not None]
    long = [(call, seconds) for call, seconds in long if seconds >= LONG_S]
    # both legs of one call last equally long: they are one
    lengths = sorted({min(call.call_id, *call.linked): seconds for call, seconds in long}.values())
    for call, seconds in long:
        first, last = bisect_left(lengths, seconds - SAME_S), bisect_right(lengths, seconds + SAME_S)
        call.derived["same_length"] = max(1, last - first)
