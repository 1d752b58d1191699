from __future__ import annotations

import pytest
from msgspec.structs import replace

from parsers.facts.log import LogRecord
from parsers.logs.format import Fact, FormatError, LogFormat, Sample
from parsers.logs.parser import LogParser
from parsers.logs.samples import contradictions, member_of, read
from parsers.logs.service_log import FORMAT
from parsers.registry import all_parsers

FORMATS = [parser for parser in all_parsers() if isinstance(parser, LogParser)]


def test_all_formats_are_found() -> None:
    assert {parser.kind for parser in FORMATS} >= {
        "coded_log", "dialer_log", "dpkg_log", "ivr_log", "media_log", "nginx_access_log", "nginx_error_log", "package_output",
        "postgresql_log", "sbc_log", "server_status_log", "service_log", "setup_log", "syslog", "unknown_log", "upgrade_log",
    }  # fmt: skip


@pytest.mark.parametrize("parser", FORMATS, ids=lambda parser: parser.kind)
def test_a_format_holds_its_samples(parser: LogParser) -> None:
    assert contradictions(parser) == []


@pytest.mark.parametrize("parser", FORMATS, ids=lambda parser: parser.kind)
def test_a_time_is_quoted_as_it_stands_there(parser: LogParser) -> None:
    for sample in parser.form.samples:
        rows = read(parser, member_of(parser, sample), everything=True)[0]
        text = "\n".join(sample.lines)
        assert [
            row.source.time for row in rows if isinstance(row, LogRecord) and (row.source.time or "") not in text
        ] == []


def test_a_format_without_sample_is_refused() -> None:
    with pytest.raises(FormatError, match="x_log: a format without a sample"):
        LogFormat(kind="x_log", samples=())


def test_a_prefix_names_only_what_is_known() -> None:
    form = LogFormat(kind="x_log", prefix=r"(?P<when>\d+)", samples=(Sample(lines=("1",), rows=()),))
    with pytest.raises(FormatError, match="x_log: unknown groups \\['when'\\]"):
        _ = form.regex


def test_a_fact_needs_something_to_search_for() -> None:
    with pytest.raises(FormatError, match="literal of three characters"):
        Fact(find=("ab",))
    with pytest.raises(FormatError, match="literal of three characters"):
        Fact(find=())
    with pytest.raises(FormatError, match="no group \\['n'\\]"):
        Fact(find=("abc",), pattern="(?P<m>1)", types={"n": int})


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (replace(FORMAT.samples[0], rows=()), "2 records instead of 0"),
        (replace(FORMAT.samples[0], own=1), "0 records become rows by themselves instead of 1"),
        (replace(FORMAT.samples[0], understood=1), "2 of 2 records understood instead of 1"),
        (replace(FORMAT.samples[0], rows=({"level": "error"}, {})), "record 1: level is 'info' instead of 'error'"),
        (
            replace(FORMAT.samples[0], rows=({"time": "2022-03-31T02:00:04.118000"}, {})),
            "time is '2022-03-31T02:00:04.117000' instead of '2022-03-31T02:00:04.118000'",
        ),
    ],
)
def test_a_contradicted_sample_is_named(sample: Sample, message: str) -> None:
    found = contradictions(LogParser(replace(FORMAT, samples=(sample,))))
    assert len(found) == 1
    assert message in found[0]
