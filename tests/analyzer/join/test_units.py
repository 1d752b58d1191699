from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.facts.base import Source
from parsers.facts.log import LogRecord
from tests.analyzer.join.conftest import Joined

START = datetime(2026, 11, 12, 10, 0, 2, tzinfo=UTC)
JOB = "Job {0}.service/start failed with result 'dependency'."
Line = tuple[float, str, str | None, str]
"""Seconds, failure, unit, text."""


def units(joined: Joined, *lines: Line) -> list[object]:
    rows = [
        LogRecord(
            source=Source(artifact="syslog", line=number),
            kind="syslog",
            time=START + timedelta(seconds=seconds),
            text=text.format(unit),
            fields={"failure": failure, "unit": unit} if unit else {"failure": failure},
        )
        for number, (seconds, failure, unit, text) in enumerate(lines, 1)
    ]
    joined(*rows)
    return [row.fields.get("unit") for row in rows]


def announced(seconds: float, failure: str = "dependency") -> Line:
    return seconds, failure, None, "3CX Something."


def test_a_job_is_that_of_the_unit_announced_last(joined: Joined) -> None:
    one_by_one = [announced(0), (0, "dependency", "3CXA", JOB), announced(0), (0, "dependency", "3CXB", JOB)]
    assert units(joined, *one_by_one) == ["3CXA", "3CXA", "3CXB", "3CXB"]
    nested = [announced(0), announced(0), (0, "dependency", "3CXB", JOB), (0, "dependency", "3CXA", JOB)]
    assert units(joined, *nested) == ["3CXA", "3CXB", "3CXB", "3CXA"]


@pytest.mark.parametrize(
    "line",
    [
        (5, "dependency", "3CXA", JOB),
        (0, "dependency", "nginx", JOB),
        (0, "dependency", "3CXA", "A dependency job for {0}."),
    ],
)
def test_other_lines_name_no_unit(joined: Joined, line: Line) -> None:
    assert units(joined, announced(0), line)[0] is None


def test_what_failed_itself_is_named_where_only_one_did(joined: Joined) -> None:
    one, other = (0, "itself", "3CXA", "Failed with result 'exit-code'."), (0, "itself", "3CXB", "Main process exited")
    assert units(joined, one, announced(0.5, "itself")) == ["3CXA", "3CXA"]
    assert units(joined, one, other, announced(0, "itself"))[2] is None
    assert units(joined, one, announced(5, "itself"))[1] is None
    assert units(joined, announced(0, "itself"), one)[0] is None
