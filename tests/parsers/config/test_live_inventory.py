from __future__ import annotations

import json
from typing import Any

import pytest

from parsers.config.live_export import FAMILIES, PARSERS
from parsers.facts.inventory import Extension, Integration, PhoneSeen, Sbc, Template, TrunkSeen
from tests.parsers.config.reading import Result, read


def listed(*rows: dict[str, Any]) -> Result:
    return read(PARSERS, json.dumps({"value": list(rows)}))


def test_trunk() -> None:
    gateway = {
        "Id": 1, "Name": "Nordtel Voice", "Host": "sip.nordtel.example", "Port": "5060", "Type": "Provider",
        "TemplateFilename": "GenericVoIPProvider.pv.xml", "IsCustom": False, "RequireRegistrationFor": "InOutCalls",
        "SRTPMode": "SRTPEnforced",
    }  # fmt: skip
    got = listed({"Number": "10000", "IsOnline": False, "SimultaneousCalls": 8, "AuthID": "nt4417", "Gateway": gateway})
    trunk = got.one(TrunkSeen)
    assert (trunk.number, trunk.name, trunk.host, trunk.port) == ("10000", "Nordtel Voice", "sip.nordtel.example", 5060)
    assert (trunk.template, trunk.custom_template, trunk.gateway_type) == (
        "GenericVoIPProvider.pv.xml",
        False,
        "Provider",
    )
    assert (trunk.registration_required, trunk.registered, trunk.simultaneous_calls) == (True, False, 8)
    assert trunk.source_of("template").path == "value[0].Gateway.TemplateFilename"
    assert got.settings()["Trunks[10000].Gateway.SRTPMode"] == "SRTPEnforced"
    assert got.settings()["Trunks[10000].AuthIDSet"] is True
    assert got.secrets == {"nt4417"}


@pytest.mark.parametrize("name", ["trunks.json", "export.json"])
@pytest.mark.parametrize(
    "more", [{"Gateway": {"Name": "Nordtel", "Type": "Provider"}}, {"DidNumbers": ["1"]}, {"SimultaneousCalls": 8}]
)
def test_a_trunk_without_context_is_no_user(name: str, more: dict[str, Any]) -> None:
    """Trunks have the credentials that users have."""
    trunk = {"Number": "10000", "AuthID": "nt4417", "AuthPassword": "hunter22", **more}
    got = read(PARSERS, json.dumps([trunk]), name)
    assert (got.kind, got.one(TrunkSeen).number, got.of(Extension)) == ("xapi_trunks", "10000", [])
    assert got.secrets == {"nt4417", "hunter22"}


def test_a_fax_is_no_user() -> None:
    fax = {"Number": "888", "AuthID": "fx888", "AuthPassword": "hunter22", "FaxServer": True, "OutboundCallerId": ""}
    for text in (
        json.dumps([fax]),
        json.dumps({"@odata.context": "https://pbx.example.com/xapi/v1/$metadata#Fax", "value": [fax]}),
    ):
        got = read(PARSERS, text, "x.json")
        assert (got.kind, got.of(Extension), got.settings()["Fax[888].FaxServer"]) == ("xapi_fax", [], True)


def test_a_number_under_the_name_of_a_family_is_none() -> None:
    """``Backups`` of the archive's settings is a yes or no; only an object or a list can be the family itself."""
    assert read(PARSERS, json.dumps({"Backups": True, "Chats": False}), "x.json").claim == 0
    assert read(PARSERS, json.dumps({"Backups": [{"FileName": "a.zip", "Size": 1}]}), "x.json").kind == "xapi_backups"


def test_trunk_without_authentication_id() -> None:
    gateway = {"Type": "Provider", "RequireRegistrationFor": "InOutCalls"}
    assert listed({"Number": "10000", "AuthID": " ", "Gateway": gateway}).settings()["Trunks[10000].AuthIDSet"] is False
    assert "Trunks[10000].AuthIDSet" not in listed({"Number": "10000", "Gateway": gateway}).settings()


def test_analysis_of_a_trunk() -> None:
    lines = [
        {"Code": "ErrNoReply", "Level": "Error", "Params": ["sip.nordtel.example"], "Template": "%1"},
        {"Code": "ServerAddress", "Level": "Info", "Params": [], "Template": "%1"},
    ]
    wanted = {"TrunkReport.ErrNoReply": "Error", "TrunkReport.ServerAddress": "Info"}
    assert listed(*lines).settings() == wanted
    tested = read(PARSERS, json.dumps({"Log": [], "Reports": lines}))
    assert tested.settings() == wanted
    assert (tested.tally.records, tested.tally.understood) == (1, 1)


@pytest.mark.parametrize(("address", "given"), [("fax@example.com", True), ("", False)])
def test_fax_server(address: str, given: bool) -> None:
    got = read(PARSERS, json.dumps({"FaxServerId": 9, "Number": "888", "G711ToT38Fallback": True, "Email": address}))
    settings = got.settings()
    assert settings["FaxServerSettings.EmailSet"] is given
    assert settings["FaxServerSettings.G711ToT38Fallback"] is True
    assert "fax@example.com" not in repr(got.rows)


def test_a_bridge_without_registration() -> None:
    trunk = listed({"Number": "10001", "Gateway": {"Type": "BridgeMaster", "RequireRegistrationFor": "Nothing"}}).one(
        TrunkSeen
    )
    assert (trunk.gateway_type, trunk.registration_required, trunk.registered) == ("BridgeMaster", False, None)


def test_registered_devices() -> None:
    registrar = {"Vendor": "Yealink", "Model": "SIP-T46S", "FirmwareVersion": "66.86.0.15", "MAC": "805EC00000E7",
                 "UserAgent": "Yealink SIP-T46S 66.86.0.15", "IpAddress": "10.0.0.31"}  # fmt: skip
    got = listed({"Id": 1, "DN": {"Number": "231"}, "Registrar": registrar, "PhoneWebPassword": "web-9917"})
    phone = got.one(PhoneSeen)
    assert (phone.mac, phone.ip, phone.extension) == ("805ec00000e7", "10.0.0.31", "231")
    assert (phone.vendor, phone.model, phone.firmware) == ("Yealink", "T46S", "66.86.0.15")
    assert (phone.provision_type, phone.user_agent) == (None, "Yealink SIP-T46S 66.86.0.15")
    assert got.secrets == {"web-9917"}


def test_found_devices_count_only_when_assigned() -> None:
    seen = {"MAC": "0c383e000001", "Vendor": "Fanvil", "Model": "X6U-V2", "NetworkAddress": "10.0.0.44", "ViaSBC": True}
    assert listed(seen | {"Assigned": False}).of(PhoneSeen) == []
    phone = listed(seen | {"Assigned": True, "AssignedUser": "232 Desk", "SbcName": "sbc1"}).one(PhoneSeen)
    assert (phone.vendor, phone.model, phone.extension, phone.sbc_name) == ("Fanvil", "X6U-V2", "232", "sbc1")


def test_a_found_device_behind_an_sbc() -> None:
    row = {"MAC": "805ec0000001", "Model": "T46S", "Assigned": True, "ViaSBC": True, "SbcName": "1234"}
    phone = listed(row).one(PhoneSeen)
    assert (phone.provision_type, phone.provision_confidence, phone.sbc_name) == ("sbc", 85, "1234")
    assert phone.source_of("provision_type").path == "value[0].ViaSBC"
    assert listed(row | {"ViaSBC": False}).one(PhoneSeen).provision_type is None


def test_trunk_templates_without_context() -> None:
    got = listed({"Id": "a.pv.xml", "Name": "A", "TemplateType": "ThirdParty", "IsCustom": False})
    assert (got.kind, got.one(Template).template_type) == ("xapi_trunk_templates", "ThirdParty")


def test_dect_gateway_with_its_lines() -> None:
    row = {
        "MacAddress": "7c2f80000001", "Brand": "Yealink", "ModelName": "Yealink W70B", "Secret": "s3cr3ts",
        "FxsLines": [{"Key": 1, "Number": "301"}, {"Key": 2, "Number": "302"}], "Provisioning": {"Method": "SBC", "SbcName": "s"},
        "Template": {"Id": "yealinkDect.fxs.xml", "DeviceType": "Dect", "IsCustom": True, "TemplateType": "Supported",
                     "AllowedNetConfigs": ["LocalLan", "SBC"], "Models": [{"DisplayName": "Yealink W70B", "UserAgent": "W70B"}]},
    }  # fmt: skip
    got = listed(row)
    assert got.kind == "xapi_fxs"
    assert [(p.extension, p.kind, p.provision_type) for p in got.of(PhoneSeen)] == [
        ("301", "dect", "sbc"),
        ("302", "dect", "sbc"),
    ]
    assert (got.of(PhoneSeen)[0].model, got.of(PhoneSeen)[0].custom_template) == ("W70B", True)
    template = got.one(Template)
    assert (template.kind, template.custom, template.models, template.networks) == (
        "fxs", True, ["Yealink W70B"], ["local_lan", "sbc"],
    )  # fmt: skip
    assert got.secrets == {"s3cr3ts"}


def test_templates_of_the_pbx() -> None:
    phone = {
        "Id": "acme.ph.xml",
        "TemplateType": "Supported",
        "IsCustom": True,
        "Models": [{"Name": "Yealink T54W", "UserAgent": "SIP-T54W"}],
    }
    template = listed(phone).one(Template)
    assert (template.file, template.kind, template.custom, template.from_pbx) == ("acme.ph.xml", "phone", True, True)
    assert (template.models, template.user_agents) == (["Yealink T54W"], ["SIP-T54W"])
    trunk = listed(
        {"Id": "nordtel.pv.xml", "Name": "Nordtel", "Countries": ["ES"], "TemplateType": "Preferred", "IsCustom": False}
    )
    assert (trunk.kind, trunk.one(Template).kind, trunk.one(Template).template_type) == (
        "xapi_trunk_templates", "provider", "Preferred",
    )  # fmt: skip


def test_sbcs() -> None:
    row = {"Name": "sbc-a", "DisplayName": "Branch", "HasConnection": False, "Version": "20.0.8.1131", "PhoneMAC": "805ec0000001",
           "LocalIPv4": "10.1.0.5", "PublicIP": "198.51.100.9", "Security": "TLS", "LogLevel": "Verbose", "Password": "hush-hush"}  # fmt: skip
    got = listed(row)
    sbc = got.one(Sbc)
    assert (sbc.name, sbc.version, sbc.connected, sbc.router_phone) == ("Branch", "20.0.8.1131", False, True)
    assert (sbc.local_ip, sbc.public_ip, sbc.security, sbc.log_level) == ("10.1.0.5", "198.51.100.9", "TLS", "Verbose")
    assert got.secrets == {"hush-hush"}
    assert listed({"Name": "x", "HasConnection": True, "PhoneMAC": ""}).one(Sbc).router_phone is False
    assert listed({"Name": "x", "HasConnection": True}).one(Sbc).router_phone is None


@pytest.mark.parametrize(
    ("row", "kind", "name", "enabled"),
    [
        ({"Name": "", "EnabledForExternalCalls": False}, "crm", None, False),
        ({"Name": "Hubs", "EnabledForExternalCalls": True}, "crm", "Hubs", True),
        ({"Enabled": True, "IntegrationType": "fidelio", "Port": 1}, "pms", "fidelio", True),
        ({"Enabled": False, "SecureSipEnabled": True}, "teams", "Microsoft Teams", False),
        ({"TenantId": "0b1c-example", "ApplicationId": ""}, "microsoft365", "Microsoft 365", True),
        ({"TenantId": "", "ApplicationId": ""}, "microsoft365", "Microsoft 365", False),
        ({"Number": "9001", "CallControlEnabled": True, "XAPIEnabled": False}, "call_control_api", "9001", True),
        ({"Number": "9001", "CallControlEnabled": False, "XAPIEnabled": False}, "call_control_api", "9001", False),
        ({"Name": "Callback", "CompilationSucceeded": False, "IsRegistered": True}, "cfd", "Callback", True),
    ],
)
def test_integrations(row: dict[str, Any], kind: str, name: str | None, enabled: bool | None) -> None:
    integration = listed(row).one(Integration)
    assert (integration.kind, integration.name, integration.enabled) == (kind, name, enabled)


@pytest.mark.parametrize("row", [{"EnabledForExternalCalls": True}, {"Name": "XXXX", "EnabledForExternalCalls": True}])
def test_a_crm_whose_name_is_not_there_is_unknown(row: dict[str, Any]) -> None:
    assert listed(row).of(Integration) == []


def test_3cx_own_principals_are_no_integration() -> None:
    assert listed({"Number": "x", "IsSystem": True, "XAPIEnabled": True}).of(Integration) == []


def test_identifiers_of_the_tenant_stay_out() -> None:
    assert "0b1c-example" not in repr(listed({"TenantId": "0b1c-example", "SharedMailboxesSync": True}).rows)


def test_legacy_lists() -> None:
    trunk = {"Id": "56", "Number": "10001", "Name": "Provider", "Host": "sip.example.com", "Type": "Provider", "SimCalls": "10",
             "IsRegistered": True, "RegisterOkTime": ""}  # fmt: skip
    got = read(PARSERS, json.dumps({"list": [trunk], "isRefreshTrunksRegistrationProhibited": False}), "TrunkList.json")
    assert got.kind == "rest_trunk_list"
    row = got.one(TrunkSeen)
    assert (row.number, row.name, row.host, row.registered, row.simultaneous_calls) == (
        "10001", "Provider", "sip.example.com", True, 10,
    )  # fmt: skip
    assert row.source.path == "list[0].Number"
    got = read(
        PARSERS, json.dumps({"list": [{"Number": "100", "FirstName": "Ann", "LastName": "", "Password": "pw-445566"}]})
    )
    assert (got.kind, got.one(Extension).number, got.secrets) == ("rest_extension_list", "100", {"pw-445566"})


def test_every_kind_is_one_family() -> None:
    kinds = [family.kind for family in FAMILIES]
    assert len(kinds) == len(set(kinds))
    names = [name for family in FAMILIES for name in family.names]
    assert len(names) == len(set(names))
