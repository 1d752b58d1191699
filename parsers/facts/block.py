"""Addresses that the PBX lets in or keeps out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import field

from parsers.facts.base import Row


class Block(Row, kw_only=True):
    """One entry of the IP blacklist page.

    ``address`` is as entered (an address or a network in its short form), ``mask`` its subnet mask, ``range`` what the page
    shows as the resulting range. ``action``: ``allow`` or ``deny`` (the page says Deny or Block). ``automatic`` is true when
    the description names the ``user_agent`` that was kept out. ``expires`` is the page's own time, whose zone it does not say.
    ``derived``: docs/facts.md.
    """

    table: ClassVar[str] = "block"

    address: str
    mask: str | None = None
    range: str | None = None
    action: Literal["allow", "deny"] | None = None
    expires: datetime | None = None
    description: str | None = None
    automatic: bool = False
    user_agent: str | None = None
    derived: dict[str, Any] = field(default_factory=dict)
