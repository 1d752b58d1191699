"""How calls are routed: outbound rules and queues, as the live export has them."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import field

from parsers.facts.base import Row


class OutboundRule(Row, kw_only=True):
    """One outbound rule. A limit that the export leaves out or gives empty is null: the API leaves nulls out.

    ``prefix`` and ``lengths`` are texts as entered (``00,+``; ``7-12``). ``ranges``, ``groups`` and ``routes`` count the
    extension ranges, the groups and the trunks that are tried; null where the export has no such member.
    """

    table: ClassVar[str] = "outbound_rule"

    name: str | None = None
    prefix: str | None = None
    lengths: str | None = None
    ranges: int | None = None
    groups: int | None = None
    routes: int | None = None
    priority: int | None = None
    emergency: bool | None = None


class Queue(Row, kw_only=True):
    """One call queue. ``max_wait_s`` is 3CX's ``MasterTimeout`` (that it is in seconds is inferred), ``agents`` are the
    extensions of its agents. ``derived``: docs/facts.md.
    """

    table: ClassVar[str] = "queue"

    number: str | None = None
    name: str | None = None
    registered: bool | None = None
    max_callers: int | None = None
    max_wait_s: int | None = None
    agents: list[str] | None = None
    derived: dict[str, Any] = field(default_factory=dict)
