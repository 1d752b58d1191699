"""The offset between the server's wall clock, in which logs are written, and UTC.

Nothing in a bundle names the zone. It is measured on records that stand in both worlds: a log record that holds a UTC time
of its own (call history: prefix local, ``EndTime={2024-05-02 07:10:11.180000}`` UTC; seen in one public report, inferred to
be the rule), the same text as an event log row and as a log record, and log records joined to a capture. Without at least
`MIN_JOINS` that agree there is no offset.

Where summer time began or ended within the case there are two offsets, an hour apart: then each file goes by its own joins, or
by the side of the change on which it lies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from parsers import lazy
from parsers.facts import Facts, Source
from parsers.facts.capture import Capture, SipMessage
from parsers.facts.log import Event, LogCoverage, LogRecord

MIN_JOINS = 3
HOUR_S = 3600
"""What summer time is."""
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

_UTC_INSIDE = lazy.pattern(
    r"(?:Start|End|Answer|Established)Time=\{ ?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) ?\}"
)
_LOGGER = lazy.pattern(r"\s*(?:\[[^\]]{1,120}\]\s*)?")

ELSEWHERE = ("sbc",)
"""Beginnings of kinds of logs that another machine wrote."""


class Join(Struct, frozen=True):
    """One record in both worlds: how far the wall clock is ahead of UTC, and where. ``count`` records say the same."""

    ahead_s: float
    where: Source
    count: int = 1


class Offset(Struct, frozen=True):
    """The wall clock is ``seconds`` ahead of UTC; ``source`` says on how many joins that rests.

    Where the clocks were changed within the case, it is so at its end, ``before`` is the offset until then, and ``files`` has
    the offset of each log of which it is known.
    """

    seconds: int
    source: Source
    before: Offset | None = None
    files: dict[str | None, int] | None = None

    def of(self, log: str | None) -> timedelta | None:
        """The offset of one log; null where it is not known."""
        seconds = self.seconds if self.files is None else self.files.get(log)
        return None if seconds is None else timedelta(seconds=seconds)


def measure(facts: Facts) -> Offset | None:
    """The offset, null where the evidence is too thin or disagrees."""
    joins = [*_inside(facts.of(LogRecord)), *_offered(facts.of(LogCoverage)), *_same_text(facts), *_captures(facts)]
    weights: Counter[int] = Counter()
    for join in joins:
        weights[_step(join.ahead_s)] += join.count
    if not weights:
        return None
    seconds, agreeing = weights.most_common(1)[0]
    if agreeing >= MIN_JOINS and agreeing >= AGREEING * weights.total() and seconds != _NO_STEP:
        return Offset(seconds, _evidence(joins, seconds))
    return _changed(joins, weights, list(facts.of(LogCoverage)))


def _evidence(joins: list[Join], seconds: int) -> Source:
    """How many joins name an offset, and the first of them."""
    used = [join for join in joins if _step(join.ahead_s) == seconds]
    rest = [abs(join.ahead_s - seconds) for join in used]
    first = used[0].where
    text = f"{sum(join.count for join in used)} records joined, {seconds:+d} s, spread {max(rest):.3f} s"
    text += f"; {first.text}" if first.text else ""
    return Source(
        artifact=first.artifact, line=first.line, row=first.row, frame=first.frame, time=first.time, text=text[:2000]
    )


def _changed(joins: list[Join], weights: Counter[int], logs: list[LogCoverage]) -> Offset | None:
    """The offset where the joins name two, an hour apart, and the logs of the one lie before those of the other."""
    two = [step for step, count in weights.most_common(2) if count >= MIN_JOINS and step != _NO_STEP]
    if (
        len(two) < 2
        or abs(two[0] - two[1]) != HOUR_S
        or sum(weights[step] for step in two) < AGREEING * weights.total()
    ):
        return None
    by_file: dict[str | None, Counter[int]] = defaultdict(Counter)
    for join in joins:
        by_file[join.where.artifact][_step(join.ahead_s)] += join.count
    files: dict[str | None, int] = {}
    for name, counted in by_file.items():
        step, count = counted.most_common(1)[0]
        if count >= AGREEING * counted.total() and step in two:
            files[name] = step
    spans = [(log.source.artifact, log.first, log.last) for log in logs if log.first and log.last and _moves(log)]
    ends = {step: [last for name, _, last in spans if files.get(name) == step] for step in two}
    begins = {step: [first for name, first, _ in spans if files.get(name) == step] for step in two}
    for old, new in (two, two[::-1]):
        if ends[old] and begins[new] and max(ends[old]) <= min(begins[new]) + timedelta(seconds=HOUR_S):
            for name, first, last in spans:
                if name not in files and (last <= max(ends[old]) or first >= min(begins[new])):
                    files[name] = old if last <= max(ends[old]) else new
            before = Offset(old, _evidence(joins, old))
            return Offset(new, _evidence(joins, new), before, files)
    return None


def _moves(log: LogCoverage) -> bool:
    """Whether a log is written by the PBX's own wall clock."""
    return log.local and not log.kind.startswith(ELSEWHERE)


def shift(facts: Facts, offset: Offset) -> None:
    """Put all wall-clock times of the PBX's own logs on UTC."""
    moved = {log.source.artifact for log in facts.of(LogCoverage) if _moves(log)}
    for message in facts.of(SipMessage):
        # frames of captures bear UTC, and to make their sources takes long
        if message.frame is None and message.source.line is not None and message.source.artifact in moved:
            delta = offset.of(message.source.artifact)
            if delta is not None:
                message.time = _moved(message.time, delta)
    for record in facts.of(LogRecord):
        delta = offset.of(record.source.artifact)
        if delta is not None and record.local and not record.kind.startswith(ELSEWHERE):
            record.time = _moved(record.time, delta)
            record.local = False
    for log in facts.of(LogCoverage):
        delta = offset.of(log.source.artifact)
        if delta is not None and _moves(log):
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
