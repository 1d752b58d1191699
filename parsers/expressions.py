"""What is looked for in raw bytes, and the Hyperscan database that finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Expression(Struct, frozen=True):
    """One expression. ``lines``: its anchors are those of a line. ``once``: that it is there is enough."""

    text: str
    caseless: bool = False
    lines: bool = False
    once: bool = False


def database(expressions: Sequence[tuple[int, Expression]]) -> Any:  # noqa: ANN401 - hyperscan has no types
    """A database of expressions, each with the number by which its hits are told. Raises `hyperscan.error` where one of them
    is too large.
    """
    import hyperscan

    made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    made.compile(
        expressions=[one.text.encode("ascii") for _, one in expressions],
        ids=[number for number, _ in expressions],
        flags=[
            (hyperscan.HS_FLAG_CASELESS if one.caseless else 0)
            | (hyperscan.HS_FLAG_MULTILINE if one.lines else 0)
            | (hyperscan.HS_FLAG_SINGLEMATCH if one.once else 0)
            for _, one in expressions
        ],
    )
    return made


def load(stored: bytes) -> Any | None:  # noqa: ANN401 - hyperscan has no types
    """A database from the bytes of `dump`; null where they are damaged or of another processor or version."""
    import hyperscan

    try:
        return hyperscan.loadb(stored, hyperscan.HS_MODE_BLOCK)
    except hyperscan.error:
        return None


def dump(made: Any) -> bytes:  # noqa: ANN401 - hyperscan has no types
    """The database as bytes."""
    import hyperscan

    stored: bytes = hyperscan.dumpb(made)
    return stored
