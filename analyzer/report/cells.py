"""Values of the report's tables as people read them."""

from __future__ import annotations

from analyzer.forms import measure, moment, number
from analyzer.i18n import mark
from analyzer.i18n import translate as _
from analyzer.names import NAMES, yes_no

EMPTY = "–"

WORDED = frozenset({"kind", "media", "outcome", "provision_type", "status", "type"})
"""Columns whose values are words of the report's contract."""

MEASURED = frozenset({"attempts", "duration_s", "failures", "jitter_max_ms", "loss_pct", "lost", "mos", "packets"})
"""Columns of numbers: they stand at the right."""

WORDS: dict[str, str] = {
    "answered": mark("answered"),
    "busy": mark("busy"),
    "declined": mark("declined"),
    "cancelled": mark("cancelled"),
    "rejected": mark("rejected"),
    "no_response": mark("no response"),
    "incomplete": mark("incomplete"),
    "both": mark("both directions"),
    "caller_only": mark("caller only"),
    "callee_only": mark("callee only"),
    "none": mark("none"),
    "registered": mark("registered"),
    "unregistered": mark("signed off"),
    "challenged": mark("not authenticated"),
    "unknown": mark("unknown"),
    "eol": mark("end of life"),
    "bridge": mark("bridge"),
    "microsoft365": "Microsoft 365",
    "google": "Google",
    "sms": "SMS",
} | NAMES


def cell(value: object, column: str) -> str:
    """A value of a table for people."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return measure(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or EMPTY
    text = str(value)
    if column == "start":
        return moment(text)
    return _(WORDS.get(text, text.replace("_", " "))) if column in WORDED else text
