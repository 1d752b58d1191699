"""All checks over a pack."""

from __future__ import annotations

from analyzer.pack.build import Built
from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Check, Subject
from analyzer.pack.lint.cover import TooBroad, Uncovered
from analyzer.pack.lint.keys import Duplicates, Generate, LevelAgainstConfidence, MissingKeys, UnknownClause
from analyzer.pack.lint.names import BrokenPlaceholder, OperatorInName, UnknownField
from analyzer.pack.lint.patterns import OpenRepeat, WeakLiteral
from analyzer.pack.lint.relations import Explains
from analyzer.pack.scan import Scanner

CHECKS: tuple[Check, ...] = (
    MissingKeys(),
    LevelAgainstConfidence(),
    UnknownClause(),
    Duplicates(),
    Generate(),
    WeakLiteral(),
    OpenRepeat(),
    UnknownField(),
    BrokenPlaceholder(),
    OperatorInName(),
    Uncovered(),
    TooBroad(),
    Explains(),
)


def lint(built: Built, clauses: frozenset[str] | None = None) -> list[Problem]:
    """What keeps rules from loading and what the checks have to say, by file and line."""
    subject = Subject(built.drafts, Scanner.of(built.database), clauses)
    found = list(built.problems)
    for check in CHECKS:
        found.extend(Problem(item.file, item.line, f"{item.text} [{check.name}]") for item in check.run(subject))
    return sorted(dict.fromkeys(found))
