from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.config.live_export import PARSERS
from parsers.facts.inventory import Extension
from tests.parsers.config.reading import read

USER = {
    "Number": "105",
    "FirstName": "Ann",
    "AuthPassword": "Zq231hTr9Lm",
    "Tags": ["WeakPass"],
    "Blfs": '<PhoneDevice><BLFS><BLF ID="1" BLFType="BLF">100</BLF></BLFS></PhoneDevice>',
    "Phones": [{"MacAddress": "805e0c112233", "Name": "Yealink T53W", "Settings": {"ProvisionType": "RemoteExt"}}],
}
STATUS = {
    "FQDN": "pbx.example.com", "Version": "20.0.9.995", "MaxSimCalls": 16, "Ip": "203.0.113.7 Static",
    "MaintenanceExpiresAt": "2028-05-01T00:00:00Z", "DiskUsage": 85, "License": {"IsEnterprise": True},
}  # fmt: skip
TRUNK = {"Number": "10000", "IsOnline": True, "Gateway": {"Name": "x", "Port": 5060, "Type": "Provider"}}
SAMPLES = [
    json.dumps({"value": [USER, USER]}),
    json.dumps({"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#SystemStatus"} | STATUS),
    json.dumps({"value": [TRUNK]}),
    json.dumps(
        {"value": [{"EventId": 105, "Message": "%1$s", "Params": ["x"], "TimeGenerated": "2026-11-12T09:00:00Z"}]}
    ),
    json.dumps({"list": [{"Number": "100", "FirstName": "Ann", "SimCalls": "4"}]}),
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_are_claimed(sample: str) -> None:
    assert read(PARSERS, sample).kind is not None


def members(extra: str) -> str:
    return '{"value": [{"Number": "105", "FirstName": "Ann", "LastName": "B", ' + extra + "}]}"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ('"Tags": ' + "[" * 200_000, "nested too deeply"),
        ('"Tags": ' + '{"a":' * 200_000, "nested too deeply"),
        ('"SIPID": ' + "9" * 10_000, "a number of thousands of digits"),
        ('"IsRegistered": tru', "Expecting value"),
        ('"Mobile": "a\nb"', "Invalid control character at"),
    ],
)
def test_damage_is_said_with_its_place(extra: str, problem: str) -> None:
    got = read(PARSERS, members(extra))
    assert got.kind == "xapi_users"
    assert len(got.problems) == 1
    assert "damaged at line " in got.problems[0]
    assert problem in got.problems[0]
    assert got.rows == []


def test_what_json_does_not_have() -> None:
    got = read(PARSERS, members('"PinProtectTimeout": NaN, "Id": Infinity, "Number": "106"'))
    assert got.one(Extension).number == "106"
    assert sorted(got.problems) == [
        "Infinity is no JSON value: read as unknown",
        "NaN is no JSON value: read as unknown",
        "a name stands twice in one object: the last value counts",
    ]


def test_lone_surrogates_cannot_break_a_report() -> None:
    got = read(PARSERS, members('"Mobile": "\\ud83d\\ude00", "Tags": ["a\\ud800b"]'))
    assert got.one(Extension).tags == ["a\ufffdb"]
    assert got.problems == ["half a character pair (a lone surrogate) is replaced"]
    repr(got.rows).encode()


@pytest.mark.parametrize(
    "value", ["1e400", "-1e400", "1" + "0" * 400, "1.5", "true", '"16.0"', "[16]", '{"a":1}', "null"]
)
def test_numbers_that_are_none(value: str) -> None:
    got = read(PARSERS, '{"LocalIpValid": true, "MaxSimCalls": ' + value + "}")
    assert "simultaneous_calls" not in got.seen()
    json.dumps(got.settings(), allow_nan=False)


def test_wrong_shapes_everywhere() -> None:
    odd = {"Number": {"a": 1}, "Phones": [1, None, {"Settings": [], "Name": 5, "MacAddress": {}}], "Tags": {"x": []},
           "FirstName": [], "Blfs": 7, "LastName": None}  # fmt: skip
    got = read(PARSERS, json.dumps({"value": [odd, 5, None, [], "x"]}))
    assert (got.tally.records, got.problems) == (
        5, [f"value[{n}]: no object stands here" for n in (1, 2, 3, 4)],
    )  # fmt: skip


def test_a_thousand_settings_are_bounded() -> None:
    got = read(PARSERS, json.dumps({"LocalIpValid": True} | {f"k{n}": n for n in range(5000)}))
    assert len(got.settings()) == 2000
    assert got.problems == ["SystemStatus: only the first 2000 settings are read"]


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6), st.integers(0, 8)), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_mutated_samples_never_raise(sample: str, edits: list[tuple[int, bytes, int]]) -> None:
    data = sample.encode()
    for at, put, drop in edits:
        data = data[:at] + put + data[at + drop :]
    got = read(PARSERS, data)
    assert got.tally.understood <= got.tally.records
    repr(got.rows).encode()


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-12T09:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(
        {"Number", "Phones", "Gateway", "Name", "Settings", "Registrar", "DN", "Models", "License", "Party1", "value", "Id",
         "Message", "EventId", "Params", "TimeGenerated", "FxsLines", "Template", "Html", "Value", "TimeStamp"})), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSONISH, st.sampled_from([parser.kind for parser in PARSERS]))
@settings(max_examples=300, deadline=None)
def test_any_json_given_to_any_family(value: object, kind: str) -> None:
    parser = next(parser for parser in PARSERS if parser.kind == kind)
    got = read([Only(parser.kind)], json.dumps({"value": [value]}))
    assert got.tally.understood <= got.tally.records


class Only:
    """Gives everything to one family, whatever it is."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.parser = next(parser for parser in PARSERS if parser.kind == kind)
        self.parse = self.parser.parse

    def claims(self, _probe: object) -> int:
        return 1
