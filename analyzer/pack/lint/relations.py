"""Which finding explains which: names that do not exist, what nothing explains, circles."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.pack import ir, tables
from analyzer.pack.errors import Problem
from analyzer.pack.lint.base import Subject, leaves
from analyzer.pack.rule import Draft

NEVER = "SCOPE-"
"""Beginning of codes that no other finding explains: they say what is in the installation, and the verdict rests on them."""


class Relations:
    """``explains``, ``root`` and rules over findings."""

    name = "relations"

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Codes that no rule has, roots that make no finding, SCOPE codes that are explained away, and circles."""
        known = _Known(subject.rules)
        follows: dict[str, set[str]] = {}
        for draft in subject.drafts.values():
            yield from self._names(draft, known)
            yield from self._roots(draft, known)
            for cause, effects in known.relations(draft.rule):
                follows.setdefault(cause, set()).update(effects)
                for code in sorted(effects):
                    if code.startswith(NEVER):
                        text = f"{code} says what is in the installation: no other finding explains it"
                        yield draft.document.problem(text, _key(draft))
        for draft in subject.drafts.values():
            rule = draft.rule
            if known.relations(rule) and rule.code in _reached(rule.code, follows):
                yield draft.document.problem(f"{rule.code} would explain itself", _key(draft))

    def _names(self, draft: Draft, known: _Known) -> Iterator[Problem]:
        for word in draft.rule.explains:
            if not known.codes_of(word):
                yield draft.document.problem(f"explains: there is no signature {word!r}", "explains")
        for code in known.looked_for(draft.rule):
            if code not in known.codes:
                alias = known.aliases.get(code)
                text = f"no signature makes findings of {code!r}{f': write {alias}' if alias else ''}"
                yield draft.document.problem(text, "detection")

    def _roots(self, draft: Draft, known: _Known) -> Iterator[Problem]:
        for name in draft.rule.roots:
            part = known.rules.get(name)
            if part is not None and not part.code and not known.looked_for(part):
                yield draft.document.problem(f"root {name!r} makes no finding and looks for none", "root")


class _Known:
    """What a pack's rules are called."""

    def __init__(self, rules: dict[str, ir.Rule]) -> None:
        self.rules = rules
        self.codes = {rule.code for rule in rules.values() if rule.code}
        self.aliases = {alias: rule.code for rule in rules.values() for alias in rule.aliases}

    def codes_of(self, word: str) -> set[str]:
        """The code that an entry of ``explains`` means: a code, an alias, or the name of a rule."""
        if word in self.rules:
            return {self.rules[word].code} - {""}
        return {self.aliases.get(word, word)} & self.codes

    def looked_for(self, rule: ir.Rule) -> set[str]:
        """The codes that a rule over findings wants."""
        if rule.condition is None or rule.table != tables.FINDING:
            return set()
        return {
            leaf.value
            for leaf, negated in leaves(rule.condition)
            if isinstance(leaf, ir.Text) and leaf.field == "code" and leaf.where == "equals" and not negated
        }

    def relations(self, rule: ir.Rule) -> list[tuple[str, set[str]]]:
        """Codes of causes with those of what follows from them."""
        found: list[tuple[str, set[str]]] = []
        effects = {code for word in rule.explains for code in self.codes_of(word)}
        if effects - {rule.code}:
            found.append((rule.code, effects - {rule.code}))
        if rule.roots and rule.correlation is not None:
            parts = {name: self._behind(name) for name in rule.correlation.rules}
            others = {code for name, codes in parts.items() if name not in rule.roots for code in codes}
            if rule.name in rule.roots:
                found.append((rule.code, others))
            else:
                causes = {code for name in rule.roots for code in parts.get(name, ())}
                found.extend((code, (others | {rule.code}) - causes) for code in sorted(causes))
        return found

    def _behind(self, name: str) -> set[str]:
        rule = self.rules.get(name)
        if rule is None:
            return set()
        if rule.code:
            return {rule.code}
        below = rule.correlation.rules if rule.correlation else ()
        return self.looked_for(rule).union(*(self._behind(part) for part in below))


def _reached(code: str, follows: dict[str, set[str]]) -> set[str]:
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
