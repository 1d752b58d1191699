"""Every code of the group SCOPE is somebody's: a rule's, a clause's, or the scope's own."""

from __future__ import annotations

from datetime import date

import pytest

from analyzer.pack import load_pack
from analyzer.scope.findings import WITHOUT_CLAUSE
from analyzer.scope.policy import Policy

LAST = 25
RULES = {f"SCOPE-{number:02}" for number in (1, 2, *range(7, 13), *range(14, 18))}


@pytest.fixture
def clauses() -> set[str]:
    policy = Policy.load(None, date(2026, 11, 22))
    return {clause.finding.code for clause in policy.clauses if clause.finding is not None}


def test_every_code_has_one_maker(clauses: set[str]) -> None:
    rules = {rule.code for rule in load_pack().rules if rule.code.startswith("SCOPE-")}
    made = {code for code in clauses if code.startswith("SCOPE-")}
    assert rules == RULES
    assert rules | made | set(WITHOUT_CLAUSE) == {f"SCOPE-{number:02}" for number in range(1, LAST + 1)}
    assert not rules & made
    assert not made & set(WITHOUT_CLAUSE)
