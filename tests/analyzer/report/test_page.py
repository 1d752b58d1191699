"""Lines of a width, with and without styles."""

from __future__ import annotations

import io
import random

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analyzer.report.page import NARROW, Page, Part, wrapped


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_words_go_to_the_next_line() -> None:
    page = Page(20)
    page.line(2, "one two three ", ("four five", "red"), " six")
    page.line(0)
    page.line(4, "x" * 20, " y")
    assert page.text() == "  one two three four\n  five six\n\n    xxxxxxxxxxxxxxxx\n    xxxx y\n"


def test_further_lines_hang_below_the_words() -> None:
    page = Page(16)
    page.hanging(1, ["? ", ("id ", "bold")], "one two", " three")
    page.hanging(1, ["→ "])
    assert page.text() == " ? id one two\n      three\n →\n"


def test_styles_end_with_their_line() -> None:
    page = Page(8, terminal=True)
    page.line(0, "a ", ("bold words", "bold red"), ("", "dim"))
    page.line(0, ("plain", "unheard"), (" dim", "dim"))
    assert page.text() == (
        "a \x1b[1;31mbold \x1b[0m\n\x1b[1;31mwords\x1b[0m\nplain\x1b[2m \x1b[0m\n\x1b[2mdim\x1b[0m\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TERM", "dumb", "x y\n"),
        ("NO_COLOR", "1", "\x1b[1mx\x1b[0m y\n"),
        ("NO_COLOR", "", "\x1b[1;31mx\x1b[0m \x1b[36my\x1b[0m\n"),
    ],
)
def test_terminals_that_want_no_colours(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str) -> None:
    monkeypatch.setenv(name, value)
    page = Page(80, terminal=True)
    page.line(0, ("x", "bold red"), " ", ("y", "cyan"))
    assert page.text() == expected


def test_the_widest_column_is_folded() -> None:
    page = Page(24)
    page.table(2, ["file", "kind"], [["a/long/path/x.log", "log"], ["b", ""]])
    assert page.text() == (
        "  file              kind\n"
        "  a/long/path/x.lo  log\n"
        "  g\n"
        "  b\n"
    )  # fmt: skip


def test_wide_characters_take_two_columns() -> None:
    assert wrapped("漢字 漢字漢字", 6) == ["漢字 ", "漢字漢", "字"]
    assert wrapped("漢字", 1) == ["漢", "字"]
    page = Page(10)
    page.hanging(0, [("漢 ", "dim")], "ab cd ef gh")
    assert page.text() == "漢 ab cd\n   ef gh\n"


def test_a_width_that_leaves_no_room() -> None:
    page = Page(3)
    page.line(5, "ab")
    page.hanging(2, ["→ "], "ab")
    page.table(2, ["ab", "cd"], [["e", "f"]])
    assert page.text() == "     a\n     b\n  → a\n    b\n  a  c\n  b  d\n  e  f\n"


def test_characters_that_take_one_column() -> None:
    assert [c for c in NARROW if cell_len(c) != 1] == []


def _by_rich(console: Console, left: int, head: list[Part], parts: list[Part]) -> None:
    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text.assemble(*head), Text.assemble(*parts))
    console.print(Padding(grid, (0, 0, 0, left)))
    console.print(Padding(Text.assemble(*parts), (0, 0, 0, left)))


@pytest.mark.parametrize("styled", [False, True])
def test_the_same_as_a_library_writes(*, styled: bool) -> None:
    rnd = random.Random(7)
    words = ["a", "words", "of", "l" * 90, "漢字", "/path/" + "漢" * 40, "ä→", "…"]
    for _ in range(150):
        width, left = rnd.choice([120, 70]), rnd.choice([0, 2, 6])
        parts: list[Part] = []
        for _ in range(rnd.randint(0, 4)):
            text = "".join(rnd.choice(words) + " " * rnd.choice([0, 1, 1, 1, 3]) for _ in range(rnd.randint(1, 8)))
            style = rnd.choice(["", "bold red", "dim", "dim cyan", "bold underline"])
            parts.append((text, style) if style else text)
        head: list[Part] = ["→ ", ("high ", "red")]
        console = Console(
            file=io.StringIO(), width=width, force_terminal=styled, highlight=False, emoji=False, markup=False
        )
        _by_rich(console, left, head, parts)
        page = Page(width, terminal=styled)
        page.hanging(left, head, *parts)
        page.line(left, *parts)
        written = console.file
        assert isinstance(written, io.StringIO)
        assert page.text() == "".join(line.rstrip(" ") + "\n" for line in written.getvalue().splitlines())
