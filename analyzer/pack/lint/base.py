"""What a check gets and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from analyzer.pack import ir
from analyzer.pack.errors import Problem, RuleError
from analyzer.pack.rule import Draft
from analyzer.pack.samples import sample_rows
from analyzer.pack.scan import Scanner
from parsers.facts.base import Row

SampleRows = dict[str, list[Row]]


class Subject(Struct):
    """All rules of a pack as they are written, and what else a check may need.

    ``clauses`` are the ids of the policy's clauses, null where no policy is at hand.
    """

    drafts: Mapping[str, Draft]
    scanner: Scanner
    clauses: frozenset[str] | None = None
    _samples: dict[str, dict[str, list[SampleRows]]] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, ir.Rule]:
        """All rules by Sigma name."""
        return {name: draft.rule for name, draft in self.drafts.items()}

    def samples(self, draft: Draft) -> dict[str, list[SampleRows]]:
        """The rows of a rule's samples, by ``fires`` and ``silent``; samples that cannot be read are left out."""
        name = draft.rule.name
        if name not in self._samples:
            self._samples[name] = {side: list(self._rows(draft, side)) for side in ("fires", "silent")}
        return self._samples[name]

    def _rows(self, draft: Draft, side: str) -> Iterator[SampleRows]:
        samples: Any = draft.document.data.get("samples")
        for entry in (samples.get(side) or ()) if isinstance(samples, dict) else ():
            try:
                yield sample_rows(entry, self.scanner)
            except RuleError:
                continue


class Check(Protocol):
    """One sort of fault. ``name`` stands in brackets behind its messages."""

    name: str

    def run(self, subject: Subject) -> Iterator[Problem]:
        """Every fault of this sort."""


def leaves(expr: ir.Expr, *, negated: bool = False) -> Iterator[tuple[ir.Leaf, bool]]:
    """Every leaf of a condition and whether an odd number of "not" stands over it."""
    if isinstance(expr, ir.All | ir.Any):
        for part in expr.parts:
            yield from leaves(part, negated=negated)
    elif isinstance(expr, ir.Not):
        yield from leaves(expr.part, negated=not negated)
    else:
        yield expr, negated
