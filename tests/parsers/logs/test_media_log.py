from __future__ import annotations

from parsers.logs.media_log import PARSERS
from tests.parsers.logs.reading import at, limited, read

(LOG,) = PARSERS


def line(time: str, call: int = 1) -> str:
    return f"{time}|7ff6e96c46c0| Warn|MSEndPoint.cpp(1086): 5:[MS105000] C:{call}.1: No RTP packets were received:remoteAddr=198.51.100.80:1000,extAddr=<none>,localAddr=203.0.113.28:9154\n"


def times(text: str, name: str = "3CXMediaServer.log") -> list[str]:
    return [
        record.time.strftime("%d %H:%M:%S") if record.time else "-" for record in read(LOG, text, name=name).records
    ]


def test_fields_of_a_call_without_audio() -> None:
    (record,) = read(LOG, "#Date: 2026/08/07\n" + line("23:59:50.100")).records
    assert record.fields == {
        "no_rtp": True, "call": "1", "leg": "1", "remote_addr": "198.51.100.80:1000", "remote_ip": "198.51.100.80",
        "ext_addr": None, "local_addr": "203.0.113.28:9154",
    }  # fmt: skip
    assert (record.code, record.level, record.time, record.local) == (
        "MS105000",
        "warn",
        at("2026-08-07T23:59:50.100"),
        True,
    )
    assert record.source.line == 2
    assert record.source.time == "23:59:50.100"


def test_addresses() -> None:
    text = line("10:00:00.000").replace("198.51.100.80:1000", "[2001:db8::1]:1000")
    assert read(LOG, text).records[0].fields["remote_ip"] == "[2001:db8::1]"
    text = line("10:00:00.000").replace("198.51.100.80:1000", "<none>")
    assert read(LOG, text).records[0].fields["remote_addr"] is None
    assert read(LOG, text).records[0].fields["remote_ip"] is None


def test_day_changes_over_midnight() -> None:
    text = (
        "#Date: 2026/08/07\n"
        + line("23:59:50.100")
        + line("00:00:20.100")
        + line("23:00:00.000")
        + line("09:00:00.000")
    )
    assert times(text) == ["07 23:59:50", "08 00:00:20", "08 23:00:00", "09 09:00:00"]
    assert read(LOG, text).coverage.derived == {"date_from": "header"}


def test_records_of_the_old_day_may_follow_those_of_the_new_one() -> None:
    text = (
        "#Date: 2026/08/07\n"
        + line("23:59:59.999")
        + line("00:00:00.001")
        + line("23:59:59.998")
        + line("00:00:00.500")
    )
    assert times(text) == ["07 23:59:59", "08 00:00:00", "07 23:59:59", "08 00:00:00"]


def test_small_step_back_is_a_step_of_the_clock() -> None:
    text = "#Date: 2026/10/25\n" + line("02:59:59.000") + line("02:00:00.000") + line("02:00:01.000")
    found = read(LOG, text)
    assert times(text) == ["25 02:59:59", "25 02:00:00", "25 02:00:01"]
    assert found.coverage.derived == {
        "date_from": "header", "clock_steps_back": 1, "clock_step_max_s": 3599.0, "clock_step_line": 3,
    }  # fmt: skip


def test_several_date_lines() -> None:
    text = (
        "#Date: 2026/08/07\n"
        + line("10:00:00.000")
        + "#Date: 2026/08/09\n"
        + line("11:00:00.000")
        + line("01:00:00.000")
    )
    assert times(text) == ["07 10:00:00", "09 11:00:00", "10 01:00:00"]
    assert read(LOG, text).tally.records == 3


def test_day_in_the_file_name() -> None:
    assert times(line("10:00:00.000"), "3CXMediaServer.2026-08-07.log") == ["07 10:00:00"]
    assert times(line("10:00:00.000"), "3CXMediaServer.2026-13-07.log") == ["-"]
    assert times("#Date: 2026/08/05\n" + line("10:00:00.000"), "3CXMediaServer.2026-08-07.log") == ["05 10:00:00"]


def test_unknown_day_gives_no_time() -> None:
    found = read(LOG, line("10:00:00.000"))
    assert found.records[0].time is None
    assert found.records[0].source.time == "10:00:00.000"
    assert found.coverage.derived == {"date_from": None}
    assert (found.coverage.first, found.coverage.last) == (None, None)


def test_day_goes_on_from_block_to_block() -> None:
    text = "#Date: 2026/08/07\n" + "".join(line(f"{n * 5 % 24:02}:00:00.000", n) for n in range(40))
    whole = read(LOG, text)
    parts = read(limited(LOG, block=200, record=300), text, chunk=50)
    assert [record.time for record in whole.records] == [record.time for record in parts.records]
    assert whole.records[-1].time == at("2026-08-15T03:00:00")
    assert parts.coverage == whole.coverage
