from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analyzer.join import phones as phones_module
from analyzer.join import trunks as trunks_module
from parsers.facts import Row, Source
from parsers.facts.capture import Capture, SipPeer
from parsers.facts.inventory import Extension, Phone, PhoneSeen, Template
from parsers.facts.system import HostMetric, SystemSeen
from tests.analyzer.join.conftest import Joined
from tests.conftest import ROOT

MAC = "805e0c112233"
PARSERS = sorted((ROOT / "parsers").rglob("*.py"))


def seen(origin: str, **columns: Any) -> PhoneSeen:
    where = f"{origin}.json"
    sources = {name: Source(artifact=where, path=f"row.{name}") for name in columns}
    return PhoneSeen(source=Source(artifact=where, path="row"), sources=sources, origin=origin, **columns)


def user(**columns: Any) -> PhoneSeen:
    known = {"mac": MAC, "extension": "105", "vendor": "Yealink", "model": "T53W", "template": "yealinkT5x.ph.xml"}
    return seen("xapi_users", **(known | columns))


def template(file: str = "yealinkT5x.ph.xml", **columns: Any) -> Template:
    place = Source(artifact="PhoneTemplates.json", path="value[0].Id")
    marks = {name: Source(artifact="PhoneTemplates.json", path=f"value[0].{name}") for name in columns}
    return Template(source=place, sources=marks, file=file, kind="phone", from_pbx=True, **columns)


def phones(joined: Joined, *rows: Row) -> list[Phone]:
    facts, _ = joined(*rows)
    return facts.of(Phone)


def test_the_worked_example(joined: Joined) -> None:
    [phone] = phones(joined, user(provision_type="stun"))
    assert (phone.mac, phone.ip, phone.vendor, phone.model, phone.firmware) == (MAC, None, "Yealink", "T53W", None)
    assert (phone.extensions, phone.provision_type, phone.template) == (["105"], "stun", "yealinkT5x.ph.xml")
    assert (phone.custom_template, phone.kind, phone.status, phone.stun) == (False, "phone", "supported", None)
    assert phone.stun_confidence == 95
    assert phone.source == Source(artifact="xapi_users.json", path="row")
    assert phone.source_of("provision_type").path == "row.provision_type"


def test_one_device_in_several_sources_is_one_row(joined: Joined) -> None:
    [phone] = phones(
        joined,
        seen("unsupported", mac=MAC, extension="105", model="T46S", firmware="66.80.0.1", listed_unsupported=True),
        seen(
            "xapi_sip_devices",
            mac=MAC,
            ip="10.0.0.5",
            extension="105",
            vendor="Yealink",
            model="T46S",
            firmware="66.86.0.15",
            user_agent="Yealink SIP-T46S 66.86.0.15",
        ),
        seen(
            "backup",
            mac=MAC,
            extension="105",
            vendor="Yealink",
            model="T46S",
            provision_type="local_lan",
            provision_confidence=70,
        ),
        user(model="T46S", provision_type="sbc"),
        seen("quality", extension="105", user_agent="Yealink SIP-T46S 66.86.0.15"),
    )
    assert (phone.ip, phone.firmware, phone.provision_type) == ("10.0.0.5", "66.86.0.15", "sbc")
    assert (phone.standing, phone.status, phone.firmware_status) == ("marked_unsupported", "unsupported", "unsupported")
    assert phone.source_of("firmware").artifact == "xapi_sip_devices.json"
    assert phone.source_of("provision_type").artifact == "xapi_users.json"
    assert phone.source_of("standing").path == "row.listed_unsupported"
    assert phone.source.artifact == "xapi_users.json"


def test_what_the_device_says_goes_before_what_was_set_up_for_it(joined: Joined) -> None:
    [phone] = phones(
        joined, user(model="T46S"), seen("xapi_sip_devices", mac=MAC, user_agent="Yealink SIP-T46G 28.83.0.130")
    )
    assert (phone.model, phone.firmware, phone.standing) == ("T46G", "28.83.0.130", "eol")
    assert phone.source_of("model").path == "row.user_agent"


def test_a_device_with_several_extensions_is_one_row(joined: Joined) -> None:
    rows = [
        seen("xapi_fxs", mac="7c2f80aabbcc", extension=number, vendor="Yealink", model="W70B", kind="dect")
        for number in ("12", "9", "110")
    ]
    [phone] = phones(joined, *rows)
    assert (phone.extensions, phone.kind) == (["9", "12", "110"], "dect")


def test_two_phones_of_one_extension_stay_two(joined: Joined) -> None:
    found = phones(joined, user(), user(mac="805e0c112244"), seen("capture", extension="105", ip="10.0.0.9"))
    assert [(phone.mac, phone.ip) for phone in found] == [(MAC, None), ("805e0c112244", None), (None, "10.0.0.9")]


def test_another_model_on_the_same_extension_is_another_device(joined: Joined) -> None:
    found = phones(joined, user(), seen("capture", extension="105", ip="10.0.0.9", user_agent="snomD785/10.1.84.12"))
    assert [phone.model for phone in found] == ["T53W", "D785"]


def test_an_address_joins_within_a_lan_and_not_behind_a_public_one(joined: Joined) -> None:
    agent = "Yealink SIP-T54W 96.86.0.75"
    lan = [seen("capture", ip="10.0.0.9:5060", extension=number, user_agent=agent) for number in ("101", "102")]
    wan = [seen("capture", ip="203.0.113.9:5060", extension=number, user_agent=agent) for number in ("103", "104")]
    found = phones(joined, *lan, *wan)
    assert [phone.extensions for phone in found] == [["101", "102"], ["103"], ["104"]]


@pytest.mark.parametrize(
    "agent",
    [
        "3CXPhoneSystem 20.0.9.995 (995)",
        "3CX Mobile Client",
        "3CXSBC 20.0.100",
        "friendly-scanner",
        "Asterisk PBX 18.20.0",
    ],
)
def test_what_is_no_phone(joined: Joined, agent: str) -> None:
    assert phones(joined, seen("xapi_sip_devices", extension="105", ip="10.0.0.5", user_agent=agent)) == []


def test_a_softphone_of_another_maker_is_one(joined: Joined) -> None:
    [phone] = phones(joined, seen("capture", extension="105", ip="10.0.0.5", user_agent="MicroSIP/3.20.7"))
    assert (phone.kind, phone.vendor, phone.status) == ("softphone", "MicroSIP", "unknown")


def test_an_unknown_device_is_not_an_unsupported_one(joined: Joined) -> None:
    [phone] = phones(
        joined, seen("xapi_sip_devices", mac=MAC, extension="233", vendor="Zetavox", model="ZX-900", firmware="3.1.4")
    )
    assert (phone.status, phone.standing, phone.kind) == ("unknown", "unknown", "unknown")
    assert phone.standing_why == "no list decides"
    assert (phone.custom_template, phone.provision_type, phone.stun) == (None, None, None)


def test_a_model_without_vendor_finds_it(joined: Joined) -> None:
    [phone] = phones(joined, seen("unsupported", mac=MAC, model="Yealink SIP-T46G"))
    assert (phone.vendor, phone.model) == ("Yealink", "T46G")
    [phone] = phones(joined, seen("unsupported", mac=MAC, model="T46G"))
    assert (phone.vendor, phone.model) == ("Yealink", "T46G")


@pytest.mark.parametrize(
    ("rows", "custom", "place"),
    [
        ([user(), template(custom=True)], True, "value[0].custom"),
        ([user(), template(custom=False)], False, "value[0].custom"),
        ([user(custom_template=True)], True, "row.custom_template"),
        ([user(custom_template=True), template(custom=False)], False, "value[0].custom"),
        ([user(template="provisioning/CustomTemplates/x.ph.xml")], True, "row"),
        ([user(template="yealinkT4x.ph.xml")], False, "row"),
        ([user()], False, "row.model"),
        ([user(vendor="Grandstream", model="GXP2170-UF", template="grandstream-uf.ph.xml")], None, "row"),
        ([user(vendor="Fanvil", model="X6 Custom", template="fanvil_custom.ph.xml")], None, "row"),
        ([user(), template("other.ph.xml", custom=False)], None, "row"),
        ([user(template=None)], None, "row"),
        ([user(), Template(source=Source(), file="yealinkT5x.ph.xml", kind="phone", copied_from="yealinkT4x.ph.xml")], True, None),
        ([user(), Template(source=Source(), file="yealinkT5x.ph.xml", kind="phone", template_type="supported")], False, "row.model"),
    ],
)  # fmt: skip
def test_custom_templates(joined: Joined, rows: list[Row], custom: bool | None, place: str | None) -> None:
    [phone] = phones(joined, *rows)
    assert phone.custom_template is custom
    assert phone.source_of("custom_template").path == place


def test_only_a_live_export_gives_a_template_type(joined: Joined) -> None:
    header = Template(source=Source(), file="own.ph.xml", kind="phone", template_type="supported")
    [phone] = phones(joined, user(vendor="Zetavox", model="ZX-900", template="own.ph.xml"), header)
    assert (phone.template_type, phone.standing) == (None, "unknown")
    [phone] = phones(joined, user(vendor="Zetavox", model="ZX-900"), template(custom=False, template_type="Supported"))
    assert (phone.template_type, phone.standing, phone.status) == ("Supported", "supported", "supported")
    assert phone.source_of("standing").path == "value[0].template_type"
    [phone] = phones(joined, user(), template(custom=False, template_type="Deleted"))
    assert (phone.standing, phone.status) == ("marked_unsupported", "unsupported")


def test_a_stock_template_of_the_case_that_names_the_model(joined: Joined) -> None:
    named = template(custom=False, models=["Yealink SIP-T88Z"])
    [phone] = phones(joined, user(model="T88Z"), named)
    assert (phone.standing, phone.status) == ("listed", "supported")
    [phone] = phones(joined, user(model="T88"), named)
    assert phone.standing == "unknown"


def test_end_of_life_goes_before_the_stock_template(joined: Joined) -> None:
    [phone] = phones(
        joined, user(model="T46G"), template(custom=False, template_type="Supported", models=["Yealink T46G"])
    )
    assert (phone.standing, phone.status) == ("eol", "eol")
    assert "https://" in phone.standing_why


@pytest.mark.parametrize(
    ("columns", "stun", "confidence"),
    [
        ({"provision_type": "local_lan"}, False, None),
        ({"provision_type": "sbc"}, False, None),
        ({"provision_type": "stun"}, None, 95),
        ({"provision_type": "stun", "provision_confidence": 70}, None, 70),
        ({"provision_type": "unknown"}, None, None),
        ({"stun_used": True, "stun_confidence": 85}, True, 85),
        ({"stun_used": True, "stun_confidence": 60}, None, 60),
        ({"stun_used": False}, False, None),
        ({"provision_type": "stun", "stun_used": True, "stun_confidence": 85}, True, 95),
        ({"provision_type": "local_lan", "stun_used": True, "stun_confidence": 85}, True, 85),
        ({"provision_type": "local_lan", "stun_used": True, "stun_confidence": 60}, None, 60),
        ({"provision_type": "stun", "provision_confidence": 90, "stun": True}, True, 90),
        ({"provision_type": "stun", "stun": False}, False, 95),
        ({}, None, None),
    ],
)
def test_stun(joined: Joined, columns: dict[str, Any], stun: bool | None, confidence: int | None) -> None:
    [phone] = phones(joined, user(**columns))
    assert (phone.stun, phone.stun_confidence) == (stun, confidence)


def test_the_surest_word_on_provisioning_wins(joined: Joined) -> None:
    rows = [
        seen("backup_db", mac=MAC, provision_type="stun", provision_confidence=70),
        user(provision_type="unknown"),
        seen("phone_config", mac=MAC, provision_type="sbc", provision_confidence=90),
    ]
    [phone] = phones(joined, *rows)
    assert phone.provision_type == "sbc"
    assert phone.source_of("provision_type").artifact == "phone_config.json"


def test_hostile_texts_become_rows(joined: Joined) -> None:
    rows = [
        seen("xapi_sip_devices", extension="105", user_agent="\x00" * 65536, vendor="A" * 65536, model="(" * 65536),
        seen("xapi_sip_devices", extension="106", user_agent="Yealink SIP-T46S " + "9." * 32768, ip="not an address"),
        seen("xapi_users", extension="\u202e", vendor="", model="", template="../../" * 1000 + "x.ph.xml"),
        seen("capture", ip="[::1"),
    ]
    found = phones(joined, *rows)
    assert len(found) == 4
    assert {phone.status for phone in found} == {"unknown"}


def test_the_order_of_rows_does_not_depend_on_the_order_of_sources(joined: Joined) -> None:
    rows = [user(), user(mac="805e0c000001", extension="7"), seen("capture", ip="10.0.0.9", extension="8")]
    assert [p.extensions for p in phones(joined, *rows)] == [p.extensions for p in phones(joined, *reversed(rows))]


def test_rankings_know_the_origins_of_the_parsers() -> None:
    """A name that no parser uses would rank the rows of the parser that was meant last."""
    known = set(re.findall(r'origin="([a-z_0-9]+)"', "".join(path.read_text("utf-8") for path in PARSERS)))
    lists = (phones_module.CONFIGURED, phones_module.OBSERVED, trunks_module.CONFIGURED)
    last = [rank("nobody") for rank in lists]
    told = {"xapi_users", "setup_config", "backup_db", "users_csv", "phone_config"}
    assert told <= known
    assert all(phones_module.CONFIGURED(origin) < last[0] for origin in told)
    assert phones_module.CONFIGURED("setup_config") < phones_module.CONFIGURED("users_csv")
    assert trunks_module.CONFIGURED("rest_trunk_list") < trunks_module.CONFIGURED("backup_db") < last[2]
    assert phones_module.OBSERVED("backup_db") < last[1]


def test_a_phone_has_a_label(joined: Joined) -> None:
    [phone] = phones(joined, user(provision_type="stun"))
    assert phone.label == "Yealink T53W of extension 105"


@pytest.mark.parametrize(
    ("served_by", "met", "kept"),
    [
        (["198.51.100.200"], "192.0.2.40", False),
        (["192.0.2.40"], "192.0.2.40", True),
        (["192.0.2.40", "198.51.100.200"], "192.0.2.40", True),
        ([], "192.0.2.40", True),  # it speaks with no 3CX that is known as one
        (["198.51.100.200"], "192.0.2.41", True),  # the PBX is not in the capture under the address that is configured
    ],
)
def test_phones_of_another_pbx_in_the_capture(joined: Joined, served_by: list[str], met: str, *, kept: bool) -> None:
    place = Source(artifact="capture.json")
    pbx = SystemSeen(source=Source(artifact="SystemStatus.json"), key="local_ip", value="192.0.2.40", rank=90)
    peer = SipPeer(source=place, ip=met, version="20.0.9.995")
    other = SipPeer(source=place, ip="198.51.100.200", version="20.0.9.995")
    row = seen("capture", ip="192.0.2.77", extension="105", vendor="Yealink", model="T46G", served_by=served_by)
    assert [phone.model for phone in phones(joined, pbx, peer, other, row)] == (["T46G"] if kept else [])
    assert len(phones(joined, peer, other, row)) == 1  # which of the two is the customer's is not known


NEWEST = datetime(2026, 11, 13, 16, tzinfo=UTC)


def aged(days: float) -> list[Row]:
    """A bundle, and a capture that ended so long before its newest record."""
    load = HostMetric(source=Source(artifact="bundle.zip!/DbTables/tsdb.system.csv"), time=NEWEST)
    last = NEWEST - timedelta(days=days)
    return [load, Capture(source=Source(artifact="capture.json"), artifact="capture.json", last=last)]


@pytest.mark.parametrize(
    ("days", "expected"), [(0, ["T46G", "T53W"]), (6, ["T46G", "T53W"]), (30, ["T53W"]), (-30, ["T46G", "T53W"])]
)
def test_an_old_capture_adds_no_phone_to_an_extension_whose_phones_are_listed(
    joined: Joined, days: int, expected: list[str]
) -> None:
    old = seen("capture", ip="192.0.2.77", extension="105", vendor="Yealink", model="T46G")
    listed = Extension(source=Source(artifact="Users.json"), number="105", phones=1)
    assert sorted(str(phone.model) for phone in phones(joined, user(), old, listed, *aged(days))) == expected
    none = Extension(source=Source(artifact="Users.json"), number="105", phones=0)
    assert len(phones(joined, old, none, *aged(days))) == len(expected) - 1
    elsewhere = seen("capture", ip="192.0.2.77", extension="106", vendor="Yealink", model="T46G")
    assert len(phones(joined, user(), elsewhere, listed, *aged(days))) == 2


@pytest.mark.parametrize(
    ("days", "now", "confidence"),
    [
        (0, "sbc", 85),
        (6, "sbc", 85),
        (30, "sbc", 79),
        (30, "local_lan", 79),
        (30, "stun", 95),
        (30, "unknown", 85),
        (30, None, 85),
    ],
)
def test_an_old_capture_does_not_prove_stun_against_a_live_export(
    joined: Joined, days: int, now: Any, confidence: int
) -> None:
    wire = seen("capture", mac=MAC, ip="192.0.2.77", extension="105", stun_used=True, stun_confidence=85)
    [phone] = phones(joined, user(provision_type=now), wire, *aged(days))
    assert (phone.stun_used, phone.stun_confidence) == (True, confidence)


def test_a_stock_template_says_nothing_of_a_phone_without_a_model(joined: Joined) -> None:
    [phone] = phones(joined, user(vendor=None, model=None), template(custom=False, models=["Yealink"]))
    assert (phone.standing, phone.status) == ("unknown", "unknown")


def test_one_device_of_a_lan_in_two_captures_is_one_row(joined: Joined) -> None:
    rows = [
        seen(f"capture{n}", ip="10.0.0.9:5060", extension="101", user_agent="Yealink SIP-T54W 96.86.0.75")
        for n in (1, 2)
    ]
    public = [
        seen(f"capture{n}", ip="203.0.113.9:5060", extension="101", user_agent="Yealink SIP-T54W 96.86.0.75")
        for n in (1, 2)
    ]
    assert [phone.extensions for phone in phones(joined, *rows)] == [["101"]]
    assert [phone.extensions for phone in phones(joined, *public)] == [["101"]]


@pytest.mark.parametrize(("days", "expected"), [(0, ["T46G", "T53W"]), (6, ["T46G", "T53W"]), (60, ["T53W"])])
def test_a_phone_in_old_reports_of_calls_is_gone_where_the_phones_are_listed(
    joined: Joined, days: int, expected: list[str]
) -> None:
    at = NEWEST - timedelta(days=days)
    old = seen("quality", extension="105", vendor="Yealink", model="T46G", time=at)
    listed = Extension(source=Source(artifact="Users.json"), number="105", phones=1)
    assert sorted(str(phone.model) for phone in phones(joined, user(), old, listed, *aged(0))) == expected
    assert sorted(str(phone.model) for phone in phones(joined, user(), old, *aged(0))) == expected
    assert len(phones(joined, old, *aged(0))) == 1  # nothing newer is known of the extension
    untimed = seen("quality", extension="105", vendor="Yealink", model="T46G")
    assert len(phones(joined, user(), untimed, listed, *aged(0))) == 2


@pytest.mark.parametrize("wrong", [datetime.max.replace(tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)])
def test_a_clock_that_is_wrong_makes_nothing_old(joined: Joined, wrong: datetime) -> None:
    ahead = HostMetric(source=Source(artifact="bundle.zip!/DbTables/tsdb.system.csv"), time=wrong)
    now = seen("quality", extension="105", vendor="Yealink", model="T46G", time=NEWEST)
    later = seen("quality", extension="105", vendor="Yealink", model="T48G", time=wrong)
    listed = Extension(source=Source(artifact="Users.json"), number="105", phones=1)
    assert len(phones(joined, user(), now, later, listed, ahead, *aged(0))) == 3
    facts, _ = joined(user(), now, listed, ahead, as_of=date.max)
    assert len(facts.of(Phone)) == 1


def test_of_two_phones_that_only_calls_show_the_one_of_these_days_stays(joined: Joined) -> None:
    old = seen("quality", extension="105", vendor="Yealink", model="T46G", time=NEWEST - timedelta(days=60))
    new = seen("quality", extension="105", vendor="Yealink", model="T54W", time=NEWEST - timedelta(days=1))
    assert [phone.model for phone in phones(joined, old, new, *aged(0))] == ["T54W"]
    elsewhere = seen("quality", extension="106", vendor="Yealink", model="T54W", time=NEWEST)
    assert len(phones(joined, old, elsewhere, *aged(0))) == 2


@pytest.mark.parametrize(("extension", "rows"), [(None, 1), ("101", 1), ("102", 2)])
def test_behind_a_public_address_only_another_extension_is_another_device(
    joined: Joined, extension: str | None, rows: int
) -> None:
    agent = "Yealink SIP-T54W 96.86.0.75"
    known = seen("capture", ip="203.0.113.9:5060", extension="101", user_agent=agent)
    found = phones(joined, known, seen("capture", ip="203.0.113.9:5060", extension=extension, user_agent=agent))
    assert len(found) == rows
