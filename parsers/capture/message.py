"""A SIP message of a capture: a row whose evidence and headers are put together when somebody looks at them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from parsers.capture.notes import written
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage

Place = Source | tuple[str | None, int | None]
"""Where a message stands: a source, or artifact and frame; the source's time is then that of the message."""

Shown = tuple[str, str | None, str | None]
"""What may be shown of a header line: canonical name, value for ``headers``, value to quote as evidence."""

_TITLES = {
    "reason": "Reason",
    "warning": "Warning",
    "retry-after": "Retry-After",
    "from": "From",
    "to": "To",
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "user-agent": "User-Agent",
    "server": "Server",
}
QUOTED = frozenset(_TITLES)
"""Headers that are quoted as evidence."""
_REASONS = ("reason", "warning", "retry-after")
"""Those that say why a message was sent: they stand first, lists of findings show the beginning only."""


class _Nothing(dict[str, Any]):
    """``derived`` of all the messages of which nothing is derived."""

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401 - derived facts are of all types
        raise TypeError(f"{name} is put into the entries that many messages share: use note")


NOTHING: dict[str, Any] = _Nothing()


def note(message: SipMessage, name: str, value: Any) -> None:  # noqa: ANN401 - derived facts are of all types
    """Put a fact into ``derived``."""
    if message.derived is NOTHING:
        message.derived = {name: value}
    else:
        message.derived[name] = value


class WireMessage(SipMessage, kw_only=True):
    """A `SipMessage` made by `parsers.capture.sip`.

    A capture has some hundred thousand of them, and evidence is shown of a few: ``source``, ``sources`` and ``headers`` are
    made on first use.
    """

    artifact: str | None = None
    frame: int | None = None
    place: Source | None = None
    start_line: str
    shown: tuple[Shown, ...]
    _source: Source | None = None
    _sources: dict[str, Source] | None = None
    _headers: dict[str, str] | None = None

    @property  # type: ignore[misc]
    def source(self) -> Source:
        """The place of the message with its start line and harmless headers as text."""
        if self._source is None:
            self._source = self._evidence()
        return self._source

    @source.setter
    def source(self, source: Source) -> None:
        self._source = source

    @property  # type: ignore[misc]
    def sources(self) -> dict[str, Source]:
        """The places of single fields."""
        if self._sources is None:
            self._sources = {}
        return self._sources

    @sources.setter
    def sources(self, sources: dict[str, Source]) -> None:
        self._sources = sources

    @property  # type: ignore[misc]
    def headers(self) -> dict[str, str]:
        """Those without a column; repeated ones are joined with commas as RFC 3261 section 7.3.1 allows."""
        if self._headers is None:
            self._headers = {}
            for name, value, _ in self.shown:
                if value is not None:
                    self._headers[name] = f"{self._headers[name]}, {value}" if name in self._headers else value
        return self._headers

    @headers.setter
    def headers(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def _evidence(self) -> Source:
        quoted: dict[str, str] = {}
        for name, _, value in self.shown:
            if value is not None and name not in quoted:
                quoted[name] = f"{_TITLES[name]}: {value}"
        own = [quoted.pop(name) for name in _REASONS if name in quoted]
        text = "\n".join((self.start_line, *own, *quoted.values()))
        place, time = self.place, self.time
        if place is None:
            when = written(time) if time else None
            return Source(artifact=self.artifact, frame=self.frame, time=when, text=text)
        return replace(place, text=text, ticket=None)


_BLANK = WireMessage(source=Source(), sources={}, headers={}, derived=NOTHING, start_line="", shown=())


def blank() -> WireMessage:
    """A message of which nothing is known yet."""
    return replace(_BLANK)
