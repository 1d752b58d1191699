"""What a clause means, and why it did or did not apply."""

from __future__ import annotations

from analyzer.scope.explain import explain, on_case
from analyzer.scope.policy import Clause
from tests.analyzer.scope.making import POLICY, given, phone, stun_phone


def clause(name: str) -> Clause:
    """A clause of the policy."""
    found = POLICY.clause(name)
    assert found is not None
    return found


def test_every_clause_can_be_explained() -> None:
    for one in POLICY.clauses:
        told = explain(one)
        assert told.title
        assert told.text.endswith(".")
        assert len(told.rules) == len(one.rules) + (one.when is not None)


def test_condition_in_words() -> None:
    told = explain(clause("excluded.fraud"))
    assert told.needs == ["problem", "requested_fraud_analysis", "simultaneous_calls"]
    assert told.rules[0] == (
        "excludes",
        "(problem is 'fraud' or requested_fraud_analysis is true) and simultaneous_calls <= 64",
    )


def test_what_is_granted_has_its_condition() -> None:
    assert explain(clause("entitle.priority")).rules == [
        ("priority", "partner_tier is 'platinum' or partner_tier is 'titanium'")
    ]


def test_on_a_case_every_part_with_its_leaves() -> None:
    rows = on_case(
        POLICY,
        clause("excluded.stun-phones"),
        given({"problem": "phone", "involves": ["ext:231"]}, rows=[stun_phone("231"), phone("232")]),
    )
    assert [(row.about, row.involved, row.effect, row.verdict) for row in rows] == [
        ("Yealink T54W of extension 231", "yes", "excludes", True),
        ("Yealink T54W of extension 232", "no", "excludes", None),
        ("Yealink T54W of extension 231", "yes", "requires", False),
        ("Yealink T54W of extension 232", "no", "requires", None),
    ]
    assert rows[0].leaves == [("stun_confidence >= 80", True)]


def test_on_a_case_facts_of_the_case() -> None:
    (row,) = on_case(POLICY, clause("excluded.outdated"), given())
    assert (row.about, row.verdict, row.leaves) == (None, False, [("outdated is true", False)])
