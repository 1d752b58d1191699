"""Collects every text that people read: calls in Python and in the page, the policy's sentences, and single words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file

from analyzer.catalog.schema import PhoneStatus, TrunkStatus
from analyzer.finding import SEVERITIES, Role
from analyzer.i18n import DOMAIN
from analyzer.scope.messages import messages
from analyzer.scope.policy import Policy, available
from analyzer.verdict import EFFECTS

ANALYZER = Path(__file__).parent.parent

CALLS = {"_": 1, "mark": 1, "filled": 1, "translate": 1, "Question": 1, "translate_plural": 2}
"""Functions whose first arguments are texts, by how many of them are."""

WORDS: tuple[str, ...] = (
    *SEVERITIES,
    *EFFECTS,
    *get_args(Role),
    "ok", "partial", "unreadable", "ignored",
    "line", "row", "frame",
    "holds", "does not hold", "cannot be told",
)  # fmt: skip
"""Words of the report's contract that renderings show in the reader's language."""


def collect() -> Catalog:
    """The template: all messages, by file, in a fixed order."""
    template = Catalog(domain=DOMAIN, project="tcxtriage", fuzzy=False)
    for path in sorted(ANALYZER.rglob("*.py")):
        if "locale" not in path.relative_to(ANALYZER).parts:
            for text in in_python(path.read_text(encoding="utf-8")):
                template.add(text, locations=[(path.relative_to(ANALYZER.parent).as_posix(), 1)])
    for path in sorted(ANALYZER.rglob("*.j2")):
        for _line, message, _comments, _context in extract_from_file(
            "jinja2.ext:babel_extract", path, keywords={"_": None}
        ):
            template.add(message, locations=[(path.relative_to(ANALYZER.parent).as_posix(), 1)])
    for name, day in available():
        policy = Policy.load(f"{name}-{day.isoformat()}", day)
        for sentence in messages(policy):
            template.add(sentence, locations=[(f"signatures/policy/{name}-{day.isoformat()}.yaml", 1)])
    for word in (*WORDS, *_statuses(), *_needs()):
        template.add(word, locations=[("report", 1)])
    return template


def in_python(source: str) -> Iterator[str | tuple[str, str]]:
    """Texts of the calls in a Python file, those inside f-strings too; a pair for one with a plural."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        values = [node.value for node in call.args[: CALLS.get(name, 0)] if isinstance(node, ast.Constant)]
        texts = [value for value in values if isinstance(value, str) and value]
        if texts and len(texts) == CALLS[name]:
            yield (texts[0], texts[1]) if len(texts) == 2 else texts[0]


def _statuses() -> Iterator[str]:
    for kind in (PhoneStatus, TrunkStatus):
        yield from (word.replace("_", " ") for word in get_args(get_type_hints(kind)["status"]))


def _needs() -> Iterator[str]:
    from analyzer.pack.tables import need_words

    yield from need_words()
