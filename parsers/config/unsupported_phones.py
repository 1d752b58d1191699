"""3CX's own list of phones in a support bundle: ``ExtraLogging/unsupportedPhones*``.

    Unsupported phones:
    [{"Extension": "105", "Model": "T20P", "Firmware": "9.73.0.50", "Mac": "805E0C112233", "IP": "10.0.0.5"}]

Whether the model or its firmware is meant is not known: 3CX lists the phone as unsupported, no more is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from parsers import lazy
from parsers.api import Probe, Sink, Tally
from parsers.config import values
from parsers.facts.base import QUOTE_LIMIT, Source
from parsers.facts.inventory import PhoneSeen
from parsers.tree.member import Member
from parsers.tree.text import whole_text

PHONE_LIMIT = 20_000
_KEYS = ('"extension"', '"model"', '"firmware"', '"mac"')
_NEXT = lazy.pattern(r"[\s,]*")


class UnsupportedPhonesParser:
    """unsupportedPhones."""

    kind = "unsupported_phones"

    def claims(self, probe: Probe) -> int:
        """By its keys in a list, by its name."""
        named = probe.name.lower().startswith("unsupportedphones")
        text = probe.text.lower()
        keys = "[" in text and all(key in text for key in _KEYS)
        return 90 if named and keys else 60 if keys else 30 if named else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        """A `PhoneSeen` row for each entry."""
        tally = Tally()
        text = whole_text(member)
        start = text.find("[")
        if start < 0:
            out.problem("no list of phones in it")
            return tally
        for path, line, found in _entries(text, start, out):
            tally.records += 1
            if isinstance(found, dict):
                tally.understood += _phone(found, path, line, out)
        if not tally.records and not out.problems:
            out.problem("the list is empty: 3CX lists no phone as unsupported")
        return tally


def _entries(text: str, start: int, out: Sink) -> Iterator[tuple[str, int, Any]]:
    """The items of the array with their path and line, up to the first damaged one."""
    decoder = json.JSONDecoder()
    at, line, counted = start + 1, text.count("\n", 0, start) + 1, start
    for index in range(PHONE_LIMIT):
        found = _NEXT.match(text, at)
        at = found.end() if found else at
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            return
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            out.problem(f"line {line}: the list is damaged or cut off from here")
            return
        yield f"[{index}]", line, item
    out.problem(f"more than {PHONE_LIMIT} phones: the others are not read")


def _phone(item: dict[str, Any], path: str, line: int, out: Sink) -> bool:
    given = {str(key).lower(): value for key, value in item.items()}
    mac, ip, model = values.mac(given.get("mac")), values.address(given.get("ip")), values.text(given.get("model"))
    extension = values.text(given.get("extension"))
    if not (mac or ip or model or extension):
        return False
    known = {name: given[name] for name in ("extension", "model", "firmware", "mac", "ip") if name in given}
    text = json.dumps(known, ensure_ascii=False, default=str)[:QUOTE_LIMIT]
    out.add(
        PhoneSeen(
            source=Source(artifact=out.artifact, line=line, path=path, text=text),
            origin="unsupported",
            mac=mac,
            ip=ip,
            extension=extension,
            model=model,
            firmware=values.text(given.get("firmware")),
            listed_unsupported=True,
        )
    )
    return True


PARSERS = (UnsupportedPhonesParser(),)
