"""A ticket among the inputs is known and left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.ticket import READERS
from analyzer.ticket_form import template
from parsers.tree.budget import Budget
from parsers.tree.ticket_file import KEYS, TICKET_REASON, is_ticket
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk
from tests.parsers.tree.build import zipped

YAML = b"# of case 7\npartner_tier: silver\nproblem: audio\ninvolves:\n- ext:105\n"


def test_the_keys_are_those_of_tickets() -> None:
    assert set(READERS) == KEYS


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("case/ticket.yaml", YAML),
        ("case/facts.yml", YAML),
        ("a.zip!/facts.txt", b"\xef\xbb\xbf" + YAML.replace(b"\n", b"\r\n")),
        ("case/facts.json", json.dumps({"license_nfr": False, "country": "ES"}).encode()),
        ("case/Ticket 12.yaml", b"problem: audio\nproblm: audio\n"),
        ("ticket.json", b'{ "problem": "audio" }'),
        ("a.yaml", template().encode()),
    ],
)
def test_tickets(path: str, head: bytes) -> None:
    assert is_ticket(path, head)


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("ticket.yaml", b""),
        ("ticket.yaml", b"to be written"),
        ("ticket.json", b'{"value": [1]}'),
        ("facts.yaml", b"version: 1\ndescription: x\n"),  # no key that is a ticket's alone
        ("facts.yaml", YAML + b"services: []\n"),
        ("facts.yaml", b"partner_tier: silver\n"),
        ("facts.log", YAML),
        ("ticket.csv", b"partner_tier,problem\n"),
        ("Users.json", b'{"value": [{"Number": "105", "description": "x"}]}'),
    ],
)
def test_other_files(path: str, head: bytes) -> None:
    assert not is_ticket(path, head)


def test_a_ticket_is_left_alone_in_folders_and_archives(tmp_path: Path) -> None:
    (tmp_path / "ticket.yaml").write_bytes(YAML)
    (tmp_path / "b.zip").write_bytes(zipped({"ticket.yaml": YAML}))
    found = [item for item in walk([tmp_path], Budget()) if isinstance(item, Unreadable)]
    assert {(item.path, item.kind, item.status, item.reason) for item in found} == {
        (f"{tmp_path}/ticket.yaml", "ticket", "ignored", TICKET_REASON),
        (f"{tmp_path}/b.zip!/ticket.yaml", "ticket", "ignored", TICKET_REASON),
    }


def test_an_empty_folder_is_not_nothing(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (found,) = walk([tmp_path / "a"], Budget())
    assert isinstance(found, Unreadable)
    assert (found.path, found.status, found.reason) == (f"{tmp_path}/a", "unreadable", "a folder without files")
