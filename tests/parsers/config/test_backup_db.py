from __future__ import annotations

import pytest

from parsers.config.backup_db import PARSERS
from parsers.facts.inventory import Extension, Integration, PhoneSeen, TrunkSeen
from parsers.facts.system import Setting, SystemSeen
from tests.parsers.config.reading import Result, read

PHONE = (
    "<PhoneDevice><MAC>80:5E:C0:00:00:E7</MAC><ProvisioningFilename2>Yealink T46S-acme_y</ProvisioningFilename2>"
    "<TemplateFilename>acme_y.ph.xml</TemplateFilename><Interface>pbx.example.com</Interface>{settings}</PhoneDevice>"
)
ESCAPED = "<Settings>&lt;PhoneDevice ProvType=&quot;1&quot; /&gt;</Settings>"
EXTENSION = (
    "<Extension><Number>231</Number><FirstName>Ann</FirstName><LastName>Example</LastName><AuthID>a231x9</AuthID>"
    "<AuthPassword>Zq231hTr9Lm</AuthPassword><VMPIN>774411</VMPIN><PhoneDevices>" + PHONE + "</PhoneDevices>"
    "<Properties><DNProperty><Name>X</Name><Value>desk-pass-1</Value><Description>Deskphone password</Description></DNProperty>"
    "<DNProperty><Name>MOBILE</Name><Value>0155</Value></DNProperty></Properties></Extension>"
)
GATEWAYS = (
    "<Gateways><VoipProvider><Name>Nordtel</Name><Host>sip.nordtel.example</Host><Port>5060</Port><Lines>10</Lines>"
    "<Type>Provider</Type><RequireRegistrationFor>InOutCalls</RequireRegistrationFor>"
    "<TemplateFilename>GenericVoIPProvider.pv.xml</TemplateFilename></VoipProvider>"
    "<Gateway><Name>Old box</Name><Type>Analog</Type><RequireRegistrationFor>Nothing</RequireRegistrationFor></Gateway></Gateways>"
)
LINE = "<ExternalLine><Number>10000</Number>{gateway}<SimultaneousCalls>8</SimultaneousCalls><AuthPassword>Trk77vPq</AuthPassword></ExternalLine>"


def backup(settings: str = ESCAPED, gateway: str = "<Gateway>Nordtel</Gateway>", before: str = "") -> Result:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>\n{before}<PhoneSystem><header><version>20.0.7.1080</version>'
        "<Date>2026-11-13 02:00:00</Date></header><fqdn><externalFqdn>pbx.example.com</externalFqdn></fqdn>"
        f"<license><company>Example Ltd</company><key>ABCD-1234-EFGH-5678</key></license>{GATEWAYS}"
        f"<Tenants><Tenant><Name>T</Name><DN>{EXTENSION.format(settings=settings)}"
        "<Queue><Number>801</Number><Name>Service</Name></Queue><Queue><Number>802</Number></Queue>"
        "<RoutePoint><Number>900</Number><Name>Callback</Name></RoutePoint>"
        f"{LINE.format(gateway=gateway)}</DN><Groups><Group><Members><Member DN='231'/></Members></Group></Groups>"
        "</Tenant></Tenants></PhoneSystem>\n"
    )
    return read(PARSERS, text, "b41c77Db.xml")


def test_system() -> None:
    got = backup()
    assert (got.kind, got.claim, got.problems) == ("backup_db", 90, [])
    assert (got.tally.records, got.tally.understood) == (7, 7)
    assert got.seen() == {"version": "20.0.7.1080", "fqdn": "pbx.example.com", "license_present": True, "extensions": 1}
    assert {row.rank for row in got.of(SystemSeen)} == {70}
    assert got.settings() == {"Backup.Date": "2026-11-13 02:00:00", "Backup.Queues": 2}


def test_extension_and_phone() -> None:
    got = backup()
    assert (got.one(Extension).number, got.one(Extension).name) == ("231", "Ann Example")
    phone = got.one(PhoneSeen)
    assert (phone.mac, phone.extension, phone.vendor, phone.model) == ("805ec00000e7", "231", "Yealink", "T46S")
    assert (phone.template, phone.custom_template) == ("acme_y.ph.xml", True)
    assert (phone.provision_type, phone.provision_confidence) == ("stun", 75)
    place = phone.source_of("provision_type")
    assert (place.line, place.text) == (2, 'ProvType="1"')
    assert place.path == "Extension[Number='231']/PhoneDevices/PhoneDevice[0]/Settings/@ProvType"


@pytest.mark.parametrize(
    ("settings", "meaning", "raw"),
    [
        ("<Settings>&lt;PhoneDevice ProvType='0'/&gt;</Settings>", "local_lan", 'ProvType="0"'),
        ("<Settings ProvType='2'/>", "tunnel", 'ProvType="2"'),
        ("<Settings><PhoneDevice ProvType='3'/></Settings>", "sbc", 'ProvType="3"'),
        ("<Settings><ProvType>1</ProvType></Settings>", "stun", 'ProvType="1"'),
        ('<Settings>ProvType = "RemoteExt"</Settings>', "stun", 'ProvType="RemoteExt"'),
        ('<Settings>&lt;PhoneDevice ProvType="9"/&gt;</Settings>', "unknown", 'ProvType="9"'),
        ("<Settings>nothing</Settings>", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_where_the_provisioning_type_stands(settings: str, meaning: str | None, raw: str | None) -> None:
    phone = backup(settings).one(PhoneSeen)
    assert phone.provision_type == meaning
    assert (phone.sources["provision_type"].text if raw else None) == raw


@pytest.mark.parametrize("gateway", ["<Gateway>Nordtel</Gateway>", "<Gateway><Name>Nordtel</Name></Gateway>"])
def test_lines_are_joined_with_their_gateways(gateway: str) -> None:
    line, box = backup(gateway=gateway).of(TrunkSeen)
    assert (line.number, line.name, line.host, line.port) == ("10000", "Nordtel", "sip.nordtel.example", 5060)
    assert (line.template, line.gateway_type, line.registration_required) == (
        "GenericVoIPProvider.pv.xml",
        "Provider",
        True,
    )
    assert line.simultaneous_calls == 8
    assert line.source_of("template").text == "<TemplateFilename>GenericVoIPProvider.pv.xml</TemplateFilename>"
    assert (box.number, box.name, box.gateway_type, box.registration_required) == (None, "Old box", "Analog", False)


def test_lines_that_stand_before_their_gateways() -> None:
    line = LINE.format(gateway="<Gateway>Nordtel</Gateway>")
    got = read(PARSERS, f"<PhoneSystem><DN>{line}</DN>{GATEWAYS}</PhoneSystem>", "Db.xml")
    assert [(row.number, row.name, row.host, row.simultaneous_calls) for row in got.of(TrunkSeen)] == [
        ("10000", "Nordtel", "sip.nordtel.example", 8), (None, "Old box", None, None),
    ]  # fmt: skip


def test_lines_behind_the_last_that_libxml2_counts() -> None:
    text = "<PhoneSystem>" + "\n" * 70_000 + EXTENSION.format(settings=ESCAPED) + "</PhoneSystem>"
    place = read(PARSERS, text, "Db.xml").one(Extension).source
    assert (place.line, place.path) == (None, "Extension[Number='231']/Number")


def test_places_in_a_file_of_many_lines() -> None:
    text = f"<PhoneSystem>{GATEWAYS}{EXTENSION.format(settings=ESCAPED)}{LINE.format(gateway='')}</PhoneSystem>"
    spread = text.replace("><", ">\n<")
    lines = spread.split("\n")
    got = read(PARSERS, spread, "Db.xml")
    places = [row.source for row in got.rows]
    places += [place for row in got.rows for place in row.sources.values()]
    shown = [(place.line, place.text) for place in places if place.text.startswith("<")]
    assert {text.partition(">")[0] for _, text in shown} == {
        "<Name", "<Number", "<ProvisioningFilename2", "<TemplateFilename",
    }  # fmt: skip
    assert [text for _, text in shown] == [lines[(line or 0) - 1] for line, _ in shown]


def test_places_of_what_is_only_counted() -> None:
    (queues,) = [row for row in backup().of(Setting) if row.name == "Queues"]
    assert (queues.value, queues.source.path) == (2, "Tenants/Tenant/DN/Queue")


def test_route_points_may_be_anything() -> None:
    integration = backup().one(Integration)
    assert (integration.kind, integration.name, integration.enabled) == ("other", "route point 900 Callback", None)


def test_secrets() -> None:
    got = backup()
    assert got.secrets == {"a231x9", "Zq231hTr9Lm", "774411", "desk-pass-1", "ABCD-1234-EFGH-5678", "Trk77vPq"}
    shown = repr(got.rows)
    assert not any(secret in shown for secret in got.secrets)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    text = "<PhoneSystem><header><version>18.0.9.20</version></header></PhoneSystem>"
    assert read(PARSERS, text.encode(encoding), "xDb.xml").seen() == {"version": "18.0.9.20"}


@pytest.mark.parametrize("declared", ["utf-8", "windows-1252"])
@pytest.mark.parametrize("before", [0, 65_000, 70_000])
def test_what_is_no_utf_8_costs_no_row(declared: str, before: int) -> None:
    """An editor saved it in Windows-1252, or only one name in it is so: all behind it is read."""
    names = [
        f"<Extension><Number>{100 + n}</Number><FirstName>{name}</FirstName></Extension>"
        for n, name in enumerate(("J\xf6rg", "Zo\xeb"))
    ]
    head = f'<?xml version="1.0" encoding="{declared}"?><PhoneSystem><Tenants><Tenant><DN>{" " * before}'
    tail = "</DN></Tenant></Tenants></PhoneSystem>"
    for content in (
        (head + "".join(names) + tail).encode("cp1252"),
        head.encode() + names[0].encode("cp1252") + names[1].encode("utf-8") + tail.encode(),
    ):
        got = read(PARSERS, content, "Db.xml")
        assert [(row.number, row.name) for row in got.of(Extension)] == [("100", "J\xf6rg"), ("101", "Zo\xeb")]
        assert got.problems == ["not all of it is UTF-8: read as Windows-1252"]


def test_a_character_at_the_end_of_a_piece_is_whole() -> None:
    for before in range(65_440, 65_480):
        text = f"<PhoneSystem><Tenants><Tenant><DN>{' ' * before}<Extension><Number>100</Number><FirstName>\xf6\u20ac\xf6</FirstName></Extension></DN></Tenant></Tenants></PhoneSystem>"
        got = read(PARSERS, text, "Db.xml")
        assert (got.one(Extension).name, got.problems) == ("\xf6\u20ac\xf6", [])


def test_cut_off() -> None:
    text = "<PhoneSystem><Tenants><Tenant><DN>" + EXTENSION.format(settings="") + "<Extension><Number>9</Nu"
    got = read(PARSERS, text, "xDb.xml")
    assert got.one(Extension).number == "231"
    assert len(got.problems) == 1
    assert got.problems[0].startswith("XML damaged: ")
    assert got.problems[0].endswith("what stands before it is read")


@pytest.mark.parametrize("tail", ["<Extension><Number>9 & 8</Number></Extension>", "</b>", "<"])
def test_damage_costs_only_what_follows(tail: str) -> None:
    got = read(PARSERS, "<PhoneSystem><a>" + EXTENSION.format(settings="") + tail, "xDb.xml")
    assert [extension.number for extension in got.of(Extension)] == ["231"]
    assert len(got.problems) == 1
    assert got.problems[0].startswith("XML damaged: ")


def test_large_backups_come_in_pieces() -> None:
    extensions = "".join(EXTENSION.format(settings=ESCAPED).replace("231<", f"{n}<") for n in range(1000, 3000))
    other = (
        "<PhoneBookEntries>"
        + "<PhoneBookEntry><FirstName>A</FirstName></PhoneBookEntry>" * 5000
        + "</PhoneBookEntries>"
    )
    got = read(
        PARSERS,
        f"<PhoneSystem>{GATEWAYS}{other}<DN>{extensions}{LINE.format(gateway='<Gateway>Nordtel</Gateway>')}</DN></PhoneSystem>",
    )
    assert [phone.extension for phone in got.of(PhoneSeen)] == [str(n) for n in range(1000, 3000)]
    assert {phone.provision_type for phone in got.of(PhoneSeen)} == {"stun"}
    assert got.of(TrunkSeen)[0].host == "sip.nordtel.example"
    assert got.seen()["extensions"] == 2000


def test_options_of_a_trunk() -> None:
    gateway = (
        "<VoipProvider><Name>Nordtel</Name><SRTPMode>SRTPEnforced</SRTPMode><SupportReinvite>True</SupportReinvite><SupportReplaces/>"
        '<Codecs><Codec RFCName="G729"/><Codec RFCName="OPUS"/><Codec/></Codecs></VoipProvider><VoipProvider><Name>Bare</Name></VoipProvider>'
    )
    line = "<ExternalLine><Number>10000</Number><Gateway>Nordtel</Gateway></ExternalLine>"
    found = read(
        PARSERS,
        f"<PhoneSystem><Gateways>{gateway}</Gateways><Tenants><Tenant><DN>{line}</DN></Tenant></Tenants></PhoneSystem>",
        "x_Db.xml",
    )
    assert {name: value for name, value in found.settings().items() if "Trunks" in name} == {
        "Backup.Trunks[10000].Gateway.Codecs": "G729,OPUS",
        "Backup.Trunks[10000].Gateway.SRTPMode": "SRTPEnforced",
        "Backup.Trunks[10000].Gateway.SupportReinvite": True,
    }
