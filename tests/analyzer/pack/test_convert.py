"""Log rules as queries of other systems."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.pack import PackError
from analyzer.pack.convert import convert
from analyzer.pack.rule import Draft, read_rule
from tests.analyzer.pack.rules import document, log_rule, rule

MODULES = {
    "splunk": "sigma.backends.splunk",
    "elasticsearch": "sigma.backends.elasticsearch",
    "loki": "sigma.backends.loki",
}


def draft(data: dict[str, Any]) -> Draft:
    made, problems = read_rule(document(data))
    assert made is not None, problems
    return made


RULE = log_rule(
    detection={
        "full": {"text|contains": "disk is gone", "level": "error"},
        "other": ["a keyword"],
        "condition": "full and not other",
    }
)


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("splunk", '_raw="*disk is gone*" level="error" NOT "a keyword"'),
        ("elasticsearch", r"(message:*disk\ is\ gone* AND level:error) AND (NOT *a\ keyword*)"),
        ("loki", r'{job=~".+"} |~ `(?i)disk\ is\ gone` !~ `(?i)a\ keyword` | logfmt | level=~`(?i)^error$`'),
    ],
)
def test_queries(target: str, query: str) -> None:
    pytest.importorskip(MODULES[target], reason=f"the backend for {target} is not installed (extra convert)")
    assert convert(draft(RULE), target) == [query]


def test_rules_over_tables_have_no_query() -> None:
    with pytest.raises(PackError, match="ABC-01 looks at phone: only rules over single log records"):
        convert(draft(rule()), "splunk")


@pytest.mark.parametrize("target", list(MODULES))
def test_a_backend_that_is_not_there_says_how_to_get_it(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, MODULES[target], None)
    with pytest.raises(PackError, match=r"pip install 'tcxtriage\[convert\]'"):
        convert(draft(RULE), target)
