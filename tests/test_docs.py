"""What the documentation points at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.cli.main import VERBS
from parsers.registry import all_parsers
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|\?)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


ROOMS = (ROOT / "parsers", ROOT / "tests" / "parsers", ROOT / "analyzer", ROOT / "tests" / "analyzer")


def test_every_file_of_the_formats_page_exists() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:(?:logs|config|tables|tree|capture|join)/)?[a-z_0-9]+\.py)`", text))
    assert named
    assert [name for name in sorted(named) if not any((room / name).exists() for room in ROOMS)] == []


def test_every_row_of_the_formats_page_names_its_test() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    heads = [line for line in rows if line.endswith("| test |")]
    assert heads
    assert [row for row in rows if row not in heads and not re.search(r"`(?:[a-z]+/)?test_[a-z_0-9]+\.py`", row)] == []


def test_every_kind_stands_on_the_formats_page() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    kinds = {parser.kind for parser in all_parsers()}
    families = tuple(name[:-1] for name in re.findall(r"`([a-z]+_\*)`", text))
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text and not kind.startswith(families)] == []


def test_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make demo" in text
    assert "make test" in text


COMMAND = re.compile(r"`tcxtriage ([a-z]+)")
TEXTS = [*PAGES, *sorted((ROOT / "signatures").rglob("*.yaml")), *sorted((ROOT / "analyzer").rglob("*.po"))]


def test_nobody_is_sent_to_a_verb_that_is_not_there() -> None:
    named = {(verb, path.name) for path in TEXTS for verb in COMMAND.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert sorted(found for found in named if found[0] not in VERBS) == []
