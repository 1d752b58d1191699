"""What the capture walker hands to SIP, SDP, STUN, DNS and TLS above it, and what those tell it of media.

`Walked.notes` are the few payloads that somebody wants to see, in file order, capture duplicates removed. RTP is not among
them: `Walked.streams` measures it in a pass of its own, once a `MediaMap` says which payload type is what.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from msgspec import Struct, field

from parsers.capture.handshakes import Opening
from parsers.capture.tunnel import Way
from parsers.facts.capture import Capture

Address = tuple[str, int]
"""IP address as text and port."""

EARLY_NS = 60_000_000_000
"""Media that comes at most this long before its announcement, or after its end, still belongs to it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoteKind(IntEnum):
    """What a payload is, by its content.

    ``TLS``: whole TLS records of one direction with the handshake messages before encryption, or an alert. ``TUNNEL``: the
    first payload of each direction of a 3CX tunnel (port 5090), which cannot be read. ``KEEPALIVE``: CRLF or NUL
    (RFC 5626 4.4.1). ``RTCP``: a compound packet that starts with a sender or receiver report. ``OTHER``: the first payloads
    of each direction on a SIP port that are nothing of all this. ``DHCP``: a message of DHCP for IPv4.
    """

    SIP = 1
    STUN = 2
    DNS = 3
    TLS = 4
    DTLS = 5
    ICMP = 6
    TUNNEL = 7
    KEEPALIVE = 8
    RTCP = 9
    OTHER = 10
    DHCP = 11


class Note(Struct):
    """One payload.

    ``frame`` counts from 1 (of the last segment or fragment where there are several), ``time_ns`` is UTC since 1970, of
    the same frame. ``payload`` of a SIP note starts with its start line and holds one message. ``truncated``: the capture
    cut it, or a segment of it is missing. ``unframed``: in its TCP stream bytes of no message stand before it. For ICMP errors ``icmp`` is (type, code) (ICMPv6 when the addresses are IPv6),
    ``reporter`` who sent the error, all the rest is the quoted packet's.
    """

    kind: NoteKind
    frame: int
    time_ns: int
    src: str
    sport: int
    dst: str
    dport: int
    transport: str
    payload: bytes
    truncated: bool
    icmp: tuple[int, int] | None = None
    reporter: str | None = None
    unframed: bool = False


class Encoding(Struct, frozen=True):
    """A payload type's meaning: encoding name as in ``a=rtpmap`` and clock rate in Hz."""

    name: str
    clock_rate: int


class MediaEnd(Struct, eq=False):
    """One m= line of one SDP: the address on which its owner wants to receive.

    In force from ``start_ns`` until ``end_ns`` (end of the call; null: open) or until the same address is announced anew.
    ``encodings`` by payload type. ``not_receiving`` and ``not_sending`` are the intervals (from, to; ns) in which the owner
    was on hold by offer and answer. ``key`` is whatever the caller wants to find again in `StreamStats`.
    """

    host: str
    port: int
    start_ns: int
    end_ns: int | None = None
    encodings: dict[int, Encoding] = field(default_factory=dict)
    encrypted: bool = False
    t38: bool = False
    not_receiving: list[tuple[int, int]] = field(default_factory=list)
    not_sending: list[tuple[int, int]] = field(default_factory=list)
    key: object = None


class MediaMap:
    """What SIP and SDP know of media addresses."""

    def __init__(self, ends: Sequence[MediaEnd] = ()) -> None:
        self._ends: dict[Address, list[MediaEnd]] = {}
        for end in sorted(ends, key=lambda e: e.start_ns):
            self._ends.setdefault((end.host, end.port), []).append(end)
        self._starts = {address: [e.start_ns for e in group] for address, group in self._ends.items()}

    def at(self, address: Address, time_ns: int) -> MediaEnd | None:
        """The announcement in force for an address at a time, null where there is none."""
        group = self._ends.get(address)
        if group is None:
            return None
        index = bisect_right(self._starts[address], time_ns)
        if index:
            end = group[index - 1]
            if end.end_ns is None or time_ns <= end.end_ns:
                return end
        if index < len(group) and group[index].start_ns - time_ns <= EARLY_NS:
            return group[index]
        if index:
            end = group[index - 1]
            if end.end_ns is not None and time_ns <= end.end_ns + EARLY_NS:
                return end
        return None

    def any(self, address: Address) -> MediaEnd | None:
        """Some announcement of an address, whenever it was, null where there is none."""
        group = self._ends.get(address)
        return group[0] if group else None

    def holds(self, src: Address, dst: Address) -> list[tuple[int, int]]:
        """The intervals (from, to; ns) in which the direction src to dst was on hold."""
        spans: list[tuple[int, int]] = []
        for end in self._ends.get(dst, ()):
            spans += end.not_receiving
        for end in self._ends.get(src, ()):
            spans += end.not_sending
        return spans

    def held(self, src: Address, dst: Address, start_ns: int, end_ns: int) -> bool:
        """Whether the direction src to dst was on hold at any time between two times."""
        return any(a < end_ns and start_ns < b for a, b in self.holds(src, dst))


class DtmfEvent(Struct, frozen=True):
    """One RFC 4733 event (one time stamp), however many packets.

    ``digit``: 0-9 * # A-D, or the event's number in brackets; ``time_ns`` and ``frame`` of its first packet; ``ended``: a
    packet with the E bit was seen; ``duration_ms`` of its longest packet, null where the clock is unknown.
    """

    digit: str
    time_ns: int
    frame: int
    ended: bool
    duration_ms: float | None
    packets: int


class Mark(Struct, frozen=True):
    """A packet of a stream that shows something: frame, time, sequence number, and another number that says more of it."""

    frame: int
    time_ns: int
    number: int = 0
    more: int = 0


class StreamStats(Struct, kw_only=True):
    """RTP of one (source, destination, SSRC); columns and definitions are those of the report's ``streams``.

    Besides: ``src_end`` and ``dst_end`` are the announcements that name the addresses, ``payload_types`` counts packets,
    ``runs_of_loss`` and ``longest_loss`` count consecutive lost numbers, ``lost_in_runs`` those of runs of five and more, ``burst_ratio`` is BurstR of ITU-T G.107,
    ``silent_packets`` are G.711 packets whose payload starts with four bytes of digital silence, ``comfort_noise`` counts
    CN packets, ``clock_jumps`` packets more than a second off their time stamp (the sender set its media clock anew: the
    jitter figures include them, RFC 3550 A.8, but say nothing of the network then), ``drift_ppm`` is the sender's clock against the capture's (60 s and more, one run, else null).

    ``marks`` are the packets that show what the figures say: the one after the ``first``, the ``next`` and the ``longest`` run of
    lost packets (``number`` the first that came again, ``more`` how many are missing), after the longest ``gap``, at the highest
    ``jitter``, the first ``duplicate``, the first in ``disorder`` (``more`` the highest number before it), the first ``silent``
    one, the ``last`` one, and by number the first packet of each payload type but the stream's first.
    """

    src: Address
    dst: Address
    ssrc: int
    signalled: bool
    src_end: MediaEnd | None
    dst_end: MediaEnd | None
    codec: str | None
    clock_rate: int | None
    packets: int
    lost: int | None
    expected: int | None
    loss_pct: float | None
    duplicates: int
    out_of_order: int
    restarts: int
    jitter_mean_ms: float | None
    jitter_max_ms: float | None
    delta_max_ms: float | None
    ptime_ms: float | None
    mos: float | None
    dscp: int
    first_ns: int
    last_ns: int
    first_frame: int
    payload_types: dict[int, int]
    markers: int
    clock_jumps: int
    comfort_noise: int
    silent_packets: int
    runs_of_loss: int
    longest_loss: int
    lost_in_runs: int
    burst_ratio: float | None
    drift_ppm: float | None
    dtmf: list[DtmfEvent]
    marks: dict[str | int, Mark] = field(default_factory=dict)

    @property
    def first(self) -> datetime:
        """Time of the first packet."""
        return utc(self.first_ns)

    @property
    def last(self) -> datetime:
        """Time of the last packet."""
        return utc(self.last_ns)


class Walked(Struct):
    """A capture, read. ``understood`` counts the packets that were neither malformed nor of an unknown encapsulation.

    ``unseen`` are the notes that nobody was given while packets were still read, null for all. ``afresh``: some came later than
    they stand in the file, so that what was given was not in order, and all are unseen. ``left_out`` counts the streams that were
    too many, once ``streams`` was called.
    """

    capture: Capture
    notes: Sequence[Note]
    problems: list[str]
    understood: int
    measure: Callable[[MediaMap], tuple[list[StreamStats], int]]
    openings: Sequence[Opening] = ()
    tunnels: Sequence[tuple[Way, Way | None]] = ()
    unseen: Iterable[Note] | None = None
    afresh: bool = False
    left_out: int = 0

    def streams(self, media: MediaMap) -> list[StreamStats]:
        """The RTP streams, sorted by first packet, then by source, destination and SSRC."""
        streams, self.left_out = self.measure(media)
        return streams


Progress = Callable[[int, int], None]
"""Called now and then with the bytes read and the bytes in all."""


def utc(time_ns: int) -> datetime:
    """An aware UTC time of nanoseconds since 1970, to the microsecond."""
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def written(time: datetime) -> str:
    """A time as evidence of captures has it: ``2026-11-12T15:00:05.100222Z``."""
    return time.isoformat(timespec="microseconds")[:26] + "Z"
