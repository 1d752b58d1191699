"""The worked example of the documentation works."""

from __future__ import annotations

import re
from typing import Any

from parsers.logs.parser import LogParser
from parsers.logs.samples import contradictions
from parsers.registry import all_parsers, probe
from parsers.tree.member import Member
from tests.conftest import ROOT


def example() -> LogParser:
    text = (ROOT / "docs" / "writing-a-parser.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {"__name__": "example_log"}
    exec(compile(code, "example_log.py", "exec", dont_inherit=True), names)
    (parser,) = names["PARSERS"]
    assert isinstance(parser, LogParser)
    return parser


def test_example_holds_its_samples() -> None:
    assert contradictions(example()) == []


def test_example_is_recognised_and_nobody_else_takes_it() -> None:
    parser = example()
    member = Member.of_bytes("some-file", "\n".join(parser.form.samples[0].lines).encode())
    assert parser.claims(probe(member)) == 60
    # who follows the page has it among the others
    assert {other.kind for other in all_parsers() if other.claims(probe(member))} <= {parser.kind}
