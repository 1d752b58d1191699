"""The tables of a case."""

from __future__ import annotations

from parsers.facts import Facts, Source
from parsers.facts.capture import Registration, SipMessage


def some(*names: str) -> Facts:
    facts = Facts()
    for name in names:
        facts.add(SipMessage(source=Source(artifact=name)))
    return facts


def test_rows_that_were_read_later_stand_where_their_file_was_met() -> None:
    facts, others = some("a", "c"), Facts()
    others.add(Registration(source=Source(), aor="x@y"))
    facts.insert([({"sip_message": 2}, some("d")), ({"sip_message": 1}, some("b1", "b2")), ({}, others)])
    assert [row.source.artifact for row in facts.of(SipMessage)] == ["a", "b1", "b2", "c", "d"]
    assert [row.aor for row in facts.of(Registration)] == ["x@y"]
    assert facts.lengths() == {"sip_message": 5, "registration": 1}


def test_of_one_place_the_first_file_comes_first() -> None:
    facts = some("a")
    facts.insert([({"sip_message": 1}, some("b")), ({"sip_message": 1}, some("c")), ({}, Facts())])
    assert [row.source.artifact for row in facts.of(SipMessage)] == ["a", "b", "c"]
