"""The page for everybody: keyboard, screen reader, narrow screens, paper."""

from __future__ import annotations

import re
from importlib import resources
from itertools import pairwise

import pytest
from lxml import html

from analyzer import i18n
from tests.analyzer.report.test_html import page
from tests.analyzer.report.test_text import finding

CSS = resources.files("analyzer.report").joinpath("report.css").read_text(encoding="utf-8")
ENOUGH = 4.5
"""Contrast that WCAG 2.2 wants of small text (level AA)."""


def whole() -> html.HtmlElement:
    """A page with every table."""
    row = dict.fromkeys(
        ("mac", "ip", "vendor", "model", "firmware", "extensions", "provision_type", "template", "status")
    )
    trunk = dict.fromkeys(("number", "name", "host", "template", "type", "registered", "status"), "x")
    return html.fromstring(page(phones=[row], trunks=[trunk], findings=[finding("x")]))


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): #([0-9a-f]+)", block))


def luminance(colour: str) -> float:
    full = colour if len(colour) == 6 else "".join(part * 2 for part in colour)
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("000", "fff") == 21
    assert round(contrast("777777", "fff"), 2) == 4.48


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["fg", "dim", "red", "amber", "green", "blue"])
@pytest.mark.parametrize("paper", ["bg", "card"])
def test_every_colour_of_text_can_be_read(scheme: int, ink: str, paper: str) -> None:
    chosen = colours(CSS.split("prefers-color-scheme: dark")[scheme].split("* {")[0])
    assert contrast(chosen[ink], chosen[paper]) >= ENOUGH


def test_the_page_names_its_language() -> None:
    with i18n.language("el"):
        assert '<html lang="el">' in page()


def test_headings_leave_no_level_out() -> None:
    levels = [int(heading.tag[1]) for heading in whole().iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_each_link_leads_to_a_heading() -> None:
    tree = whole()
    targets = [link.get("href")[1:] for link in tree.iter("a")]
    assert targets == ["why", "way-back", "findings", "support", "not-looked-at", "phones", "trunks", "looked-at"]
    assert [tree.get_element_by_id(target).tag for target in targets] == ["h2"] * len(targets)
    assert len(targets) == len(list(tree.iter("h2")))


def test_landmarks() -> None:
    tree = whole()
    assert [len(list(tree.iter(name))) for name in ("main", "nav", "footer")] == [1, 1, 1]
    assert all(node.get("aria-label") for node in tree.iter("nav", "section"))


def test_tables_have_headers_and_can_be_scrolled_with_the_keyboard() -> None:
    tree = whole()
    tables = list(tree.iter("table"))
    assert len(tables) == 3
    for table in tables:
        around = table.getparent()
        assert around is not None
        assert (around.get("role"), around.get("tabindex")) == ("region", "0")
        assert tree.get_element_by_id(around.get("aria-labelledby")).tag == "h2"
        assert {cell.get("scope") for cell in table.iter("th")} <= {"col", "row"}
        assert all(cell.get("scope") == "col" for cell in table.iterfind("thead//th"))


def test_the_focus_can_be_seen() -> None:
    assert ":focus-visible { outline: 2px solid" in CSS
    assert "outline: none" not in CSS
    assert "outline: 0" not in CSS


def test_nothing_but_tables_scrolls_by_itself() -> None:
    assert re.findall(r"([.\w]+) \{ overflow[^}]*(?:auto|scroll)", CSS) == [".scroll"]
    assert "max-height" not in CSS


def test_paper_shows_what_is_folded() -> None:
    on_paper = CSS[CSS.index("@media print") :]
    assert "details::details-content { content-visibility: visible; }" in on_paper
    assert "nav { display: none; }" in on_paper


def test_what_is_in_another_language_says_so() -> None:
    with i18n.language("de"):
        tree = html.fromstring(page(findings=[finding("x"), finding("y") | {"language": "de"}]))
    first, second = tree.iter("details")
    assert [node.text for node in first.iter("span") if node.get("lang") == "en"] == ["m x", "t", "r"]
    assert not [node for node in second.iter("span") if node.get("lang")]
    assert not [node for node in html.fromstring(page(findings=[finding("x")])).iter("span") if node.get("lang")]


def test_what_is_quoted_is_not_to_be_translated() -> None:
    quoted = [node for node in whole().iter("span") if node.get("class") in ("quote", "place")]
    assert quoted
    assert {node.get("translate") for node in quoted} == {"no"}
