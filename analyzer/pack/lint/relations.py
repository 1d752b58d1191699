"""Which finding explains which: names that do not exist, what nothing explains, circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Subject
from analyzer.pack.relations import Relations, looked_for
from analyzer.pack.rule import Draft

NEVER = "SCOPE-"
"""Beginning of codes that no other finding explains: they say what is in the installation, and the verdict rests on them."""


class Explains:
    """``explains``, ``root`` and rules over findings."""

    name = "relations"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Codes that no rule has, roots that make no finding, SCOPE codes that are explained away, and circles."""
        known = Relations(subject.rules)
        follows = known.effects()
        for draft in subject.drafts.values():
            yield from _names(draft, known)
            yield from _roots(draft, known)
            own = known.of(draft.rule)
            for code in sorted(code for _, effects in own for code in effects if code.startswith(NEVER)):
                text = f"{code} says what is in the installation: no other finding explains it"
                yield draft.document.problem(text, _key(draft))
            if own and draft.rule.code in _reached(draft.rule.code, follows):
                yield draft.document.problem(f"{draft.rule.code} would explain itself", _key(draft))


def _names(draft: Draft, known: Relations) -> Iterator[Problem]:
    for word in draft.rule.explains:
        if not known.codes_of(word):
            yield draft.document.problem(f"explains: there is no signature {word!r}", "explains")
    for code in sorted(looked_for(draft.rule) - known.codes):
        alias = known.aliases.get(code)
        text = f"no signature makes findings of {code!r}{f': write {alias}' if alias else ''}"
        yield draft.document.problem(text, "detection")


def _roots(draft: Draft, known: Relations) -> Iterator[Problem]:
    for name in draft.rule.roots:
        part = known.rules.get(name)
        if part is not None and not part.code and not looked_for(part):
            yield draft.document.problem(f"root {name!r} makes no finding and looks for none", "root")


def _reached(code: str, follows: Mapping[str, set[str]]) -> set[str]:
    """All codes that follow from a code, at any distance."""
    found: set[str] = set()
    pending = [code]
    while pending:
        for effect in follows.get(pending.pop(), ()):
            if effect not in found:
                found.add(effect)
                pending.append(effect)
    return found


def _key(draft: Draft) -> str:
    return "explains" if draft.rule.explains else "root"
