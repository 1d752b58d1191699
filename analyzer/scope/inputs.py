"""What the scope engine is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from analyzer.finding import Finding
from analyzer.system import System
from analyzer.ticket import Ticket
from parsers.facts import Facts
from parsers.facts.artifact import Artifact


class ScopeInput(Struct, kw_only=True):
    """A case as far as it is known.

    ``about`` holds words of the ticket's ``involves`` or ``problem:AREA`` that stand over the ticket. ``catalog_as_of`` is
    the day of every catalogue by name, ISO 8601.
    """

    ticket: Ticket
    ticket_given: bool
    system: System
    facts: Facts
    findings: Sequence[Finding]
    artifacts: Sequence[Artifact]
    as_of: date
    about: Sequence[str] = ()
    catalog_as_of: Mapping[str, str] = field(default_factory=dict)
