"""What a parser is.

A parser is one file in `parsers.logs`, `parsers.config`, `parsers.tables` or `parsers.capture` whose module has a tuple
``PARSERS``. `parsers.registry` finds it there; nothing else has to be told. It turns one member into rows and says
honestly how many records it saw and how many of them it understood; it never raises for bad input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct, field

from parsers.expressions import Expression
from parsers.facts.base import Row
from parsers.tree.member import Member


class Probe(Struct, frozen=True):
    """What recognition may look at: the artifact path, its last part, and the first bytes (at most 64 KiB).

    ``text`` is ``head`` decoded (byte-order mark and UTF-16 handled), empty for binary content.
    """

    path: str
    name: str
    head: bytes
    text: str


class Tally(Struct):
    """How many records a parser saw and how many of them it understood. ``bytes`` are those of the content."""

    records: int = 0
    understood: int = 0
    bytes: int | None = None
    unreadable: bool = False


class LineScanner(Protocol):
    """Finds lines that somebody is interested in, in raw bytes."""

    def scan(self, data: bytes | memoryview) -> Sequence[int]:
        """Offsets (of any byte within the line), ascending, of lines that may matter; may name a line more than once."""


@runtime_checkable
class JointScanner(LineScanner, Protocol):
    """A scanner that looks for what others want in the same pass."""

    def scan_with(
        self, data: bytes | memoryview, others: tuple[Expression, ...]
    ) -> tuple[Sequence[int], Sequence[tuple[int, int]]] | None:
        """What `scan` finds, and for every hit of the others which one it is and the offset behind it, in any order. Null where
        one line has so many hits that it has to be scanned without the others.
        """


class Sink(Struct):
    """Where a parser puts what it finds.

    ``scanner`` is for text logs: only records in which it (or the format itself) finds something become rows. ``progress``
    may be told now and then how many bytes were read, and how many there are.
    """

    artifact: str
    add: Callable[[Row], None]
    scanner: LineScanner | None = None
    problems: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    progress: Callable[[int, int], None] | None = None

    def problem(self, text: str) -> None:
        """Note a sentence for the user: what could not be read, where, why. Repeats are dropped."""
        if text not in self.problems:
            self.problems.append(text)

    def secret(self, values: Iterable[str | None]) -> None:
        """Remember values that must never be shown (four characters and more)."""
        self.secrets.update(v for v in values if v and len(v) >= 4)


class Parser(Protocol):
    """One format."""

    kind: str

    def claims(self, probe: Probe) -> int:
        """How sure this format is that the member is its own: 0 no, 30 by name only, 60 by content, 90 by a signature in
        the content. The highest claim wins; equal claims go to the kind that comes first in the alphabet.
        """

    def parse(self, member: Member, out: Sink) -> Tally:
        """Read the member. Bad content ends in ``out.problem`` with the place, never in an exception."""


Done = tuple[int, Tally | Exception]
"""The number of a member, and what became of it."""


@runtime_checkable
class Gatherer(Parser, Protocol):
    """A parser whose members may belong together: they are read when all of a case are there."""

    def parse_all(self, members: Sequence[Member], outs: Sequence[Sink]) -> Iterator[Done]:
        """Read the members into their sinks, in any order."""
