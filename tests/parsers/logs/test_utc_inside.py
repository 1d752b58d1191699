"""The offset between prefix and UTC times inside records."""

from __future__ import annotations

import pytest

from parsers.api import Sink
from parsers.facts.log import LogCoverage
from parsers.logs.parser import Limits, LogParser
from parsers.logs.service_log import FORMAT
from parsers.tree.member import Member

RECORD = (
    "2024/05/02 09:10:1{n}.205|1711902|0037|Trac|CHR: [CallFlowParser] Processing Record: CallDBId={{{n}}};\n"
    "   EndTime={{2024-05-02 07:10:1{n}.180000}};\n"
)


def offsets(text: str, block: int = 1 << 20) -> object:
    rows: list[object] = []
    sink = Sink(artifact="x.log", add=rows.append)
    LogParser(FORMAT, Limits(block=block)).parse(Member.of_bytes("x.log", text.encode()), sink)
    coverage = next(row for row in rows if isinstance(row, LogCoverage))
    return coverage.derived.get("utc_offsets")


@pytest.mark.parametrize("block", [64, 300, 1 << 20])
def test_two_hours_ahead(block: int) -> None:
    assert offsets("".join(RECORD.format(n=n) for n in range(5)), block) == {7200: 5}


def test_no_utc_inside_is_no_offset() -> None:
    assert offsets("2024/05/02 09:10:11.205|1711902|0037|Trac|CHR: nothing here\n") is None


@pytest.mark.parametrize(
    "payload", ["EndTime={}", "EndTime={2024-13-41 99:10:11}", "EndTime={2024-05-02", "EndTime={" + "9" * 5000]
)
def test_damaged_payload_is_passed_over(payload: str) -> None:
    assert offsets(f"2024/05/02 09:10:11.205|1711902|0037|Trac|CHR: {payload}\n") is None


def test_a_flood_is_bounded() -> None:
    found = offsets("".join(RECORD.format(n=n % 10) for n in range(2000)))
    assert found == {7200: 500}
