"""Derived facts of a capture as a whole: what can be concluded from it; each is defined in docs/facts.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from parsers.capture.calls import CallState
from parsers.capture.notes import Note, NoteKind
from parsers.facts.base import Source
from parsers.facts.capture import Capture, RtpStream, SipMessage

BACK_NS = 10_000_000
"""Packets of several interfaces may stand a few milliseconds out of order; more is a wrong clock or a wrong merge."""
MILLISECOND = 1_000_000
ENOUGH_TIMES = 20
MEASURED = 100
"""Packets that a stream needs for its loss to say something."""
TALK_S = 5.0
CUT_TALK_S = 30.0


class Times(Struct):
    """What the times of the packets that were looked at are like."""

    seen: int = 0
    finer: int = 0
    backwards: int = 0
    latest: int = 0
    first_back: int | None = None

    def note(self, note: Note) -> None:
        """Take the next one in file order."""
        time_ns = note.time_ns
        self.seen += 1
        if time_ns % MILLISECOND:
            self.finer += 1
        if time_ns > self.latest:
            self.latest = time_ns
        elif time_ns < self.latest - BACK_NS:
            self.backwards += 1
            self.first_back = self.first_back or note.frame


def of_file(capture: Capture, messages: Sequence[SipMessage], times: Times, kinds: Mapping[int, int]) -> None:
    """Fill ``derived`` and the places of its entries with what a file says of itself; ``kinds`` counts its notes."""
    d, packets = capture.derived, capture.packets
    capture.source = _says(capture, f"{packets} packets")
    d["sip_keepalives"] = kinds.get(NoteKind.KEEPALIVE, 0)
    d["rtcp_packets"] = kinds.get(NoteKind.RTCP, 0)
    d["truncated_pct"] = _share(capture.truncated_packets, packets)
    cut = [m for m in messages if m.truncated] if capture.truncated_packets else []
    d["truncated_sip"] = len(cut)
    d["truncation_severity"] = "high" if cut else "low"
    _place(
        capture,
        "truncated_packets",
        f"{capture.truncated_packets} of {packets} packets are cut, {len(cut)} SIP messages",
        _frame(cut),
    )
    d["dropped_pct"] = _share(capture.dropped, packets + (capture.dropped or 0))
    d["drop_severity"] = "high" if (d["dropped_pct"] or 0) >= 0.1 else "low"
    _place(capture, "dropped", f"{capture.dropped} packets dropped by the capture, {packets} kept")
    d["duplicates_pct"] = _share(capture.duplicates, packets)
    _place(capture, "duplicates_pct", f"{capture.duplicates} of {packets} packets stand twice")
    d["times_in_ms"] = times.finer == 0 if times.seen >= ENOUGH_TIMES else None
    d["times_backwards"] = times.backwards
    _place(capture, "times_in_ms", f"all of {times.seen} times are whole milliseconds")
    _place(
        capture,
        "times_backwards",
        f"{times.backwards} packets are older than one before them, this is the first",
        times.first_back,
    )


def derive(
    capture: Capture, messages: Sequence[SipMessage], states: Sequence[CallState], rows: Sequence[RtpStream]
) -> None:
    """Fill in what all that was captured together tells. ``has_sip`` and the like are known before."""
    _place(capture, "one_sided", f"{len(messages)} SIP messages, none of them answered by anything", _frame(messages))
    _of_calls(capture, states, messages)
    _of_streams(capture, rows)
    capture.derived["encrypted_sip_severity"] = "high" if capture.has_rtp and not capture.has_sip else "info"
    for name in ("has_tls_sip", "has_tunnel"):
        if getattr(capture, name):
            _place(capture, name, f"TLS on port 5061 or the tunnel of port 5090; {len(messages)} readable SIP messages")


def _of_calls(capture: Capture, states: Sequence[CallState], messages: Sequence[SipMessage]) -> None:
    d = capture.derived
    mid = [s.row.source for s in states if s.row.derived["starts_mid_call"]] + _only_ends(states, messages)
    open_ended = [s.row.source for s in states if s.row.derived["ends_before_bye"]]
    d["calls_cut_at_start"], d["calls_cut_at_end"] = len(mid), len(open_ended)
    for name, some in (("calls_cut_at_start", mid), ("calls_cut_at_end", open_ended)):
        if some:
            capture.sources[name] = some[0]
    talks = [s for s in states if s.row.derived["both_ways"] and s.row.t38 is None and _talked(s)]
    d["calls_with_talk"] = len(talks)
    if talks:
        capture.sources["calls_with_talk"] = talks[0].row.source


def _only_ends(states: Sequence[CallState], messages: Sequence[SipMessage]) -> list[Source]:
    """Where calls end that have no INVITE and no response to one in the capture: they are no rows of ``calls``."""
    known_or_cut = {None, *(s.row.call_id for s in states)}
    ends = {m.call_id: m for m in reversed(messages) if m.method in {"ACK", "BYE"} and m.call_id not in known_or_cut}
    return [m.source for m in reversed(ends.values())]


def _talked(state: CallState) -> bool:
    """The call is whole, or a good part of it is there: RTP is to be expected."""
    up = state.row.derived["up_s"] or 0
    return up >= (TALK_S if state.bye is not None else CUT_TALK_S)


def _of_streams(capture: Capture, rows: Sequence[RtpStream]) -> None:
    measured = [row for row in rows if (row.expected or 0) >= MEASURED]
    losing = [row for row in measured if (row.loss_pct or 0) >= 1]
    capture.derived["streams_measured"] = len(measured)
    capture.derived["streams_losing_pct"] = _share(len(losing), len(measured))
    if losing:
        capture.sources["streams_losing_pct"] = losing[0].source
    if rows:
        _place(capture, "has_rtp", f"{len(rows)} streams of RTP, no SIP", rows[0].source.frame)


def _says(capture: Capture, text: str, frame: int | None = None) -> Source:
    return Source(artifact=capture.source.artifact, frame=frame, text=text)


def _place(capture: Capture, name: str, text: str, frame: int | None = None) -> None:
    capture.sources[name] = _says(capture, text, frame)


def _frame(messages: Sequence[SipMessage]) -> int | None:
    return messages[0].source.frame if messages else None


def _share(part: int | None, whole: int) -> float | None:
    return round(100 * part / whole, 2) if part is not None and whole else None
