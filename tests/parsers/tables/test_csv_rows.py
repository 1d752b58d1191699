"""Rows out of CSV, whole and broken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tables import csv_rows
from parsers.tables.csv_rows import Header, TableRow, header_of, plain_name, table_rows
from parsers.tree.member import Member

HEADER = "timegenerated,eventid,message,source,severity\n"
STAMP = "2026-11-12 09:{:02d}:00.120000+00"


def rows(text: str | bytes, step: int = 1 << 20) -> list[TableRow]:
    data = text.encode() if isinstance(text, str) else text
    made = Member.of_bytes("x.csv", data)
    made.open_chunks = lambda: (data[at : at + step] for at in range(0, len(data), step))
    header = header_of(data.decode("utf-8", "replace").partition("\n")[0])
    assert header
    return list(table_rows(made, header))


def messages(found: list[TableRow]) -> list[str | None]:
    return [row.cells[2] if row.cells else None for row in found]


def line(minute: int, message: str, source: str = "SIP") -> str:
    return f"{STAMP.format(minute)},4100,{message},{source},Info\n"


def test_names() -> None:
    assert [plain_name(name) for name in ("Date & Time", "time_stamp", "TimeGenerated", "Event ID")] == [
        "datetime", "timestamp", "timegenerated", "eventid",
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_header(delimiter: str) -> None:
    found = header_of(f'\ufeff"Level"{delimiter} Event ID{delimiter}Date & Time\r\n')
    assert found == Header(["Level", "Event ID", "Date & Time"], {"level": 0, "eventid": 1, "datetime": 2}, delimiter)


def test_no_header() -> None:
    assert header_of("just a text") is None
    assert header_of(",".join(map(str, range(600)))) is None


@pytest.mark.parametrize("step", [1, 7, 64, 1 << 20])
def test_cells_over_many_lines_and_doubled_quotes(step: int) -> None:
    invite = 'INVITE sip:1@x SIP/2.0\r\nFrom: ""F"" <sip:1@x>\r\n\r\nv=0\r\n'
    text = HEADER + line(1, f'"{invite}"') + line(2, "plain") + line(3, '"a, b"') + "\n" + line(4, '""')
    found = rows(text, step)
    assert [row.number for row in found] == [1, 2, 3, 4]
    assert messages(found) == ['INVITE sip:1@x SIP/2.0\nFrom: "F" <sip:1@x>\n\nv=0\n', "plain", "a, b", ""]
    assert not any(row.repaired for row in found)


@pytest.mark.parametrize("step", [13, 1 << 20])
def test_a_quote_that_is_never_closed_costs_one_row(step: int) -> None:
    text = HEADER + line(1, "one") + line(2, '"never closed') + line(3, "three") + line(4, "four")
    found = rows(text, step)
    assert messages(found) == ["one", "never closed", "three", "four"]
    assert [row.repaired for row in found] == [False, True, False, False]


def test_two_open_quotes_do_not_swallow_what_lies_between() -> None:
    text = HEADER + line(1, '"one') + line(2, "two") + line(3, '"three') + line(4, "four")
    assert messages(rows(text)) == ["one", "two", "three", "four"]


def test_quotes_that_are_not_doubled() -> None:
    broken = '"From: "Front", Desk" <sip:1@x>\nVia: x, y\n\nbody"'
    found = rows(HEADER + line(1, broken) + line(2, "two"))
    assert messages(found) == ['From: "Front", Desk" <sip:1@x>\nVia: x, y\n\nbody', "two"]
    assert [row.number for row in found] == [1, 2]


def test_commas_without_quotes() -> None:
    found = rows(HEADER + line(1, "a, b, c") + line(2, "two", "SBC / Tunnel"))
    assert messages(found) == ["a, b, c", "two"]
    assert found[1].cells is not None
    assert found[1].cells[3] == "SBC / Tunnel"


def test_too_few_cells_are_said() -> None:
    found = rows(HEADER + f"{STAMP.format(1)},4100,half\n" + line(2, "two"))
    assert messages(found) == [None, "two"]
    assert found[0].raw == f"{STAMP.format(1)},4100,half\n"


def test_tables_without_a_time_column_are_read_too() -> None:
    found = rows('name,place\n"a\nb",c\nd\ne,f\n')
    assert [row.cells for row in found] == [["a\nb", "c"], None, ["e", "f"]]


def test_utf16_and_latin1() -> None:
    text = HEADER + line(1, "Zoë")
    header = header_of(HEADER)
    assert header
    for data in (text.encode("utf-16"), text.encode("cp1252"), b"\xef\xbb\xbf" + text.encode()):
        assert messages(list(table_rows(Member.of_bytes("x.csv", data), header))) == ["Zoë"]


def test_a_line_that_is_no_utf_8_leaves_the_others_alone() -> None:
    header = header_of(HEADER)
    assert header
    data = (HEADER + line(1, "Zoë")).encode() + line(2, "Jörg").encode("cp1252") + line(3, "Łukasz").encode()
    member = Member.of_bytes("x.csv", data)
    assert messages(list(table_rows(member, header))) == ["Zoë", "Jörg", "Łukasz"]
    assert member.problems == ["not all of it is UTF-8: read as Windows-1252"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=30), max_size=8),
    st.integers(1, 90),
)
def test_what_csv_writes_comes_back(cells: list[str], step: int) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for minute, cell in enumerate(cells):
        writer.writerow([STAMP.format(minute), 4100, cell, "SIP", "Info"])
    found = rows(HEADER + out.getvalue(), step)
    assert messages(found) == cells
    assert not any(row.repaired for row in found)


@given(st.text('",\n\r 0a:-+2;', max_size=200), st.integers(1, 60))
def test_nothing_raises(text: str, step: int) -> None:
    found = rows(HEADER + line(1, "one") + text + "\n" + line(2, "two"), step)
    assert [row.number for row in found] == list(range(1, len(found) + 1))
    assert messages(found)[0] == "one"
    assert messages(found)[-1] == "two"


@pytest.fixture
def small_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(csv_rows, "ROW_LIMIT", 4096)
    before = csv.field_size_limit(4096)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("small_rows")
@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_a_row_above_the_limit_costs_only_itself(step: int) -> None:
    for cell in ('"' + "a" * 50_000 + '"', '"' + "a line\n" * 9000 + '"', '"never closed ' + "a line\n" * 9000):
        data = (HEADER + line(1, "one") + line(2, cell) + line(3, "three")).encode()
        made = Member.of_bytes("x.csv", data)
        made.open_chunks = lambda data=data: (data[at : at + step] for at in range(0, len(data), step))  # type: ignore[misc]
        header = header_of(HEADER)
        assert header
        assert messages(list(table_rows(made, header))) == ["one", None, "three"]
        assert made.problems == ["row 2 is longer than the limit of 4 KiB: not read"]
