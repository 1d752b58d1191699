"""Collects every text that people read: calls in Python and in the page, the policy's sentences, and single words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from analyzer.finding import SEVERITIES
from analyzer.i18n import DOMAIN

ANALYZER = Path(__file__).parent.parent
POLICIES = ANALYZER.parent / "signatures" / "policy"

KEYWORDS = {"_": None, "mark": None, "filled": None, "translate": None, "translate_plural": (1, 2)}
SENTENCES = frozenset({"text", "title", "why", "why_unknown", "why_open", "ask", "action", "no_way_back"})
"""Keys of a policy whose values are shown to people."""

WORDS: tuple[str, ...] = (
    *SEVERITIES,
    "excludes", "requires", "limits", "advises",
    "ok", "partial", "unreadable", "ignored",
    "root", "contributing", "unrelated", "context",
)  # fmt: skip
"""Words of the report's contract that renderings show in the reader's language."""


def collect() -> Catalog:
    """The template: all messages, by file, in a fixed order."""
    template = Catalog(domain=DOMAIN, project="tcxtriage", fuzzy=False)
    for path in sorted(ANALYZER.rglob("*.py")):
        if "locale" not in path.relative_to(ANALYZER).parts:
            for _line, message, _comments, _context in extract_from_file("python", path, keywords=KEYWORDS):
                template.add(message, locations=[(path.relative_to(ANALYZER.parent).as_posix(), 1)])
    for path in sorted(ANALYZER.rglob("*.j2")):
        for _line, message, _comments, _context in extract_from_file(
            "jinja2.ext:babel_extract", path, keywords={"_": None}
        ):
            template.add(message, locations=[(path.relative_to(ANALYZER.parent).as_posix(), 1)])
    for path in sorted(POLICIES.glob("*.yaml")):
        for text in sentences(yaml.safe_load(path.read_text(encoding="utf-8"))):
            template.add(text, locations=[(path.relative_to(ANALYZER.parent).as_posix(), 1)])
    for word in (*WORDS, *_needs()):
        template.add(word, locations=[("report", 1)])
    return template


def sentences(node: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    """All texts of a policy that people read."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SENTENCES and isinstance(value, str):
                yield value
            else:
                yield from sentences(value)
    elif isinstance(node, list):
        for value in node:
            yield from sentences(value)


def _needs() -> Iterator[str]:
    from analyzer.pack.tables import NEEDS

    yield from dict.fromkeys([*NEEDS.values(), "a capture"])
