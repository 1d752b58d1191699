"""Reading User-Agents by the forms in ``agents.yaml``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from analyzer.catalog.schema import Agent
from parsers import lazy

LONGEST = 256
"""Characters of a User-Agent that are looked at. What names the device stands at its beginning."""

_UNBOUNDED_GROUP = lazy.pattern(r"(?<!\\)(?:\\\\)*\)(?:[*+]|\{\d*,\}|\{\d*,\d{3,}\})")
_BACK_REFERENCE = lazy.pattern(r"\\[1-9]|\(\?P=")


class Device(NamedTuple):
    """What a User-Agent says of its sender.

    ``kind``: phone, dect, conference, ata, door (devices), unknown (the form of a device, of no known maker), gateway,
    softphone, app (3CX's), sbc, pbx (3CX), server, scanner. ``mac`` is 12 lower-case hex digits.
    """

    kind: str
    vendor: str | None
    model: str | None
    firmware: str | None
    mac: str | None


DEVICES = frozenset({"phone", "dect", "conference", "ata", "door", "gateway", "softphone", "unknown"})
"""Kinds that are phones in the report's sense; a softphone is one when it is another maker's."""


def unsafe(pattern: str) -> str | None:
    """Why a regular expression may take very long on hostile text; null for one that cannot.

    Repeating a group without a small bound is what makes backtracking explode; so it is not allowed at all.
    """
    if _UNBOUNDED_GROUP.search(pattern):
        return "repeats a group without a small bound"
    if _BACK_REFERENCE.search(pattern):
        return "refers back to a group"
    return None


class AgentReader:
    """Matches User-Agents. ``canonical`` gives (vendor, model, kind) of the catalogue for a vendor and a model as written."""

    def __init__(
        self,
        agents: Iterable[Agent],
        canonical: Callable[[str | None, str | None], tuple[str, str, str] | None],
    ) -> None:
        self._forms = [(tuple(row.starts), row) for row in agents]
        self._compiled: dict[str, re.Pattern[str]] = {}
        self._canonical = canonical
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> Device | None:
        folded = text.casefold()
        for starts, row in self._forms:
            if starts and not folded.startswith(starts):
                continue
            form = self._compiled.get(row.pattern)
            if form is None:
                form = self._compiled[row.pattern] = re.compile(row.pattern, re.IGNORECASE)
            found = form.match(text)
            if found is None:
                continue
            groups = found.groupdict()
            vendor = row.vendor or groups.get("vendor")
            model = row.model or groups.get("model")
            mac = groups.get("mac")
            kind: str = row.kind
            known = self._canonical(vendor, model) if model else None
            if known:
                vendor, model, kind = known
            return Device(
                kind=kind,
                vendor=vendor,
                model=model,
                firmware=(groups.get("firmware") or "").rstrip(".-") or None,
                mac=re.sub(r"[:-]", "", mac).lower() if mac else None,
            )
        return None

    def match(self, text: str | None) -> Device | None:
        """What a User-Agent says; null for none of the known forms."""
        head = (text or "")[:LONGEST].strip()
        return self.read(head) if head else None
