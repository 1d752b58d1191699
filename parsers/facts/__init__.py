"""Typed records, a class a table. Each row carries where it came from.

Column names, units and definitions of tables that stand in the report are a contract (docs/report.md);
tables whose name ends in ``_seen`` are what one source says of a thing, before several sources are joined.
"""

from parsers.facts.base import Row, Source
from parsers.facts.store import Facts

__all__ = ["Facts", "Row", "Source"]
