"""Finding candidate lines in raw bytes: never too few."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.pack import ir, scan
from analyzer.pack.match import compile_test
from analyzer.pack.necessary import patterns
from analyzer.pack.regex import UnsupportedError, literal, necessary
from analyzer.pack.scan import EVENTS_A_LINE, Scanner, build
from parsers.expressions import Expression, dump, load
from parsers.facts.base import Source
from parsers.facts.log import LogRecord


def scanner(*expressions: str, caseless: bool = True) -> Scanner:
    database = build([ir.Pattern(item, caseless, ()) for item in expressions])
    return Scanner.of(database)


def lines(data: bytes, offsets: Sequence[int]) -> list[int]:
    return sorted({data[:offset].count(b"\n") for offset in offsets})


def test_every_line_is_found_once_or_more() -> None:
    data = b"a Needle\r\nnothing\nNEEDLE needle\nneedle"
    found = scanner("needle").scan(data)
    assert found == sorted(found)
    assert lines(data, found) == [0, 2, 3]
    assert lines(data, scanner("needle").scan(memoryview(data))) == [0, 2, 3]


def test_a_flooded_line_is_cut_short_and_no_other_line_is_lost() -> None:
    flood = b"a" * 300_000
    data = b"needle\n" + flood + b" needle\nx\nneedle\n" + flood + b"\nneedle"
    found = scanner("needle", "aa").scan(data)
    assert lines(data, found) == [0, 1, 3, 4, 5]
    assert len(found) < 10 * EVENTS_A_LINE


def test_many_hits_in_many_lines_are_no_flood() -> None:
    data = b"aa\n" * 5000
    assert lines(data, scanner("aa").scan(data)) == list(range(5000))


def test_nothing_to_look_for_and_nothing_to_look_at() -> None:
    assert Scanner.of(None).scan(b"x") == []
    assert Scanner.of(None).patterns_in("x") == set()
    assert scanner("x").scan(b"") == []


def test_patterns_of_a_record() -> None:
    both = scanner("disk", "is gone")
    assert both.patterns_in("the Disk\nis gone") == {0, 1}
    assert both.patterns_in("\udc80 disk ñ") == {0}
    assert both.patterns_in("disk" * 5000) is None


def test_a_database_survives_being_stored_and_a_damaged_one_is_none() -> None:
    stored = dump(build([ir.Pattern("needle", caseless=True, rules=())]))
    assert Scanner.of(load(stored)).scan(b"a NEEDLE") == [7]
    assert load(stored[:-30]) is None
    assert load(b"\0" * len(stored)) is None
    assert load(b"") is None


def test_threads_have_a_scratch_each() -> None:
    shared = scanner("needle")
    data = b"x" * 100_000 + b" needle\n"
    found: list[list[int]] = []

    def work() -> None:
        found.extend(shared.scan(data) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[100_006]] * 80


def test_chunks_of_newline_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "_STEP", 7)
    data = b"needle\n" + b"a" * 500 + b"\nneedle\n"
    assert lines(data, scanner("needle", "aa").scan(data)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("pattern", "flags", "fixed"),
    [
        ("foo.*", "", "foo"),
        (".*foo", "", "foo"),
        (r"\Afoo\z", "", "foo"),
        ("fo+", "", "f"),
        ("foo|bar", "", "foo"),
        ("foo|ba", "", "ba"),
        ("(?:abc){2,}x", "", "abc"),
        ("x(?i:AB)c", "", "xabc"),
        ("FOO", "i", "foo"),
        ("a[^,]*longer", "", "longer"),
        ("abcd[^,]*longer", "s", "longer"),
        (r"code \d+ failed", "", " failed"),
        (r"foo\\z", "", "foo\\z"),
    ],
)
def test_the_fixed_text_of_an_expression(pattern: str, flags: str, fixed: str) -> None:
    assert necessary(pattern, flags).fixed == fixed


@pytest.mark.parametrize("pattern", [r"\d+", ".*", "(?:foo)?", "[ab]c?", "(?:|foo)", "(unclosed", r"\pL"])
def test_expressions_without_fixed_text(pattern: str) -> None:
    with pytest.raises(UnsupportedError):
        necessary(pattern)


def test_the_longest_plain_run_of_a_text() -> None:
    assert literal("señal de error", cased=False).fixed == "al de error"
    assert literal("a\nlonger", cased=True).fixed == "longer"
    with pytest.raises(UnsupportedError):
        literal("ñ", cased=False)


TEXT = ir.Text("text", "needle", "contains")


@pytest.mark.parametrize(
    ("expr", "fixed"),
    [
        (TEXT, {"needle"}),
        (ir.All((TEXT, ir.Text("level", "error"))), {"needle"}),
        (ir.All((TEXT, ir.Text("text", "a longer needle", "contains"))), {"a longer needle"}),
        (ir.Any((TEXT, ir.Regex("text", "straw$"))), {"needle", "straw"}),
        (ir.All((TEXT, ir.Not(ir.Text("text", "hay", "contains")))), {"needle"}),
    ],
)
def test_what_a_condition_needs(expr: ir.Expr, fixed: set[str]) -> None:
    assert {item.fixed for item in patterns(expr)} == fixed


@pytest.mark.parametrize(
    "expr",
    [
        ir.Text("level", "error"),
        ir.Not(TEXT),
        ir.Any((TEXT, ir.Text("level", "error"))),
        ir.Text("text", "", "contains"),
        ir.IsNull("text"),
    ],
)
def test_conditions_that_need_no_text(expr: ir.Expr) -> None:
    with pytest.raises(UnsupportedError, match="without any fixed text"):
        patterns(expr)


# Letters that lower-case to ASCII (the Kelvin sign, the long s) are left out: a byte search cannot know them.
ALPHABET = "abAB12 .,-\n\tñÑ€漢"
texts = st.text(ALPHABET, max_size=12)
values = st.text(ALPHABET, min_size=1, max_size=4).filter(lambda text: any(char in "abAB12.,- " for char in text))
pieces = st.sampled_from(
    ["a", "B", "ab", "1", r"\d", r"\w", r"\s", r"\W", r"\S", r"\D", ".", "[ab]", "[^a]", "[^,\\s]", "ñ", "(?:ab|1)", "(?i:a)", "\\n", "[a-cñ]"]
)  # fmt: skip
repeats = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "*?"])
regexes = st.lists(st.tuples(pieces, repeats), min_size=1, max_size=4).map(
    lambda parts: "".join(a + b for a, b in parts)
)
leaves: st.SearchStrategy[ir.Expr] = st.one_of(
    st.builds(
        ir.Text,
        st.just("text"),
        values,
        st.sampled_from(["contains", "startswith", "endswith", "equals"]),
        st.booleans(),
    ),
    st.builds(ir.Regex, st.just("text"), regexes, st.sampled_from(["", "i", "s", "is"])),
    st.builds(ir.Text, st.just("level"), st.just("error")),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(ir.Not, inner),
        st.builds(ir.All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(ir.Any, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


def raw_log(records: list[str], *, crlf: bool) -> tuple[bytes, list[tuple[int, int]]]:
    """The records as lines of a file, and where each begins and ends."""
    end = "\r\n" if crlf else "\n"
    raw, spans = b"", []
    for text in records:
        start = len(raw)
        raw += ("2026/11/12|" + text.replace("\n", end) + end).encode()
        spans.append((start, len(raw)))
    return raw, spans


def check_candidates(expr: ir.Expr, records: list[str], *, crlf: bool, level: str | None = None) -> None:
    """Every record on which the condition is true is among what the scanner finds."""
    try:
        wanted = patterns(expr)
    except UnsupportedError:
        return
    raw, spans = raw_log(records, crlf=crlf)
    database = build([ir.Pattern(item.expression, item.caseless, ()) for item in wanted])
    found = Scanner.of(database).scan(raw)
    test = compile_test(expr, LogRecord)
    for text, (start, stop) in zip(records, spans, strict=True):
        row = LogRecord(source=Source(), kind="k", text=text, level="error" if level else None)
        if test(row):
            assert any(start <= offset < stop for offset in found), (expr, text, wanted)


@settings(max_examples=300, deadline=None)
@given(conditions, st.lists(texts, min_size=1, max_size=6), st.booleans(), st.sampled_from(["error", None]))
def test_every_firing_record_is_a_candidate(expr: ir.Expr, records: list[str], crlf: bool, level: str | None) -> None:
    check_candidates(expr, records, crlf=crlf, level=level)


@settings(max_examples=300, deadline=None)
@given(st.data(), regexes, st.sampled_from(["", "i", "s", "is"]), st.booleans())
def test_every_text_of_an_expression_is_a_candidate(data: st.DataObject, regex: str, flags: str, crlf: bool) -> None:
    text = data.draw(st.from_regex(regex, alphabet=ALPHABET))
    check_candidates(ir.Regex("text", regex, flags), ["before", text, "after"], crlf=crlf)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("disk.full", "disk漢full"),
        ("disk[^a]full", "diskñfull"),
        ("disk[ñ]full", "diskñfull"),
        ("diskñfull", "diskñfull"),
        ("disk.{2}full", "disk漢€full"),
        (r"disk\Wfull", "disk\nfull"),
        (r"disk\nfull", "disk\nfull"),
        (r"disk\sfull", "disk\nfull"),
        ("disk[^x]*full", "disk\n\nfull"),
        ("^disk full$", "disk full"),
    ],
)
@pytest.mark.parametrize("crlf", [True, False])
def test_characters_of_several_bytes_and_line_ends(pattern: str, text: str, crlf: bool) -> None:
    assert compile_test(ir.Regex("text", pattern), LogRecord)(LogRecord(source=Source(), kind="k", text=text))
    check_candidates(ir.Regex("text", pattern), ["before", text], crlf=crlf)


def test_what_others_look_for_is_found_in_the_same_pass() -> None:
    own = [ir.Pattern("needle", caseless=True, rules=()), ir.Pattern("pin", caseless=False, rules=())]
    both = Scanner(lambda others: build(own, others))
    others = (Expression("hay"), Expression("^End", lines=True), Expression("e", once=True))
    data = b"NEEDLE hay\nthe End\nEnd of a pin in hay\n"
    found = both.scan_with(data, others)
    assert found is not None
    assert found[0] == both.scan(data) == [5, 30]
    assert sorted(found[1]) == [(0, 10), (0, 38), (1, 22), (2, 14)]
    assert both.scan_with(memoryview(data)[11:], others[:1]) == ([19], [(0, 27)])


def test_a_flooded_line_is_not_scanned_together_with_others() -> None:
    both = Scanner(lambda others: build([ir.Pattern("aa", caseless=False, rules=())], others))
    hay = (Expression("hay"),)
    assert both.scan_with(b"a" * 1000, hay) is None
    assert both.scan_with(b"hay " * 1000 + b"aa", hay) == ([4001], [(0, 4 * n + 3) for n in range(1000)])


def test_without_rules_or_others_nothing_is_scanned_together() -> None:
    assert Scanner(lambda _: None).scan_with(b"hay", (Expression("hay"),)) is None
    assert scanner("needle").scan_with(b"needle", (Expression("hay"),)) is None
    assert scanner("needle").scan_with(b"needle", ()) is None
