"""The offset between the server's wall clock, in which logs are written, and UTC.

Nothing in a bundle names the zone. It is measured on records that stand in both worlds: a log record that holds a UTC time
of its own (call history: prefix local, ``EndTime={2024-05-02 07:10:11.180000}`` UTC; seen in one public report, inferred to
be the rule), the same text as an event log row and as a log record, and log records joined to a capture. Without at least
`MIN_JOINS` that agree there is no offset.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from parsers.facts import Facts, Source
from parsers.facts.capture import Capture, SipMessage
from parsers.facts.log import Event, LogCoverage, LogRecord

MIN_JOINS = 3
STEP_S = 900
"""Time zones are multiples of a quarter of an hour."""
TOLERANCE_S = 2.0
LARGEST_S = 14 * 3600
AGREEING = 0.8
"""Share of the joins that must name the same offset: a bundle over a change of summer time has two, and no single one."""
MANY = 50
"""A text that repeats more often joins nothing."""
SHORTEST = 20
"""Shorter texts are no proof that two records are the same."""

_UTC_INSIDE = re.compile(r"(?:Start|End|Answer|Established)Time=\{ ?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) ?\}")
_LOGGER = re.compile(r"\s*(?:\[[^\]]{1,120}\]\s*)?")

ELSEWHERE = ("sbc",)
"""Beginnings of kinds of logs that another machine wrote."""


class Join(Struct, frozen=True):
    """One record in both worlds: how far the wall clock is ahead of UTC, and where. ``count`` records say the same."""

    ahead_s: float
    where: Source
    count: int = 1


class Offset(Struct, frozen=True):
    """The wall clock is ``seconds`` ahead of UTC; ``source`` says on how many joins that rests."""

    seconds: int
    source: Source


def measure(facts: Facts) -> Offset | None:
    """The offset, null where the evidence is too thin or disagrees."""
    joins = [*_inside(facts.of(LogRecord)), *_offered(facts.of(LogCoverage)), *_same_text(facts), *_captures(facts)]
    weights: Counter[int] = Counter()
    for join in joins:
        weights[_step(join.ahead_s)] += join.count
    if not weights:
        return None
    seconds, agreeing = weights.most_common(1)[0]
    if agreeing < MIN_JOINS or agreeing < AGREEING * weights.total() or seconds == _NO_STEP:
        return None
    used = [join for join in joins if _step(join.ahead_s) == seconds]
    rest = [abs(join.ahead_s - seconds) for join in used]
    first = used[0].where
    text = f"{agreeing} records joined, {seconds:+d} s, spread {max(rest):.3f} s"
    text += f"; {first.text}" if first.text else ""
    source = Source(
        artifact=first.artifact, line=first.line, row=first.row, frame=first.frame, time=first.time, text=text[:2000]
    )
    return Offset(seconds, source)


def shift(facts: Facts, offset: Offset) -> None:
    """Put all wall-clock times of the PBX's own logs on UTC."""
    delta = timedelta(seconds=offset.seconds)
    moved = {log.source.artifact for log in facts.of(LogCoverage) if log.local and not log.kind.startswith(ELSEWHERE)}
    for message in facts.of(SipMessage):
        if message.source.line is not None and message.source.artifact in moved:
            message.time = _moved(message.time, delta)
    for record in facts.of(LogRecord):
        if record.local and not record.kind.startswith(ELSEWHERE):
            record.time = _moved(record.time, delta)
            record.local = False
    for log in facts.of(LogCoverage):
        if log.local and not log.kind.startswith(ELSEWHERE):
            log.first, log.last = _moved(log.first, delta), _moved(log.last, delta)
            log.local = False


def _moved(time: datetime | None, delta: timedelta) -> datetime | None:
    if time is None:
        return None
    try:
        return time - delta
    except OverflowError:
        return time


_NO_STEP = 10**9


def _step(ahead_s: float) -> int:
    """The quarter hour that a difference means; `_NO_STEP` for one that is none."""
    nearest = round(ahead_s / STEP_S) * STEP_S
    return nearest if abs(ahead_s - nearest) <= TOLERANCE_S and abs(nearest) <= LARGEST_S else _NO_STEP


def _inside(records: Iterable[LogRecord]) -> list[Join]:
    """Records of the PBX's logs with UTC times inside; the latest of them is nearest to the time of writing."""
    joins = []
    for record in records:
        if not record.local or record.time is None or record.kind.startswith(ELSEWHERE) or "Time={" not in record.text:
            continue
        times = [time for text in _UTC_INSIDE.findall(record.text[:20_000]) if (time := _utc(text))]
        if times:
            joins.append(Join((record.time - max(times)).total_seconds(), record.source))
    return joins


def _utc(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _offered(logs: Iterable[LogCoverage]) -> list[Join]:
    """``utc_offsets`` that a log's parser counted: seconds ahead of UTC → number of records."""
    joins = []
    for log in logs:
        found = log.derived.get("utc_offsets")
        if not log.local or log.kind.startswith(ELSEWHERE) or not isinstance(found, dict):
            continue
        for seconds, count in found.items():
            if isinstance(seconds, (int, float)) and isinstance(count, int) and count > 0:
                joins.append(Join(float(seconds), log.source, count))
    return joins


def _same_text(facts: Facts) -> list[Join]:
    """Event rows (UTC) whose message stands word for word in a log record, as often in the one as in the other."""
    events: dict[str, list[Event]] = defaultdict(list)
    for event in facts.of(Event):
        text = " ".join(event.message.split())
        if event.time is not None and len(text) >= SHORTEST:
            events[text].append(event)
    if not events:
        return []
    records: dict[str, list[LogRecord]] = defaultdict(list)
    for record in facts.of(LogRecord):
        if record.local and record.time is not None and not record.kind.startswith(ELSEWHERE):
            text = " ".join(_LOGGER.sub("", record.text, count=1).split())
            if text in events:
                records[text].append(record)
    joins = []
    for text, local in records.items():
        utc = events[text]
        if len(utc) != len(local) or len(utc) > MANY:
            continue
        pairs = zip(sorted(local, key=_when), sorted(utc, key=_when), strict=True)
        joins += [Join((_when(mine) - _when(theirs)).total_seconds(), mine.source) for mine, theirs in pairs]
    return joins


def _when(row: LogRecord | Event) -> datetime:
    return row.time or datetime.min.replace(tzinfo=UTC)


def _captures(facts: Facts) -> list[Join]:
    """Log records that were joined to a capture, whose times are UTC."""
    return [
        Join(float(capture.tz_offset_s), capture.source, capture.joined_messages)
        for capture in facts.of(Capture)
        if capture.tz_offset_s is not None and capture.joined_messages
    ]
