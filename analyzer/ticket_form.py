"""A ticket to fill in: the question for every key, and the file as a commented template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from analyzer.i18n import LANGUAGES
from analyzer.i18n import translate as _
from analyzer.ticket import READERS
from analyzer.ticket_values import EDITIONS, HOSTINGS, PARTNER_TIERS, PROBLEMS, REQUESTS

YES_NO = ("yes", "no")


class Question(Struct, frozen=True):
    """What a key asks, the words that are allowed (none: free), and an example. ``several``: a list."""

    text: str
    allowed: tuple[str, ...] = ()
    example: str = ""
    several: bool = False


QUESTIONS: dict[str, Question] = {
    "created": Question("When the ticket was opened, with its time zone", example="2026-11-16T09:30:00+01:00"),
    "country": Question("Country of the office that works on it (ISO 3166), for the holidays", example="ES"),
    "language": Question("Language of the ticket", LANGUAGES, example="es"),
    "partner_tier": Question("Partner tier of whoever opens the ticket", PARTNER_TIERS),
    "requester_is_admin": Question("Is it opened by a system administrator?", YES_NO),
    "hosting": Question("Where the PBX runs", HOSTINGS),
    "edition": Question("Edition of the licence", EDITIONS),
    "simultaneous_calls": Question("Simultaneous calls of the licence (SC)", example="16"),
    "extensions": Question("Number of users' extensions", example="34"),
    "version": Question("Version of the PBX, where no bundle says it", example="20.0.9.995"),
    "license_key": Question("Licence key of the affected system (never shown again)", example="XXXX-XXXX-XXXX-XXXX"),
    "license_nfr": Question("Is it a not-for-resale licence?", YES_NO),
    "problem": Question("What the problem is about", PROBLEMS),
    "involves": Question(
        "What it touches: ext:105, phone:MAC, trunk:NAME-or-number, call:ID, integration:NAME",
        example="ext:105, trunk:10000",
        several=True,
    ),
    "description": Question("What happens, clearly and in detail", example="Callers hear nothing on calls to 105."),
    "steps_before": Question("What was tried before the ticket", example="Restarted the phone."),
    "reproduction": Question("How to reproduce it", example="Call 105 from outside."),
    "incidents": Question("How many incidents this is about, or one text each (one ticket each is best)", example="1"),
    "systems": Question("How many 3CX systems the customer has", example="1"),
    "vendor_contacted": Question("Was the maker of the phone, or the trunk's provider, asked first?", YES_NO),
    "replicated_on_hosted": Question("Does it show on a system hosted by 3CX too?", YES_NO),
    "requests": Question("Kinds of work asked for", REQUESTS, several=True),
}
"""Every key of a ticket in order."""


def template() -> str:
    """A commented ticket file; every key is blank, which means: not known."""
    lines = ["# " + _("Ticket for tcxtriage. Every key is optional; what is left blank is not known.")]
    for key in READERS:
        question = QUESTIONS[key]
        lines += ["", f"# {_(question.text)}"]
        if question.allowed:
            lines.append(f"#   {', '.join(question.allowed)}")
        if question.example:
            lines.append("#   " + _("for example: {example}").format(example=question.example))
        lines.append(f"{key}:")
    return "\n".join(lines) + "\n"


def filled_in(values: Mapping[str, Any]) -> str:
    """A ticket file with these keys, in the usual order."""
    import yaml

    given = {key: values[key] for key in READERS if key in values}
    return str(yaml.safe_dump(given, sort_keys=False, allow_unicode=True, width=100)) if given else "{}\n"
