"""A SIP message of a capture: a row whose evidence and headers are put together when somebody looks at them."""

from __future__ import annotations

from typing import Any

from parsers.facts.base import Source
from parsers.facts.capture import SipMessage

Place = Source | tuple[str | None, int | None]
"""Where a message stands: a source, or artifact and frame; the source's time is then that of the message."""

Shown = tuple[str, str | None, str | None]
"""What may be shown of a header line: canonical name, value for ``headers``, value to quote as evidence."""

_TITLES = {
    "from": "From",
    "to": "To",
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "user-agent": "User-Agent",
    "server": "Server",
}
QUOTED = frozenset(_TITLES)
"""Headers that are quoted as evidence."""


class WireMessage(SipMessage):
    """A `SipMessage` made by `parsers.capture.sip`.

    A capture has some hundred thousand of them, and evidence is shown of a few. Columns whose slot is not filled yet are
    made on first use.
    """

    __slots__ = ("place", "shown", "start_line")

    place: Place
    start_line: str
    shown: list[Shown]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - columns of several types
        value: Any
        if name == "source":
            value = self._source()
        elif name == "headers":
            value = self._headers()
        elif name == "sources":
            value = {}
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value

    @property
    def frame(self) -> int | None:
        """The frame of its source."""
        return self.place[1] if isinstance(self.place, tuple) else self.place.frame

    def _source(self) -> Source:
        quoted: dict[str, str] = {}
        for name, _, value in self.shown:
            if value is not None and name not in quoted:
                quoted[name] = f"{_TITLES[name]}: {value}"
        text = "\n".join((self.start_line, *quoted.values()))
        place = self.place
        if isinstance(place, tuple):
            return Source(
                artifact=place[0], frame=place[1], time=self.time.isoformat() if self.time else None, text=text
            )
        return Source(
            artifact=place.artifact,
            line=place.line,
            row=place.row,
            frame=place.frame,
            path=place.path,
            time=place.time,
            text=text,
        )

    def _headers(self) -> dict[str, str]:
        """Repeated ones are joined with commas as RFC 3261 section 7.3.1 allows."""
        headers: dict[str, str] = {}
        for name, value, _ in self.shown:
            if value is not None:
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers
