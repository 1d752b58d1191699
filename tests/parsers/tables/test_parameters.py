"""The table of parameters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.config.live_export import PARSERS as LIVE
from parsers.facts.system import Setting
from parsers.tables import parameters
from parsers.tables.parameters import PARSERS
from tests.parsers.config.reading import read

HEADER = "idparameter,name,description,parametertype,value\n"
ROWS = '1,WEBSERVERPASS,,0,hunter2222\n2,X,Deskphone password,0,hunter3333\n3,SIPDOMAIN,,0,pbx.example.com\n4,NOTALLOWED_COUNTRYCODES,,0,"1,44,380"\n'


def test_settings_and_secrets() -> None:
    found = read(PARSERS, HEADER + ROWS, "parameter.csv")
    assert (found.kind, found.claim, found.problems) == ("parameter_table", 90, [])
    assert (found.tally.records, found.tally.understood) == (4, 4)
    assert found.settings() == {
        "Parameters.SIPDOMAIN": "pbx.example.com",
        "Parameters.NOTALLOWED_COUNTRYCODES": "1,44,380",
        "Parameters.CountriesBarred": 3,
    }
    assert found.secrets == {"hunter2222", "hunter3333"}
    assert "hunter" not in repr(found.rows)
    assert (found.of(Setting)[0].source.row, found.of(Setting)[0].source.text) == (3, '"SIPDOMAIN": "pbx.example.com"')


def test_the_same_settings_as_of_a_live_export() -> None:
    rows = [
        {"Id": 1, "Name": "WEBSERVERPASS", "Value": "hunter2222"},
        {"Id": 2, "Name": "X", "Description": "Deskphone password", "Value": "hunter3333"},
        {"Id": 3, "Name": "SIPDOMAIN", "Value": "pbx.example.com"},
        {"Id": 4, "Name": "NOTALLOWED_COUNTRYCODES", "Value": "1,44,380"},
    ]
    live, table = read(LIVE, json.dumps(rows), "x.json"), read(PARSERS, HEADER + ROWS, "x.csv")
    assert (live.settings(), live.secrets) == (table.settings(), table.secrets)


def test_rows_without_name_are_not_understood_and_many_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "ROW_LIMIT", 2)
    found = read(PARSERS, HEADER + "1,,,0,x\n" + "".join(f"{n},P{n},,0,{n}\n" for n in range(2, 6)), "x.csv")
    assert (found.tally.records, found.tally.understood, len(found.of(Setting))) == (5, 4, 2)
    assert found.problems == ["more than 2 parameters: the others are only counted"]


@given(st.binary(max_size=200))
def test_nothing_raises(data: bytes) -> None:
    read(PARSERS, HEADER.encode() + data, "parameter.csv")
