"""What every fact has in common."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct, field

QUOTE_LIMIT = 2000
"""Characters of raw text that a source keeps."""
ALSO = "also"
"""Among the places of a row's fields: another place where the row as a whole was seen."""


class Source(Struct, frozen=True, kw_only=True):
    """Where a fact was read: a place in an artifact, or a key of the ticket.

    ``line``, ``row`` and ``frame`` count from 1; ``row`` leaves the CSV header out. ``path`` is a place in XML or JSON
    (``value[0].Phones[0].Settings.ProvisionType``). ``time`` is the time as it stands in the source, ``text`` the raw text
    (cut at `QUOTE_LIMIT`).
    """

    artifact: str | None = None
    line: int | None = None
    row: int | None = None
    frame: int | None = None
    path: str | None = None
    time: str | None = None
    text: str = ""
    ticket: str | None = None


class Row(Struct, kw_only=True):
    """One record of a table, a struct of msgspec: many classes are cheaper to define so than as dataclasses.

    ``source`` is where the row as a whole was read, ``sources`` where single fields were, where that is another place.
    """

    table: ClassVar[str]

    source: Source
    sources: dict[str, Source] = field(default_factory=dict)

    def get(self, name: str) -> Any:  # noqa: ANN401 - rows of all tables, values of all types
        """The value of a column, else of an entry of ``derived`` or ``fields``; null where there is none."""
        value = getattr(self, name, None)
        if value is None:
            for extra in ("derived", "fields"):
                entries = getattr(self, extra, None)
                if entries is not None and name in entries:
                    return entries[name]
        return value

    def source_of(self, name: str) -> Source:
        """The best known place of one field."""
        return self.sources.get(name, self.source)
