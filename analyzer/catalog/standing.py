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
from analyzer.forms import day
from analyzer.i18n import mark
from analyzer.i18n import translate as _

R = TypeVar("R", PhoneStatus, EndOfLife, TrunkStatus)

NOT_SUPPORTED = frozenset({"ThirdParty", "Deleted"})
SUPPORTED = frozenset({"Preferred", "Supported"})
OPEN = frozenset({"Dedicated", "Unknown"})
"""Words of ``TemplateType`` in a live export, as the policy reads them."""

_DROPPED = {
    "dropped_from_template": mark("was in a stock template and is no longer named there"),
    "custom_template_only": mark("needed a custom template"),
    "legacy": mark("legacy"),
    "supported_in_2019": mark("in a stock template of 2019, nothing newer is known"),
    "listed_in_2015": mark("in a stock template of 2015, nothing newer is known"),
}
_NOT_YET = frozenset({"eol_announced", "end_of_sale"})
_COMING = _NOT_YET | {"eol", "end_of_support"}
"""States of rows that say at least that the end is coming."""


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
        return Standing("eol", _cited(_end_text(ended, as_of), ended))
    for row in _by_weight(claims):
        if row.decides and row.status in ("eol", "unsupported") and row.model:
            rung = "eol" if row.status == "eol" else "marked_unsupported"
            return Standing(rung, _cited(_("end of life") if rung == "eol" else _("no longer supported"), row))
    return _admitted(marks, claims) or _in_doubt(claims, ends, as_of)


def _negative_mark(template_type: str | None, *, listed_unsupported: bool) -> Standing | None:
    if listed_unsupported:
        return Standing("marked_unsupported", _("3CX lists the device as unsupported"), "listed_unsupported")
    if template_type in NOT_SUPPORTED:
        return Standing("marked_unsupported", _of_type(template_type), "template_type")
    return None


def _admitted(marks: PhoneMarks, claims: list[PhoneStatus]) -> Standing | None:
    if marks.template_type in SUPPORTED and marks.custom_template is not True:
        return Standing("supported", _of_type(marks.template_type), "template_type")
    if marks.template_type in OPEN:
        return Standing("unknown", _of_type(marks.template_type), "template_type")
    for row in _by_weight(claims):
        if row.decides and row.model and row.status in ("supported", "preferred"):
            return Standing("supported", _cited(_status(row), row))
    if marks.custom_template is False and marks.template:
        if marks.in_stock_template:
            return Standing(
                "listed", _("named in the stock template {template}").format(template=marks.template), "template"
            )
        for row in _by_weight(claims):
            if row.basis != GENERAL_KNOWLEDGE and row.model and row.status in ("listed_in_template", "supported"):
                why = _("{status}, and on the template {template}").format(status=_status(row), template=marks.template)
                return Standing("listed", _cited(why, row))
    return None


def _in_doubt(claims: list[PhoneStatus], ends: list[EndOfLife], as_of: date) -> Standing:
    notes = _notes(claims, ends, as_of)
    for row in _by_weight(claims):
        if row.basis != GENERAL_KNOWLEDGE and row.model and row.status in _DROPPED:
            return Standing("dropped", _joined(_cited(_(_DROPPED[row.status]), row), notes))
    believed = [row for row in _by_weight(ends) if row.confidence >= DECISIVE and _over(row, as_of)]
    if believed:
        why = _("believed {end}, not confirmed; confirm on the vendor's page").format(end=_end_text(believed[0], as_of))
        return Standing("believed_eol", why)
    announced = [row for row in _by_weight(ends) if row.decides and row.state in _COMING]
    if announced:
        why = _("{end}; ask 3CX").format(end=_cited(_end_text(announced[0], as_of), announced[0]))
        return Standing("believed_eol", why)
    return Standing("unknown", _joined(_("no list decides"), notes))


def _over(row: EndOfLife, as_of: date) -> bool:
    """Whether the end of life is reached on a day. What is over now was only announced before; an announcement holds from the
    end of support on.
    """
    if row.state == "eol":
        end = row.end_of_sale or row.end_of_support
        return end is None or _passed(end, as_of)
    if row.state == "end_of_support":
        return row.end_of_support is None or _passed(row.end_of_support, as_of)
    return row.state in _NOT_YET and row.end_of_support is not None and _passed(row.end_of_support, as_of)


def _passed(day: str, as_of: date) -> bool:
    """Whether a day, or the whole of a month, is over."""
    return day < as_of.isoformat()[: len(day)]


def _end_text(row: EndOfLife, as_of: date) -> str:
    dates = [
        f"{word} {day(when)}"
        for word, when in (
            (_("announced"), row.announced),
            (_("end of sale"), row.end_of_sale),
            (_("end of support"), row.end_of_support),
        )
        if when
    ]
    word = {
        "eol_announced": mark("end of life announced"),
        "end_of_sale": mark("no longer sold"),
        "end_of_support": mark("end of support"),
    }.get(row.state, mark("end of life"))
    if row.state not in _NOT_YET and not _over(row, as_of):
        word = mark("end of life announced")
    return f"{_(word)} ({', '.join(dates)})" if dates else _(word)


def _notes(claims: list[PhoneStatus], ends: list[EndOfLife], as_of: date) -> list[str]:
    notes = [
        f"{_status(row)} ({_grade(row)})"
        for row in _by_weight(claims)
        if not (row.basis != GENERAL_KNOWLEDGE and row.status in _DROPPED)
    ]
    notes += [f"{_end_text(row, as_of)} ({_grade(row)})" for row in _by_weight(ends) if _over(row, as_of)]
    return notes[:3]


def _joined(text: str, notes: list[str]) -> str:
    return _("{text}; hints: {hints}").format(text=text, hints=", ".join(notes)) if notes else text


_BASES = {
    GENERAL_KNOWLEDGE: mark("general knowledge"),
    "other_pbx": mark("another maker's list"),
    "vendor_notice": mark("the vendor's notice"),
    "3cx_page": mark("3CX's page"),
    "3cx_page_copy": mark("a copy of 3CX's page"),
    "3cx_page_condensed": mark("3CX's page, condensed"),
    "3cx_template_list": mark("models in 3CX's templates"),
    "3cx_template_copy": mark("a copy of 3CX's template"),
    "3cx_export": mark("an export of a 3CX system"),
}


def _grade(row: PhoneStatus | EndOfLife | TrunkStatus) -> str:
    basis = _(_BASES.get(row.basis, row.basis.replace("_", " ")))
    return _("{basis}, confidence {confidence}").format(basis=basis, confidence=row.confidence)


def _cited(text: str, row: PhoneStatus | EndOfLife | TrunkStatus) -> str:
    """A text with the source of the row that it rests on."""
    when = f", {day(row.as_of.isoformat())}" if row.as_of else ""
    return f"{text} ({row.source}{when}; {_grade(row)})" if row.source else f"{text} ({_grade(row)})"


def _of_type(template_type: str | None) -> str:
    return _("its template is of type {type}").format(type=template_type)


def _status(row: PhoneStatus | TrunkStatus) -> str:
    return _(row.status.replace("_", " "))


def _by_weight(rows: Sequence[R]) -> list[R]:
    return sorted(rows, key=lambda row: (row.basis == GENERAL_KNOWLEDGE, -row.confidence))


class TrunkMarks(NamedTuple):
    """What the case's own files say of a trunk. ``template_type`` only where a live export says it. ``stock``: a list of
    templates, the case's own or ours, names the template as one of 3CX's; "not custom" alone does not, for 3CX takes
    templates away again.
    """

    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    generic: bool = False
    stock: bool = False


def trunk(marks: TrunkMarks, claims: list[TrunkStatus]) -> Standing:
    """The standing of a trunk; the rows are those of its provider."""
    if marks.generic:
        return Standing(
            "generic", _("the generic template {template} is in use").format(template=marks.template), "template"
        )
    if marks.template_type in NOT_SUPPORTED:
        return Standing("marked", _of_type(marks.template_type), "template_type")
    if marks.template_type in SUPPORTED and marks.custom_template is not True:
        rung = "preferred" if marks.template_type == "Preferred" else "supported"
        return Standing(rung, _of_type(marks.template_type), "template_type")
    if marks.template_type in OPEN:
        return Standing("unknown", _of_type(marks.template_type), "template_type")
    decided = {"unsupported": "unsupported", "formerly_supported": "dropped"}
    for row in _by_weight(claims):
        if row.decides and row.status in ("supported", "preferred"):
            return Standing(row.status, _cited(_status(row), row))
        if row.decides and row.status in decided:
            return Standing(decided[row.status], _cited(_status(row), row))
    if marks.template and marks.stock and marks.custom_template is not True:
        return Standing(
            "stock", _("the stock template {template} is in use").format(template=marks.template), "template"
        )
    notes = [f"{_status(row)} ({_grade(row)})" for row in _by_weight(claims)][:3]
    return Standing("unknown", _joined(_("no list and no template type decides"), notes))
