"""What a call or a phone touches: the trunk that carries it, the extensions in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from parsers.facts.base import Row

Related = Mapping[str, frozenset[str]]
"""Further subjects of a subject (``call:…`` → ``trunk:10000``, ``ext:105``)."""


def related(rows: Mapping[str, Sequence[Row]]) -> Related:
    """The extensions and trunks of calls, and the other legs of the same call; extensions of phones; addresses of trunks."""
    found: dict[str, set[str]] = defaultdict(set)
    for call in rows.get("call", ()):
        mine = found[f"call:{call.get('call_id')}"]
        mine.update(f"ext:{user}" for user in (call.get("from_user"), call.get("to_user")) if user)
        mine.update(f"trunk:{call.get(name)}" for name in ("trunk_number", "trunk") if call.get(name))
        mine.update(f"call:{other}" for other in call.get("linked") or ())
    for phone in rows.get("phone", ()):
        extensions = {f"ext:{number}" for number in phone.get("extensions") or ()}
        for name in (phone.get("mac"), phone.get("ip")):
            if name:
                found[f"phone:{name}"].update(extensions)
    for trunk in rows.get("trunk", ()):
        if trunk.get("host"):
            found[f"trunk:{trunk.get('number') or trunk.get('name')}"].add(f"ip:{trunk.get('host')}")
    return {subject: frozenset(others) for subject, others in found.items()}


def widened(subjects: Iterable[str], by: Related) -> set[str]:
    """The subjects with what they touch. A trunk that is named by its provider's address is that address too."""
    own = set(subjects)
    found = own.union(*(by.get(subject, frozenset()) for subject in own))
    return found | {f"ip:{value}" for kind, _, value in map(_split, own) if kind == "trunk"}


def _split(subject: str) -> tuple[str, str, str]:
    return subject.partition(":")
