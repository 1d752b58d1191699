"""What the scope engine answers."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from parsers.facts.base import Source

Scope = Literal["in_scope", "out_of_scope", "needs_information"]
Effect = Literal["excludes", "requires", "limits", "advises"]
EFFECTS: tuple[Effect, ...] = ("excludes", "requires", "limits", "advises")
"""Effects of a reason, the strongest first."""


class Reason(Struct, kw_only=True):
    """One clause that played a part, why, and the findings and evidence behind it."""

    clause: str
    effect: Effect
    why: str
    findings: list[str] = field(default_factory=list)
    evidence: list[Source] = field(default_factory=list)


class Answer(Struct, frozen=True, kw_only=True):
    """One answer to what is missing and the verdict that it would lead to, all else unchanged."""

    answer: str
    scope: Scope


class Missing(Struct, kw_only=True):
    """Something that must be found out or given. ``if_yes``/``if_no``: the verdict that either answer would lead to;
    ``answers`` lists those and the ones of questions that are no yes or no (``silver``, ``hosted_by_3cx``). ``fact`` names
    the fact of the case that is asked for (mostly a key of the ticket), null where it is one of a phone or trunk.
    """

    clause: str
    what: str
    if_yes: Scope | None = None
    if_no: Scope | None = None
    answers: list[Answer] = field(default_factory=list)
    fact: str | None = None


class Step(Struct, kw_only=True):
    """One action on the way back into scope and who does it."""

    clause: str
    action: str
    who: str = "partner"


class Verdict(Struct, kw_only=True):
    """In or out of scope. ``way_back`` is null (with ``way_back_reason``) where only dropping the request would help."""

    scope: Scope
    installation: Scope
    summary: str
    reasons: list[Reason] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    way_back: list[Step] | None = field(default_factory=list)
    way_back_reason: str | None = None


class RouteReason(Struct, kw_only=True):
    """A clause that decided a part of the route."""

    clause: str
    why: str


class Sla(Struct, kw_only=True):
    """When an answer is due (ISO 8601 with the ticket's offset) and by which rule."""

    due: str
    rule: str


class Route(Struct, kw_only=True):
    """Who answers, how and by when. ``depends_on`` lists what would decide what is still open."""

    levels: list[int] = field(default_factory=list)
    phone_support: bool | None = None
    priority: bool | None = None
    language: str = "en"
    sla: Sla | None = None
    reasons: list[RouteReason] = field(default_factory=list)
    depends_on: list[str] = field(default_factory=list)
