"""What a report shows: JSON values, no secret whatever it stands in."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from analyzer.redact.secrets import MASK, Scrubber
from analyzer.report.rows import Table, table
from analyzer.report.shown import shown
from parsers.facts.base import Row, Source
from parsers.facts.capture import Call
from parsers.facts.system import Setting

KNOWN = "Zq231hTr9Lm"
LIKELY = "password=Qm7ZxKw01"
HIDDEN = f"password={MASK}"
NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


class Word(str):
    """A text of another class, as parsers of XML give them."""

    __slots__ = ()


def thing(value: Any = None, source: Source | None = None) -> Row:
    row = Setting(source=source or Source(artifact="a"), object="O", name="x", value=None)
    row.value = value
    return row


def show(value: object) -> Any:
    return shown({"value": value}, Scrubber([KNOWN]))["value"]


def column(*values: Any) -> list[Any]:
    return [row["value"] for row in show(table(map(thing, values)))]


@pytest.mark.parametrize(("text", "clean"), [(KNOWN, MASK), (f"by {KNOWN}", f"by {MASK}"), (LIKELY, HIDDEN)])
@pytest.mark.parametrize("place", [show, lambda value: column(value)[0], lambda value: column(None, "y", value, 1)[2]])
def test_secrets_go_wherever_they_stand(text: str, clean: str, place: Any) -> None:
    assert place(text) == clean
    assert place(Word(text)) == clean
    assert place([[text], (text, 1)]) == [[clean], [clean, 1]]
    assert place({"a": {"b": [{"c": text}]}}) == {"a": {"b": [{"c": clean}]}}
    assert place({text: {text: 1}}) == {clean: {clean: 1}}
    assert place(defaultdict(list, {"a": [text]})) == {"a": [clean]}
    assert place({text, "\u00e4"}) == sorted([clean, "\u00e4"])
    assert place(frozenset([text])) == [clean]


@pytest.mark.parametrize("text", [KNOWN, LIKELY])
def test_secrets_in_places(text: str) -> None:
    rows = [thing(source=Source(artifact=f"{text}.zip", path=f"$.{text}", row=1)), thing(source=Source(ticket=text))]
    one, two = (row["source"] for row in show(table(rows)))
    assert list(one) == ["artifact", "row", "path"]
    assert (KNOWN in str((one, two)), "Qm7ZxKw01" in str((one, two))) == (False, False)
    assert MASK in one["artifact"]
    assert MASK in one["path"]
    assert MASK in two["ticket"]


def test_secret_is_not_put_together_from_two_neighbours_nor_lost_between_them() -> None:
    assert column("Zq231h", "Tr9Lm", KNOWN, "Zq231h") == ["Zq231h", "Tr9Lm", MASK, "Zq231h"]
    assert column("pass", "word=x1y2z3w4", LIKELY, "pass") == ["pass", "word=x1y2z3w4", HIDDEN, "pass"]


@pytest.mark.parametrize(
    "name", [name for name in Call.__struct_fields__ if name not in ("derived", "sources", "source")]
)
def test_every_column_of_a_table(name: str) -> None:
    calls: list[Row] = [Call(source=Source(), call_id=str(n)) for n in range(3)]
    setattr(calls[1], name, [LIKELY, {LIKELY: KNOWN}] if isinstance(getattr(calls[1], name), list | dict) else LIKELY)
    assert "Qm7ZxKw01" not in json.dumps(show(table(calls)))
    assert MASK in json.dumps(show(table(calls)), ensure_ascii=False)


def test_values_become_those_of_json() -> None:
    assert column(1, True, None, 2.5) == [1, True, None, 2.5]
    assert column(NOON, None) == ["2026-11-12T12:00:00.000000Z", None]
    assert column(NOON, date(2026, 11, 12), "x", [NOON]) == [
        "2026-11-12T12:00:00.000000Z", "2026-11-12", "x", ["2026-11-12T12:00:00.000000Z"],
    ]  # fmt: skip
    assert column({1: NOON}, ()) == [{"1": "2026-11-12T12:00:00.000000Z"}, []]
    assert column("half \udc80", f"{KNOWN} \udc80") == ["half \ufffd", f"{MASK} \ufffd"]
    assert show(Table({})) == []
    assert show(table([])) == []


def test_rows_have_their_columns_in_order_and_their_source_last() -> None:
    row = show(table([thing(1, Source(artifact="a", frame=3))], without=("name",)))[0]
    assert list(row.items()) == [("object", "O"), ("value", 1), ("source", {"artifact": "a", "frame": 3})]
