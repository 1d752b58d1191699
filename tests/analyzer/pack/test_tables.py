"""Every table has words for what a case must come with."""

from __future__ import annotations

from analyzer.pack import tables


def test_every_table_says_what_it_needs() -> None:
    made_by_the_engine = {"case", "part", ""}
    seen_tables = {name for name in tables.classes() if name.endswith("_seen")}
    rest = set(tables.classes()) - made_by_the_engine - seen_tables
    assert [name for name in sorted(rest) if tables.needs(name).startswith("data for")] == []
