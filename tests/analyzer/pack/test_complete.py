"""Every code of the knowledge base is somebody's, and the pages of the signatures are those of the pack."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from analyzer.i18n import language
from analyzer.pack import load_pack
from analyzer.pack.pages import pages
from analyzer.pack.registers import register
from analyzer.pack.rule import CODE
from analyzer.scope.codes import made_codes
from analyzer.scope.policy import Policy
from tests.conftest import ROOT

LAST: dict[str, int] = {
    "SCOPE": 25, "CFG": 30, "TRK": 26, "NAT": 19, "MED": 24, "SDP": 14, "DTMF": 9, "FAX": 8, "CALL": 22, "QIV": 12, "PRV": 14,
    "SBC": 11, "TLS": 13, "DNS": 8, "APP": 12, "TEAMS": 10, "LIC": 8, "SYS": 18, "UPD": 10, "TIM": 5, "SEC": 15, "CAP": 15,
    "COR": 20,
}  # fmt: skip
"""The last number of every group; none is left out before it."""
CODES = {f"{group}-{number:02}" for group, last in LAST.items() for number in range(1, last + 1)}
PAGES = ROOT / "docs" / "signatures"


def makers() -> dict[str, list[str]]:
    """Who stands for each code."""
    pack = load_pack()
    found: dict[str, list[str]] = {}

    def add(code: str, maker: str) -> None:
        found.setdefault(code, []).append(maker)

    for code in {rule.code for rule in pack.rules}:
        add(code, "rule")
    for rule in pack.rules:
        for alias in rule.aliases:
            add(alias, f"alias of {rule.code}")
    for code in made_codes(Policy.load(None, date(2026, 11, 22))):
        add(code, "scope")
    for code in register("engine"):
        add(code, "engine")
    for code in register("unbuilt"):
        add(code, "unbuilt")
    return found


def test_every_code_is_somebodys() -> None:
    assert sorted(CODES - set(makers())) == []


def test_no_code_is_built_and_unbuilt() -> None:
    assert {code: who for code, who in makers().items() if "unbuilt" in who and len(who) > 1} == {}
    assert {code: who for code, who in makers().items() if "engine" in who and len(who) > 1} == {}


def test_registers_are_sorted() -> None:
    assert list(register("engine")) == sorted(register("engine"))
    groups = list(dict.fromkeys(code.partition("-")[0] for code in register("unbuilt")))
    assert list(register("unbuilt")) == sorted(register("unbuilt")), groups


def test_pages_are_those_of_the_pack() -> None:
    """``tcxtriage signatures docs docs/signatures`` makes them anew."""
    with language("en"):
        wanted = pages(load_pack(), made_codes(Policy.load(None, date(2026, 11, 22))))
    stored = {path.name: path.read_text("utf-8") for path in PAGES.glob("*.md")}
    stored = {name: text for name, text in stored.items() if name in wanted or CODE.fullmatch(name.removesuffix(".md"))}
    assert sorted(stored) == sorted(wanted)
    assert [name for name, text in wanted.items() if stored[name] != text] == []


@pytest.mark.shared
def test_the_list_of_codes_is_that_of_the_knowledge_base(shared: Path) -> None:
    text = (shared / "research" / "signatures.md").read_text("utf-8")
    assert set(re.findall(r"(?m)^\*\*([A-Z]+-\d+) ", text)) == CODES
