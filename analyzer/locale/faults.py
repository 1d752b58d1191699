"""What is wrong with a translation."""

from __future__ import annotations

import string
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message


def faults_of(catalog: Catalog, template: Catalog) -> Iterator[str]:
    """Missing and fuzzy texts, wrong numbers of plural forms, and placeholders that differ from the original's."""
    for message in template:
        if not message.id:
            continue
        done = catalog.get(message.id)
        if done is None or not done.string or done.fuzzy or (isinstance(done.string, tuple) and not all(done.string)):
            yield f"not translated: {_original(message)!r}"
            continue
        yield from _misfits(done, catalog.num_plurals)


def _misfits(message: Message, plurals: int) -> Iterator[str]:
    original = _original(message)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    if isinstance(message.id, (tuple, list)) and len(strings) != plurals:
        yield f"{len(strings)} plural forms instead of {plurals}: {original!r}"
    wanted = _fields(original)
    for text in strings:
        if text is not None and _fields(text) != wanted:
            yield f"other placeholders than the original: {original!r} → {text!r}"


def _original(message: Message) -> str:
    return message.id[-1] if isinstance(message.id, (tuple, list)) else message.id


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {f"not a template: {text}"}
