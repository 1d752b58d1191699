"""The firewall checker's page as a browser saved it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.logs.firewall_check import PARSERS
from parsers.logs.firewall_html import lines_of_html
from parsers.registry import probe
from parsers.tree.member import Member
from tests.parsers.logs.reading import read

(CHECK,) = PARSERS

PAGE = """<!DOCTYPE html>
<html><head><title>Management Console</title>
<script>var text = "testing port 5062... failed";
</script></head>
<body><h1>Firewall Checker</h1><nav><a href="#">Users</a></nav>
<ul><li>resolving 'stun.example.com'... <b>done</b></li>
<li>testing 3CX PhoneSystem 01 SIP Server... <b>failed</b> (<a href="#"
 >How to resolve?</a>)</li>
<!-- testing port 5063... failed -->
<li>testing port 5060...
    <b>full cone test failed</b></li></ul></body></html>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("page", [PAGE, PAGE[PAGE.index("<ul>") :], PAGE.replace("\n", "\r\n"), PAGE.upper()])
def test_page_and_piece(page: str, encoding: str) -> None:
    content = page.encode(encoding)
    assert CHECK.claims(probe(Member.of_bytes("x.bin", content))) == 60
    found = read(CHECK, content)
    assert [(row.text.lower(), row.fields["fault"]) for row in found.records] == [
        ("resolving 'stun.example.com'... done", False),
        ("testing 3cx phonesystem 01 sip server... failed (how to resolve?)", False),
        ("testing port 5060... full cone test failed", True),
    ]
    assert (found.tally.records, found.tally.understood, found.problems) == (3, 3, [])
    first = page.upper().count("\n", 0, page.upper().index("RESOLVING")) + 1
    assert [row.source.line for row in found.records] == [first, first + 1, first + 4]


def test_steps_behind_the_programs_of_the_page() -> None:
    title = "<html><head><title>Firewall Checker</title></head>"
    page = f"{title}<body><script>{'x' * 100_000}</script><p>testing port 5060... done</p></body></html>"
    assert CHECK.claims(probe(Member.of_bytes("x.html", page.encode()))) == 40
    assert [row.fields["passed"] for row in read(CHECK, page).records] == [True]


def test_a_page_without_steps_is_said() -> None:
    found = read(CHECK, "<html><title>Firewall Checker</title><p>Run the checker now</p></html>")
    assert (found.tally.records, found.records) == (0, [])
    assert found.problems == ["x.log: a page of the firewall checker in which no step stands"]


@pytest.mark.parametrize(
    "page", ["<html><p>hello</p></html>", "<html><title>Ports</title><p>testing port 1... done</p></html>"]
)
def test_other_pages_are_not_claimed(page: str) -> None:
    assert CHECK.claims(probe(Member.of_bytes("x.html", page.encode()))) == 0


def test_what_is_not_closed_hides_the_rest() -> None:
    assert lines_of_html("<p>shown<script>" * 20_000) == [(1, "shown")]
    assert lines_of_html("<p>a\n<!-- b") == [(1, "a")]


@given(st.text(alphabet="<>/!-aptesing.\n\x0b scriptdone", max_size=200))
def test_any_text_gives_lines_in_order(text: str) -> None:
    numbers = [number for number, _ in lines_of_html(text)]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= text.count("\n") + 1 for number in numbers)
