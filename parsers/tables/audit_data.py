"""What the old and new data of a change are about: names of members and roles, never their values.

{"LastName":"Phone 23","DisplayName":"Phone 23"}      seen: the members bear the names of the configuration API
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

DATA_LIMIT = 100_000
KEYS_LIMIT = 100
ROLE = "RoleName"


def changed_keys(before: str, after: str) -> list[str]:
    """The members that either side names, at any depth, in alphabetical order."""
    names = {name for text in (before, after) for name, _ in _members(text)}
    return sorted(names)[:KEYS_LIMIT]


def roles_given(before: str, after: str) -> list[str]:
    """Roles that stand in the new data and not in the old."""
    old, new = ({value for name, value in _members(text) if name == ROLE and value} for text in (before, after))
    return sorted(role[:60] for role in new - old)


def _members(text: str) -> Iterator[tuple[str, str | None]]:
    """Name and value (where it is a text) of every member; none of data that is no JSON."""
    if len(text) > DATA_LIMIT:
        return
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            for name, value in item.items():
                yield name[:60], value if isinstance(value, str) else None
                waiting.append(value)
        elif isinstance(item, list):
            waiting.extend(item)
