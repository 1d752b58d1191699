"""Integrations: one row for each, with its status by the catalogue."""

from __future__ import annotations

from analyzer.catalog import Catalog
from parsers.facts import Facts
from parsers.facts.inventory import Integration


def join_integrations(facts: Facts, catalog: Catalog) -> None:
    """Join rows of the same kind and name and fill their ``status``."""
    found: dict[tuple[str, str], Integration] = {}
    for row in facts.of(Integration):
        kept = found.setdefault((row.kind, (row.name or "").casefold()), row)
        if kept is not row:
            _add(kept, row)
    for row in found.values():
        status, why = catalog.integration_standing(row.kind, row.name)
        row.status = "unsupported" if status == "unsupported" else "supported" if status == "supported" else "unknown"
        row.standing_why = why
    facts.replace(Integration, sorted(found.values(), key=lambda row: (row.kind, row.name or "")))


def _add(kept: Integration, row: Integration) -> None:
    """What a second source knows and the first does not; enabled wins over disabled, custom over stock."""
    for column in ("enabled", "custom_template"):
        said = getattr(row, column)
        if said is not None and (getattr(kept, column) is None or (said and not getattr(kept, column))):
            setattr(kept, column, said)
            kept.sources[column] = row.source_of(column)
