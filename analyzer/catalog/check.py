"""Is a catalogue in order? Schema, days, duplicates, regular expressions, examples, age."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from analyzer.catalog import version
from analyzer.catalog.agents import AgentReader, unsafe
from analyzer.catalog.models import model_key, vendor_key
from analyzer.catalog.schema import (
    GENERAL_KNOWLEDGE,
    KEYS,
    Advisories,
    Agents,
    Builds,
    EndsOfLife,
    Hardware,
    List,
    PhoneStatuses,
    Providers,
    TrunkStatuses,
)
from analyzer.catalog.store import CatalogError, Stored

OLD_DAYS = 90
"""A list whose newest source is older than this is said to be old."""


class Remark(Struct, frozen=True):
    """One thing about a catalogue. An ``error`` makes the check fail, a ``note`` does not."""

    catalog: str
    level: Literal["error", "note"]
    text: str


def check(stored: Stored, today: date) -> list[Remark]:
    """Everything that is wrong with a catalogue, and whether it is old."""
    remarks: list[Remark] = []

    def error(text: str) -> None:
        remarks.append(Remark(stored.name, "error", text))

    try:
        content = stored.content
    except CatalogError as wrong:
        error(str(wrong))
        return remarks
    rows = list(getattr(content, "rows", []))
    for text in _duplicates(stored.name, rows):
        error(text)
    for row in rows:
        for text in _row(row, today):
            error(f"{label(stored.name, row)}: {text}")
    for text in _special(content):
        error(text)
    age = (today - stored.as_of).days
    if age < 0:
        error(f"as_of {stored.as_of} lies in the future")
    elif age > OLD_DAYS:
        remarks.append(Remark(stored.name, "note", f"its newest source is {age} days old ({stored.as_of})"))
    return remarks


def key_of(name: str, row: msgspec.Struct) -> tuple[str, ...]:
    """What tells a row of a list apart from the others."""
    values = [getattr(row, column) for column in KEYS[name]]
    if name in ("eol", "gateways", "phones"):
        return vendor_key(values[0]), model_key(values[1], values[0])
    return tuple(
        "" if value is None else ",".join(value) if isinstance(value, list) else str(value) for value in values
    )


def label(name: str, row: msgspec.Struct) -> str:
    """A row as a user would name it."""
    shown = [getattr(row, column) for column in KEYS[name] if column not in ("basis", "source", "match")]
    return " ".join(str(value) for value in shown if value)[:120]


def _duplicates(name: str, rows: list[msgspec.Struct]) -> Iterator[str]:
    counts = Counter(key_of(name, row) for row in rows)
    for row in rows:
        if counts[key_of(name, row)] > 1:
            yield f"{label(name, row)}: stands there more than once"


def _row(row: msgspec.Struct, today: date) -> Iterator[str]:
    for column in ("as_of", "first_known"):
        day = getattr(row, column, None)
        if day is not None and day > today:
            yield f"{column} {day} lies in the future"
    basis = getattr(row, "basis", None)
    if basis is not None and basis not in (GENERAL_KNOWLEDGE, "seen", "inferred") and not getattr(row, "source", None):
        yield f"of basis {basis} without a source"
    pattern = getattr(row, "match", None) or getattr(row, "pattern", None)
    if pattern:
        yield from _pattern(pattern)


def _pattern(pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern, re.IGNORECASE)
    except re.error as wrong:
        yield f"regular expression {pattern}: {wrong}"
    reason = unsafe(pattern)
    if reason:
        yield f"regular expression {pattern}: {reason}"


def _special(content: List) -> Iterator[str]:
    for kind, look in _LOOKS:
        if isinstance(content, kind):
            yield from look(content)


def _builds(content: Builds) -> Iterator[str]:
    for row in content.rows:
        if version.parse(row.version) is None:
            yield f"{row.product} {row.version}: not a version"


def _agents(content: Agents) -> Iterator[str]:
    reader = AgentReader(content.rows, lambda _vendor, _model: None)
    for row in content.rows:
        for example in row.examples:
            found = reader.match(example.text)
            if found is None or found.kind != row.kind:
                yield f"{example.text}: read as {found.kind if found else 'nothing'}, not as {row.kind}"
                continue
            for column in ("vendor", "firmware", "mac"):
                wanted, got = getattr(example, column), getattr(found, column)
                if wanted != got and not (column == "vendor" and wanted is None):
                    yield f"{example.text}: {column} read as {got}, not as {wanted}"
            if model_key(example.model, found.vendor) != model_key(found.model, found.vendor):
                yield f"{example.text}: model read as {found.model}, not as {example.model}"


def _advisories(content: Advisories) -> Iterator[str]:
    for row in content.rows:
        for span in row.affected:
            try:
                version.within((0,), span)
            except ValueError as wrong:
                yield f"{row.id}: {wrong}"


def _ends(content: EndsOfLife) -> Iterator[str]:
    for row in content.rows:
        days = [day for day in (row.announced, row.end_of_sale, row.end_of_support) if day]
        if days != sorted(days):
            yield f"{row.vendor} {row.model}: its days are not in order ({', '.join(days)})"


def _hosts(content: Providers | TrunkStatuses) -> Iterator[str]:
    for row in content.rows:
        for host in row.hosts:
            if not re.fullmatch(r"(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,10}", host):
                yield f"{row.provider}: {host} is no host name in lower case"


def _statuses(content: PhoneStatuses) -> Iterator[str]:
    for row in content.rows:
        if row.model is not None and row.match is not None:
            yield f"{row.vendor} {row.model}: both model and match are given"


def _hardware(content: Hardware) -> Iterator[str]:
    if sum(row.max_extensions is None for row in content.rows) != 1:
        yield "exactly one size must be without max_extensions"
    for system in content.systems:
        for text in _pattern(system.match):
            yield f"systems: {text}"


_LOOKS: tuple[tuple[type[List], Callable[..., Iterator[str]]], ...] = (
    (Builds, _builds),
    (Agents, _agents),
    (Advisories, _advisories),
    (EndsOfLife, _ends),
    (Providers, _hosts),
    (TrunkStatuses, _hosts),
    (PhoneStatuses, _statuses),
    (Hardware, _hardware),
)
