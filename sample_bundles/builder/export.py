"""The live export: answers of 3CX's configuration API (names of all fields: its public description, 20.0.10)."""

from __future__ import annotations

import json
from typing import Any

from sample_bundles.builder.site import DAY, FQDN, Phone, Site, Trunk

GIB = 1 << 30


def files(site: Site) -> dict[str, bytes]:
    """File name to content."""
    made: dict[str, Any] = {
        "SystemStatus": _one("SystemStatus", _status(site)),
        "SystemParameters": _one(
            "Pbx.SystemParameters",
            {"FQDN": FQDN, "Version": site.version, "IsHosted": site.hosted_by_3cx, "IsHosted3CX": site.hosted_by_3cx,
             "ProcessorCount": site.cpus, "SipPort": 5060, "IsStaticIp": True, "StaticIp": "192.0.2.40"},
        ),
        "Users": _many("Users(Phones())", [_user(p) for p in site.phones]),
        "SipDevices": _many("SipDevices", [_device(n, p) for n, p in enumerate(site.phones, 1) if p.registered]),
        "PhoneTemplates": _many("PhoneTemplates", _phone_templates(site)),
        "Trunks": _many("Trunks(Gateway())", [_trunk(n, t) for n, t in enumerate(site.trunks, 1)]),
        "TrunkTemplates": _many(
            "TrunkTemplates",
            [{"Id": t.template, "Name": t.name, "TemplateType": t.template_type, "IsCustom": t.custom} for t in site.trunks if t.template_type],
        ),
        "NetworkSettings": _one(
            "NetworkSettings",
            {"SipPort": 5060, "TunnelPort": 5090, "StunDisabled": False, "StunPrimaryHost": "stun.example.net", "StunPrimaryPort": 3478,
             "PublicStaticIP": "192.0.2.40", "DirectSIPAllowExternal": False, "FirewallKeepAlive": True, "IpV6BindingEnabled": False},
        ),
        "LoggingSettings": _one("LoggingSettings", {"KeepLogs": True, "KeepLogsDays": 7}),
        **{name: _one(name, body) for name, body in site.integrations.items()},
    }  # fmt: skip
    return {f"{name}.json": (json.dumps(body, indent=1) + "\n").encode() for name, body in made.items()}


def _one(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"@odata.context": f"https://{FQDN}/xapi/v1/$metadata#{name}", **body}


def _many(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@odata.context": f"https://{FQDN}/xapi/v1/$metadata#{name}", "value": rows}


def _status(site: Site) -> dict[str, Any]:
    return {
        "FQDN": FQDN,
        "Version": site.version,
        "Activated": True,
        "LicenseActive": True,
        "MaxSimCalls": site.simultaneous_calls,
        "ExtensionsTotal": site.extensions,
        "ExtensionsRegistered": sum(p.registered for p in site.phones),
        "UserExtensions": site.extensions,
        "TrunksTotal": len(site.trunks),
        "TrunksRegistered": sum(t.online for t in site.trunks),
        "OS": "Windows" if site.windows else "Linux",
        "LocalIpValid": True,
        "CurrentLocalIp": "192.168.40.10",
        "AvailableLocalIps": "192.168.40.10",
        "BackupScheduled": True,
        "LastBackupDateTime": f"{DAY}T01:00:09Z",
        "ExpirationDate": "2028-03-01T00:00:00Z",
        "MaintenanceExpiresAt": "2028-03-01T00:00:00Z",
        "Support": True,
        "AutoUpdateEnabled": True,
        "HasNotRunningServices": False,
        "HasUnregisteredSystemExtensions": False,
        "RecordingQuotaReached": False,
        "VoicemailQuotaReached": False,
        "TotalDiskSpace": site.disk_gb * GIB,
        "FreeDiskSpace": site.disk_free_gb * GIB,
        "DiskUsage": round(100 * (1 - site.disk_free_gb / site.disk_gb)),
    } | site.status


def _shown_name(phone: Phone) -> str:
    name = f"{phone.vendor} {phone.model}"
    return f"{name}-{phone.template.removesuffix('.ph.xml')}" if phone.custom else name


def _user(phone: Phone) -> dict[str, Any]:
    settings: dict[str, Any] = {"ProvisionType": phone.provision, "IsSBC": False}
    if phone.sbc:
        settings["SbcName"] = phone.sbc
    return {
        "Id": int(phone.extension),
        "Number": phone.extension,
        "FirstName": "Sample",
        "LastName": f"User {phone.extension}",
        "Enabled": True,
        "IsRegistered": phone.registered,
        "AuthPassword": f"sample-{phone.extension}-pass",
        "Phones": [
            {"Id": int(phone.extension), "MacAddress": phone.mac.upper(), "Name": _shown_name(phone), "TemplateName": phone.template,
             "ProvisioningLinkLocal": f"https://{FQDN}/provisioning/sample0link/{phone.mac}.cfg", "Settings": settings}
        ],
    }  # fmt: skip


def _device(number: int, phone: Phone) -> dict[str, Any]:
    return {
        "Id": number,
        "DN": {"Number": phone.extension},
        "Registrar": {"Vendor": phone.vendor, "Model": phone.model, "FirmwareVersion": phone.firmware, "MAC": phone.mac.upper(),
                      "UserAgent": phone.user_agent, "IpAddress": phone.ip},
    }  # fmt: skip


def _phone_templates(site: Site) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for phone in site.phones:
        row = rows.setdefault(
            phone.template,
            {"Id": phone.template, "TemplateType": phone.template_type, "IsCustom": phone.custom, "Models": []},
        )
        row["Models"].append({"Name": _shown_name(phone), "UserAgent": phone.user_agent.rsplit(" ", 1)[0]})
    return list(rows.values())


def _trunk(number: int, trunk: Trunk) -> dict[str, Any]:
    return {
        "Id": number,
        "Number": trunk.number,
        "IsOnline": trunk.online,
        "Direction": "Both",
        "SimultaneousCalls": 10,
        "AuthID": "sample-auth",
        "AuthPassword": {"Concealed": False, "Value": "sample-trunk-pass"},
        "Gateway": {"Id": number, "Name": trunk.name, "Host": trunk.host, "Port": 5060, "Type": trunk.kind, "TemplateFilename": trunk.template,
                    "IsCustom": trunk.custom, "RequireRegistrationFor": trunk.registration, "Codecs": ["PCMA", "PCMU"]},
    }  # fmt: skip
