"""Problems of files in the reader's language: those that anybody meets. JSON has all of them in English, and those that only few
files have stay so here too.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import cache
from typing import Any

from analyzer.i18n import current_language, mark
from analyzer.i18n import translate as _

KNOWN: tuple[str, ...] = (
    mark("a text whose format is not known: none of the {count} known formats fits, by content or by name; it was not searched"),
    mark("not a text, begins with the bytes {bytes}: none of the {count} known formats fits, by content or by name"),
    mark("the file is empty"),
    mark("a folder without files"),
    mark("an archive without files"),
    mark("a ticket file: it counts only where --ticket names it"),
    mark("the format is known, but there is no record in it"),
    mark("none of its {count} records is understood"),
    mark("{name}: format not recognised, 3CX may have changed it: {understood} of {total} records understood"),
    mark("{name}: format not recognised, 3CX may have changed it: {understood} of {total} records understood; {quotes}"),
    mark("encrypted with a password, so it cannot be read"),
    mark("encrypted with a password, names included, so it cannot be read"),
    mark("an archive inside archives, deeper than the limit of {limit}: not opened"),
    mark("{what} cannot be opened: pack it as zip, 7z or tar"),
    mark("cannot be opened: {why}"),
    mark("the limit of {size} unpacked in all is reached: cut here"),
    mark("cut off: the content ends after {count} bytes"),
    mark("cut off: the archive ends after {count} bytes of it"),
    mark("cut off: {count} bytes instead of {size}"),
    mark("its checksum does not fit: the content may be damaged"),
    mark("the capture holds no packet"),
    mark("{count} packets are cut by the capture length (snaplen)"),
    mark("the file ends inside record {number} (byte {at} of {size}); what is before it was read"),
    mark("not all of it is UTF-8: read as Windows-1252"),
    mark("a symbolic link: not followed"),
    mark("the zip directory is missing or damaged ({why}): {count} files were found by their own headers, others may be lost"),
    mark("an image"),
    mark("an audio recording"),
    mark("a PDF document"),
    mark("an office document"),
    mark("a program"),
    mark("certificates and private keys are never opened"),
    mark("recordings and voicemails are never opened"),
    mark("chats are never opened"),
)  # fmt: skip
"""Texts as the parsers write them, with a name for each value."""


_ORDER = ("unreadable", "partial", "ok", "ignored")

ARCHIVES = frozenset({mark("a RAR archive"), mark("a CAB archive"), mark("an ar archive")})
"""Values that are words themselves."""


def with_problems(artifacts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files that could not be read, or not wholly; those that nobody wants to be read are the last."""
    found = [item for item in artifacts if item["status"] in ("unreadable", "partial") or item["problems"]]
    return sorted(found, key=lambda item: _ORDER.index(item["status"]))


def problem_text(problem: str) -> str:
    """A problem of a file for people."""
    if current_language() == "en":
        return problem
    for template, pattern in _patterns():
        found = pattern.fullmatch(problem)
        if found:
            values = found.groupdict()
            return _(template).format(**values | {name: _(text) for name, text in values.items() if text in ARCHIVES})
    return problem


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(template, re.compile(_pattern(template), re.DOTALL)) for template in KNOWN]


def _pattern(template: str) -> str:
    """A template as a pattern: a name in braces stands for any text."""
    parts = string.Formatter().parse(template)
    return "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, _spec, _conversion in parts)
