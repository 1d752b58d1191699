"""Sentences of the scope, in the reader's language. Message ids are the policy's own English texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.forms import first_few, number
from analyzer.i18n import current_language, mark, translate_plural
from analyzer.i18n import translate as _
from analyzer.names import name_of, value_text
from analyzer.scope.engine import Hit
from analyzer.scope.situation import CaseFacts, Part

SHOWN_PARTS = 6

NAMES = ("Level ", "Microsoft ", "Bronze ")
"""Beginnings of sentences that keep their capital."""


class _Facts(dict[str, Any]):
    """Values for placeholders; facts of the case are put into words when a text asks for them, what is unknown is said so."""

    def __init__(self, given: dict[str, Any], case: CaseFacts, parts: Sequence[Part]) -> None:
        super().__init__(given)
        self._fields, self._parts = case.fields, parts

    def __missing__(self, key: str) -> str:
        if key in PARTS_TEXTS:
            return PARTS_TEXTS[key](self._parts)
        value = self._fields.get(key)
        return _("unknown") if value is None else value_text(value, key)


def filled(template: str, case: CaseFacts, parts: Sequence[Part] = (), **more: object) -> str:
    """A text of the policy with its placeholders filled in."""
    return _(template).format_map(_Facts(more, case, parts))


def part_list(parts: Sequence[Part]) -> str:
    """Labels of parts, the first few of them."""
    return ", ".join(first_few(map(_label, parts), SHOWN_PARTS))


def _label(part: Part) -> str:
    """On the way back another phone or provider may stand in the place of a part."""
    return _("the replacement of {part}").format(part=part.label) if part.fields.get("replaced") else part.label


def standings(parts: Sequence[Part]) -> str:
    """On what the status of parts rests, in brackets and with a blank before; empty where nothing says so."""
    known = (str(part.fields["standing_why"]) for part in parts if part.fields.get("standing_why"))
    said = "; ".join(first_few(known, SHOWN_PARTS))
    return f" ({said})" if said else ""


PARTS_TEXTS = {"parts": part_list, "standings": standings}


def why(hit: Hit, case: CaseFacts) -> str:
    """Why a hit is there."""
    if hit.inferred:
        template = mark("The findings suggest that the problem is about {inferred_problem}, which would be out of scope: {why}")  # fmt: skip
        return filled(template, case, why=lower_first(filled(hit.rule.why, case, hit.parts)))
    if hit.known or hit.rule.of:
        return filled(hit.rule.why, case, hit.parts)
    if hit.rule.why_unknown:
        return filled(hit.rule.why_unknown, case, hit.parts)
    return filled(mark("It cannot be decided yet: {text}"), case, text=_(hit.clause.text))


def summary(
    scope: str, installation: str, hits: Sequence[Hit], case: CaseFacts, *, ticket_given: bool, to_add: int
) -> str:
    """The verdict in one sentence."""
    first = next((hit for hit in hits if hit.effect == "excludes"), None)
    reason = why(first, case) if first else ""
    more = len({hit.clause.id for hit in hits if hit.effect == "excludes"}) - 1
    if more > 0:
        reason = f"{reason} {_and_more(more)}"
    if not ticket_given:
        said = {
            "in_scope": _("Installation: in scope."),
            "out_of_scope": _("Installation: out of scope."),
            "needs_information": _("Installation: needs information."),
        }[installation]
        things = translate_plural("No ticket given: {n} thing to add.", "No ticket given: {n} things to add.", to_add)
        added = things.format(n=number(to_add)) if to_add else _("No ticket given.")
        return " ".join(text for text in (said, reason, added) if text)
    if scope == "out_of_scope":
        return _("Out of scope: {reason}").format(reason=lower_first(reason))
    if scope == "needs_information":
        asked = list(dict.fromkeys(why(hit, case) for hit in hits if hit.effect == "requires"))
        first_asked = _("Needs information: {reason}").format(reason=lower_first(asked[0]))
        return f"{first_asked} {_and_more(len(asked) - 1)}" if len(asked) > 1 else first_asked
    limited = next((hit for hit in hits if hit.effect == "limits"), None)
    if limited:
        return _("In scope, with a limit: {reason}").format(reason=lower_first(why(limited, case)))
    return _("In scope: no exclusion applies and nothing that is required is missing.")


def _and_more(count: int) -> str:
    return translate_plural("And {n} more.", "And {n} more.", count).format(n=number(count))


def lower_first(text: str) -> str:
    """An English sentence after a colon; words that begin with two capitals (``PBX``) and names stay."""
    capitals = not text[1:2].islower() and not text.startswith("A ")
    if current_language() != "en" or capitals or text.startswith(NAMES):
        return text
    return text[:1].lower() + text[1:]


def answer_name(name: str) -> str:
    """The name of an answer."""
    return name_of(name)


def changed_values(values: Mapping[str, Any]) -> str:
    """Names of answers as a list."""
    return ", ".join(answer_name(name) for name in values)
