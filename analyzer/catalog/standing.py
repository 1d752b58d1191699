"""Where the status ladder of the support policy ends for one phone or one trunk.

Order, best evidence first: marks in the case's own files, end of life (sourced), supported (sourced), listed in a stock
template in use, dropped or legacy, general knowledge (asks at most), nothing. Custom templates and STUN are judged beside
the ladder.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from analyzer.catalog.schema import DECISIVE, GENERAL_KNOWLEDGE, EndOfLife, PhoneStatus, TrunkStatus

R = TypeVar("R", PhoneStatus, EndOfLife, TrunkStatus)

NOT_SUPPORTED = frozenset({"ThirdParty", "Deleted"})
SUPPORTED = frozenset({"Preferred", "Supported"})
OPEN = frozenset({"Dedicated", "Unknown"})
"""Words of ``TemplateType`` in a live export, as the policy reads them."""

_DROPPED = {
    "dropped_from_template": "was in a stock template and is no longer named there",
    "custom_template_only": "needed a custom template",
    "legacy": "legacy",
    "supported_in_2019": "in a stock template of 2019, nothing newer is known",
    "listed_in_2015": "in a stock template of 2015, nothing newer is known",
}
_NOT_YET = frozenset({"eol_announced", "end_of_sale"})


class Standing(NamedTuple):
    """The rung (``Phone.standing``, ``Trunk.standing``) and on what it rests. ``mark`` names the column of the case's own
    files that decided, null where a catalogue did.
    """

    name: str
    why: str
    mark: str | None = None


PHONE_STATUS = {"supported": "supported", "listed": "supported", "eol": "eol", "marked_unsupported": "unsupported"}
"""The report's ``status`` of a phone by rung; all other rungs are ``unknown``."""

TRUNK_STATUS = {
    "preferred": "preferred",
    "supported": "supported",
    "stock": "supported",
    "generic": "unsupported",
    "marked": "unsupported",
    "unsupported": "unsupported",
}
"""The report's ``status`` of a trunk by rung; all other rungs are ``unknown``."""


class PhoneMarks(NamedTuple):
    """What the case's own files say of a phone. ``template_type`` only where a live export says it: the header of a template
    file proves nothing. ``in_stock_template``: a stock template of the case names the model.
    """

    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    listed_unsupported: bool = False
    in_stock_template: bool = False


def phone(marks: PhoneMarks, claims: list[PhoneStatus], ends: list[EndOfLife], as_of: date) -> Standing:
    """The standing of a phone; the rows are those of this very model, its family and its vendor."""
    marked = _negative_mark(marks.template_type, listed_unsupported=marks.listed_unsupported)
    if marked:
        return marked
    ended = next((row for row in _by_weight(ends) if row.decides and _over(row, as_of)), None)
    if ended:
        return Standing("eol", f"{_end_text(ended)}{_cited(ended)}")
    for row in _by_weight(claims):
        if row.decides and row.status in ("eol", "unsupported") and row.model:
            rung = "eol" if row.status == "eol" else "marked_unsupported"
            return Standing(rung, f"{'end of life' if rung == 'eol' else 'no longer supported'}{_cited(row)}")
    return _admitted(marks, claims) or _in_doubt(claims, ends, as_of)


def _negative_mark(template_type: str | None, *, listed_unsupported: bool) -> Standing | None:
    if listed_unsupported:
        return Standing("marked_unsupported", "3CX lists the device as unsupported", "listed_unsupported")
    if template_type in NOT_SUPPORTED:
        return Standing("marked_unsupported", f"its template is of type {template_type}", "template_type")
    return None


def _admitted(marks: PhoneMarks, claims: list[PhoneStatus]) -> Standing | None:
    if marks.template_type in SUPPORTED and marks.custom_template is not True:
        return Standing("supported", f"its template is of type {marks.template_type}", "template_type")
    if marks.template_type in OPEN:
        return Standing("unknown", f"its template is of type {marks.template_type}", "template_type")
    for row in _by_weight(claims):
        if row.decides and row.model and row.status in ("supported", "preferred"):
            return Standing("supported", f"{row.status}{_cited(row)}")
    if marks.custom_template is False and marks.template:
        if marks.in_stock_template:
            return Standing("listed", f"named in the stock template {marks.template}", "template")
        for row in _by_weight(claims):
            if row.basis != GENERAL_KNOWLEDGE and row.model and row.status in ("listed_in_template", "supported"):
                why = f"{row.status.replace('_', ' ')}, and on the template {marks.template}{_cited(row)}"
                return Standing("listed", why)
    return None


def _in_doubt(claims: list[PhoneStatus], ends: list[EndOfLife], as_of: date) -> Standing:
    notes = _notes(claims, ends, as_of)
    for row in _by_weight(claims):
        if row.basis != GENERAL_KNOWLEDGE and row.model and row.status in _DROPPED:
            return Standing("dropped", _joined(f"{_DROPPED[row.status]}{_cited(row)}", notes))
    believed = [row for row in _by_weight(ends) if row.confidence >= DECISIVE and _over(row, as_of)]
    if believed:
        why = f"believed {_end_text(believed[0])}, not confirmed; confirm on the vendor's page"
        return Standing("believed_eol", why)
    announced = [row for row in _by_weight(ends) if row.decides and row.state in _NOT_YET]
    if announced:
        return Standing("believed_eol", f"{_end_text(announced[0])}{_cited(announced[0])}; ask 3CX")
    return Standing("unknown", _joined("no list decides", notes))


def _over(row: EndOfLife, as_of: date) -> bool:
    """Whether the end of life is reached. A row that only announces it is, from its end of support on."""
    if row.state in ("eol", "end_of_support"):
        return True
    return row.state in _NOT_YET and row.end_of_support is not None and row.end_of_support < as_of.isoformat()


def _end_text(row: EndOfLife) -> str:
    dates = [
        f"{word} {day}"
        for word, day in (
            ("announced", row.announced),
            ("end of sale", row.end_of_sale),
            ("end of support", row.end_of_support),
        )
        if day
    ]
    word = {
        "eol_announced": "end of life announced",
        "end_of_sale": "no longer sold",
        "end_of_support": "end of support",
    }.get(row.state, "end of life")
    return f"{word} ({', '.join(dates)})" if dates else word


def _notes(claims: list[PhoneStatus], ends: list[EndOfLife], as_of: date) -> list[str]:
    notes = [
        f"{row.status.replace('_', ' ')} ({_grade(row)})"
        for row in _by_weight(claims)
        if not (row.basis != GENERAL_KNOWLEDGE and row.status in _DROPPED)
    ]
    notes += [f"{_end_text(row)} ({_grade(row)})" for row in _by_weight(ends) if _over(row, as_of)]
    return notes[:3]


def _joined(text: str, notes: list[str]) -> str:
    return f"{text}; hints: {', '.join(notes)}" if notes else text


_BASES = {
    GENERAL_KNOWLEDGE: "general knowledge",
    "other_pbx": "another maker's list",
    "vendor_notice": "the vendor's notice",
    "3cx_page": "3CX's page",
    "3cx_page_copy": "a copy of 3CX's page",
    "3cx_page_condensed": "3CX's page, condensed",
    "3cx_template_list": "models in 3CX's templates",
    "3cx_template_copy": "a copy of 3CX's template",
    "3cx_export": "an export of a 3CX system",
}


def _grade(row: PhoneStatus | EndOfLife | TrunkStatus) -> str:
    return f"{_BASES.get(row.basis, row.basis.replace('_', ' '))}, confidence {row.confidence}"


def _cited(row: PhoneStatus | EndOfLife | TrunkStatus) -> str:
    when = f", {row.as_of.isoformat()}" if row.as_of else ""
    return f" ({row.source}{when}; {_grade(row)})" if row.source else f" ({_grade(row)})"


def _by_weight(rows: Sequence[R]) -> list[R]:
    return sorted(rows, key=lambda row: (row.basis == GENERAL_KNOWLEDGE, -row.confidence))


class TrunkMarks(NamedTuple):
    """What the case's own files say of a trunk. ``template_type`` only where a live export says it."""

    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    generic: bool = False
    stock: bool = False


def trunk(marks: TrunkMarks, claims: list[TrunkStatus]) -> Standing:
    """The standing of a trunk; the rows are those of its provider."""
    if marks.generic:
        return Standing("generic", f"the generic template {marks.template} is in use", "template")
    if marks.template_type in NOT_SUPPORTED:
        return Standing("marked", f"its template is of type {marks.template_type}", "template_type")
    if marks.template_type in SUPPORTED and marks.custom_template is not True:
        rung = "preferred" if marks.template_type == "Preferred" else "supported"
        return Standing(rung, f"its template is of type {marks.template_type}", "template_type")
    if marks.template_type in OPEN:
        return Standing("unknown", f"its template is of type {marks.template_type}", "template_type")
    decided = {"unsupported": "unsupported", "formerly_supported": "dropped"}
    for row in _by_weight(claims):
        if row.decides and row.status in ("supported", "preferred"):
            return Standing(row.status, f"{row.status}{_cited(row)}")
        if row.decides and row.status in decided:
            return Standing(decided[row.status], f"{row.status.replace('_', ' ')}{_cited(row)}")
    if marks.template and (marks.custom_template is False or (marks.stock and marks.custom_template is None)):
        return Standing("stock", f"the stock template {marks.template} is in use", "template")
    notes = [f"{row.status.replace('_', ' ')} ({_grade(row)})" for row in _by_weight(claims)][:3]
    return Standing("unknown", _joined("no list and no template type decides", notes))
