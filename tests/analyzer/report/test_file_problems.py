"""Problems of files in the reader's language: the texts are those that the parsers write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import parsers
from analyzer import i18n
from analyzer.report.file_problems import ARCHIVES, KNOWN, problem_text, with_problems
from parsers.facts.store import Facts
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from tests.parsers.tree.build import seven, zipped

TOGETHER = tuple(
    text for text in KNOWN if "known formats fits" in text or "zip directory" in text or "may have changed it" in text
)
"""Texts that the parsers put together of several: they are made here from files."""


def blank(text: str) -> str:
    """A text without the names of its values."""
    return re.sub(r"\{\w*\}", "{}", text)


def written() -> Iterator[str]:
    """Every text in the parsers' code, with ``{}`` for each value."""
    for path in Path(parsers.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def test_every_text_is_one_of_the_parsers() -> None:
    there = set(written())
    assert there >= ARCHIVES
    ends = ("the file ends inside record {} (byte {} of {}); what is before it was read",)
    missing = {blank(text) for text in KNOWN if text not in TOGETHER} - there - set(ends)
    assert missing == set()
    assert "the file {} record {} (byte {} of {}); what is before it was read" in there


def problems(path: Path) -> list[str]:
    return [problem for item in read_inputs([path], Budget(), Facts()) for problem in item.problems]


STRANGE = b"<<0000>> tun#0 state=ok\n<<0001>> tun#1 state=ok\n"
HEADER = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(8) + b"\xff\xff\x00\x00\x01\x00\x00\x00"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"call me back\n", "ein Text unbekannten Formats: keines der "),
        ("a.bin", b"\x01\x02\x03\xfe" * 9, "kein Text, beginnt mit den Bytes 01 02 03 fe 01 02 03 fe: keines der "),
        ("a.log", b"", "die Datei ist leer"),
        ("a.zip", zipped({}), "ein Archiv ohne Dateien"),
        ("a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(99), "ein RAR-Archiv lässt sich nicht öffnen: als zip, 7z oder tar packen"),
        ("a.7z", seven({"x.log": b"x"}, "secret"), "mit einem Passwort verschlüsselt, daher nicht lesbar"),
        ("3CXTunnel.log", STRANGE, "3CXTunnel.log: Format nicht erkannt, 3CX hat es womöglich geändert: 0 von 2 Daten"),
        ("ticket.yaml", b"problem: audio\npartner_tier: gold\n", "eine Ticketdatei: sie zählt nur, wenn --ticket sie nennt"),
        ("cut.zip", zipped({"a.log": b"x" * 999})[:60], "das Verzeichnis des Zips fehlt oder ist beschädigt ("),
        ("a.pdf", b"%PDF-1.7 ", "ein PDF-Dokument"),
        ("a.pcap", HEADER, "der Mitschnitt enthält kein Paket"),
        ("b.pcap", HEADER + bytes(8), "die Datei endet innerhalb von Datensatz 1 (Byte 24 von 32); was davor steht"),
    ],
)  # fmt: skip
def test_what_anybody_meets_is_translated(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    found = problems(tmp_path / name)
    with i18n.language("de"):
        assert any(problem_text(problem).startswith(said) for problem in found), found


def test_english_and_what_is_not_known_stay_as_they_are() -> None:
    assert problem_text("the file is empty") == "the file is empty"
    with i18n.language("de"):
        assert problem_text("line 7: something of its own") == "line 7: something of its own"


def test_braces_in_what_is_quoted_are_text() -> None:
    quoted = "x{0}.log: format not recognised, 3CX may have changed it: 0 of 2 records understood; line 1: '{a} {'"
    with i18n.language("de"):
        assert problem_text(quoted).endswith("0 von 2 Datensätzen verstanden; line 1: '{a} {'")


def test_what_is_left_alone_stands_behind_what_could_not_be_read() -> None:
    states = ("ignored", "ok", "partial", "unreadable", "ignored")
    files = [{"path": str(place), "status": status, "problems": ["x"]} for place, status in enumerate(states)]
    whole = {"path": "whole", "status": "ok", "problems": []}
    assert [item["path"] for item in with_problems([*files, whole])] == ["3", "2", "1", "0", "4"]
