"""Captures out of any mix of inputs, for the verbs that look at calls and frames only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from parsers.facts.artifact import Artifact
from parsers.facts.capture import Call
from parsers.facts.store import Facts
from parsers.read import Progress, read_members
from parsers.registry import parser_of, probe
from parsers.tree.budget import Budget
from parsers.tree.member import Member
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk

KIND = "capture"
UNREAD_KEPT = 1000


def captures(inputs: Sequence[str | Path], unread: list[Unreadable] | None = None) -> Iterator[Member]:
    """Every packet capture in files, folders and archives; all else is passed over unread. What could not be looked into goes
    to ``unread``: an archive with a password may hold captures.

    ``bundle.zip!/dump.pcap`` names one member of an archive.
    """
    parser = parser_of(KIND)
    for item in inputs:
        container = Path(str(item).partition("!/")[0])
        for found in walk([container], Budget()):
            if isinstance(found, Unreadable):
                if unread is not None and found.status != "ignored" and len(unread) < UNREAD_KEPT:
                    unread.append(found)
                continue
            if not found.head or ("!/" in str(item) and found.path != str(item)):
                continue
            if parser.claims(probe(found)):
                yield found


def read_captures(
    inputs: Sequence[str | Path], progress: Progress | None = None, unread: list[Unreadable] | None = None
) -> tuple[Facts, list[Artifact]]:  # fmt: skip
    """The rows of all captures, and what became of each; ``unread`` as in `captures`."""
    facts = Facts()
    artifacts = read_members(captures(inputs, unread), facts, progress=progress)
    if len(artifacts) > 1:
        from analyzer.join.places import join_places  # brings all of the join

        join_places(facts)
    return facts, artifacts


def ordered_calls(facts: Facts) -> list[Call]:
    """All calls as they were seen first, then by Call-ID: the order of the report."""
    return sorted(facts.of(Call), key=lambda c: (c.source.time is None, str(c.source.time), c.call_id))


def find_call(facts: Facts, wanted: str) -> Call | None:
    """The call of a Call-ID, or the only one whose Call-ID begins with the text; null where none or several do."""
    calls = ordered_calls(facts)
    exact = [c for c in calls if c.call_id == wanted]
    begins = [c for c in calls if c.call_id.startswith(wanted)]
    return exact[0] if exact else begins[0] if len(begins) == 1 else None
