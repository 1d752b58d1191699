"""Encodings and lines."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tree.member import Member
from parsers.tree.text import Encoding, detect, head_text, lines, strip_ansi, utf8_chunks, whole_text

TEXT = "[General]\nVERSION = 20.0.8.1131\nName = Zoë Ünal\n"


def member(data: bytes, step: int = 7) -> Member:
    made = Member.of_bytes("x.txt", data)
    made.open_chunks = lambda: (data[at : at + step] for at in range(0, len(data), step))
    return made


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), Encoding("utf-8")),
        (codecs.BOM_UTF8 + TEXT.encode(), Encoding("utf-8", 3)),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), Encoding("utf-16-le", 2)),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), Encoding("utf-16-be", 2)),
        (TEXT.encode("utf-16-le"), Encoding("utf-16-le")),
        (TEXT.encode("utf-16-be"), Encoding("utf-16-be")),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), Encoding("utf-32-le", 4)),
        (TEXT.encode("cp1252"), Encoding("cp1252")),
    ],
)
def test_encodings_all_read_the_same(data: bytes, encoding: Encoding) -> None:
    assert detect(data) == encoding
    assert head_text(data) == TEXT
    assert whole_text(member(data)) == TEXT
    assert list(lines(member(data))) == [(1, "[General]"), (2, "VERSION = 20.0.8.1131"), (3, "Name = Zoë Ünal")]


@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"\x00\x07BLR" + bytes(n * 37 % 256 for n in range(4096))])
def test_binary_is_no_text(data: bytes) -> None:
    assert detect(data) is None
    assert head_text(data) == ""


def test_a_character_cut_by_the_end_of_the_head_is_still_utf8() -> None:
    assert detect(b"x" * 70_000 + "ü".encode()[:1]) == Encoding("utf-8")


def test_fall_back_is_said_with_its_line() -> None:
    found = member(b"ok\nZo\xeb\nend\n\xfcber\n")
    assert list(lines(found)) == [(1, "ok"), (2, "Zoë"), (3, "end"), (4, "über")]
    assert found.problems == ["line 2 is no UTF-8: read as Windows-1252, as others may be"]


def test_line_ends_and_last_line() -> None:
    assert list(lines(member(b"a\r\nb\n\nc"))) == [(1, "a"), (2, "b"), (3, ""), (4, "c")]
    assert list(lines(member(b"a\r\nb\nc"), ends=True)) == [(1, "a\n"), (2, "b\n"), (3, "c")]
    assert list(lines(member(b""))) == []


def test_long_lines_are_cut_and_said() -> None:
    found = member(b"a\n" + b"x" * 5000 + b"\nb\n" + b"y" * 2000, step=100)
    assert list(lines(found, limit=1024)) == [(1, "a"), (2, "x" * 1024), (3, "b"), (4, "y" * 1024)]
    assert found.problems == [
        "line 2 is longer than the limit of 1 KiB: cut there",
        "line 4 is longer than the limit of 1 KiB: cut there",
    ]


def test_whole_text_is_bounded() -> None:
    found = member(b"x" * 100)
    assert whole_text(found, limit=10) == "x" * 10
    assert found.problems == ["larger than the limit of 10 B for a file of this kind: cut there"]


def test_strip_ansi() -> None:
    assert strip_ansi("\x1b[33m====== [10:00:00] x: y\x1b[39m\x1b]0;title\x07 \x1b[0K") == "====== [10:00:00] x: y "
    assert strip_ansi("plain [33m") == "plain [33m"


@given(st.binary(max_size=400), st.integers(1, 50))
def test_nothing_raises_and_no_line_is_lost(data: bytes, step: int) -> None:
    found = member(data, step)
    numbers = [number for number, _ in lines(found, limit=64)]
    assert numbers == list(range(1, len(numbers) + 1))
    whole_text(found, limit=64)
    content = b"".join(bytes(chunk) for chunk in utf8_chunks(found))
    encoding = detect(data)
    if encoding is None or encoding.name in {"utf-8", "cp1252"}:
        assert content == data[encoding.bom if encoding else 0 :]
        assert len(numbers) == content.count(b"\n") + (not content.endswith(b"\n") and bool(content))


def test_holes_of_zeros_hide_no_text() -> None:
    assert detect(b"\0" * 5000 + TEXT.encode()) == Encoding("utf-8")
    assert detect(TEXT.encode() + b"\0" * 60_000) == Encoding("utf-8")
    assert detect(b"\0" * 5000) is None
    assert detect(b"\x01\x02\x03abc" + b"\0" * 5000) is None
