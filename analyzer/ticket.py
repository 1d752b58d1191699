"""The ticket: the small declared document beside a bundle. Every key is optional; what is missing is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from analyzer import ticket_values as values
from analyzer.redact.secrets import Scrubber
from analyzer.ticket_read import MAX_BYTES, UnreadableError, read_mapping
from analyzer.ticket_values import Moment, Party, WrongValueError

GIVEN = "given"
"""Stands in the place of the licence key wherever the ticket is shown."""


class TicketError(ValueError):
    """A ticket is wrong: the text names the key, the value and what is allowed."""


READERS: dict[str, values.Reader] = {
    "created": values.moment,
    "country": values.country,
    "language": values.language,
    "partner_tier": values.choice(values.PARTNER_TIERS),
    "requester_is_admin": values.truth,
    "hosting": values.choice(values.HOSTINGS),
    "edition": values.choice(values.EDITIONS),
    "simultaneous_calls": values.number(1),
    "extensions": values.number(0),
    "version": values.version,
    "license_key": values.licence_key,
    "license_nfr": values.truth,
    "problem": values.choice(values.PROBLEMS),
    "involves": values.parties,
    "description": values.text,
    "steps_before": values.text,
    "reproduction": values.text,
    "incidents": values.incidents,
    "systems": values.number(1),
    "vendor_contacted": values.truth,
    "replicated_on_hosted": values.truth,
    "requests": values.choices(values.REQUESTS),
}
"""Every key of a ticket, in the order in which a ticket is written."""

LISTS = ("involves", "incidents", "requests")
"""Keys whose value may be a list."""


class Ticket(Struct, kw_only=True):
    """What the ticket says; null is not known.

    ``license_key`` says only that one was given: its value goes to ``secrets`` and is never shown. ``incidents`` is a
    number or one text each.
    """

    created: Moment | None = None
    country: str | None = None
    language: str | None = None
    partner_tier: str | None = None
    requester_is_admin: bool | None = None
    hosting: str | None = None
    edition: str | None = None
    simultaneous_calls: int | None = None
    extensions: int | None = None
    version: str | None = None
    license_key: bool | None = None
    license_nfr: bool | None = None
    problem: str | None = None
    involves: list[Party] = field(default_factory=list)
    description: str | None = None
    steps_before: str | None = None
    reproduction: str | None = None
    incidents: list[str] | int | None = None
    systems: int | None = None
    vendor_contacted: bool | None = None
    replicated_on_hosted: bool | None = None
    requests: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Ticket({self.shown()})"

    def shown(self) -> dict[str, Any]:
        """The keys that are given, as JSON values and without the licence key."""
        out: dict[str, Any] = {}
        for key in READERS:
            value = getattr(self, key)
            if value is None or value == []:
                continue
            if isinstance(value, Moment):
                value = value.time.isoformat() if value.zone_given else value.time.replace(tzinfo=None).isoformat()
            elif key == "license_key":
                value = GIVEN
            elif key == "involves":
                value = [str(party) for party in value]
            out[key] = value
        return out

    @property
    def incident_texts(self) -> list[str]:
        """One text an incident, where the ticket lists them."""
        return self.incidents if isinstance(self.incidents, list) else []

    @property
    def incident_count(self) -> int | None:
        """How many incidents the ticket says it is about."""
        return len(self.incidents) or None if isinstance(self.incidents, list) else self.incidents


class About(Struct, frozen=True):
    """What the user says the problem is about, over what the ticket says."""

    problem: str | None = None
    parties: tuple[Party, ...] = ()


def parse_ticket(data: Mapping[str, Any]) -> Ticket:
    """A ticket from keys and values as YAML, JSON or a form gives them. Raises `TicketError`."""
    ticket = Ticket()
    for key, value in data.items():
        if key not in READERS:
            raise TicketError(_unknown_key(str(key)))
        if values.is_blank(value):
            continue
        try:
            read = READERS[key](value)
            if key == "license_key":
                ticket.secrets |= _spellings(read) if read else set()
                read = True if read else None
            setattr(ticket, key, read)
        except WrongValueError as wrong:
            shown = _quoted(value if wrong.value is None else wrong.value)
            raise TicketError(f"Ticket key {key!r} has the value {shown}; allowed: {wrong}.") from None
    return ticket


def _spellings(key: str) -> set[str]:
    """The ways in which people write a licence key; none for a word such as ``attached``, which stands in many texts."""
    if key.isalpha() and (key.islower() or key.istitle()):
        return set()
    bare = re.sub(r"[\s\-]+", "", key)
    return {spelt for word in (key, bare) for spelt in (word, word.upper(), word.lower())}


def ticket_from_bytes(raw: bytes, name: str = "ticket") -> Ticket:
    """A ticket from the bytes of a YAML or JSON document that messages call ``name``. Raises `TicketError`."""
    try:
        return parse_ticket(read_mapping(raw))
    except UnreadableError as wrong:
        raise TicketError(f"{name}: {wrong}.") from None
    except TicketError as wrong:
        raise TicketError(f"{name}: {wrong}") from None


def load_ticket(path: Path | None, sets: Iterable[str] = ()) -> Ticket:
    """The ticket of a file, with ``key=value`` words over it. Raises `TicketError`."""
    ticket = Ticket()
    if path is not None:
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise TicketError(f"Ticket {str(path)!r} cannot be read: {error.strerror or error}.") from None
        ticket = ticket_from_bytes(raw, str(path))
    return with_sets(ticket, sets)


def with_sets(ticket: Ticket, sets: Iterable[str]) -> Ticket:
    """The ticket with ``key=value`` words put over it; a list is written with commas, or as in a file: ``[a, b]``.

    Raises `TicketError`.
    """
    given: dict[str, Any] = {}
    for word in sets:
        key, equals, value = word.partition("=")
        if not equals:
            raise TicketError(f"--set wants key=value, not {_quoted(word)}.")
        given[key.strip()] = _listed(value) if key.strip() in LISTS and value.strip().startswith("[") else value
    over = parse_ticket(given)
    for key in given:
        setattr(ticket, key, getattr(over, key))
    ticket.secrets |= over.secrets
    return ticket


def _listed(text: str) -> Any:  # noqa: ANN401 - YAML
    """What a list says that is written as in a ticket file."""
    try:
        return read_mapping(b"list: " + text.encode("utf-8", "surrogatepass"))["list"]
    except UnreadableError as wrong:
        raise TicketError(f"--set: {_quoted(text)} is {wrong}.") from None


def parse_about(words: Sequence[str]) -> About:
    """What ``--about`` says: words of ``involves``, or ``problem:AREA``. Raises `TicketError`."""
    problem: str | None = None
    parties: list[Party] = []
    for word in words:
        kind, _, value = word.partition(":")
        about_problem = kind.strip().casefold() == "problem"
        try:
            if about_problem:
                problem = READERS["problem"](value)
            else:
                parties.append(values.party(word))
        except WrongValueError as wrong:
            meant = _meant(kind.strip().casefold(), value.strip())
            hint = f"did you mean {_quoted(meant)}?" if meant else f"allowed: {wrong}, problem:AREA."
            if about_problem and not meant:
                hint = f"allowed: problem: and one of {', '.join(values.PROBLEMS)}."
            raise TicketError(f"--about {_quoted(word)}; {hint}") from None
    return About(problem, tuple(dict.fromkeys(parties)))


def _meant(kind: str, value: str) -> str | None:
    """What a wrong word of ``--about`` was to be: ``extension:105`` is ``ext:105``, ``problem:audoi`` is ``problem:audio``."""
    if kind == "problem":
        return next((f"problem:{area}" for area in _alike(value.casefold(), values.PROBLEMS)), None)
    kinds = (*values.PARTY_KINDS, "problem")
    if kind in kinds or not value:
        return None
    begins = [known for known in kinds if kind.startswith(known)]
    return next((f"{known}:{value}" for known in (*begins, *_alike(kind, kinds))), None)


def _unknown_key(key: str) -> str:
    near = _nearest(key.casefold())
    hint = f"did you mean {near!r}?" if near else f"allowed: {', '.join(READERS)}."
    return f"Unknown ticket key {_quoted(key)}; {hint}"


def _nearest(key: str) -> str | None:
    """The key that is meant: one that has the word as a part (``calls``, ``nfr``, ``admin``), else one that looks like it."""
    parts = [known for known in READERS if key in known.split("_")]
    return next(iter((*parts, *_alike(key, READERS, 0.5))), None)


def _alike(word: str, known: Iterable[str], least: float = 0.6) -> list[str]:
    """The known word that looks most like one, none where all look different."""
    from difflib import get_close_matches

    return get_close_matches(word, list(known), n=1, cutoff=least)


def _quoted(value: object) -> str:
    """A value as it may stand in a message: short, on one line, without what looks like a licence key."""
    shown = " ".join(Scrubber().text(str(value)).split())
    return repr(shown if len(shown) <= 60 else f"{shown[:60]}…")
