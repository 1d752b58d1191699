"""Every text of a policy that people read: the message ids of its translations."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.scope.policy import KINDS, Clause, Policy


def messages(policy: Policy) -> Iterator[str]:
    """All texts in the policy's order; a text that stands several times comes several times."""
    yield policy.name
    yield from KINDS.values()
    for fact in policy.facts.values():
        yield fact.ask
        yield from fact.values
    for clause in policy.clauses:
        yield from _of_clause(clause)


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
        yield from rule.answers
        for way in rule.way_back:
            yield way.action
