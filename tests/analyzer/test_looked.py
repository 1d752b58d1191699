"""What was looked at: 'nothing there' and 'could not look' are different answers."""

from __future__ import annotations

from analyzer.looked import BY_KIND, log_kinds, looked_at
from analyzer.pack.tables import classes
from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.registry import all_parsers


def test_kinds_and_tables_exist() -> None:
    assert set(BY_KIND) <= {parser.kind for parser in all_parsers()}
    assert set().union(*BY_KIND.values()) <= set(classes())


def test_a_log_was_looked_at_and_a_capture_was_not() -> None:
    tables = looked_at([Artifact(path="x.log", kind="service_log", records=3)], Facts())
    assert "log" in tables
    assert "call" not in tables


def test_the_audit_log_is_no_text_log() -> None:
    assert "audit_log" not in log_kinds()
    assert "log" not in looked_at([Artifact(path="audit_log.csv", kind="audit_log", records=3)], Facts())


def test_kinds_with_tables_of_their_own_are_no_text_logs() -> None:
    assert set(BY_KIND) & log_kinds() == set()


def test_what_gave_nothing_was_not_looked_at() -> None:
    for item in (
        Artifact(path="d.pcap", kind="capture", records=0, status="partial"),
        Artifact(path="d.pcap", kind="capture", records=9, status="unreadable"),
    ):
        assert "call" not in looked_at([item], Facts())


def test_dumps_can_only_be_missed_in_an_archive() -> None:
    assert "crash" in looked_at([Artifact(path="b.zip!/Health_1.txt", kind="health", records=1)], Facts())
    assert "crash" not in looked_at([Artifact(path="Health_1.txt", kind="health", records=1)], Facts())
