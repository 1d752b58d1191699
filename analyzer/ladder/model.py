"""What a ladder shows, free of any form of drawing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from string import ascii_lowercase
from typing import Literal

from msgspec import Struct, field

from analyzer.ladder.labels import Holds, clean, of_digit, of_errors, of_message, of_stream
from parsers.capture.address import host_of
from parsers.facts.base import Source
from parsers.facts.capture import Call, Capture, RtpStream, SipMessage, SipPeer
from parsers.facts.store import Facts

STEP_LIMIT = 2000
PARTY_LIMIT = 12
LEG_LIMIT = len(ascii_lowercase)
LONG_GAP_S = 1.0
"""Gaps from this on are marked."""

Kind = Literal["request", "provisional", "success", "failure", "media"]
_ROLES = {"pbx": "PBX", "trunk": "trunk", "phone": "phone", "scanner": "scanner"}


class Party(Struct):
    """A host in the ladder; ``name`` is its part and agent."""

    host: str
    name: str


class Step(Struct):
    """One arrow. ``at_s`` counts from the first, ``gap_s`` from the one before; ``repeat`` marks a retransmission; ``leg`` is a
    letter where the ladder has several.
    """

    at_s: float
    gap_s: float
    source: int
    target: int
    label: str
    kind: Kind
    frame: int | None
    repeat: bool = False
    time: datetime | None = None
    file: int | None = None
    leg: str = ""

    @property
    def place(self) -> str:
        """Its leg, frame, and the number of the file where there are several: ``#15``, ``a #2:15``."""
        number = f"#{self.frame or '?'}" if self.file is None else f"#{self.file}:{self.frame or '?'}"
        return f"{self.leg} {number}" if self.leg else number

    @property
    def says(self) -> str:
        """The label, a retransmission marked as such."""
        return f"{self.label} (again)" if self.repeat else self.label

    @property
    def waited(self) -> bool:
        """A long silence stands before it."""
        return self.gap_s >= LONG_GAP_S


class Ladder(Struct):
    """One call and the legs that are linked to it. ``notes`` say when it begins, which leg and which file is which;
    ``left_out`` counts steps beyond the limits.
    """

    title: str
    summary: str
    notes: list[str] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0


class _Event(Struct):
    """Something to draw, before the parties have their places."""

    when: datetime
    file: int
    frame: int | None
    ends: tuple[str | None, str | None]
    label: str
    kind: Kind
    call_id: str | None
    repeat: bool = False


def build(facts: Facts, call: Call) -> Ladder:
    """The ladder of a call with all its legs, RTP streams, digits and ICMP errors in their place."""
    legs = _legs(facts, call)
    files = _files(facts, call)
    events = sorted(_events(facts, legs, files), key=lambda e: (e.when, e.file, e.frame or 0))
    letters = dict(zip(legs, ascii_lowercase, strict=False)) if len(legs) > 1 else {}
    ladder = Ladder(clean(f"{call.from_user or '?'} → {call.to_user or '?'}  {call.call_id}"), _summary(call))
    used = sorted({event.file for event in events})
    ladder.notes = _notes(events, legs, letters, {n: name for name, n in files.items()} if len(used) > 1 else {}, used)
    places: dict[str, int] = {}
    roles = {peer.ip: peer for peer in facts.of(SipPeer) if peer.source.artifact in files}
    alone = {host_of(event.ends[0]) for event in events if host_of(event.ends[0]) == host_of(event.ends[1])}
    before = events[0].when if events else None
    for event in events:
        ends = [_party(address, alone) for address in event.ends]
        if len(ladder.steps) >= STEP_LIMIT or not all(_place(ladder, places, roles, host) for host in ends):
            ladder.left_out += 1
            continue
        step = Step(
            at_s=(event.when - events[0].when).total_seconds(),
            gap_s=(event.when - before).total_seconds() if before else 0.0,
            source=places[ends[0] or ""],
            target=places[ends[1] or ""],
            label=clean(event.label),
            kind=event.kind,
            frame=event.frame,
            file=event.file if len(used) > 1 else None,
            repeat=event.repeat,
            time=event.when,
            leg=letters.get(event.call_id or "", ""),
        )
        ladder.steps.append(step)
        before = event.when
    return ladder


def _legs(facts: Facts, call: Call) -> dict[str, Call]:
    """The call and all that are linked to it at any distance, those that began first in front."""
    calls = {row.call_id: row for row in facts.of(Call)}
    found, pending = {call.call_id: call}, [call]
    while pending and len(found) < LEG_LIMIT:
        for other in pending.pop(0).linked:
            leg = calls.get(other)
            if leg is not None and other not in found and len(found) < LEG_LIMIT:
                found[other] = leg
                pending.append(leg)
    ordered = sorted(found.values(), key=lambda leg: (leg.start is None, str(leg.start), leg.call_id))
    return {leg.call_id: leg for leg in ordered}


def _files(facts: Facts, call: Call) -> dict[str | None, int]:
    """The files of the call's capture, numbered from 1."""
    begins = {c.artifact: c.derived.get("continues", c.artifact) for c in facts.of(Capture)}
    begin = begins.get(call.source.artifact or "")
    ours = [name for name, first in begins.items() if first == begin]
    return {name: number for number, name in enumerate(ours, 1)} or {call.source.artifact: 1}


def _events(facts: Facts, legs: dict[str, Call], files: dict[str | None, int]) -> Iterator[_Event]:
    holds = Holds()
    messages = [m for m in facts.of(SipMessage) if m.call_id in legs and m.artifact in files]
    for m in sorted(messages, key=lambda m: (m.time is None, m.time)):
        if m.time is not None and m.src and m.dst:
            label = of_message(m, holds) if not m.retransmission else of_message(m, Holds())
            yield _Event(
                m.time, files[m.artifact], m.frame, (m.src, m.dst), label, _kind(m), m.call_id, m.retransmission
            )
    streams = [s for s in facts.of(RtpStream) if s.call_id in legs and s.source.artifact in files]
    begin = min([m.time for m in messages if m.time] + [s.first for s in streams if s.first], default=None)
    for s in streams:
        ends = _addresses(s, legs[s.call_id or ""])
        if s.first is not None and begin is not None:
            until = (s.last - begin).total_seconds() if s.last is not None else None
            file = files[s.source.artifact]
            yield _Event(s.first, file, s.source.frame, ends, of_stream(s, until), "media", s.call_id)
            for source in s.derived.get("digits", ()):
                if source.time is not None and source.artifact in files:
                    when, file = datetime.fromisoformat(source.time), files[source.artifact]
                    yield _Event(when, file, source.frame, ends, of_digit(source.text), "media", s.call_id)
        count = s.derived.get("icmp_unreachable_in_call") or s.derived.get("icmp_unreachable") or 0
        yield from _errors(s.sources.get("icmp_unreachable"), files, ends, count, s.call_id)
    for leg in legs.values():
        ends, count = (leg.caller, leg.callee), leg.derived.get("icmp_unreachable") or 0
        yield from _errors(leg.sources.get("icmp_unreachable"), files, ends, count, leg.call_id)


def _errors(
    source: Source | None, files: dict[str | None, int], ends: tuple[str | None, str | None], count: int, call_id: str | None
) -> Iterator[_Event]:  # fmt: skip
    """The first ICMP error about something; it goes back to whoever sent that."""
    if source is not None and source.time is not None and source.artifact in files:
        back = ends[1], ends[0]
        when = datetime.fromisoformat(source.time)
        yield _Event(when, files[source.artifact], source.frame, back, of_errors(count), "failure", call_id)


def _addresses(stream: RtpStream, leg: Call) -> tuple[str | None, str | None]:
    """Who sent a stream to whom; it stands at the addresses of its call's signalling where the host is the same."""
    sides = (leg.callee, leg.caller) if stream.derived.get("from") == "callee" else (leg.caller, leg.callee)
    return (
        sides[0] if host_of(sides[0]) == host_of(stream.src) else stream.src,
        sides[1] if host_of(sides[1]) == host_of(stream.dst) else stream.dst,
    )


def _party(address: str | None, alone: set[str | None]) -> str | None:
    """A host; of hosts that talk to themselves (services of one machine) each address is a party."""
    host = host_of(address)
    return address if host in alone else host


def _place(ladder: Ladder, places: dict[str, int], roles: dict[str, SipPeer], host: str | None) -> bool:
    if host is None:
        return False
    if host not in places:
        if len(places) >= PARTY_LIMIT:
            return False
        peer = roles.get(host_of(host) or host)
        words = [_ROLES.get(peer.role or "", ""), peer.agents[0] if peer.agents else ""] if peer else []
        places[host] = len(places)
        ladder.parties.append(Party(host, clean(" ".join(word for word in words if word))))
    return True


def _notes(
    events: list[_Event], legs: dict[str, Call], letters: dict[str, str], names: dict[int, str | None], used: list[int]
) -> list[str]:  # fmt: skip
    notes: list[str] = []
    if events:
        notes.append(f"0.000 is {events[0].when.strftime('%Y-%m-%d %H:%M:%S.%f')[:-3]} UTC")
    else:
        notes.append("There is nothing to draw: no message of the call has a time.")
    for call_id, letter in letters.items():
        leg = legs[call_id]
        notes.append(
            clean(f"leg {letter}: {leg.from_user or '?'} → {leg.to_user or '?'}, {_summary(leg)}, {call_id}", 240)
        )
    shown = ((number, PurePosixPath(str(names[number]).replace("\\", "/")).name) for number in used if number in names)
    notes += [clean(f"file {number}: {name}") for number, name in shown]
    return notes


def _summary(call: Call) -> str:
    words = [call.outcome.replace("_", " ")]
    if call.final_status:
        words.append(str(call.final_status))
    if call.duration_s is not None:
        words.append(f"{call.duration_s:.1f} s")
    if call.end_by:
        words.append(f"ended by the {call.end_by}")
    if call.media:
        words.append(
            {"both": "audio both ways", "none": "no audio"}.get(call.media, f"audio of the {call.media[:6]} only")
        )
    if call.hold_s:
        words.append(f"{call.hold_s:.1f} s on hold")
    if call.t38:
        words.append(f"T.38 {call.t38}")
    repeats = call.retransmissions + call.response_retransmissions
    if repeats:
        words.append(f"{repeats} retransmission{'s' if repeats > 1 else ''}")
    return ", ".join(words)


def _kind(message: SipMessage) -> Kind:
    if message.status is None:
        return "request"
    if message.status < 200:
        return "provisional"
    return "success" if message.status < 300 else "failure"
