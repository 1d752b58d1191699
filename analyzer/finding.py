"""What a signature (or the engine) says about a case."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from parsers.facts.base import Source

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
DOUBTFUL = 60
"""Below this confidence a finding is at most low."""
Owner = Literal["3cx", "partner", "provider", "vendor"]
Role = Literal["root", "contributing", "unrelated", "context"]


class Finding(Struct, kw_only=True):
    """One problem with its evidence.

    ``subject`` holds texts ``kind:value`` (``phone:805e0c112233``, ``ext:105``, ``trunk:10000``, ``call:…``, ``ip:…``,
    ``stream:src>dst``, ``capture:…``). ``area`` are the problem areas it belongs to. ``local`` says that the times are the
    server's wall clock, not UTC. ``language`` is that of title, message and remedy: null for the reader's.
    """

    code: str
    title: str
    message: str
    severity: Severity
    owner: Owner
    confidence: int
    clause: str | None = None
    subject: list[str] = field(default_factory=list)
    role: Role = "root"
    caused_by: str | None = None
    count: int = 1
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    local: bool = False
    remedy: str = ""
    evidence: list[Source] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    language: str | None = None


class SignatureCoverage(Struct, kw_only=True):
    """How the pack fared: ``unknown`` rules ran and met rows whose condition could not be decided; ``skipped`` ones had no
    table to run on, each with what it needs in words (``a capture``).
    """

    ran: int = 0
    fired: int = 0
    silent: int = 0
    unknown: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    undecided: list[tuple[str, str, int]] = field(default_factory=list)
