"""A clause of the policy in words, and why it did or did not apply to a case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.forms import capitalised, labelled
from analyzer.i18n import translate as _

if TYPE_CHECKING:
    from analyzer.case import Case
    from analyzer.scope.explain import OnRow
    from analyzer.scope.policy import Clause

INVOLVED = {"yes": "yes", "no": "no", "open": "unknown"}
VERDICTS: dict[bool | None, str] = {True: "holds", False: "does not hold", None: "cannot be told"}


def clause_lines(clause: Clause) -> Iterator[str]:
    """What a clause says, rule by rule, and the way back from each."""
    yield labelled(clause.id, _(clause.title))
    yield ""
    yield _(clause.text)
    if clause.same_as:
        yield _("judged as {clause}").format(clause=clause.same_as)
    for item in clause.rules:
        yield ""
        yield labelled(capitalised(_(item.effect)), _(item.why))
        for text in (*(way.action for way in item.way_back), item.no_way_back):
            if text:
                yield "  " + labelled(capitalised(_("way back")), _(text))


def on_case_lines(clause: Clause, case: Case, states: dict[str, str]) -> Iterator[str]:
    """What the clause did to a case, and how each of its conditions fared; ``states`` are the sentences for the former."""
    from analyzer.report.printable import printable
    from analyzer.scope.explain import on_case

    judged = case.policy.clause(clause.same_as or "") or clause
    rows = on_case(case.policy, judged, case.given)
    said = [
        labelled(capitalised(_(item.effect)), item.why) for item in case.verdict.reasons if item.clause == judged.id
    ]
    said += [item.why for item in case.route.reasons if item.clause == judged.id]
    state = "fired" if said else "undecided" if any(row.verdict is None for row in rows) else "silent"
    yield labelled(_("{code} on this input").format(code=clause.id), _(states[state]))
    yield from (f"  {printable(text)}" for text in said)
    for row in rows:
        yield ""
        yield from _row_lines(row)


def _row_lines(row: OnRow) -> Iterator[str]:
    from analyzer.report.printable import printable

    about = f" ({printable(row.about)})" if row.about else ""
    yield "  " + labelled(f"{capitalised(_(row.effect))}{about}", _(VERDICTS[row.verdict]))
    if row.involved:
        yield "    " + labelled(_("part of the problem"), _(INVOLVED[row.involved]))
    for words, verdict in row.leaves:
        yield "    " + labelled(_(VERDICTS[verdict]), printable(words))
