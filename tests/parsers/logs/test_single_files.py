"""Formats that are no logs of lines: dumps, binary traces, the result of the upgrade."""

from __future__ import annotations

from parsers.facts.system import Crash
from parsers.logs.binary_trace import PARSERS as TRACES
from parsers.logs.crash_dump import PARSERS as DUMPS
from parsers.logs.upgrade_result import PARSERS as RESULTS
from parsers.logs.upgrade_result import SAMPLE
from parsers.registry import probe
from parsers.tree.member import Member
from tests.parsers.logs.reading import MTIME, at, read

(TRACE,), (DUMP,), (RESULT,) = TRACES, DUMPS, RESULTS
BINARY = b"\x00\x07BLR" + bytes(n * 37 % 256 for n in range(4096))


def claim(parser: object, name: str, data: bytes) -> int:
    return parser.claims(probe(Member.of_bytes(name, data)))  # type: ignore[attr-defined, no-any-return]


def test_binary_trace_is_never_healthy() -> None:
    found = read(TRACE, BINARY, name="3CXPhoneSystem.000017.blrec")
    assert found.tally.unreadable
    assert found.tally.records == 0
    assert "3CX Log Viewer" in found.problems[0]
    assert found.rows == []


def test_binary_trace_is_known_by_name() -> None:
    assert claim(TRACE, "3CXPhoneSystem.bldef", BINARY) == 30
    assert claim(TRACE, "3CXPhoneSystem.log", BINARY) == 0
    assert claim(TRACE, "notes.blrec", b"a text\n") == 30
    assert claim(TRACE, "notes.txt", b"a text\n") == 0


def test_a_dump_is_named_and_not_read() -> None:
    data = b"MDMP" + b"\x93\xa7" * 200 + b"password=swordfish"
    found = read(DUMP, data, name="core.minidump")
    (row,) = found.rows
    assert isinstance(row, Crash)
    assert (row.name, row.time, row.source.text) == ("core.minidump", MTIME, "core.minidump")
    assert (found.tally.records, found.tally.understood) == (1, 1)


def test_dumps_by_signature_and_by_name() -> None:
    elf = b"\x7fELF\x02\x01\x01" + bytes(9)
    assert claim(DUMP, "x.bin", b"MDMP\x93\xa7") == 90
    assert claim(DUMP, "x.bin", elf + b"\x04\x00" + bytes(50)) == 90
    assert claim(DUMP, "x.bin", elf + b"\x02\x00" + bytes(50)) == 0
    assert claim(DUMP, "core.4711", bytes(100)) == 30
    assert claim(DUMP, "core.c", b"int main;\n") == 0


def test_upgrade_result() -> None:
    found = read(RESULT, SAMPLE, name="OS_UPGRADE_RESULT")
    (record,) = found.records
    assert record.fields == {"result": "aborted", "title": "Insufficient memory", "message": "Less than 2 GB"}
    assert (record.time, record.local, record.source.time) == (at("2026-11-13T10:11:12"), True, "13-11-2026 10:11:12")
    assert (found.tally.records, found.tally.understood) == (1, 1)
    assert claim(RESULT, "x.json", SAMPLE.encode()) == 60


def test_damaged_upgrade_result() -> None:
    for text in ('{"result": "abor', "[]", '{"result": 1}', "[" * 20000):
        found = read(RESULT, text, name="OS_UPGRADE_RESULT")
        assert (found.tally.records, found.tally.understood, found.rows) == (1, 0, [])
        assert found.problems[0].startswith("OS_UPGRADE_RESULT: ")
