"""What stands in a case twice counts once: a capture or a log under two names, a bundle beside its unpacked folder, and rows
that two exports share (the event log of the bundle and that of the live export overlap).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from parsers.facts import Facts
from parsers.facts.base import Row, Source
from parsers.facts.capture import Capture, SipMessage
from parsers.facts.cdr import Cdr
from parsers.facts.log import Audit, Event, LogCoverage, LogRecord, Quality

R = TypeVar("R", bound=Row)

Place = tuple[str | None, int | str | None]


def drop_copies(facts: Facts) -> None:
    """Take away what the second and further copies gave. Of a capture stays its row of the table ``capture``, with all of
    its packets as ``duplicates``.
    """
    copies = _captures(facts.of(Capture)) | _logs(facts)
    if copies:
        for rows in facts.tables().values():
            rows[:] = [row for row in rows if isinstance(row, Capture) or row.source.artifact not in copies]
    gone = _drop(facts.of(Event), _event)
    if gone:
        for kind in (Quality, SipMessage):
            rows = facts.of(kind)
            rows[:] = [row for row in rows if _place(row.source) not in gone]
    _drop(facts.of(Cdr), _call)
    _drop(facts.of(Audit), _change)


def _captures(captures: Sequence[Capture]) -> set[str | None]:
    """The same number of packets from the same microsecond to the same microsecond is the same capture. A file that is read
    together with others is not the copy of one that was read by itself.
    """
    seen = set()
    copies: set[str | None] = set()
    together = {name for c in captures if "continues" in c.derived for name in (c.artifact, c.derived["continues"])}
    for capture in sorted(captures, key=lambda c: c.artifact not in together):
        if capture.first is None:
            continue
        key = (capture.packets, capture.first, capture.last, tuple(capture.link_types), capture.truncated_packets)
        if key not in seen:
            seen.add(key)
            continue
        copies.add(capture.artifact)
        capture.duplicates = capture.packets
        capture.sip_requests, capture.sip_responses = {}, {}
    return copies


def _logs(facts: Facts) -> set[str | None]:
    """The same number of records of each level from the same moment to the same moment, and the same records of interest at
    the same lines, is the same log.
    """
    kept: dict[str | None, list[tuple[int | None, str]]] = defaultdict(list)
    for record in facts.of(LogRecord):
        kept[record.source.artifact].append((record.source.line, record.text))
    seen = set()
    copies: set[str | None] = set()
    for log in facts.of(LogCoverage):
        if log.first is None or not log.records:
            continue
        name = log.source.artifact
        levels = tuple(sorted((log.levels or {}).items()))
        key = (log.kind, log.records, log.first, log.last, levels, tuple(kept[name]))
        if key in seen:
            copies.add(name)
        seen.add(key)
    return copies


def _drop(rows: list[R], key_of: Callable[[R], Hashable | None]) -> set[Place]:
    """Take rows away that stand in another file as well, as often as they stand there; gives their places."""
    if len({row.source.artifact for row in rows}) < 2:
        return set()
    kept: Counter[Hashable] = Counter()
    own: Counter[Hashable] = Counter()
    met: Counter[Hashable] = Counter()
    gone: set[Place] = set()
    left = []
    for row in rows:
        key = key_of(row)
        here = (row.source.artifact, key)
        if key is not None:
            met[here] += 1
            if met[here] <= kept[key] - own[here]:
                gone |= {_place(row.source)} if _place(row.source)[1] is not None else set()
                continue
            kept[key] += 1
            own[here] += 1
        left.append(row)
    if len(left) < len(rows):
        rows[:] = left
    return gone


def _place(source: Source) -> Place:
    return source.artifact, source.row if source.path is None else source.path


def _event(event: Event) -> Hashable | None:
    """Exports differ in the fractions of a second that they write."""
    if event.time is None:
        return None
    return event.event_id, event.time.replace(microsecond=0), " ".join(event.message.split())


def _call(call: Cdr) -> Hashable | None:
    if call.call_id is None or call.start is None:
        return None
    return call.call_id, call.history_id, call.start, call.end, call.from_number, call.to_number


def _change(change: Audit) -> Hashable | None:
    if change.time is None:
        return None
    return change.time.replace(microsecond=0), change.user, change.ip, change.object_name
