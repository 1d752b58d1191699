"""A pack over the facts of a case: findings and coverage."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from analyzer import i18n
from analyzer.detect import Detection, run
from analyzer.finding import Finding
from parsers.facts import Facts
from parsers.facts.base import Row, Source
from parsers.facts.capture import Call, Capture, RtpStream
from parsers.facts.inventory import Phone
from parsers.facts.log import Event, LogRecord
from tests.analyzer.pack.rules import count_rule, event_part, log_rule, pack, rule

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)


def at(**place: Any) -> Source:
    return Source(artifact="a", **place)


def facts(*rows: Row) -> Facts:
    found = Facts()
    for row in rows:
        found.add(row)
    return found


def phone(number: int, **values: Any) -> Phone:
    return Phone(source=at(row=number), mac=f"80000000{number:04d}", **({"vendor": "Acme"} | values))


def event(number: int, minutes: float | None, **fields: Any) -> Event:
    time = None if minutes is None else NINE + timedelta(minutes=minutes)
    return Event(source=at(row=number), event_id=fields.pop("event_id", 1), time=time, fields=fields)


def record(number: int, text: str, **values: Any) -> LogRecord:
    return LogRecord(source=at(line=number, text=text), kind="service_log", text=text, **values)


def detect(folder: Path, rules: list[dict[str, Any]], *rows: Row, **how: Any) -> Detection:
    return run(pack(folder, *rules), facts(*rows), **how)


def test_a_finding_of_a_table_rule(tmp_path: Path) -> None:
    there = at(path="value[0].vendor", text='"vendor": "Acme"')
    row = phone(1, model="T1", extensions=["105", "106"], sources={"vendor": there})
    found = detect(tmp_path, [rule(tags=["scope.excluded.eol-phones", "area.phone"])], row, phone(2, vendor="Other"))
    assert found.findings == [
        Finding(
            code="ABC-01",
            title="Title of ABC-01",
            message="Acme T1 is odd.",
            severity="high",
            owner="partner",
            confidence=90,
            clause="excluded.eol-phones",
            subject=["phone:800000000001", "ext:105", "ext:106"],
            remedy="Look at it.",
            evidence=[there],
            areas=["phone"],
            language="en",
        )
    ]
    coverage = found.coverage
    assert (coverage.ran, coverage.fired, coverage.silent, coverage.unknown) == (1, 1, 0, 0)


def test_unknown_never_fires_and_is_counted(tmp_path: Path) -> None:
    found = detect(tmp_path, [rule()], phone(1, vendor=None), phone(2, vendor=None), phone(3, vendor="Other"))
    assert found.findings == []
    assert (found.coverage.ran, found.coverage.silent, found.coverage.unknown) == (1, 1, 1)
    assert found.coverage.undecided == [("ABC-01", "vendor", 2)]


def test_could_not_look_is_not_nothing_found(tmp_path: Path) -> None:
    skipped = detect(tmp_path, [rule(), log_rule()])
    assert skipped.coverage.ran == 0
    assert skipped.coverage.skipped == [
        ("ABC-01", "a live export, a backup or a capture"),
        ("LOG-01", "service logs"),
    ]
    looked = detect(tmp_path, [rule(), log_rule()], looked={"log"})
    assert (looked.coverage.ran, looked.coverage.silent) == (1, 1)
    assert looked.coverage.skipped == [("ABC-01", "a live export, a backup or a capture")]


def test_two_rules_of_one_code_count_once(tmp_path: Path) -> None:
    further = log_rule() | {"code": "ABC-01", "name": "abc_01_log"}
    assert detect(tmp_path, [rule(), further]).coverage.skipped == [
        ("ABC-01", "a live export, a backup or a capture or service logs")
    ]
    found = detect(tmp_path, [rule(), further], record(1, "the disk is gone"))
    assert [item.code for item in found.findings] == ["ABC-01"]
    assert (found.coverage.ran, found.coverage.fired, found.coverage.skipped) == (1, 1, [])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Source(artifact="a"), [Source(artifact="a", row=7)]),
        (
            Source(artifact="a", text="two models"),
            [Source(artifact="a", row=7), Source(artifact="a", text="two models")],
        ),
        (Source(artifact="b"), [Source(artifact="a", row=7), Source(artifact="b")]),
    ],
)
def test_a_file_alone_says_nothing_beside_a_place_in_it(tmp_path: Path, row: Source, expected: list[Source]) -> None:
    two = rule(detection={"one": {"vendor": "Acme", "model": "T1"}, "condition": "one"}) | {
        "samples": {
            "fires": [{"phone": [{"vendor": "Acme", "model": "T1"}]}],
            "silent": [{"phone": [{"vendor": "Acme", "model": "T2"}]}],
        }
    }
    device = Phone(source=row, vendor="Acme", model="T1", sources={"model": at(row=7)})
    (found,) = detect(tmp_path, [two], device).findings
    assert sorted(found.evidence, key=str) == sorted(expected, key=str)


def test_files_that_are_one_capture_are_one_problem(tmp_path: Path) -> None:
    def file(name: str, **derived: str) -> Capture:
        return Capture(source=Source(artifact=name), artifact=name, packets=9, truncated_packets=1, derived=derived)

    rows = [file("x/1.pcap"), file("x/2.pcap", continues="x/1.pcap"), file("x/3.pcap", continues="x/1.pcap")]
    cut = rule(
        logsource={"product": "3cx", "category": "capture"},
        detection={"cut": {"truncated_packets|gt": 0}, "condition": "cut"},
        message="{artifact} is cut.",
        samples={
            "fires": [{"capture": [{"artifact": "a.pcap", "truncated_packets": 1}]}],
            "silent": [{"capture": [{"artifact": "a.pcap", "truncated_packets": 0}]}],
        },
    )
    found = detect(tmp_path, [cut], *rows, file("y.pcap")).findings
    assert [(one.subject, one.count) for one in found] == [
        (["capture:1.pcap", "capture:2.pcap", "capture:3.pcap"], 3),
        (["capture:y.pcap"], 1),
    ]
    assert [place.artifact for place in found[0].evidence] == ["x/1.pcap", "x/2.pcap", "x/3.pcap"]


def test_tables_of_captures_need_a_capture(tmp_path: Path) -> None:
    data = rule(
        logsource={"product": "3cx", "category": "rtp_stream"},
        detection={"a": {"loss_pct|gte": 5}, "condition": "a"},
        message="{loss_pct}",
        samples={"fires": [{"rtp_stream": [{"loss_pct": 5}]}], "silent": [{"rtp_stream": [{"loss_pct": 4}]}]},
    )
    assert detect(tmp_path, [data]).coverage.skipped == [("ABC-01", "a capture")]


def test_log_rules_are_one_finding_with_a_count(tmp_path: Path) -> None:
    rows = [
        record(n, f"{n} the disk is gone", time=NINE + timedelta(minutes=n), fields={"ip": f"192.0.2.{n}"})
        for n in range(1, 8)
    ]
    [finding] = detect(tmp_path, [log_rule()], *rows, record(9, "all is well")).findings
    assert finding.count == 7
    assert [source.line for source in finding.evidence] == [1, 2, 3, 4, 7]
    assert (finding.first_seen, finding.last_seen) == (NINE + timedelta(minutes=1), NINE + timedelta(minutes=7))
    assert finding.local
    assert finding.subject == [f"ip:192.0.2.{n}" for n in range(1, 8)]


def test_utc_and_wall_clock_are_not_put_into_one_span(tmp_path: Path) -> None:
    rows = [
        record(1, "disk is gone", time=NINE, local=False),
        record(2, "disk is gone", time=NINE - timedelta(hours=1), local=True),
        record(3, "disk is gone", time=NINE + timedelta(hours=1), local=False),
    ]
    [finding] = detect(tmp_path, [log_rule()], *rows).findings
    assert (finding.first_seen, finding.last_seen, finding.local) == (NINE, NINE + timedelta(hours=1), False)


def test_each_subject_is_a_finding_until_there_are_too_many(tmp_path: Path) -> None:
    some = detect(tmp_path, [rule()], *(phone(n) for n in range(20)))
    assert [finding.count for finding in some.findings] == [1] * 20
    [merged] = detect(tmp_path, [rule()], *(phone(n) for n in range(21))).findings
    assert (merged.count, len(merged.subject), len(merged.evidence)) == (21, 21, 5)


def test_a_rule_may_group_by_a_field(tmp_path: Path) -> None:
    rows = [phone(1, model="A"), phone(2, model="B"), phone(3, model="a")]
    found = detect(tmp_path, [rule(group_by=["model"])], *rows).findings
    assert [(finding.count, finding.message) for finding in found] == [(2, "Acme A is odd."), (1, "Acme B is odd.")]


def test_a_rule_may_name_its_subjects(tmp_path: Path) -> None:
    data = rule(subject=["ip:{ip}", "ext:{extensions}", "phone:{mac}"])
    [finding] = detect(tmp_path, [data], phone(1, ip="192.0.2.1")).findings
    assert finding.subject == ["ip:192.0.2.1", "phone:800000000001"]


def test_messages_say_what_is_not_known(tmp_path: Path) -> None:
    data = rule(message="{vendor}, {model}, {extensions}, {count} of {subjects}, {custom_template}.")
    [finding] = detect(tmp_path, [data], phone(1, custom_template=False)).findings
    assert finding.message == "Acme, unknown, unknown, 1 of 800000000001, no."


def test_braces_in_values_are_no_placeholders_and_long_values_are_cut(tmp_path: Path) -> None:
    [finding] = detect(tmp_path, [rule()], phone(1, model="{mac}" + "x" * 500)).findings
    assert finding.message.startswith("Acme {mac}xxx")
    assert len(finding.message) == len("Acme  is odd.") + 200


def test_texts_in_the_readers_language(tmp_path: Path) -> None:
    texts = {"es": {"title": "Raro", "message": "{vendor} es raro.", "remedy": "Mírelo."}}
    with i18n.language("es"):
        [finding] = detect(tmp_path, [rule(texts=texts)], phone(1)).findings
    assert (finding.title, finding.message, finding.remedy) == ("Raro", "Acme es raro.", "Mírelo.")


def call_rule(**changes: Any) -> dict[str, Any]:
    samples = {"fires": [{"call": [{"final_status": 500}]}], "silent": [{"call": [{"final_status": 200}]}]}
    data: dict[str, Any] = {
        "logsource": {"product": "3cx", "category": "call"},
        "detection": {"a": {"final_status|gte": 500}, "condition": "a"},
        "message": "{final_status}",
        "samples": samples,
    }
    return rule(**(data | changes))


def call(name: str, **derived: Any) -> Call:
    return Call(source=at(frame=1), call_id=name, final_status=503, start=NINE, derived=derived)


@pytest.mark.parametrize(
    ("derived", "expected"),
    [
        ({}, ("high", 90)),
        ({"how_bad": "critical"}, ("critical", 90)),
        ({"how_bad": "info", "how_sure": 70}, ("info", 70)),
        ({"how_bad": "dreadful", "how_sure": "very"}, ("high", 90)),
        ({"how_sure": 59}, ("low", 59)),
        ({"how_bad": "info", "how_sure": 10}, ("info", 10)),
        ({"how_sure": 250}, ("high", 100)),
        ({"how_sure": True}, ("high", 90)),
    ],
)
def test_severity_and_confidence_from_derived_fields(
    tmp_path: Path, derived: dict[str, Any], expected: tuple[str, int]
) -> None:
    data = call_rule(severity_from="how_bad", confidence_from="how_sure")
    [finding] = detect(tmp_path, [data], call("c1", **derived)).findings
    assert (finding.severity, finding.confidence) == expected


def test_the_worst_and_surest_hit_speaks_for_a_group(tmp_path: Path) -> None:
    data = call_rule(severity_from="how_bad", confidence_from="how_sure", message="{call_id}", group_by=["outcome"])
    rows = [
        call("a", how_bad="low"),
        call("b", how_bad="medium", how_sure=70),
        call("c", how_bad="medium", how_sure=80),
    ]
    [finding] = detect(tmp_path, [data], *rows).findings
    assert (finding.severity, finding.confidence, finding.message) == ("medium", 80, "c")


CHANGES = [event(n, minute, trunk="10000") for n, minute in enumerate((0, 6, 27, 33), 1)]


def test_a_count_over_events(tmp_path: Path) -> None:
    rules = [event_part("part_a", 1), count_rule()]
    found = detect(tmp_path, rules, *CHANGES, event(9, 10, trunk="10001"), event(10, 10))
    [finding] = found.findings
    assert (finding.code, finding.count, finding.subject) == ("CNT-01", 4, ["trunk:10000"])
    assert finding.message == "4 times on 10000."
    assert [source.row for source in finding.evidence] == [1, 2, 3, 4]
    assert (finding.first_seen, finding.last_seen) == (NINE, NINE + timedelta(minutes=33))
    assert found.coverage.undecided == [("CNT-01", "trunk", 1)]
    assert (found.coverage.ran, found.coverage.fired) == (1, 1)


def temporal(**changes: Any) -> dict[str, Any]:
    joined = {"type": "temporal", "rules": ["log_01", "abc_01"], "condition": None, "group-by": None, "generate": True}
    both = {"phone": [{"vendor": "acme"}], "log": [{"time": "2026-11-12", "text": "disk is gone"}]}
    data: dict[str, Any] = {
        "message": "{log_01.text} / {abc_01.vendor}",
        "samples": {"fires": [both], "silent": [{"phone": []}]},
    }
    return count_rule("COR-01", joined | changes.pop("correlation", {}), **(data | changes))


def test_a_correlation_of_a_record_and_a_state(tmp_path: Path) -> None:
    rows = [record(1, "disk is gone", time=NINE), phone(1)]
    found = detect(tmp_path, [rule(), log_rule(), temporal()], *rows)
    assert [finding.code for finding in found.findings] == ["ABC-01", "COR-01", "LOG-01"]
    joined = found.findings[1]
    assert joined.message == "disk is gone / Acme"
    assert joined.subject == ["phone:800000000001"]
    assert {(source.line, source.row) for source in joined.evidence} == {(1, None), (None, 1)}
    assert (joined.first_seen, joined.count) == (NINE, 2)


def test_rules_of_a_correlation_that_speaks_for_them_say_nothing(tmp_path: Path) -> None:
    rules = [rule(), log_rule(), temporal(correlation={"generate": False})]
    both = detect(tmp_path, rules, record(1, "disk is gone", time=NINE), phone(1))
    assert [finding.code for finding in both.findings] == ["COR-01"]


def test_a_correlation_that_lacks_a_table_is_skipped(tmp_path: Path) -> None:
    found = detect(tmp_path, [rule(), log_rule(), temporal()], phone(1))
    assert ("COR-01", "service logs") in found.coverage.skipped
    either = temporal(correlation={"condition": "log_01 or abc_01"}, samples={"fires": [{"phone": [{"vendor": "acme"}]}], "silent": [{"phone": []}]})  # fmt: skip
    other = detect(tmp_path / "b", [rule(), log_rule(), either], phone(1))
    assert [code for code, _ in other.coverage.skipped] == ["LOG-01"]


def finding_rule() -> dict[str, Any]:
    return rule(
        "MET-01",
        logsource={"product": "3cx", "category": "finding"},
        detection={"a": {"code": "ABC-01", "areas": "phone"}, "condition": "a"},
        message="{code} of {subject}",
        samples={
            "fires": [{"finding": [{"code": "ABC-01", "areas": ["phone"]}]}],
            "silent": [{"finding": [{"code": "X-01"}]}],
        },
    )


def test_rules_over_findings(tmp_path: Path) -> None:
    found = detect(tmp_path, [rule(), finding_rule()], phone(1), phone(2))
    assert [finding.code for finding in found.findings] == ["ABC-01", "ABC-01", "MET-01"]
    about = found.findings[2]
    assert about.message == "ABC-01 of phone:800000000001"
    assert about.subject == ["phone:800000000001", "phone:800000000002"]
    assert [source.row for source in about.evidence] == [1, 2]
    nothing = detect(tmp_path, [rule(), finding_rule()], phone(1, vendor="Other"))
    assert (nothing.findings, nothing.coverage.ran, nothing.coverage.silent) == ([], 2, 2)


def test_a_rule_over_findings_lacks_what_their_rules_lack(tmp_path: Path) -> None:
    blind = detect(tmp_path / "a", [rule(), log_rule(), finding_rule()], record(1, "all is well", time=NINE))
    needs = "a live export, a backup or a capture"
    assert blind.coverage.skipped == [("ABC-01", needs), ("MET-01", needs)]
    any_code = finding_rule() | {"detection": {"a": {"areas": "phone"}, "condition": "a"}}
    seeing = detect(tmp_path / "b", [rule(), log_rule(), any_code], record(1, "all is well", time=NINE))
    assert [code for code, _ in seeing.coverage.skipped] == ["ABC-01"]


def test_a_count_of_findings(tmp_path: Path) -> None:
    part = event_part("met_part", 0) | {
        "logsource": {"product": "3cx", "category": "finding"},
        "detection": {"a": {"code": "ABC-01"}, "condition": "a"},
    }
    samples = {"fires": [{"finding": [{"code": "ABC-01"}] * 3}], "silent": [{"finding": [{"code": "ABC-01"}] * 2}]}
    data = count_rule("MET-02", {"rules": ["met_part"], "group-by": None}, samples=samples, message="{count} phones")
    [finding] = [
        item for item in detect(tmp_path, [rule(), part, data], *map(phone, range(3))).findings if item.code == "MET-02"
    ]
    assert (finding.count, finding.message) == (3, "3 phones")


def test_findings_are_in_a_fixed_order_whatever_the_order_of_rules(tmp_path: Path) -> None:
    rules = [
        rule(f"ABC-{n:02d}", level=level)
        for n, level in enumerate(["low", "critical", "informational", "medium", "high"], 1)
    ]
    rows: list[Row] = [phone(n) for n in range(5)]
    expected = detect(tmp_path / "0", rules, *rows).findings
    assert [finding.severity for finding in expected[::5]] == ["critical", "high", "medium", "low", "info"]
    for seed in range(3):
        shuffled = random.Random(seed).sample(rules, len(rules))
        found = detect(tmp_path / str(seed + 1), shuffled, *random.Random(seed).sample(rows, 5)).findings
        assert [asdict(item) for item in found] == [asdict(item) for item in expected]


def test_event_rules_meet_only_the_events_they_want(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[int] = []

    def watch(*given: Any) -> None:
        met.append(len(list(given[2])))

    made = pack(
        tmp_path,
        *(event_part(f"part_{n}", n) for n in range(3)),
        event_part("any", 0) | {"detection": {"a": {"message": "x"}, "condition": "a"}},
    )
    monkeypatch.setattr("analyzer.detect.dispatch.judge_rows", watch)
    monkeypatch.setattr("analyzer.detect.dispatch.MANY", 1000)
    run(made, facts(*(event(n, n, event_id=n % 10) for n in range(100)), event(100, 1, event_id=None)))
    assert sorted(met) == [11, 11, 11, 101]


def test_streams_have_both_ends_and_their_call_as_subject(tmp_path: Path) -> None:
    data = rule(
        logsource={"product": "3cx", "category": "rtp_stream"},
        detection={"a": {"loss_pct|gte": 5}, "condition": "a"},
        message="{loss_pct}",
        samples={"fires": [{"rtp_stream": [{"loss_pct": 5}]}], "silent": [{"rtp_stream": [{"loss_pct": 4}]}]},
    )
    row = RtpStream(source=at(frame=7), src="192.0.2.1:9000", dst="192.0.2.2:9002", ssrc="0x1", call_id="c1", loss_pct=7.5, first=NINE, last=NINE + timedelta(seconds=9))  # fmt: skip
    [finding] = detect(tmp_path, [data], row).findings
    assert finding.subject == ["stream:192.0.2.1:9000>192.0.2.2:9002", "call:c1"]
    assert (finding.first_seen, finding.last_seen) == (NINE, NINE + timedelta(seconds=9))
    assert finding.message == "7.5"
