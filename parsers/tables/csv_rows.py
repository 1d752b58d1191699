"""CSV as 3CX and its users write it: cells over many lines, whole SIP messages in a cell, quotes that do not pair.

`csv` does the reading. Where a quote is never closed it would swallow all rows behind it: the reader is stopped at the
first line that can only be the start of a row, and the broken row is split by its columns instead.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from parsers.tree.budget import MIB, shown
from parsers.tree.member import Member
from parsers.tree.text import lines, text_of, utf8_chunks

ROW_LIMIT = 4 * MIB
"""Characters of one row."""
HEADER_LIMIT = 64 * 1024
COLUMN_LIMIT = 500
_LOOK_BACK = 256 * 1024
"""Characters at the end of a block in which the last start of a row is looked for."""
_TIMES = frozenset({"time", "timegenerated", "timestamp", "datetime", "date"})
_NUMBERS = frozenset({"id", "eventid", "source", "action", "objecttype", "index"})
_WORDS = frozenset({"level", "type", "severity", "group"})
_WIDE = frozenset({"message", "details", "description"})
_TIME = r'"?\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d[^"\r\n]{0,24}"?'

csv.field_size_limit(ROW_LIMIT)


class TableRow(NamedTuple):
    """One row. ``number`` counts from 1 without the header. ``cells`` is null where the row could not be split; ``raw`` is
    its text then. ``repaired``: its quotes did not pair, it was split by its columns.
    """

    number: int
    cells: list[str] | None
    raw: str = ""
    repaired: bool = False


class Header(NamedTuple):
    """The first line: names as written, their place by `plain_name`, and what stands between columns."""

    names: list[str]
    places: dict[str, int]
    delimiter: str

    def cell(self, cells: list[str], name: str) -> str | None:
        """The cell of a column; null where there is no such column or the row ends before it."""
        place = self.places.get(name)
        return cells[place] if place is not None and place < len(cells) else None


class _SwallowedError(Exception):
    """A line that starts a row was met inside a quoted cell."""


def plain_name(name: str) -> str:
    """A column's name for look-up: ``Date & Time``, ``time_stamp``, ``TimeGenerated`` → ``datetime``, ``timestamp`` …"""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def header_of(line: str) -> Header | None:
    """The header in the first line of a file; null where the line is none."""
    line = line[:HEADER_LIMIT].strip("\ufeff\r\n")
    delimiter = max(",;\t", key=line.count)
    if delimiter not in line:
        return None
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return None
    if len(names) > COLUMN_LIMIT:
        return None
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(plain_name(name), place)
    return Header(names, places, delimiter)


def first_header(text: str) -> Header | None:
    """The header of a probe's text."""
    return header_of(text[: HEADER_LIMIT + 1].partition("\n")[0])


class _Feed:
    """The lines for `csv.reader`, as many as belong to one row."""

    def __init__(self, source: Iterator[str], start: re.Pattern[str] | None) -> None:
        self._source = source
        self._start = start
        self._pending: str | None = None
        self.row: list[str] = []
        self._size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._take()
        if self.row and ((self._start and self._start.match(line)) or self._size > ROW_LIMIT):
            self._pending = line
            raise _SwallowedError
        self.row.append(line)
        self._size += len(line)
        return line

    def begin(self) -> None:
        """A new row starts here."""
        self.row.clear()
        self._size = 0

    def rest(self) -> str:
        """All of the current row up to the next line that starts one; what is above the limit of a row is passed over."""
        while self._start:
            try:
                line = self._take()
            except StopIteration:
                break
            if self._start.match(line):
                self._pending = line
                break
            if self._size <= ROW_LIMIT:
                self.row.append(line)
                self._size += len(line)
        return "".join(self.row)

    def _take(self) -> str:
        if self._pending is not None:
            line, self._pending = self._pending, None
            return line
        return next(self._source)


def table_rows(member: Member, header: Header) -> Iterator[TableRow]:
    """The rows behind the header. Nothing is raised for what stands in them.

    Where the start of a row can be told, the text is read in blocks of whole rows: a block whose rows all have the right
    width, and are as many as there are row starts in it, is taken as it is; only others are looked at line by line.
    """
    start = _start(header)
    if start is None:
        source = (line for _, line in lines(member, limit=ROW_LIMIT, ends=True))
        next(source, None)
        yield from _careful(member, source, header, None, 0)
        return
    number = 0
    for block in _blocks(member, start):
        rows = _plain(block, header, start)
        if rows is None:
            for row in _careful(member, iter(io.StringIO(block)), header, start, number):
                number = row.number
                yield row
            continue
        for cells in rows:
            number += 1
            yield TableRow(number, cells)


def _blocks(member: Member, start: re.Pattern[str]) -> Iterator[str]:
    """The text behind the header in pieces that end where a row starts."""
    rest = ""
    skipped = False
    endless = False
    tail = b""
    for chunk in utf8_chunks(member):
        data = tail + bytes(chunk)
        end = data.rfind(b"\n") + 1
        if not end and len(data) <= ROW_LIMIT:
            tail = data
            continue
        tail = data[end:] if end else b""
        text = rest + _text(member, data[:end] if end else data)
        if not skipped:
            skipped = True
            text = text.partition("\n")[2]
        if endless:
            following = start.search(text)
            if following is None:
                continue
            endless, text = False, text[following.start() :]
        cut = 0
        for found in start.finditer(text, max(0, len(text) - _LOOK_BACK)):
            cut = found.start()
        if not cut and len(text) > 4 * ROW_LIMIT:
            endless, cut = True, len(text)
        if cut:
            yield text[:cut]
        rest = text[cut:]
    text = rest + ("" if endless and not start.match(_text(member, tail)) else _text(member, tail))
    yield text if skipped else text.partition("\n")[2]


def _text(member: Member, data: bytes) -> str:
    text, odd = text_of(data)
    if odd:
        member.problem("not all of it is UTF-8: read as Windows-1252")
        text = "\n".join(text_of(line)[0] for line in data.split(b"\n"))
    return text.replace("\r\n", "\n")


def _plain(block: str, header: Header, start: re.Pattern[str]) -> list[list[str]] | None:
    """The rows of a block in which all quotes pair; null where they do not."""
    try:
        rows = [row for row in csv.reader(io.StringIO(block), delimiter=header.delimiter, skipinitialspace=True) if row]
    except csv.Error:
        return None
    width = len(header.names)
    if any(len(row) != width for row in rows):
        return None
    one_line_each = block.count("\n") + (not block.endswith("\n")) == len(rows)
    return rows if one_line_each or sum(1 for _ in start.finditer(block)) == len(rows) else None


def _careful(
    member: Member, source: Iterator[str], header: Header, start: re.Pattern[str] | None, number: int
) -> Iterator[TableRow]:
    feed = _Feed(source, start)
    width = len(header.names)
    reader = csv.reader(feed, delimiter=header.delimiter, skipinitialspace=True)
    while True:
        feed.begin()
        cells: list[str] | None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_SwallowedError, csv.Error):
            cells = None
            reader = csv.reader(feed, delimiter=header.delimiter, skipinitialspace=True)
        if cells is not None and len(cells) == width:
            number += 1
            yield TableRow(number, cells)
        elif cells is None or any(cells):
            raw = feed.rest()
            number += 1
            if len(raw) > ROW_LIMIT:
                member.problem(f"row {number} is longer than the limit of {shown(ROW_LIMIT)}: not read")
                yield TableRow(number, None, raw[:ROW_LIMIT])
                continue
            split = split_by_columns(raw, header)
            yield TableRow(number, split, raw, repaired=split is not None)


def split_by_columns(raw: str, header: Header) -> list[str] | None:
    """The cells of a row whose quotes do not pair: all columns but one hold no delimiter, that one holds the rest."""
    wide = next((place for name, place in header.places.items() if name in _WIDE), None)
    if wide is None:
        return None
    behind = len(header.names) - wide - 1
    left = raw.rstrip("\r\n").split(header.delimiter, wide)
    if len(left) != wide + 1:
        return None
    right = left.pop().rsplit(header.delimiter, behind)
    if len(right) != behind + 1:
        return None
    return [_unquoted(cell) for cell in (*left, *right)]


def _unquoted(cell: str) -> str:
    cell = cell.strip(" ")
    return cell.removeprefix('"').removesuffix('"').replace('""', '"')


def _start(header: Header) -> re.Pattern[str] | None:
    """How a row of this table begins, where its first columns allow to tell."""
    parts = []
    for place, name in enumerate(map(plain_name, header.names[:4])):
        if name in _TIMES:
            parts.append(_TIME)
            following = plain_name(header.names[place + 1]) if place + 1 < len(header.names) else ""
            between = f"[ ]?{re.escape(header.delimiter)}[ ]?"
            tail = between + (r'"?-?\d{1,20}"?' + between if following in _NUMBERS - {"source"} else "")
            return re.compile("^" + between.join(parts) + tail, re.MULTILINE)
        if name in _NUMBERS:
            parts.append(r'"?-?\d{0,20}"?')
        elif name in _WORDS:
            parts.append(r'"?\w{0,20}"?')
        else:
            break
    return None
