"""Numpy and the kernel, interpreted and compiled, find the same in any block."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.logs import layout, passes, vector
from parsers.logs.block import Levels
from parsers.logs.feed import PAD
from parsers.logs.layout import LAYOUT_LIMIT, Layouts
from parsers.logs.parser import LogParser
from parsers.logs.passes import Compiled, Passes
from parsers.logs.service_log import FORMAT
from parsers.logs.vector import Vector
from parsers.registry import all_parsers
from tests.parsers.logs import forms
from tests.parsers.logs.reading import limited, read
from tests.parsers.logs.test_same_in_any_pieces import WORDS, essence, mutated

FORMATS = {parser.kind: parser for parser in all_parsers() if isinstance(parser, LogParser)}
LINES = {
    kind: [line.encode() for sample in parser.form.samples for line in sample.lines] for kind, parser in FORMATS.items()
}
RECORD = "2026/11/12 10:00:%02d.%03d|%04d|%s| text"


def block(data: bytes, behind: bytes = b"") -> Any:
    """Content as it stands in a buffer, with what an earlier block may have left behind it."""
    whole = data + behind.ljust(PAD, b"\0")
    return np.frombuffer(bytearray(whole + bytes(-len(whole) % 8)), dtype=np.uint8)


def found(one: Passes, blocks: list[tuple[bytes, bytes, int]]) -> list[Any]:
    """All that is found in blocks (content, what lies behind it, how many of its bytes are complete), one after another."""
    out: list[Any] = []
    for data, behind, complete in blocks:
        octets = block(data, behind)
        lines, starts = one.find(octets, complete)
        prefixes = one.read(octets, starts)
        out.append(
            (
                lines.begins.tolist(), lines.ends.tolist(), lines.newlines, starts.tolist(), prefixes.kinds.tolist(),
                prefixes.understood, prefixes.first, prefixes.last, prefixes.timed.tolist(), prefixes.times.tolist(),
                prefixes.dates.tolist(), prefixes.levels,
            )
        )  # fmt: skip
    layouts = one.layouts  # type: ignore[attr-defined]
    return [*out, layouts.known, layouts.failures]


def same(form: Any, blocks: list[tuple[bytes, bytes, int]]) -> list[Any]:
    results = {name: found(one, blocks) for name, one in forms.forms(form).items()}
    for name, result in results.items():
        assert result == results["numpy"], name
    return results["numpy"]


@st.composite
def content(draw: st.DrawFn, kind: str) -> tuple[bytes, bytes, int]:
    line = st.sampled_from(LINES[kind]) | st.sampled_from(
        [b"", b"\r", b"\x0b", b"\n\x0b", b"\0" * 9, b"\xe2\x82", b"x" * 300]
    )
    ends = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r", b""])
    data = bytearray(b"".join(part for pair in draw(st.lists(st.tuples(line, ends), max_size=20)) for part in pair))
    changes = st.lists(st.tuples(st.integers(0, max(0, len(data) - 1)), st.integers(0, 255)), max_size=8)
    for place, byte in draw(changes):
        if data:
            data[place] = byte
    behind = draw(st.binary(max_size=40) | st.sampled_from(LINES[kind]))
    return bytes(data), behind[:200], draw(st.integers(0, len(data)) | st.just(len(data)))


@pytest.mark.parametrize("kind", sorted(FORMATS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_all_forms_find_the_same(kind: str, data: st.DataObject) -> None:
    same(FORMATS[kind].form, data.draw(st.lists(content(kind), min_size=1, max_size=3)))


@pytest.mark.parametrize("kind", sorted(FORMATS))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=mutated(), size=st.sampled_from([64, 128, 500]))
def test_whole_files_are_read_alike(kind: str, data: bytes, size: int) -> None:
    parser = limited(FORMATS[kind], record=256, block=size)
    results = {}
    for name in ("numpy", *forms.kernels()):
        with forms.reading_by(name):
            results[name] = essence(read(parser, data, words=WORDS, name="a.log"))
    assert all(result == results["numpy"] for result in results.values())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n" * 1000,
        b"\r\n" * 300,
        b"\n\x0b" * 300,
        b"\x0b" * 100,
        b"no newline at all",
        b"x" * 5000,
        bytes(range(256)) * 4,
        b"2026/11/12 10:00:00.000|",
        b"2026/11/12 10:00:00.00",
        b"\n2026/11/12 10:00:00.000|0001|Info| \xe2\x82",
        b"2026/11/12 10:00:00.000|0001|Info| x\r\r\n\r2026-11-12 10:00:00\n",
    ],
)
def test_hostile_blocks(data: bytes) -> None:
    for kind in ("service_log", "media_log", "unknown_log", "nginx_access_log"):
        for complete in {0, len(data) // 2, len(data)}:
            same(FORMATS[kind].form, [(data, b"2026/11/12 10:00:00.000|0001|Info| x", complete)])


def test_lines_and_records_where_they_are() -> None:
    data = b"first\n\n2026/11/12 10:00:00.123|0001|Info| x\r\n  more\n2026-11-12 10:00:01 y"
    lines, starts, *_ = same(FORMAT, [(data, b"", len(data))])[0][0::3][:2]
    assert lines == [0, 6, 7, 45, 52]
    assert starts == [7, 52]
    (_, _, newlines, _, kinds, understood, first, last, timed, times, dates, levels), known, failures = same(
        FORMAT, [(data, b"", len(data))]
    )
    assert (newlines, kinds, understood, first, last, failures) == (4, [0, -1], 1, 0, 0, 1)
    assert (timed, times) == ([0], [36_000_123])
    assert np.array(dates, dtype=np.uint64).tobytes() == b"2026/11/12".ljust(16, b"\0")
    assert levels == [layout_levels((b"Info", 1))]
    assert len(known) == 1


def layout_levels(*words: tuple[bytes, int], others: int = 0) -> Any:
    return Levels([(int.from_bytes(word, "little"), count) for word, count in words], others)


def test_more_lines_than_expected() -> None:
    long, short = b"x" * 900 + b"\n", b"2026/11/12 10:00:00.123|0001|Info| x\n"
    result = same(FORMAT, [(long * 5, b"", len(long) * 5), (b"\n" * 3000 + short * 500, b"", 3000 + len(short) * 500)])
    assert len(result[1][0]) == 3500
    assert len(result[1][3]) == 500


def test_many_levels() -> None:
    words = [f"L{chr(65 + n // 26)}{chr(65 + n % 26)}x" for n in range(100)]
    dice = random.Random(3)
    picked = words + [dice.choice(words) for _ in range(400)]
    data = "\n".join(RECORD % (n % 60, n, n % 7, word) for n, word in enumerate(picked)).encode()
    ((*_, levels), known, _) = same(FORMAT, [(data, b"", len(data))])
    assert len(known) == 1
    assert len(levels[0].words) == vector.DISTINCT
    assert [word for word, _ in levels[0].words] == [int.from_bytes(word.encode(), "little") for word in words[:64]]
    assert levels[0].others == sum(picked.count(word) for word in words[64:])


def test_layouts_and_failures_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "FAILURE_LIMIT", 20)
    bad = "\n".join("2026/11/12 10:00:00.000|?" for _ in range(30))
    good = RECORD % (1, 1, 1, "Info")
    result = same(FORMAT, [(text.encode(), b"", len(text)) for text in (bad, good)])
    assert result[-1] == 20
    assert result[1][4] == [-1]
    lines = [
        f"2026/05/06 18:15:19.899|{'1' * pid}|{'2' * thread}|{'I' * level}|x"
        for pid in range(1, 11) for thread in range(1, 11) for level in range(3, 9)
    ]  # fmt: skip
    text = "\n".join(lines).encode()
    result = same(FORMAT, [(text, b"", len(text))])
    assert len(result[-2]) == LAYOUT_LIMIT
    assert result[0][4].count(-1) == len(lines) - LAYOUT_LIMIT


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(b"\n\x0b\r\x0a\x09x\x8a\xff"), max_size=200).map(bytes),
    st.integers(0, 8),
    st.integers(1, 9),
)
def test_lines_are_those_of_split(data: bytes, cut: int, room: int) -> None:
    complete = max(0, len(data) - cut)
    parts = data[:complete].split(b"\n")
    begins = [sum(len(part) + 1 for part in parts[:n]) for n in range(len(parts))]
    wanted = [(begin, begin + len(part)) for begin, part in zip(begins, parts, strict=True)]
    if wanted[-1] == (complete, complete):
        wanted.pop()
    for kernel in forms.kernels().values():
        assert list(zip(*in_small_steps(kernel, data, complete, room), strict=True)) == wanted


def in_small_steps(kernel: ModuleType, data: bytes, complete: int, room: int) -> tuple[list[int], list[int]]:
    """Lines, with columns that are too short again and again."""
    octets = block(data)
    one = kernel.Kernel(memoryview(bytes(256)), np.zeros(0, dtype=np.int64).data, 1)
    one.block(octets.data, octets.view(np.uint64).data)
    columns = [np.zeros(room, dtype=np.int64) for _ in range(3)]
    while not one.find(complete, *(column.data for column in columns)):
        columns = [np.append(column, np.zeros(1, dtype=np.int64)) for column in columns]
    return columns[0][: one.lines].tolist(), columns[1][: one.lines].tolist()


def test_numbers_are_the_same() -> None:
    kernel = forms.kernels()["interpreted"]
    assert (kernel.DISTINCT, kernel.TO_THE_SECOND, kernel.LAYOUT) == (
        vector.DISTINCT,
        vector.TO_THE_SECOND,
        passes.LAYOUT,
    )


def test_numpy_where_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "compiled", lambda: None)
    assert isinstance(passes.passes(FORMAT, Layouts(FORMAT)), Vector)
    monkeypatch.setattr(passes, "compiled", lambda: forms.kernels()["interpreted"])
    assert isinstance(passes.passes(FORMAT, Layouts(FORMAT)), Compiled)


def test_an_interpreted_kernel_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spec:
        origin = "/somewhere/parsers/logs/kernel.py"

    passes.compiled.cache_clear()
    monkeypatch.setattr(passes, "find_spec", lambda _: Spec)
    try:
        assert passes.compiled() is None
    finally:
        passes.compiled.cache_clear()
