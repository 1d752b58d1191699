from __future__ import annotations

import codecs

import pytest

from parsers.facts.capture import SipMessage
from parsers.logs.media_log import PARSERS as MEDIA
from parsers.logs.service_log import PARSERS as SERVICE
from parsers.logs.unknown_log import PARSERS as UNKNOWN
from tests.parsers.logs.reading import at, limited, read

(LOG,), (MEDIA_LOG,), (ANY,) = SERVICE, MEDIA, UNKNOWN

TWO = (
    "2026/11/12 10:14:00.118|0021|Trac| [Some.Logger] text\n"
    "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] No space left on device\n"
)


def test_worked_example() -> None:
    found = read(LOG, TWO, words=("No space left",))
    (record,) = found.records
    assert record.source.line == 2
    assert record.source.time == "2026/11/12 10:14:00.119"
    assert record.source.text == "2026/11/12 10:14:00.119|0021|Erro| [Some.Logger] No space left on device"
    assert record.text == "[Some.Logger] No space left on device"
    assert (record.time, record.local, record.level, record.raw_level) == (
        at("2026-11-12T10:14:00.119"),
        True,
        "error",
        "Erro",
    )
    assert (record.thread, record.logger, record.kind) == ("0021", "Some.Logger", "service_log")
    assert (found.tally.records, found.tally.understood, found.tally.bytes) == (2, 2, len(TWO))
    assert found.problems == []


def test_coverage() -> None:
    found = read(LOG, TWO, name="a.zip!/Logs/3cxSystemService.log.2").coverage
    assert (found.records, found.levels) == (2, {"trace": 1, "error": 1})
    assert (found.first, found.last, found.local) == (
        at("2026-11-12T10:14:00.118"),
        at("2026-11-12T10:14:00.119"),
        True,
    )
    assert found.family == "a.zip!/Logs/3cxSystemService.log"
    assert found.has_sql_trace is False
    assert found.derived == {}


def test_nobody_asks_nothing_is_kept() -> None:
    assert read(LOG, TWO).records == []


def test_sql_trace_is_noticed_without_a_row() -> None:
    found = read(LOG, "2024/05/02 09:10:11.204|17|0037|Trac|CHR: [DBSaver] Executing SQL:\n  SELECT 1\n")
    assert found.coverage.has_sql_trace is True
    assert found.records == []


def test_records_run_over_many_lines() -> None:
    text = TWO.replace("text\n", "text\n   at A.B()\n\n   at C.D()\n")
    (record,) = read(LOG, text, words=("at C.D",)).records
    assert record.source.line == 1
    assert record.text == "[Some.Logger] text\n   at A.B()\n\n   at C.D()"


def test_a_record_is_one_row_however_often_it_is_named() -> None:
    assert len(read(LOG, TWO, words=("No space", "device", "left", "0021|Erro")).records) == 1


@pytest.mark.parametrize(
    "data",
    [
        TWO.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF8 + TWO.encode(),
        codecs.BOM_UTF16_LE + TWO.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TWO.encode("utf-16-be"),
        TWO.encode("utf-16-le"),
        TWO.removesuffix("\n").encode(),
        "".join(f"\x1b[33m{line}\x1b[39m\n" for line in TWO.splitlines()).encode(),
        TWO.encode() + b"\0" * 300,
        b"".join(codecs.BOM_UTF8 + line.encode() + b"\n" for line in TWO.splitlines()),
    ],
    ids=[
        "crlf",
        "bom",
        "utf-16-le",
        "utf-16-be",
        "utf-16 without mark",
        "no last line end",
        "colours",
        "zeros at the end",
        "marks inside",
    ],
)
@pytest.mark.parametrize("chunk", [None, 7, 64])
def test_encodings(data: bytes, chunk: int | None) -> None:
    found = read(LOG, data, words=("No space left",), chunk=chunk)
    (record,) = found.records
    assert (record.source.line, record.text) == (2, "[Some.Logger] No space left on device")
    assert (found.tally.records, found.tally.understood, found.coverage.levels) == (2, 2, {"trace": 1, "error": 1})


def test_windows_1252_in_a_line() -> None:
    data = TWO.encode().replace(b"No space", b"Ger\xe4t \x80 No space")
    (record,) = read(LOG, data, words=("No space",)).records
    assert record.text == "[Some.Logger] Gerät € No space left on device"


def test_unknown_levels_are_kept() -> None:
    found = read(LOG, TWO.replace("Erro", "Oops"), words=("device",))
    assert found.coverage.levels == {"trace": 1, "Oops": 1}
    assert (found.records[0].level, found.records[0].raw_level) == (None, "Oops")


def test_both_old_and_new_columns_in_one_file() -> None:
    text = "".join(f"2022/03/30 12:13:49.{n:03}|{10 ** (n % 6)}|0040|Inf|text\n" for n in range(100)) + TWO
    found = read(LOG, text, words=("49.007", "10:14:00.118"))
    assert (found.tally.records, found.tally.understood) == (102, 102)
    assert found.coverage.levels == {"info": 100, "trace": 1, "error": 1}
    assert [record.thread for record in found.records] == ["0040", "0021"]


def test_format_not_recognised_quotes_the_first_lines() -> None:
    text = "".join(f"2026/11/12 10:14:00.118 [Info] password=hunter22 line {n}\n" for n in range(5))
    found = read(LOG, text, name="3CXCallFlow.log")
    assert (found.tally.records, found.tally.understood) == (5, 0)
    (problem,) = found.problems
    assert problem.startswith(
        "3CXCallFlow.log: format not recognised, 3CX may have changed it: 0 of 5 records understood; line 1: "
    )
    assert "line 3: '2026/11/12 10:14:00.118 [Info] password=*** line 2'" in problem
    assert "line 4" not in problem
    assert "hunter22" not in problem


def test_changed_prefix_is_not_understood_but_counted() -> None:
    text = "".join(f"2026/11/12 10:14:00.118|{n:04}|<Info>| text\n" for n in range(5))
    found = read(LOG, text, words=("|0003|",))
    assert (found.tally.records, found.tally.understood) == (5, 0)
    assert found.problems[0].startswith("x.log: format not recognised")
    assert [(r.source.line, r.time, r.text) for r in found.records] == [
        (4, None, "2026/11/12 10:14:00.118|0003|<Info>| text")
    ]


def test_lines_before_the_first_record_are_counted_as_not_understood() -> None:
    found = read(LOG, "   end of an older record\n\n" + TWO, words=("older",))
    assert (found.tally.records, found.tally.understood) == (3, 2)
    assert found.problems == []
    (record,) = found.records
    assert (record.source.line, record.time, record.text) == (1, None, "   end of an older record")


def test_unknown_grammar_is_searched_all_the_same() -> None:
    text = "".join(f"<<{n:04x}>> tun#{n % 7} len={13 * n} st=ok\n" for n in range(400))
    found = read(ANY, text, name="3CXTunnel.log", words=("<<00ff>>",))
    assert (found.tally.records, found.tally.understood) == (400, 0)
    assert found.problems == [
        (
            "3CXTunnel.log: format not recognised, 3CX may have changed it: 0 of 400 records understood; "
            "line 1: '<<0000>> tun#0 len=0 st=ok'; line 2: '<<0001>> tun#1 len=13 st=ok'; line 3: '<<0002>> tun#2 len=26 st=ok'"
        )
    ]
    assert [(r.source.line, r.text) for r in found.records] == [(256, "<<00ff>> tun#3 len=3315 st=ok")]
    assert found.coverage.levels is None


def test_rows_are_limited_and_the_rest_is_counted() -> None:
    text = "".join(f"2026/11/12 10:14:00.{n:03}|0021|Info| hit {n}\n" for n in range(50))
    found = read(limited(LOG, rows=20), text, words=("hit",))
    assert len(found.records) == 20
    assert found.problems == [
        "x.log: 30 further records of interest were not kept: the limit is 20 rows or 64 MiB of text a file"
    ]
    assert found.tally.records == 50


def test_long_line_is_searched_at_its_beginning_only() -> None:
    text = TWO + "2026/11/12 10:14:01.000|0021|Info| early " + "x" * 5000 + " late\n" + TWO.replace("10:14", "10:15")
    for words, lines in ((("early",), [3]), (("late",), []), (("10:15:00.119",), [5])):
        found = read(limited(LOG, record=1000, block=512), text, words=words)
        assert [record.source.line for record in found.records] == lines
        assert (found.tally.records, found.tally.understood) == (5, 5)
        assert "x.log: line 3: longer than 1000 bytes, only its beginning was searched" in found.problems


def test_long_record_is_searched_line_by_line_behind_the_limit() -> None:
    text = "2026/11/12 10:14:01.000|0021|Info| start\n" + "".join(f"   at Frame{n:04}()\n" for n in range(400)) + TWO
    found = read(limited(LOG, record=1000, block=512), text, words=("Frame0001", "Frame0300", "No space"))
    assert [(record.source.line, record.text[:20]) for record in found.records] == [
        (1, "start\n   at Frame000"), (302, "   at Frame0300()"), (403, "[Some.Logger] No spa"),
    ]  # fmt: skip
    assert (found.tally.records, found.tally.understood) == (3, 3)
    assert found.problems == [
        "x.log: the record at line 1: longer than 1000 bytes, what lies behind was searched line by line"
    ]


def test_clock_that_runs_back_is_noted() -> None:
    text = (
        "2026/10/25 02:59:59.000|0021|Info| a\n"
        "2026/10/25 02:00:00.000|0021|Info| b\n"
        "2026/10/25 02:00:00.500|0021|Info| c\n"
        "2026/10/25 02:00:00.100|0021|Info| threads write out of order\n"
        "2026/10/24 02:00:00.100|0021|Info| d\n"
        "2026/10/26 01:00:00.000|0021|Info| e\n"
    )
    assert read(LOG, text).coverage.derived == {
        "clock_steps_back": 2,
        "clock_step_max_s": 86400.0,
        "clock_step_line": 2,
    }


def test_queue_manager_blocks_without_prefix() -> None:
    text = TWO + "=Total: 12 requests / 3 active\n - Ag.0101 Dial:0 Logged-OUT\n"
    found = read(LOG, text)
    assert [(r.source.line, r.fields, r.time) for r in found.records] == [
        (3, {"requests": 12, "active": 3}, at("2026-11-12T10:14:00.119")),
        (4, {"agent": "0101", "logged": "OUT"}, at("2026-11-12T10:14:00.119")),
    ]
    alone = read(LOG, "=Total: 12 requests / 3 active\n", name="3CXQueueManager.log")
    assert (alone.tally.records, alone.tally.understood, alone.problems) == (1, 1, [])
    assert [(r.time, r.fields) for r in alone.records] == [(None, {"requests": 12, "active": 3})]


def test_secrets_never_become_rows() -> None:
    line = '2026/11/12 10:14:00.118|0021|Info| hit Password="swordfish1" response="0123456789abcdef" LicenseKey: AAAA-BBBB-CCCC-DDDD\n'
    found = read(LOG, line, words=("hit",))
    assert found.secrets == {"swordfish1", "0123456789abcdef", "AAAA-BBBB-CCCC-DDDD"}
    (record,) = found.records
    assert record.text == 'hit Password="***" response="***" LicenseKey: ***'
    assert "swordfish1" not in record.source.text


INVITE = (
    "INVITE sip:100@pbx.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-1\r\nFrom: <sip:105@pbx.example.com>;tag=1\r\n"
    "To: <sip:100@pbx.example.com>\r\nCall-ID: abc@192.0.2.7\r\nCSeq: 1 INVITE\r\n"
    'Authorization: Digest username="105", response="0123456789abcdef0123456789abcdef"\r\nContent-Length: 0\r\n\r\n'
)


def test_whole_sip_messages() -> None:
    text = f"2026/11/12 10:14:00.118|0021|Trac| Recv from UDP 192.0.2.7:5060:\r\n{INVITE}\r\n{TWO}"
    found = read(LOG, text)
    (message,) = [row for row in found.rows if isinstance(row, SipMessage)]
    assert (message.method, message.call_id, message.cseq, message.from_user) == ("INVITE", "abc@192.0.2.7", 1, "105")
    assert (message.source.line, message.time) == (2, at("2026-11-12T10:14:00.118"))
    assert "0123456789abcdef0123456789abcdef" in found.secrets
    assert "0123456789abcdef" not in message.source.text


def test_a_status_line_alone_is_no_message() -> None:
    found = read(LOG, "2026/11/12 10:14:00.118|0021|Info| SIP/2.0 408 Request Timeout\n" + TWO)
    assert [row for row in found.rows if isinstance(row, SipMessage)] == []


def test_sip_messages_are_limited() -> None:
    text = "".join(f"2026/11/12 10:14:00.{n:03}|0021|Trac|{INVITE}\r\n" for n in range(9))
    found = read(limited(LOG, sip=5), text)
    assert sum(isinstance(row, SipMessage) for row in found.rows) == 5
    assert found.problems == ["x.log: only the first 5 SIP messages in it were read"]


def test_empty_file() -> None:
    found = read(LOG, b"")
    assert (found.tally.records, found.records, found.problems) == (0, [], [])


def test_media_file_of_another_format() -> None:
    found = read(MEDIA_LOG, TWO, name="3CXMediaServer.log")
    assert (found.tally.records, found.tally.understood) == (2, 0)
    assert "format not recognised" in found.problems[0]


def test_holes_of_zeros_are_passed_over() -> None:
    for chunk in (None, 64):
        found = read(
            LOG, b"\0" * 3000 + TWO.encode() + b"\0" * 3000 + TWO.encode(), words=("No space left",), chunk=chunk
        )
        assert (found.tally.records, found.tally.understood) == (4, 4)
        assert [record.source.line for record in found.records] == [2, 4]
        assert found.records[1].text == "[Some.Logger] No space left on device"


def test_a_grammar_that_changes_within_a_file_is_told() -> None:
    changed = "2026/11/12 10:15:00.118 - T21 - E - No space left on device\n"
    found = read(LOG, TWO + changed * 3, words=("No space left",), name="3cxSystemService.log")
    assert (found.tally.records, found.tally.understood) == (5, 2)
    assert found.problems == [
        "3cxSystemService.log: format not recognised, 3CX may have changed it: 2 of 5 records understood; "
        + "; ".join(f"line {n}: {changed.strip()!r}" for n in (3, 4, 5))
    ]
    assert [record.source.line for record in found.records] == [2, 3, 4, 5]
    assert found.records[0].text == "[Some.Logger] No space left on device"
    # a date within a record does not begin another one
    found = read(LOG, TWO + "   2026-11-12 10:15:00 within\n(2026-11-12 10:15:00)\n")
    assert (found.tally.records, found.tally.understood) == (2, 2)
