"""What is named as part of the problem and stands in none of the files: a slip of the pen, or the files of another system."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from analyzer.forms import first_few
from analyzer.i18n import translate as _
from analyzer.scope.inputs import ScopeInput
from analyzer.ticket_values import Party
from parsers.facts import Facts
from parsers.facts.capture import Call, Registration
from parsers.facts.inventory import Extension, Integration, Phone, Trunk

KNOWN_SHOWN = 6


def _trunks(facts: Facts) -> list[str]:
    return [row.number or row.name or row.host or row.provider or "" for row in facts.of(Trunk)]


def _extensions(facts: Facts) -> list[str]:
    listed = [row.number for row in facts.of(Extension)]
    used = [number for row in facts.of(Phone) for number in row.extensions]
    registered = [row.user or "" for row in facts.of(Registration)]
    called = [user or "" for call in facts.of(Call) for user in (call.from_user, call.to_user)]
    return [*(listed or used), *registered, *called]


KNOWN: dict[str, Callable[[Facts], list[str]]] = {
    "ext": _extensions,
    "phone": lambda facts: [row.mac or row.ip or "" for row in facts.of(Phone)],
    "trunk": _trunks,
    "integration": lambda facts: [row.name or row.kind for row in facts.of(Integration)],
    "call": lambda facts: [row.call_id for row in facts.of(Call)],
}
"""What the files have of each kind of party, by the names that one may give it."""


def named_nowhere(unseen: Iterable[Party], given: ScopeInput) -> list[str]:
    """A sentence for each party without a part of its own that no table and no finding knows either. Where the files have
    nothing of its kind there is nothing to compare it with.
    """
    found = {key for finding in given.findings for key in finding.subject}
    said = []
    for party in unseen:
        known = sorted({name for name in KNOWN[party.kind](given.facts) if name})
        if not known or party.value in known or str(party) in found:
            continue
        text = _("{name} is named as part of the problem and stands in none of the files, which have {known}.")
        said.append(text.format(name=party, known=", ".join(first_few(known, KNOWN_SHOWN))))
    return said
