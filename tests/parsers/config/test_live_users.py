from __future__ import annotations

import json
from typing import Any

import pytest

from parsers.config.live_export import PARSERS
from parsers.facts.inventory import Extension, PhoneSeen
from parsers.facts.system import Setting
from tests.parsers.config.reading import read

CONTEXT = "https://pbx.example.com/xapi/v1/$metadata#Users(Phones())"


def user(**more: Any) -> dict[str, Any]:
    phone = {
        "Id": 1,
        "MacAddress": "80:5E:0C:11:22:33",
        "Name": "Yealink T53W",
        "TemplateName": "yealinkT5x.ph.xml",
        "ProvisioningLinkExt": "https://pbx.example.com/provisioning/k2s9d/805e0c112233.cfg",
        "Settings": {"ProvisionType": "RemoteExt", "IsSBC": False, "Secret": "sekret-7"},
    }
    return {"Id": 5, "Number": "105", "FirstName": "Ann", "LastName": "Example", "Phones": [phone]} | more


def export(*users: dict[str, Any], context: str | None = CONTEXT) -> str:
    return json.dumps(({"@odata.context": context} if context else {}) | {"value": list(users)})


def test_the_stun_phone_of_the_worked_example() -> None:
    got = read(PARSERS, export(user()), "Users.json")
    assert (got.kind, got.claim, got.problems) == ("xapi_users", 90, [])
    assert (got.tally.records, got.tally.understood) == (1, 1)
    phone = got.one(PhoneSeen)
    assert (phone.mac, phone.extension, phone.vendor, phone.model) == ("805e0c112233", "105", "Yealink", "T53W")
    assert (phone.provision_type, phone.provision_confidence) == ("stun", 95)
    assert (phone.template, phone.custom_template) == ("yealinkT5x.ph.xml", None)
    assert (phone.source.artifact, phone.source.path) == ("Users.json", "value[0].Phones[0]")
    place = phone.source_of("provision_type")
    assert (place.path, place.text) == (
        "value[0].Phones[0].Settings.ProvisionType",
        '"ProvisionType": "RemoteExt"',
    )


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("LocalLan", "local_lan"),
        ("RemoteExt", "stun"),
        ("RemoteExtSipProxyMgr", "tunnel"),
        ("SBC", "sbc"),
        ("Carrier pigeon", "unknown"),
        ("XXXX", None),
        (None, None),
    ],
)
def test_provision_types(word: str | None, meaning: str | None) -> None:
    one = user()
    one["Phones"][0]["Settings"] = {"ProvisionType": word}
    assert read(PARSERS, export(one)).one(PhoneSeen).provision_type == meaning


def test_secrets_go_to_the_sink_and_into_no_row() -> None:
    one = user(AuthID="a7Kq9", AuthPassword={"Concealed": True, "Value": "Zq231hTr9Lm"}, VMPIN="483920", Number="105")
    got = read(PARSERS, export(one))
    assert got.secrets == {
        "a7Kq9",
        "Zq231hTr9Lm",
        "483920",
        "sekret-7",
        "https://pbx.example.com/provisioning/k2s9d/805e0c112233.cfg",
    }
    shown = repr(got.rows)
    assert not any(secret in shown for secret in got.secrets)


def test_a_template_of_the_partners_own_shows_in_the_name() -> None:
    one = user()
    one["Phones"][0] |= {"Name": "Yealink T46S-acme_yealinkt4x", "TemplateName": "acme_yealinkt4x.ph.xml"}
    phone = read(PARSERS, export(one)).one(PhoneSeen)
    assert (phone.model, phone.custom_template) == ("T46S", True)
    assert phone.source_of("custom_template").text == '"Name": "Yealink T46S-acme_yealinkt4x"'


def test_extension() -> None:
    got = read(PARSERS, export(user(IsRegistered="true", MS365TeamsEnabled=False, Tags=["Teams", "WeakPass"])))
    extension = got.one(Extension)
    assert (extension.number, extension.name, extension.registered) == ("105", "Ann Example", True)
    assert (extension.teams, extension.tags) == (False, ["Teams", "WeakPass"])


def test_line_keys_are_counted() -> None:
    blfs = '<PhoneDevice><BLFS><BLF ID="1" BLFNo="2" BLFType="BLF" BLFTypeID="0">100</BLF><BLF ID="2" BLFNo="3" BLFType="SpeedDial" BLFTypeID="1">0155</BLF></BLFS></PhoneDevice>'
    setting = read(PARSERS, export(user(Blfs=blfs))).one(Setting)
    assert (setting.object, setting.name, setting.value) == ("Users[105]", "BlfKeys", 2)
    assert read(PARSERS, export(user(Blfs="nonsense"))).of(Setting) == []


@pytest.mark.parametrize(
    "text",
    [
        export(user(), context=None),
        json.dumps([user()]),
        json.dumps(user()),
        json.dumps({"Users": [user()]}),
        json.dumps({"SystemParameters": {"IsHosted3CX": True}, "Users": {"value": [user()]}}),
    ],
)
def test_the_members_tell_where_no_context_does(text: str) -> None:
    assert [phone.mac for phone in read(PARSERS, text).of(PhoneSeen)] == ["805e0c112233"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    assert read(PARSERS, export(user()).encode(encoding), "Users.json").one(PhoneSeen).mac == "805e0c112233"


def test_a_file_cut_in_the_middle() -> None:
    text = export(user(), user(Number="106"), user(Number="107"))
    got = read(PARSERS, text[: text.index('"107"')])
    assert [row.number for row in got.of(Extension)] == ["105", "106"]
    assert got.tally.records == 2
    assert len(got.problems) == 1
    assert got.problems[0].startswith("JSON damaged at line 1, column ")
    assert got.problems[0].endswith("; 2 objects before it are read")


def test_objects_one_after_the_other() -> None:
    got = read(PARSERS, json.dumps(user()) + "\n" + json.dumps(user(Number="106")))
    assert [row.number for row in got.of(Extension)] == ["105", "106"]
    assert [phone.source.path for phone in got.of(PhoneSeen)] == ["Phones[0]", "[1].Phones[0]"]


def test_a_page_of_a_longer_list_is_said() -> None:
    text = json.dumps({"@odata.context": CONTEXT, "value": [user()], "@odata.nextLink": "https://pbx.example.com/x"})
    assert read(PARSERS, text).problems == ["this is one page of a longer list: the rows after it are not in this file"]


def test_an_empty_list_is_no_damage() -> None:
    got = read(PARSERS, '{"value": []}', "Users.json")
    assert (got.kind, got.problems, got.tally.records) == ("xapi_users", ["the list is empty"], 0)


@pytest.mark.parametrize(("phones", "count"), [([], 0), ([{"MacAddress": "805e0c112233"}], 1), (None, None)])
def test_how_many_phones_an_extension_has(phones: list[Any] | None, count: int | None) -> None:
    assert read(PARSERS, export(user(Phones=phones)), "Users.json").one(Extension).phones == count
    shown = {key: value for key, value in user().items() if key != "Phones"}
    assert read(PARSERS, export(shown), "Users.json").one(Extension).phones is None
