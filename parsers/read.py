"""Reads all inputs of a case: every file of the tree through the parser that knows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from parsers.api import Gatherer, LineScanner, Parser, Probe, Sink, Tally
from parsers.facts.artifact import Artifact, Status
from parsers.facts.base import Row, Source
from parsers.facts.secrets import SecretFile
from parsers.facts.store import Facts
from parsers.registry import all_parsers, probe, recognise
from parsers.tree.budget import Budget
from parsers.tree.errors import TreeError
from parsers.tree.member import Member
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk

Progress = Callable[[str, int, int], None]
"""Told the path of a file, the bytes of it that were read, and how many it has (0: not known); before each file, and now and
then while a long one is read.
"""

WAITING_BYTES = 256 * 1024 * 1024
"""What is held of the files that wait for others; those behind are read at once."""


def read_inputs(
    inputs: Sequence[Path | str],
    budget: Budget,
    facts: Facts,
    scanner: LineScanner | None = None,
    progress: Progress | None = None,
) -> list[Artifact]:
    """Put what the inputs say into ``facts``; the artifacts come back sorted by path.

    Nothing that is found in an input raises: a parser that fails costs its own file only, and that is said on the artifact.
    """
    return sorted(
        read_members(walk(_in_order(inputs), budget), facts, scanner, progress),
        key=lambda artifact: (artifact.path, artifact.kind),
    )


def read_members(
    members: Iterable[Member | Unreadable],
    facts: Facts,
    scanner: LineScanner | None = None,
    progress: Progress | None = None,
) -> list[Artifact]:
    """Read files one after the other; those that may belong together (`Gatherer`) wait until all are there.

    In whatever order an archive gives its files, the rows stand as if they had been read in the order of their paths.
    """
    artifacts: list[Artifact] = []
    waiting: dict[str, list[_Reading]] = defaultdict(list)
    held = 0
    for found in members:
        if isinstance(found, Unreadable):
            artifacts.append(
                Artifact(
                    path=found.path, kind=found.kind, bytes=found.size, status=found.status, problems=[found.reason]
                )
            )
            continue
        reading = _Reading(found, facts, scanner, progress)
        artifacts.append(reading.artifact)
        if found.lasting and isinstance(reading.parser, Gatherer) and held <= WAITING_BYTES:
            held += len(found.head)
            waiting[reading.parser.kind].append(reading)
        else:
            reading.read()
    for some in waiting.values():
        parser = some[0].parser
        if len(some) == 1:
            some[0].read()
        elif isinstance(parser, Gatherer):
            for number, done in parser.parse_all([one.member for one in some], [one.out for one in some]):
                some[number].finish(done)
    if len(artifacts) > 1:
        facts.sort_by_artifact()
    return artifacts


def _in_order(inputs: Sequence[Path | str]) -> list[Path | str]:
    """Each input once, by name: where sources are equally good, the first one is quoted, however they were given."""
    return sorted(dict.fromkeys(inputs), key=str)


class _Reading:
    """One file while the parser that knows it reads it."""

    def __init__(
        self, member: Member, facts: Facts, scanner: LineScanner | None = None, progress: Progress | None = None
    ) -> None:
        self.member = member
        self.artifact = Artifact(path=member.path, bytes=member.size)
        self.parser: Parser | None = None
        self._facts = facts
        self._count = 0
        self._failure: str | None = None
        if progress is not None:
            progress(member.path, 0, member.size or 0)
        self.out = Sink(
            artifact=member.path,
            add=self._row,
            scanner=scanner,
            progress=None if progress is None else partial(progress, member.path),
        )
        try:
            probed = probe(member)
            self.parser = recognise(probed) if member.head else None
            if self.parser:
                self.artifact.kind = self.parser.kind
            elif member.head or not member.problems:
                self.out.problem(_unknown(probed))
        except Exception as error:  # noqa: BLE001 - one file that breaks a parser must not lose the case
            self._fail(error)

    def _row(self, row: Row) -> None:
        self._count += 1
        self._facts.add(row)

    def read(self) -> None:
        """Let the parser read."""
        done: Tally | Exception = Tally()
        try:
            if self.parser and self._failure is None:
                done = self.parser.parse(self.member, self.out)
        except Exception as error:  # noqa: BLE001 - as above
            done = error
        self.finish(done)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, TreeError):
            self._failure = error.reason
        else:
            self._failure = f"reading {self.member.name} as {self.artifact.kind} failed ({type(error).__name__})"

    def finish(self, done: Tally | Exception) -> None:
        """Say what became of it."""
        artifact, out, member, tally = self.artifact, self.out, self.member, Tally()
        if isinstance(done, Tally):
            tally = done
        else:
            self._fail(done)
            if not isinstance(done, TreeError):
                tally = Tally(records=self._count, understood=self._count)
        self._facts.secrets.update(out.secrets)
        if out.secrets:
            place = Source(artifact=member.path, text=f"{len(out.secrets)} values, not shown")
            self._facts.add(SecretFile(source=place, kind=artifact.kind, secrets=len(out.secrets)))
        artifact.records, artifact.understood = tally.records, tally.understood
        if tally.bytes is not None:
            artifact.bytes = tally.bytes
        failure = self._failure
        if (
            artifact.kind != "unknown"
            and not failure
            and not tally.records
            and not tally.unreadable
            and not out.problems
        ):
            out.problem("the format is known, but there is no record in it")
        if tally.records and not tally.understood and not failure and not out.problems:
            out.problem(f"none of its {tally.records} records is understood")
        member.settle()
        artifact.problems = list(dict.fromkeys([*([failure] if failure else []), *out.problems, *member.problems]))
        artifact.status = _status(artifact, tally, failed=failure is not None)


def _status(artifact: Artifact, tally: Tally, *, failed: bool) -> Status:
    if artifact.kind == "unknown" or tally.unreadable or (failed and not tally.records):
        return "unreadable"
    # single keys or lines that mean nothing to a parser show in the counts; the file as a whole was read all the same
    if artifact.problems or (tally.records and not tally.understood):
        return "partial"
    return "ok"


def _unknown(probed: Probe) -> str:
    if not probed.head:
        return "the file is empty"
    tried = f"none of the {len(all_parsers())} known formats fits, by content or by name"
    if probed.text:
        return f"a text whose format is not known: {tried}; it was not searched"
    return f"not a text, begins with the bytes {probed.head[:8].hex(' ')}: {tried}"
