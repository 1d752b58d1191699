"""RTP and its calls: what SDP announces for the walker, and what the walker measured as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from parsers.capture import media_facts
from parsers.capture.address import canonical, host_of, is_private, join
from parsers.capture.calls import CallState, info_digits
from parsers.capture.hosts import Hosts
from parsers.capture.negotiation import OTHER, Side
from parsers.capture.notes import (
    Address,
    DtmfEvent,
    Encoding,
    MediaEnd,
    MediaMap,
    StreamStats,
    written,
)  # fmt: skip
from parsers.capture.rtcp import Reported
from parsers.capture.rtp_events import hurried, is_short, repeated, without_end
from parsers.capture.sdp import Media
from parsers.facts.base import Source
from parsers.facts.capture import RtpStream, SipMessage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SAME_KEY_NS = 2_000_000_000
"""An event and a SIP INFO of one key that lie further apart are two presses."""
_MICROSECOND = timedelta(microseconds=1)
Owner = tuple[CallState, Side]


def nanoseconds(time: datetime) -> int:
    """Nanoseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND * 1000


def media_map(states: Iterable[CallState]) -> MediaMap:
    """Every address that a session description announces, with the meaning of its payload types and its holds."""
    ends: list[MediaEnd] = []
    for state in states:
        until = nanoseconds(state.row.end) if state.row.end else None
        spans = [(side, (nanoseconds(a), nanoseconds(b))) for side, a, b in state.hold_spans]
        known: set[tuple[int, Side, int]] = set()
        for side, sdp, message in state.negotiation.seen:
            for index, media in enumerate(sdp.media):
                mark = (id(sdp), side, index)
                if mark in known or not media.port or canonical(media.host or "") is None:
                    continue
                known.add(mark)
                # blocks without times: from the beginning
                start = nanoseconds(message.time) if message.time else 0
                for host in filter(None, (media.host, behind_nat(media, message))):
                    ends.append(_end(media, host, (state, side), (start, until)))
                    ends[-1].not_receiving = [span for holder, span in spans if holder == side]
                    ends[-1].not_sending = [span for holder, span in spans if holder != side]
    return MediaMap(ends)


def behind_nat(media: Media, message: SipMessage) -> str | None:
    """The private address that a sender behind a NAT receives at where its description names the public one: a capture on the
    inside shows the port as announced (ports are kept) and that address.
    """
    own = host_of(message.src)
    if own is None or own == media.host or is_private(own) is not True or is_private(media.host or "") is not False:
        return None
    return own


def _end(media: Media, host: str, owner: Owner, span: tuple[int, int | None]) -> MediaEnd:
    start, until = span
    return MediaEnd(
        host=host,
        port=media.port,
        start_ns=start,
        end_ns=until,
        encodings={pt: Encoding(codec.name, codec.clock) for pt, codec in media.codecs.items() if codec.clock},
        encrypted=media.encrypted,
        t38=media.is_t38,
        key=owner,
    )


def owner_of(stats: StreamStats) -> Owner | None:
    """The call of a stream and the side that sends it: by the address it goes to, else by the one it comes from.

    Where both ends are announced by different calls (a port used again), the call that announces both wins.
    """
    by_target = _key(stats.dst_end)
    by_source = _key(stats.src_end)
    if by_target is None or (
        by_source is not None and by_source[0] is not by_target[0] and _announces(by_source[0], stats.dst)
    ):
        return by_source
    return by_target[0], OTHER[by_target[1]]


def _announces(state: CallState, address: Address) -> bool:
    return any((media.host, media.port) == address for _, sdp, _ in state.negotiation.seen for media in sdp.media)


def _key(end: MediaEnd | None) -> Owner | None:
    key = end.key if end is not None else None
    if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], CallState):
        return key[0], key[1]
    return None


def stream_row(
    stats: StreamStats,
    artifact: str,
    dtls: set[frozenset[Address]],
    hosts: Hosts,
    reported: Mapping[int, Reported],
) -> RtpStream:
    """The report's row of one stream, with derived facts (docs/facts.md)."""
    owner, timed = owner_of(stats), stats.first_ns > 0
    src, dst, ssrc = join(*stats.src), join(*stats.dst), f"0x{stats.ssrc:08X}"
    row = RtpStream(
        source=Source(
            artifact=artifact, frame=stats.first_frame, time=written(stats.first) if timed else None,
            text=f"RTP {src} > {dst} SSRC {ssrc} {stats.codec or 'unknown codec'}, {stats.packets} packets, lost {stats.lost}",
        ),
        src=src,
        dst=dst,
        ssrc=ssrc,
        call_id=owner[0].row.call_id if owner else None,
        signalled=stats.signalled,
        encrypted=_encrypted(stats, dtls),
        codec=stats.codec,
        packets=stats.packets,
        lost=stats.lost,
        expected=stats.expected,
        loss_pct=stats.loss_pct,
        duplicates=stats.duplicates,
        out_of_order=stats.out_of_order,
        restarts=stats.restarts,
        jitter_mean_ms=stats.jitter_mean_ms,
        jitter_max_ms=stats.jitter_max_ms,
        delta_max_ms=stats.delta_max_ms,
        ptime_ms=stats.ptime_ms,
        mos=stats.mos,
        dscp=stats.dscp,
        first=stats.first if timed else None,
        last=stats.last if timed else None,
    )  # fmt: skip
    row.derived = _derived(stats, owner, hosts)
    report = reported.get(stats.ssrc) if not row.encrypted else None
    row.derived |= {
        "rtcp_reports": report.reports if report else 0,
        "rtcp_loss_pct_max": report.loss_pct_max if report else None,
        "rtcp_lost": report.lost if report else None,
        "rtcp_jitter_max_ms": round(1000 * report.jitter_max / stats.clock_rate, 3)
        if report and stats.clock_rate
        else None,
        "rtcp_round_trip_ms": report.round_trip_ms if report else None,
    }
    return row


def _encrypted(stats: StreamStats, dtls: set[frozenset[Address]]) -> bool | None:
    if frozenset({stats.src, stats.dst}) in dtls:
        return True
    ends = [end for end in (stats.src_end, stats.dst_end) if end is not None]
    return all(end.encrypted for end in ends) if ends else None


def _derived(stats: StreamStats, owner: Owner | None, hosts: Hosts) -> dict[str, object]:
    duration = (stats.last_ns - stats.first_ns) / 1e9
    negotiated = {pt for end in (stats.src_end, stats.dst_end) if end is not None for pt in end.encodings}
    strange = sorted(pt for pt in stats.payload_types if pt not in negotiated and pt != 13) if negotiated else []
    derived: dict[str, object] = {
        "from": owner[1] if owner else None,
        "duration_s": round(duration, 3),
        "runs_of_loss": stats.runs_of_loss,
        "longest_loss": stats.longest_loss,
        "burst_ratio": stats.burst_ratio,
        "drift_ppm": stats.drift_ppm,
        "comfort_noise": stats.comfort_noise,
        "disorder_pct": round(100 * stats.out_of_order / stats.packets, 3) if stats.packets else None,
        "silent_pct": round(100 * stats.silent_packets / stats.packets, 1) if stats.packets else None,
        "payload_types_not_negotiated": strange,
        **(_of_events(stats) if stats.dtmf else _NO_EVENTS),
        "from_pbx": hosts.is_pbx(stats.src[0]),
        "to_pbx": hosts.is_pbx(stats.dst[0]),
        "to_private_from_public": is_private(stats.dst[0]) is True and is_private(stats.src[0]) is False,
    }
    if owner is not None:
        derived |= _of_call(stats, owner)
    return derived


_NO_EVENTS = {"events": 0, "events_without_end": 0, "short_events": 0, "hurried_events": 0, "repeated_events": 0}


def _of_events(stats: StreamStats) -> dict[str, int]:
    pairs = list(pairwise(stats.dtmf))
    return {
        "events": len(stats.dtmf),
        "events_without_end": sum(without_end(event, stats) for event in stats.dtmf),
        "short_events": sum(map(is_short, stats.dtmf)),
        "hurried_events": sum(hurried(*pair) for pair in pairs),
        "repeated_events": sum(repeated(*pair) for pair in pairs),
    }


def _of_call(stats: StreamStats, owner: Owner) -> dict[str, object]:
    state, side = owner
    announced = {
        (media.host, media.port) for who, sdp, _ in state.negotiation.seen if who == side for media in sdp.media
    }
    wanted = [
        media.ptime
        for who, sdp, _ in state.negotiation.seen
        if who != side and (media := sdp.first()) is not None and media.ptime
    ]
    answered = state.row.answered
    return {
        "outcome": state.row.outcome,
        "answered": answered is not None,
        "t38": state.row.t38,
        "event_type_of_sender": _event_type_of_sender(stats, state, side),
        "source_not_announced": stats.src not in announced if announced and stats.dst_end is not None else None,
        "host_not_announced": stats.src[0] not in {host for host, _ in announced}
        if announced and stats.dst_end is not None
        else None,
        "ptime_wanted": wanted[-1] if wanted else None,
        "ptime_differs": stats.ptime_ms is not None and bool(wanted) and round(stats.ptime_ms) not in wanted,
        "first_after_answer_s": round((stats.first - answered).total_seconds(), 3) if answered else None,
        "last_before_end_s": round((state.row.end - stats.last).total_seconds(), 3) if state.row.end else None,
    }


def _event_type_of_sender(stats: StreamStats, state: CallState, side: Side) -> bool:
    """Events come with the payload type that their sender announced for itself, and that the receiver gave another one
    (RFC 3264 section 5.1: each side sends with the numbers that the other announced).
    """
    own, wanted, known = set[int](), set[int](), set[int]()
    for who, sdp, _ in state.negotiation.seen:
        for media in sdp.media:
            if who == side:
                own.update(media.event_types)
            else:
                wanted.update(media.event_types)
                known.update(media.codecs)
    return bool(wanted) and any(pt in own and pt not in known for pt in stats.payload_types)


def fill_media(states: Iterable[CallState], streams: list[StreamStats]) -> None:
    """Fill ``media`` and ``dtmf`` of the calls and the derived facts that need RTP.

    ``none`` is only said where the capture shows RTP of one of the call's media hosts: else it may not stand in its way.
    """
    covered = {host for stats in streams for host in (stats.src[0], stats.dst[0])}
    of_call: dict[int, list[tuple[Side, StreamStats]]] = {}
    for stats in streams:
        owner = owner_of(stats)
        if owner is not None:
            of_call.setdefault(id(owner[0]), []).append((owner[1], stats))
    for state in states:
        own = of_call.get(id(state), [])
        packets = {side: _packets(own, side) for side in ("caller", "callee")}
        row = state.row
        if packets["caller"] or packets["callee"]:
            both = packets["caller"] and packets["callee"]
            row.media = "both" if both else "caller_only" if packets["caller"] else "callee_only"
        elif row.answered is not None and state.negotiation.settled and covered & _media_hosts(state):
            row.media = "none"
        row.derived["rtp_caller_packets"], row.derived["rtp_callee_packets"] = packets["caller"], packets["callee"]
        _fill_dtmf(state, own)
        _fill_gaps(state, own, capture_has_rtp=bool(streams))
        media_facts.derive(state, own)


def _media_hosts(state: CallState) -> set[str]:
    seen = [(media, m) for _, sdp, m in state.negotiation.seen for media in sdp.media if media.host and media.port]
    return {host for media, m in seen for host in (media.host, behind_nat(media, m)) if host}


def _packets(own: list[tuple[Side, StreamStats]], side: Side) -> int:
    """Packets of one side; the same SSRC on several hops counts once."""
    most: dict[int, int] = {}
    for who, stats in own:
        if who == side:
            most[stats.ssrc] = max(most.get(stats.ssrc, 0), stats.packets)
    return sum(most.values())


def _fill_dtmf(state: CallState, own: list[tuple[Side, StreamStats]]) -> None:
    infos = info_digits(state)
    entries = [(keys[0][0], side, "sip_info", "".join(digit for _, digit in keys)) for side, keys in infos]
    twice = False
    for side in ("caller", "callee"):
        best: dict[int, StreamStats] = {}
        for who, stats in own:
            kept = best.get(stats.ssrc)
            if who == side and stats.dtmf and (kept is None or len(stats.dtmf) > len(kept.dtmf)):
                best[stats.ssrc] = stats
        pressed = (
            e for stats in best.values() for e in stats.dtmf if len(e.digit) == 1
        )  # tones of fax and modem are none
        events = sorted(pressed, key=lambda e: e.time_ns)
        if events:
            start = _EPOCH + timedelta(microseconds=events[0].time_ns // 1000)
            entries.append((start, side, "rfc4733", "".join(e.digit for e in events)))
        twice = twice or any(_same_key(e, keys) for who, keys in infos if who == side for e in events)
    entries.sort(key=lambda entry: (entry[0] or _EPOCH, entry[1]))
    state.row.dtmf = [{"digits": digits, "method": method, "from": side} for _, side, method, digits in entries]
    state.row.derived["dtmf_twice"] = twice


def _same_key(event: DtmfEvent, infos: list[tuple[datetime | None, str]]) -> bool:
    """The key of an event was sent by SIP INFO too, within the time that a person needs to press it again."""
    return any(
        event.digit in digit and time is not None and abs(nanoseconds(time) - event.time_ns) < SAME_KEY_NS
        for time, digit in infos
    )


def _fill_gaps(state: CallState, own: list[tuple[Side, StreamStats]], *, capture_has_rtp: bool) -> None:
    derived, row = state.row.derived, state.row
    derived["capture_has_rtp"] = capture_has_rtp
    for side in ("caller", "callee"):
        starts = [s.first for who, s in own if who == side]
        ends = [s.last for who, s in own if who == side]
        late = (min(starts) - row.answered).total_seconds() if starts and row.answered else None
        derived[f"rtp_{side}_late_s"] = round(max(late, 0.0), 3) if late is not None else None
        quiet = (row.end - max(ends)).total_seconds() if ends and row.end else None
        derived[f"rtp_{side}_quiet_at_end_s"] = round(quiet, 3) if quiet is not None else None
    sources = {(who, s.src) for who, s in own}
    derived["rtp_sources"] = max((sum(1 for w, _ in sources if w == side) for side in ("caller", "callee")), default=0)
