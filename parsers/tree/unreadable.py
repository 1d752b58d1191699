"""A place of the source tree that does not become a member."""

from __future__ import annotations

from msgspec import Struct

from parsers.facts.artifact import Status


class Unreadable(Struct, frozen=True, kw_only=True):
    """A file, a container, or a part of one that is not read, and why.

    ``status`` is ``unreadable`` (could not look), ``partial`` (a container of which only some was found) or ``ignored``
    (known to hold nothing to look for, or never to be opened). ``kind`` is the artifact's kind, ``size`` in bytes.
    """

    path: str
    reason: str
    status: Status = "unreadable"
    kind: str = "unknown"
    size: int | None = None
