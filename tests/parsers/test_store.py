"""The tables of a case."""

from __future__ import annotations

from parsers.facts import Facts, Source
from parsers.facts.capture import Registration, SipMessage


def test_rows_stand_by_file_and_those_of_one_file_as_they_were_read() -> None:
    facts = Facts()
    for name, method in (("c", "BYE"), ("a", "INVITE"), ("b", "ACK"), ("a", "CANCEL"), ("b", "ACK")):
        facts.add(SipMessage(source=Source(artifact=name), method=method))
    facts.add(Registration(source=Source(), aor="x@y"))
    facts.sort_by_artifact()
    rows = [(row.source.artifact, row.method) for row in facts.of(SipMessage)]
    assert rows == [("a", "INVITE"), ("a", "CANCEL"), ("b", "ACK"), ("b", "ACK"), ("c", "BYE")]
    assert [row.aor for row in facts.of(Registration)] == ["x@y"]
