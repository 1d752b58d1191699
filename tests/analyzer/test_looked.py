"""What was looked at: 'nothing there' and 'could not look' are different answers."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("path", ["b.zip!/Health_1.txt", "bundle/ExtraLogging/Health_1.txt"])
def test_dumps_were_looked_for_among_the_files_of_a_bundle_however_it_is_packed(path: str) -> None:
    item = Artifact(path=path, kind="health", records=1)
    assert "crash" in looked_at([item], Facts(), ["b.zip", "bundle/"])
    assert "crash" not in looked_at([item], Facts(), [path])


@pytest.mark.parametrize(("kind", "name"), [("xapi_users", "Users.json"), ("capture", "a.pcap")])
def test_no_dump_lies_beside_a_live_export_or_a_capture(kind: str, name: str) -> None:
    items = [Artifact(path=f"x.zip!/{name}", kind=kind, records=1), Artifact(path=f"x/{name}", kind=kind, records=1)]
    assert "crash" not in looked_at(items, Facts(), ["x.zip", "x"])


def test_dumps_were_looked_for_beside_the_logs_of_a_folder() -> None:
    item = Artifact(path="logs/3cxSystemService.log", kind="service_log", records=1)
    assert "crash" in looked_at([item], Facts(), ["logs"])
