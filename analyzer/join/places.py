"""What captures of several places show of one thing is one row: a call that was captured at the PBX and at the phone, or whose
beginning is in one capture and whose end in another.

What one place saw stays together, nothing is put together of halves that do not fit: the row of the place that saw most of it is
kept, and what it does not know is taken from the others. Files that are one capture were read as one before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from parsers.capture.address import host_of
from parsers.facts import Facts
from parsers.facts.base import ALSO, Row
from parsers.facts.capture import Call, Capture, Registration, RtpStream, SipMessage, StunExchange

R = TypeVar("R", bound=Row)
Asked = TypeVar("Asked", Registration, StunExchange)
Span = tuple[datetime, datetime]

APART = timedelta(days=1)
"""Calls of one Call-ID that lie so far apart are two: generators of test calls give the same ones again."""
OUTCOMES = {"answered": 3, "incomplete": 1, "no_response": 0}
"""How much an outcome says; every other one is a final response."""
ENDING = ("end", "end_by", "reason")
FILLED = (
    "from_user", "to_user", "caller", "callee", "transport", "start", "answered", "final_status", "pdd_ms", "ring_ms",
    "answered_after_ms", "ack", "media", "hold_s", "encrypted", "t38",
)  # fmt: skip


def join_places(facts: Facts) -> None:
    """One row for each Call-ID; for each registration, stream and STUN exchange that several captures show at one time."""
    spans = _spans(facts.of(Capture))
    if len(set(spans.values())) < 2:
        return
    _fold(facts.of(Call), lambda call: call.call_id, _near, _one_call)
    _ends(facts)
    meeting = _Meeting(spans)
    _fold(facts.of(Registration), lambda row: (row.aor, host_of(row.client)), meeting.groups, _most_requests)
    _fold(facts.of(StunExchange), lambda row: (row.client, row.server, row.kind), meeting.groups, _most_requests)
    _fold(facts.of(RtpStream), lambda row: (row.src, row.dst, row.ssrc), meeting.groups, _farther)


def _spans(captures: Iterable[Capture]) -> dict[str, tuple[str, Span]]:
    """The capture and its time, by the names of its files."""
    files: dict[str, list[Capture]] = defaultdict(list)
    for capture in captures:
        if capture.first is not None and capture.last is not None:
            files[capture.derived.get("continues", capture.artifact)].append(capture)
    found = {}
    for name, some in files.items():
        span = min(c.first for c in some if c.first), max(c.last for c in some if c.last)
        found.update({capture.artifact: (name, span) for capture in some})
    return found


def _fold(
    rows: list[R],
    key_of: Callable[[R], Hashable],
    split: Callable[[list[R]], Iterable[list[R]]],
    one_of: Callable[[Sequence[R]], R],
) -> None:
    """Put one row in the place of those of one key, where it is seen by several captures."""
    groups: dict[Hashable, list[R]] = defaultdict(list)
    for row in rows:
        groups[key_of(row)].append(row)
    if len(groups) == len(rows):
        return
    gone: set[int] = set()
    for group in groups.values():
        if len({row.source.artifact for row in group}) < 2:
            continue
        for some in split(group):
            if len(some) > 1:
                kept = one_of(some)
                gone.update(id(row) for row in some if row is not kept)
    rows[:] = [row for row in rows if id(row) not in gone]


class _Meeting:
    """Rows of captures that were taken at one time."""

    def __init__(self, spans: dict[str, tuple[str, Span]]) -> None:
        self._spans = spans

    def groups(self, rows: list[R]) -> Iterable[list[R]]:
        """Rows of captures that overlap."""
        timed = [(self._spans[name][1], row) for row in rows if (name := row.source.artifact or "") in self._spans]
        found: list[list[R]] = []
        until: datetime | None = None
        for (first, last), row in sorted(timed, key=lambda pair: pair[0]):
            if until is None or first > until:
                found.append([])
            until = last if until is None else max(until, last)
            found[-1].append(row)
        return found


def _near(calls: list[Call]) -> Iterable[list[Call]]:
    """Calls of one Call-ID that are not days apart."""
    found: list[list[Call]] = []
    until: datetime | None = None
    for call in sorted(calls, key=_begin):
        begin = _begin(call)
        if until is None or begin - until > APART:
            found.append([])
        until = max(until or begin, call.end or begin)
        found[-1].append(call)
    return found


def _begin(call: Call) -> datetime:
    shown = datetime.fromisoformat(call.source.time) if call.source.time else None
    return call.start or call.answered or call.end or shown or datetime.min.replace(tzinfo=UTC)


def _one_call(calls: Sequence[Call]) -> Call:
    """The call as it was seen best, with what only others saw."""
    best, *others = sorted(calls, key=_worth, reverse=True)
    for other in others:
        names = [*FILLED, *(ENDING if best.end is None and other.end is not None else ())]
        for name in names:
            if getattr(best, name) is None and getattr(other, name) is not None:
                setattr(best, name, getattr(other, name))
                best.sources.setdefault(name, other.source_of(name))
        for side, agent in other.user_agents.items():
            best.user_agents[side] = best.user_agents.get(side) or agent
        best.linked = sorted({*best.linked, *other.linked} - {best.call_id})
        best.sources.setdefault(ALSO, other.source)
    if best.answered is not None and best.end is not None and best.end >= best.answered:
        best.duration_s = best.duration_s or round((best.end - best.answered).total_seconds(), 6)
    return best


def _ends(facts: Facts) -> None:
    """The end of calls of which another capture holds nothing but the BYE."""
    open_ones = {call.call_id: call for call in facts.of(Call) if call.answered is not None and call.end is None}
    if not open_ones:
        return
    callers: dict[str | None, str | None] = {}
    for message in facts.of(SipMessage):
        call = open_ones.get(message.call_id or "")
        if call is None or message.time is None:
            continue
        if message.method == "INVITE":
            callers.setdefault(message.call_id, message.from_tag)
        elif message.method == "BYE" and message.artifact != call.source.artifact and call.answered is not None:
            seconds = (message.time - call.answered).total_seconds()
            if 0 <= seconds <= APART.total_seconds() and (call.end is None or message.time < call.end):
                call.end, call.duration_s, call.reason = message.time, round(seconds, 6), call.reason or message.reason
                tag = callers.get(message.call_id)
                call.end_by = None if tag is None else "caller" if message.from_tag == tag else "callee"
                call.sources["end"] = message.source


def _worth(call: Call) -> tuple[int, bool, bool, bool, int, bool, str]:
    """How good a view is. Of two that saw the call whole, the one that shows what is wrong with it: a message or a packet that is
    lost on the way is missing behind that place only.
    """
    return (
        OUTCOMES.get(call.outcome, 2),
        call.start is not None,
        call.end is not None,
        call.ack in {"missing", "mismatched"},
        call.retransmissions + call.response_retransmissions,
        call.media in {"caller_only", "callee_only"},
        call.source.artifact or "",
    )


def _most_requests(rows: Sequence[Asked]) -> Asked:
    """The row of the place that saw most."""
    return _kept(max(rows, key=lambda row: (row.requests, row.source.artifact or "")), rows)


def _farther(rows: Sequence[RtpStream]) -> RtpStream:
    """The row of the place that is farther on the way: what is lost before it is missing behind it."""
    best = max(rows, key=lambda row: (row.signalled, row.loss_pct or 0.0, row.packets, row.source.artifact or ""))
    return _kept(best, rows)


def _kept(best: R, rows: Sequence[R]) -> R:
    best.sources.setdefault(ALSO, next(row.source for row in rows if row is not best))
    return best
