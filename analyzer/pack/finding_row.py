"""Findings as rows, so that rules can look at what other rules found."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import field

from analyzer.finding import Finding, Owner, Severity
from parsers.facts.base import Row, Source


class FindingRow(Row, kw_only=True):
    """One finding, as rules of category ``finding`` see it. ``time`` is when it was first seen, null for a lasting state."""

    table: ClassVar[str] = "finding"

    code: str
    severity: Severity = "medium"
    owner: Owner = "partner"
    confidence: int = 75
    clause: str | None = None
    subject: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    count: int = 1
    time: datetime | None = None
    last: datetime | None = None
    local: bool = False

    @classmethod
    def of(cls, finding: Finding) -> FindingRow:
        """The row of a finding; its source is the first evidence."""
        return cls(
            source=finding.evidence[0] if finding.evidence else Source(),
            code=finding.code,
            severity=finding.severity,
            owner=finding.owner,
            confidence=finding.confidence,
            clause=finding.clause,
            subject=list(finding.subject),
            areas=list(finding.areas),
            count=finding.count,
            time=finding.first_seen,
            last=finding.last_seen,
            local=finding.local,
        )
