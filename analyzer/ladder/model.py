"""What a ladder shows, free of any form of drawing."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct, field

from parsers.capture.address import host_of
from parsers.capture.sdp import Sdp
from parsers.facts.capture import Call, Capture, RtpStream, SipMessage, SipPeer
from parsers.facts.store import Facts

STEP_LIMIT = 2000
PARTY_LIMIT = 12
LONG_GAP_S = 1.0
"""Gaps from this on are marked."""

Kind = Literal["request", "provisional", "success", "failure", "media"]
_TEXT_LIMIT = 120
_ROLES = {"pbx": "PBX", "trunk": "trunk", "phone": "phone", "scanner": "scanner"}
_SPACE = re.compile(r"\s+")


class Party(Struct):
    """A host in the ladder; ``name`` is its part and agent."""

    host: str
    name: str


class Step(Struct):
    """One arrow. ``at_s`` counts from the first, ``gap_s`` from the one before; ``repeat`` marks a retransmission."""

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

    @property
    def place(self) -> str:
        """Its frame, and the number of the file where there are several: ``#15``, ``#2:15``."""
        return f"#{self.frame or '?'}" if self.file is None else f"#{self.file}:{self.frame or '?'}"

    @property
    def waited(self) -> bool:
        """A long silence stands before it."""
        return self.gap_s >= LONG_GAP_S


class Ladder(Struct):
    """One call and the legs that are linked to it. ``left_out`` counts steps beyond the limits."""

    title: str
    summary: str
    parties: list[Party] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0


def clean(text: str) -> str:
    """Text on one line without control, format and other invisible characters, cut to a bearable length."""
    visible = "".join("�" if unicodedata.category(c)[0] == "C" else c for c in _SPACE.sub(" ", text[: 4 * _TEXT_LIMIT]))
    return visible if len(visible) <= _TEXT_LIMIT else visible[: _TEXT_LIMIT - 1] + "…"


def build(facts: Facts, call: Call) -> Ladder:
    """The ladder of a call with its linked legs, RTP streams in their place."""
    legs = [call.call_id, *(other for other in call.linked if other != call.call_id)]
    files = _files(facts, call)
    messages = [m for m in facts.of(SipMessage) if m.call_id in legs and m.artifact in files]
    streams = [s for s in facts.of(RtpStream) if s.call_id in legs and s.source.artifact in files]
    events = [(m.time, files[m.artifact], m.frame or 0, m) for m in messages if m.time and m.src and m.dst]
    media = [(s.first, files[s.source.artifact], s.source.frame or 0, s) for s in streams if s.first]
    merged: list[tuple[datetime, int, int, SipMessage | RtpStream]] = sorted([*events, *media], key=lambda e: e[:3])
    used = sorted({number for _, number, _, _ in merged})
    ladder = Ladder(clean(f"{call.from_user or '?'} → {call.to_user or '?'}  {call.call_id}"), _summary(call))
    if len(used) > 1:
        names = {number: PurePosixPath(str(name).replace("\\", "/")).name for name, number in files.items()}
        ladder.summary += clean("; " + ", ".join(f"file {number}: {names[number]}" for number in used))
    places: dict[str, int] = {}
    roles = {peer.ip: peer for peer in facts.of(SipPeer) if peer.source.artifact in files}
    before = merged[0][0] if merged else None
    alone = {host_of(item.src) for *_, item in merged if host_of(item.src) == host_of(item.dst)}
    calls = {row.call_id: row for row in facts.of(Call) if row.call_id in legs}
    for when, number, frame, item in merged:
        ends = [_party(address, alone) for address in _addresses(item, calls)]
        if len(ladder.steps) >= STEP_LIMIT or not all(_place(ladder, places, roles, host) for host in ends):
            ladder.left_out += 1
            continue
        step = Step(
            at_s=(when - merged[0][0]).total_seconds(),
            gap_s=(when - before).total_seconds() if before else 0.0,
            source=places[ends[0] or ""],
            target=places[ends[1] or ""],
            label=clean(_message_label(item) if isinstance(item, SipMessage) else _stream_label(item)),
            kind=_kind(item) if isinstance(item, SipMessage) else "media",
            frame=frame or None,
            file=number if len(used) > 1 else None,
            repeat=isinstance(item, SipMessage) and item.retransmission,
            time=when,
        )
        ladder.steps.append(step)
        before = when
    return ladder


def _files(facts: Facts, call: Call) -> dict[str | None, int]:
    """The files of the call's capture, numbered from 1."""
    begins = {c.artifact: c.derived.get("continues", c.artifact) for c in facts.of(Capture)}
    begin = begins.get(call.source.artifact or "")
    ours = [name for name, first in begins.items() if first == begin]
    return {name: number for number, name in enumerate(ours, 1)} or {call.source.artifact: 1}


def _addresses(item: SipMessage | RtpStream, calls: dict[str, Call]) -> tuple[str | None, str | None]:
    """Who sent something to whom; media stands at the addresses of its call's signalling where the host is the same."""
    leg = calls.get(item.call_id or "") if isinstance(item, RtpStream) else None
    if leg is None:
        return item.src, item.dst
    sides = (leg.callee, leg.caller) if item.derived.get("from") == "callee" else (leg.caller, leg.callee)
    return (
        sides[0] if host_of(sides[0]) == host_of(item.src) else item.src,
        sides[1] if host_of(sides[1]) == host_of(item.dst) else item.dst,
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


def _message_label(message: SipMessage) -> str:
    if message.method:
        label = message.method
        if message.has_credentials:
            label += " (credentials)"
    else:
        label = f"{message.status} {message.reason_phrase or ''}".strip()
        if message.cseq_method not in {"INVITE", None}:
            label += f" ({message.cseq_method})"
    described = _describe(message.sdp) if isinstance(message.sdp, Sdp) else ""
    return f"{label} [{described}]" if described else label


def _describe(sdp: Sdp) -> str:
    """Codecs, direction and keys of a session description in a few words."""
    parts: list[str] = []
    for media in sdp.media[:3]:
        if not media.port:
            parts.append(f"{media.kind} declined")
            continue
        words = ["T.38"] if media.is_t38 else [" ".join(dict.fromkeys(media.voice[:4])) or media.kind]
        if media.direction != "sendrecv":
            words.append(media.direction)
        elif media.on_hold:
            words.append("hold")
        if media.encrypted:
            words.append("SRTP")
        parts.append(" ".join(words))
    return ", ".join(parts)


def _stream_label(stream: RtpStream) -> str:
    words = [f"RTP {stream.codec or '?'}", f"{stream.packets} packets"]
    if stream.encrypted:
        words.append("SRTP")
    if stream.loss_pct:
        words.append(f"{stream.loss_pct:g} % lost")
    if stream.jitter_mean_ms is not None:
        words.append(f"jitter {stream.jitter_mean_ms:g} ms")
    return ", ".join(words)
