from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.logs.layout import Layouts, Pictures, picture
from parsers.logs.service_log import FORMAT
from parsers.logs.vector import Starts, Vector, gather, match

PICTURE = "9999/99 AA|"
REGEX = re.compile(rb"[0-9]{4}/[0-9]{2} [A-Za-z]{2}\|")


def buffer(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(data + bytes(256), dtype=np.uint8)


@given(
    st.binary(min_size=16, max_size=16).map(lambda line: line.replace(b"@", b"!").replace(b"`", b"!"))
    | st.lists(st.sampled_from(b"0123456789/:|AZaz[{\x00 "), min_size=16, max_size=16).map(bytes)
    | st.tuples(st.just(b"2026/11 Ab|"), st.integers(0, 10), st.integers(0, 255)).map(
        lambda t: (t[0][: t[1]] + bytes([t[2]]).replace(b"@", b"!").replace(b"`", b"!") + t[0][t[1] + 1 :]).ljust(
            16, b"x"
        )
    )
)
def test_a_picture_matches_what_its_regex_matches(line: bytes) -> None:
    rows = gather(buffer(line), np.array([0]), 16)
    assert bool(match(picture(PICTURE), rows)[0]) == bool(REGEX.match(line))


@pytest.mark.parametrize("byte", range(256))
def test_digits_and_letters_are_exact(byte: int) -> None:
    row = gather(buffer(bytes([byte]) * 8), np.array([0]), 8)
    assert bool(match(picture("99999999"), row)[0]) == (byte in b"0123456789")
    assert bool(match(picture("AAAAAAAA"), row)[0]) == (bytes([byte]).isalpha() or byte in b"@`")


def test_starts_of_several_pictures() -> None:
    data = b"2026/11 Ab|x\nno\n[12] y\n\n[1] z\n2026/11 Ab\n"
    array = buffer(data)
    newline = np.flatnonzero(array[: len(data)] == 10)
    begins = np.concatenate(([0], newline[:-1] + 1))
    assert Starts(Pictures((PICTURE, "[99] "))).find(array, begins, newline).tolist() == [0, 16]


def assigned(lines: list[bytes], layouts: Layouts) -> list[int]:
    data = b"\n".join(lines) + b"\n"
    starts = np.array([sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))], dtype=np.int64)
    kinds: list[int] = Vector(FORMAT, layouts).assign(buffer(data), starts)[0].tolist()
    return kinds


def test_a_layout_is_learnt_once_and_kept() -> None:
    layouts = Layouts(FORMAT)
    new, old = b"2026/05/06 18:15:19.899|0004|Info| x", b"2022/03/30 12:13:49.028|4029|0040|Inf|x"
    assert assigned([new, old, new, b"2026/05/06 18:15:19.899|0004|<nfo| x", old], layouts) == [0, 1, 0, -1, 1]
    assert assigned([old, new.replace(b"Info", b"Warn")], layouts) == [1, 0]
    assert layouts.failures == 1
    first = layouts.known[0]
    assert (first.date, first.level, first.digits) == ((0, 10), (29, 4), (11, 12, 14, 15, 17, 18, 20, 21, 22))


@pytest.mark.parametrize(
    ("pictures", "probes"),
    [
        (("9999/99/99 99:99:99.999|",), [(4, ord("/"))]),
        (
            ("9999-99-99 99:99", "9999-99-99T99:99", "99/99/9999 99:99", "[9999-99-99 99:99"),
            [(13, ord(":")), (0, ord("["))],
        ),
        (("AAA 9|", "AAA 99|"), [(5, ord("|")), (6, ord("|"))]),
        ((), []),
    ],
)
def test_few_and_rare_bytes_are_looked_at_first(pictures: tuple[str, ...], probes: list[tuple[int, int]]) -> None:
    starts = Starts(Pictures(pictures))
    assert starts.probes == probes
    lines = [f"{text.replace('9', '1').replace('A', 'b')} text".encode() for text in pictures]
    data = b"\n".join([*lines, b"no start of a record"]) + b"\n"
    ends = np.flatnonzero(buffer(data) == 10)
    begins = np.concatenate(([0], ends[:-1] + 1))
    if pictures:
        assert starts.find(buffer(data), begins, ends).tolist() == begins[:-1].tolist()
