"""From the notes of several files that are one capture to rows: each names the file, and the frame in it, where it was read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct, field
from msgspec.structs import replace

from parsers.api import Sink
from parsers.capture import capture_facts, device_facts
from parsers.capture.message import WireMessage
from parsers.capture.notes import Note, Walked
from parsers.capture.parser import MESSAGE_LIMIT, SECRET_LIMIT, Reading
from parsers.capture.walk_series import Part
from parsers.facts.base import Row, Source
from parsers.facts.capture import Capture, RtpStream, StunExchange

OF_FILE = (
    "sip_keepalives", "rtcp_packets", "truncated_pct", "truncated_sip", "truncation_severity", "truncated_packets",
    "dropped_pct", "drop_severity", "dropped", "duplicates_pct", "times_in_ms", "times_backwards", "secret_messages",
)  # fmt: skip
"""What a file says of itself; all else is told once, of the file with which the series begins."""


class _Told(Struct):
    """What was counted in one file; ``start`` and ``stop`` bound its messages."""

    kinds: Counter[int] = field(default_factory=Counter)
    times: capture_facts.Times = field(default_factory=capture_facts.Times)
    requests: Counter[str] = field(default_factory=Counter)
    responses: Counter[int] = field(default_factory=Counter)
    unread: int = 0
    beyond: int = 0
    start: int = -1
    stop: int = -1


class SeriesReading(Reading):
    """Several files while their notes are read; ``parts`` grows with the series. Rows wait until all are there: up to then
    frames are those of the series.
    """

    def __init__(self, artifact: str, parts: Sequence[Part]) -> None:
        self.rows: list[Row] = []
        super().__init__(Sink(artifact=artifact, add=self.rows.append))
        self.parts = parts
        self.limit = 0
        self._sinks: list[Sink] = []
        self._starts: list[int] = []
        self._told: list[_Told] = []
        self._secrets_to = self.out
        self._secrets_told = 0

    def begin(self, before: int, sink: Sink) -> None:
        """The next file follows; ``before`` frames stand in those before it."""
        self.limit += MESSAGE_LIMIT
        self._starts.append(before)
        self._sinks.append(sink)
        self._told.append(_Told())

    @property
    def full(self) -> bool:
        """Whether messages were left out: had more files been begun, there would have been room for them."""
        return any(told.beyond for told in self._told)

    def all(self, walked: Walked) -> None:
        """Take the notes, and emit all rows, in the order of the files."""
        super().all(walked)
        rows = [row for row in self.rows if not isinstance(row, Capture)]
        for row in rows:
            self._move(row)
        for number, part in enumerate(self.parts):
            self._describe_file(number, part)
        for row in (*rows, *(part.capture for part in self.parts)):  # nothing is given before all went well
            self._sinks[0].add(row)

    def read(self, notes: Iterable[Note]) -> None:
        """Take the next notes, file by file."""
        for number, some in groupby(notes, key=lambda note: self._number(note.frame)):
            told = self._told[number]
            if told.start < 0:
                told.start = len(self.messages)
            self._secrets_to = self._sinks[number]
            self.kinds, self.times = told.kinds, told.times
            self.requests, self.responses = told.requests, told.responses
            self.unread, self.beyond = told.unread, told.beyond
            super().read(some)
            told.unread, told.beyond, told.stop = self.unread, self.beyond, len(self.messages)

    def finish(self, walked: Walked) -> None:
        """Build and emit all rows; counts are those of all files."""
        self.kinds, self.times = Counter(), capture_facts.Times()
        self.requests, self.responses = Counter(), Counter()
        for told in self._told:
            self.kinds += told.kinds
            self.requests += told.requests
            self.responses += told.responses
        super().finish(walked)

    def _say(self) -> None:
        for part, told, sink in zip(self.parts, self._told, self._sinks, strict=True):
            self.unread, self.beyond = told.unread, told.beyond
            self.say(sink, self.messages[told.start : told.stop], part.before)

    def _say_streams(self, left_out: int, sinks: Sequence[Sink]) -> None:
        super()._say_streams(left_out, self._sinks or sinks)

    def _secret(self, values: Iterable[str | None]) -> None:
        if self._secrets_told < SECRET_LIMIT * len(self._sinks):
            self._secrets_told += 1
            self._secrets_to.secret(values)

    def _number(self, frame: int) -> int:
        return max(bisect_right(self._starts, frame - 1) - 1, 0)

    # ---- places

    def _move(self, row: Row) -> None:
        """Give a row the places in the files."""
        if isinstance(row, WireMessage) and row.artifact == self.capture.artifact:
            part = self.parts[self._number(row.frame or 1)]
            row.artifact, row.frame = part.capture.artifact, (row.frame or 1) - part.before
            if row._source is None and row._sources is None:  # noqa: SLF001 - not to make what nobody asked for
                return
        elif isinstance(row, StunExchange) and row.first_frame is not None:
            row.first_frame -= self.parts[self._number(row.first_frame)].before
        elif isinstance(row, RtpStream) and "digits" in row.derived:
            row.derived["digits"] = [self._place(source) for source in row.derived["digits"]]
        row.source = self._place(row.source)
        for name, source in row.sources.items():
            row.sources[name] = self._place(source)

    def _place(self, source: Source) -> Source:
        if source.artifact != self.capture.artifact:
            return source
        part = self.parts[0 if source.frame is None else self._number(source.frame)]
        frame = None if source.frame is None else source.frame - part.before
        return replace(source, artifact=part.capture.artifact, frame=frame)

    # ---- the rows of the files

    def _describe_file(self, number: int, part: Part) -> None:
        """Fill in the row of one file: what it says of itself, and at the first one what all of them tell."""
        row, told, whole = part.capture, self._told[number], self.capture
        messages = self.messages[told.start : told.stop]
        row.sip_requests = dict(sorted(told.requests.items()))
        row.sip_responses = {str(status): count for status, count in sorted(told.responses.items())}
        capture_facts.of_file(row, messages, told.times, told.kinds)
        device_facts.of_capture(row, messages, [])
        row.derived = {name: value for name, value in row.derived.items() if name in OF_FILE}
        row.sources = {name: self._place(source) for name, source in row.sources.items() if name in OF_FILE}
        if number:
            row.has_sip, row.has_rtp = bool(messages), self._has_rtp(row)
            row.one_sided = row.has_tls_sip = row.has_tunnel = None
            row.derived["continues"] = self.parts[0].capture.artifact
            return
        row.one_sided, row.has_sip, row.has_rtp = whole.one_sided, whole.has_sip, whole.has_rtp
        row.has_tls_sip, row.has_tunnel = whole.has_tls_sip, whole.has_tunnel
        row.derived = {**whole.derived, **row.derived}
        row.sources = {**{name: self._place(source) for name, source in whole.sources.items()}, **row.sources}

    def _has_rtp(self, row: Capture) -> bool:
        if row.first is None or row.last is None:
            return False
        streams = (stream for stream in self.rows if isinstance(stream, RtpStream))
        return any(s.first and s.last and s.first <= row.last and row.first <= s.last for s in streams)
