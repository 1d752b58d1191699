"""Every text of a policy that people read: the message ids of its translations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyzer.names import NAMES
from analyzer.scope.policy import KINDS, Clause, Policy


def messages(policy: Policy) -> Iterator[str]:
    """All texts in the policy's order; a text that stands several times comes several times."""
    yield policy.name
    yield from KINDS.values()
    for fact in policy.facts.values():
        yield fact.ask
        yield from _answers(fact.values)
    for clause in policy.clauses:
        yield from _of_clause(clause)


def _answers(names: Iterable[str]) -> Iterator[str]:
    """Answers that are neither numbers nor words with a name of their own."""
    return (name for name in names if name not in NAMES and not name.isdigit())


def _of_clause(clause: Clause) -> Iterator[str]:
    for text in (clause.title, clause.text, clause.why, clause.why_open, clause.finding and clause.finding.title):
        if text:
            yield text
    for says in clause.says:
        yield says.text
    for rule in clause.rules:
        for text in (rule.why, rule.why_unknown, rule.ask, rule.no_way_back):
            if text:
                yield text
        yield from _answers(rule.answers)
        for way in rule.way_back:
            yield way.action
