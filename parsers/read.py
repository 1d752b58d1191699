"""Reads all inputs of a case: every file of the tree through the parser that knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from parsers.api import LineScanner, Probe, Sink, Tally
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
    artifacts = []
    for found in walk(_in_order(inputs), budget):
        if isinstance(found, Unreadable):
            artifacts.append(
                Artifact(
                    path=found.path, kind=found.kind, bytes=found.size, status=found.status, problems=[found.reason]
                )
            )
            continue
        artifacts.append(read_member(found, facts, scanner, progress))
    return sorted(artifacts, key=lambda artifact: (artifact.path, artifact.kind))


def _in_order(inputs: Sequence[Path | str]) -> list[Path | str]:
    """Each input once, by name: where sources are equally good, the first one is quoted, however they were given."""
    return sorted(dict.fromkeys(inputs), key=str)


def read_member(
    member: Member, facts: Facts, scanner: LineScanner | None = None, progress: Progress | None = None
) -> Artifact:
    """Read one file with the parser that knows it."""
    if progress is not None:
        progress(member.path, 0, member.size or 0)
    artifact = Artifact(path=member.path, bytes=member.size)
    rows = 0

    def add(row: Row) -> None:
        nonlocal rows
        rows += 1
        facts.add(row)

    out = Sink(
        artifact=member.path,
        add=add,
        scanner=scanner,
        progress=None if progress is None else partial(progress, member.path),
    )
    tally = Tally()
    failure: str | None = None
    try:
        probed = probe(member)
        parser = recognise(probed) if member.head else None
        if parser:
            artifact.kind = parser.kind
            tally = parser.parse(member, out)
        elif member.head or not member.problems:
            out.problem(_unknown(probed))
    except TreeError as error:
        failure = error.reason
    except Exception as error:  # noqa: BLE001 - one file that breaks a parser must not lose the case
        failure = f"reading {member.name} as {artifact.kind} failed ({type(error).__name__})"
        tally = Tally(records=rows, understood=rows)
    facts.secrets.update(out.secrets)
    if out.secrets:
        place = Source(artifact=member.path, text=f"{len(out.secrets)} values, not shown")
        facts.add(SecretFile(source=place, kind=artifact.kind, secrets=len(out.secrets)))
    artifact.records, artifact.understood = tally.records, tally.understood
    if tally.bytes is not None:
        artifact.bytes = tally.bytes
    if artifact.kind != "unknown" and not failure and not tally.records and not tally.unreadable and not out.problems:
        out.problem("the format is known, but there is no record in it")
    if tally.records and not tally.understood and not failure and not out.problems:
        out.problem(f"none of its {tally.records} records is understood")
    artifact.problems = list(dict.fromkeys([*([failure] if failure else []), *out.problems, *member.problems]))
    artifact.status = _status(artifact, tally, failed=failure is not None)
    return artifact


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
