"""Which codes may explain which, by ``explains`` and by the roots of correlations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analyzer.pack import ir, tables


class Relations:
    """What the rules of a pack, by name, say of each other."""

    def __init__(self, rules: Mapping[str, ir.Rule]) -> None:
        self.rules = rules
        self.codes = {rule.code for rule in rules.values() if rule.code}
        self.aliases = {alias: rule.code for rule in rules.values() for alias in rule.aliases}

    def codes_of(self, word: str) -> set[str]:
        """The code that an entry of ``explains`` means: a code, an alias, or the name of a rule; empty where it is none."""
        if word in self.rules:
            return {self.rules[word].code} - {""}
        return {self.aliases.get(word, word)} & self.codes

    def of(self, rule: ir.Rule) -> list[tuple[str, set[str]]]:
        """Codes of causes with those of what may follow from them, by one rule. No code is its own cause."""
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

    def effects(self) -> dict[str, set[str]]:
        """All codes that may follow from a code, one step."""
        found: dict[str, set[str]] = {}
        for rule in self.rules.values():
            for cause, effects in self.of(rule):
                found.setdefault(cause, set()).update(effects)
        return found

    def _behind(self, name: str) -> set[str]:
        """The codes whose findings a part of a correlation meets."""
        rule = self.rules.get(name)
        if rule is None:
            return set()
        if rule.code:
            return {rule.code}
        below = rule.correlation.rules if rule.correlation else ()
        return looked_for(rule).union(*(self._behind(part) for part in below))


def looked_for(rule: ir.Rule) -> set[str]:
    """The codes that a rule over findings wants; empty where it wants any, and for all other rules."""
    if rule.condition is None or rule.table != tables.FINDING:
        return set()
    return set(_codes(rule.condition))


def _codes(expr: ir.Expr) -> Iterator[str]:
    """Values of ``code`` that a condition names, but under "not"."""
    if isinstance(expr, ir.All | ir.Any):
        for part in expr.parts:
            yield from _codes(part)
    elif isinstance(expr, ir.Text) and expr.field == "code" and expr.where == "equals":
        yield expr.value
