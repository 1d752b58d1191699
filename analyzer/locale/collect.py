"""Collects every text that people read: calls in Python and in the page, the policy's sentences, and single words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from analyzer.finding import SEVERITIES
from analyzer.i18n import DOMAIN
from analyzer.scope.messages import messages
from analyzer.scope.policy import Policy, available

ANALYZER = Path(__file__).parent.parent

KEYWORDS = {"_": None, "mark": None, "filled": None, "translate": None, "translate_plural": (1, 2), "Question": (1,)}
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
    for name, day in available():
        policy = Policy.load(f"{name}-{day.isoformat()}", day)
        for text in messages(policy):
            template.add(text, locations=[(f"signatures/policy/{name}-{day.isoformat()}.yaml", 1)])
    for word in (*WORDS, *_needs()):
        template.add(word, locations=[("report", 1)])
    return template


def _needs() -> Iterator[str]:
    from analyzer.pack.tables import NEEDS

    yield from dict.fromkeys([*NEEDS.values(), "a capture"])
