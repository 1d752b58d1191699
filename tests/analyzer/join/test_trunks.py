from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.facts import Row, Source
from parsers.facts.inventory import Integration, Template, Trunk, TrunkSeen
from parsers.facts.log import Event
from parsers.facts.system import Setting
from tests.analyzer.join.conftest import Joined


def seen(origin: str = "xapi_trunks", **columns: Any) -> TrunkSeen:
    sources = {name: Source(artifact=f"{origin}.json", path=f"row.{name}") for name in columns}
    return TrunkSeen(source=Source(artifact=f"{origin}.json", path="row"), sources=sources, origin=origin, **columns)


def status(number: str, word: str, hour: int, row: int = 1) -> Event:
    return Event(
        source=Source(artifact="eventlog.csv", row=row),
        event_id=4100,
        time=datetime(2026, 11, 12, hour, tzinfo=UTC),
        fields={"trunk": number, "status": word},
    )


def trunks(joined: Joined, *rows: Row) -> list[Trunk]:
    facts, _ = joined(*rows)
    return facts.of(Trunk)


def test_a_trunk_known_from_events_only(joined: Joined) -> None:
    [trunk] = trunks(joined, status("10000", "Registered", 10, 4), status("10000", "Unregistered", 9, 2))
    assert (trunk.number, trunk.name, trunk.registered, trunk.status, trunk.type) == (
        "10000",
        None,
        True,
        "unknown",
        None,
    )
    assert trunk.source_of("registered").row == 4


@pytest.mark.parametrize(
    "fields",
    [{"status": "Registered"}, {"trunk": "10000", "status": "Dancing"}, {"trunk": "10000"}, {}],
)
def test_events_that_say_nothing(joined: Joined, fields: dict[str, str]) -> None:
    event = Event(source=Source(), event_id=4100, fields={**fields})
    assert trunks(joined, event) == []


def test_sources_are_joined_by_number_then_name(joined: Joined) -> None:
    found = trunks(
        joined,
        seen(number="10000", name="Nordtel Voice", host="sip.nordtel.example", port=5060, template="nordtel.pv.xml",
             gateway_type="Provider", registered=True, simultaneous_calls=8, registration_required=True),
        seen("backup", name="Nordtel Voice", template="old.pv.xml", simultaneous_calls=6),
        seen("backup", number="10001", name="Office BRI", gateway_type="BRI"),
        seen("backup", number="10002", name="Branch", gateway_type="BridgeMaster"),
        Template(source=Source(artifact="T.json"), sources={"template_type": Source(artifact="T.json", path="value[0].TemplateType")},
                 file="nordtel.pv.xml", kind="provider", name="Nordtel", template_type="Preferred", custom=False, from_pbx=True),
        status("10000", "Unregistered", 9),
    )  # fmt: skip
    assert [(trunk.number, trunk.type) for trunk in found] == [
        ("10000", "provider"),
        ("10001", "gateway"),
        ("10002", "bridge"),
    ]
    first = found[0]
    assert (first.provider, first.template, first.custom_template, first.simultaneous_calls) == (
        "Nordtel",
        "nordtel.pv.xml",
        False,
        8,
    )
    assert (first.status, first.standing, first.registered) == ("preferred", "preferred", True)
    assert first.source_of("standing").path == "value[0].TemplateType"
    assert first.source_of("host").path == "row.host"


@pytest.mark.parametrize(
    ("word", "kind"),
    [("Analog", "gateway"), ("bri", "gateway"), ("E1", "gateway"), ("Gateway", "gateway"), ("PROVIDER", "provider"),
     ("bridgeslave", "bridge"), ("Unknown", None), ("", None), (None, None)],
)  # fmt: skip
def test_type_by_the_word_of_the_case(joined: Joined, word: str | None, kind: str | None) -> None:
    [trunk] = trunks(joined, seen("backup", number="10001", name="Office", gateway_type=word))
    assert trunk.type == kind


def test_the_newest_dated_word_wins_where_no_live_export_speaks(joined: Joined) -> None:
    old = seen("backup", number="10000", registered=True, time=datetime(2026, 11, 1, tzinfo=UTC))
    [trunk] = trunks(joined, old, status("10000", "Unregistered", 9))
    assert trunk.registered is False


@pytest.mark.parametrize(
    ("columns", "standing", "shown"),
    [
        ({"template": "GenericVoIPProvider.pv.xml", "custom_template": False}, "generic", "unsupported"),
        ({"template": "peoplefonech.pv.xml", "custom_template": False}, "stock", "supported"),
        ({"template": "nordtel.pv.xml", "custom_template": False}, "unknown", "unknown"),
        ({"template": "nordtel.pv.xml"}, "unknown", "unknown"),
        ({"template": "own.pv.xml", "custom_template": True}, "unknown", "unknown"),
        ({"host": "sip.telnyx.com"}, "dropped", "unknown"),
        ({}, "unknown", "unknown"),
    ],
)
def test_standing(joined: Joined, columns: dict[str, Any], standing: str, shown: str) -> None:
    [trunk] = trunks(joined, seen(number="10001", name="Cobre SIP", **columns))
    assert (trunk.standing, trunk.status) == (standing, shown)


def test_a_template_that_a_live_export_lists_as_3cx_s_own_is_stock(joined: Joined) -> None:
    listed = Template(
        source=Source(artifact="T.json"), file="nordtel.pv.xml", kind="provider", custom=False, from_pbx=True
    )
    [trunk] = trunks(joined, seen(number="10000", name="Nordtel", template="nordtel.pv.xml"), listed)
    assert (trunk.standing, trunk.status) == ("stock", "supported")


def test_the_header_of_a_template_file_proves_nothing(joined: Joined) -> None:
    header = Template(source=Source(), file="own.pv.xml", kind="provider", template_type="Supported")
    [trunk] = trunks(joined, seen(number="10001", template="own.pv.xml"), header)
    assert (trunk.template_type, trunk.standing) == (None, "unknown")


def test_two_trunks_of_one_name_and_different_hosts_stay_two(joined: Joined) -> None:
    found = trunks(joined, seen("backup", name="Same", host="a.example"), seen("backup", name="Same", host="b.example"))
    assert [trunk.host for trunk in found] == ["a.example", "b.example"]


def test_integrations_get_their_status_and_are_joined(joined: Joined) -> None:
    facts, _ = joined(
        Integration(source=Source(), kind="crm", name="Zoho CRM"),
        Integration(source=Source(), kind="crm", name="zoho crm", enabled=True),
        Integration(source=Source(), kind="crm", name="Homemade", enabled=True, custom_template=True),
        Integration(source=Source(), kind="pms", name="tcxpms", enabled=False),
        Integration(source=Source(), kind="cfd", name="Welcome", enabled=True),
    )
    rows = {(row.kind, row.name): (row.enabled, row.status) for row in facts.of(Integration)}
    assert rows == {
        ("cfd", "Welcome"): (True, "unknown"),
        ("crm", "Homemade"): (True, "unknown"),
        ("crm", "Zoho CRM"): (True, "supported"),
        ("pms", "tcxpms"): (False, "unknown"),
    }


def test_options_of_a_live_export_stand_before_those_of_a_backup(joined: Joined) -> None:
    def option(owner: str, name: str, value: str) -> Setting:
        return Setting(source=Source(artifact=owner), object=f"{owner}[10000]", name=name, value=value)

    facts, _ = joined(
        TrunkSeen(source=Source(), origin="xapi_trunks", number="10000"),
        option("Backup.Trunks", "Gateway.Codecs", "G729"),
        option("Backup.Trunks", "Gateway.SRTPMode", "SRTPEnforced"),
        option("Trunks", "Gateway.Codecs", "PCMA"),
    )
    (trunk,) = facts.of(Trunk)
    assert trunk.derived["Gateway.Codecs"] == "PCMA"
    assert trunk.derived["Gateway.SRTPMode"] == "SRTPEnforced"
    assert trunk.source_of("Gateway.Codecs").artifact == "Trunks"


def test_a_trunk_of_one_name_is_one_where_a_host_is_unknown(joined: Joined) -> None:
    rows = [
        seen("backup", number="10000", name="Same", host="a.example"),
        seen("backup", name="same", simultaneous_calls=4),
    ]
    [trunk] = trunks(joined, *rows)
    assert (trunk.number, trunk.host, trunk.simultaneous_calls) == ("10000", "a.example", 4)
    found = trunks(joined, rows[0], seen("backup", name="Same", host="b.example"))
    assert [(trunk.number, trunk.host) for trunk in found] == [("10000", "a.example"), (None, "b.example")]


def test_where_it_stands_that_a_template_is_a_custom_one(joined: Joined) -> None:
    place = Source(artifact="T.json", path="value[0].IsCustom")
    listed = Template(
        source=Source(artifact="T.json"), sources={"custom": place}, file="nordtel.pv.xml", kind="provider", custom=True,
        from_pbx=True,
    )  # fmt: skip
    [trunk] = trunks(joined, seen(number="10000", template="nordtel.pv.xml"), listed)
    assert (trunk.custom_template, trunk.source_of("custom_template")) == (True, place)
    [trunk] = trunks(joined, seen(number="10000", template="nordtel.pv.xml", custom_template=False), listed)
    assert (trunk.custom_template, trunk.source_of("custom_template").path) == (False, "row.custom_template")


@pytest.mark.parametrize(("last", "registered"), [(10, False), (8, True)])
def test_the_last_event_of_a_trunk_tells(joined: Joined, last: int, registered: bool) -> None:
    [trunk] = trunks(joined, status("Nordtel", "Online", 9), status("Nordtel", "OFFLINE", last))
    assert (trunk.number, trunk.name, trunk.registered) == (None, "Nordtel", registered)
