"""Objects of which only the settings are taken, one `Setting` a scalar, under the object's own name."""

from __future__ import annotations

import re

from parsers import lazy
from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, Take, each, emit_settings, keys, member_text, seen
from parsers.config.parameters import take_parameter
from parsers.facts.base import Source
from parsers.facts.system import Setting
from parsers.logs.firewall_check import record, steps_of
from parsers.logs.firewall_html import lines_of_html

_TAG = lazy.pattern(r"<[^<>]{0,500}>")
_HTML_LIMIT = 200_000
_TEXT_LIMIT = 4000
_PERSONAL = frozenset({"MyIpAddress", "EmailAddresses", "MailUser", "MailAddress"})


def _object(name: str) -> Take:
    def one(node: Node, out: Sink) -> None:
        emit_settings(node, name, out, skip=_PERSONAL)

    return each(one)


def _rows(name: str, *by: str) -> Take:
    """A collection: each record under its own key, ``OutboundRules[Mobile]``."""

    def one(node: Node, out: Sink) -> None:
        key = next((text for member in by if (text := node.text(member))), "?")
        emit_settings(node, f"{name}[{key}]", out, skip=_PERSONAL, depth=2)

    return each(one)


def _network(node: Node, out: Sink) -> None:
    seen(node, "public_ip", values.address(node.raw("PublicStaticIP")), "PublicStaticIP", out)
    emit_settings(node, "NetworkSettings", out)


def _parameter(node: Node, out: Sink) -> bool:
    """A row of the parameter table: the secret is in ``Value`` when ``Name`` says so."""
    name = node.text("Name")
    if name is None:
        return False
    source = Source(artifact=node.artifact, path=node.at("Value"), text=member_text(name, node.raw("Value")))
    take_parameter(name, node.raw("Description"), node.raw("Value"), source, out)
    return True


def _firewall(node: Node, out: Sink) -> None:
    """State of the firewall checker. Its result is a piece of HTML of which the text is kept, and each step in it;
    ``value`` is the last result.
    """
    html = node.raw("Html")
    if isinstance(html, str) and html.strip():
        text = " ".join(_TAG.sub(" ", html[:_HTML_LIMIT]).split())[:_TEXT_LIMIT]
        source = Source(artifact=node.artifact, path=node.at("Html"), text=text)
        out.add(Setting(source=source, object="Firewall", name="Text", value=text))
        for step in steps_of(lines_of_html(html)):
            out.add(record(step, Source(artifact=node.artifact, path=node.at("Html"), text=step.raw)))
    result = node.flag("value")
    if result is not None:
        out.add(Setting(source=node.source("value"), object="Firewall", name="LastResult", value=result))
    emit_settings(node, "Firewall", out, skip=frozenset({"Html", "value"}))


def _updates(node: Node, out: Sink) -> None:
    """``{"TcxUpdate": [{"Category": "Firmware", "Count": 2}]}``: how many updates wait, by category."""
    for row in node.children("TcxUpdate"):
        name = row.text("Category")
        if name is not None:
            out.add(Setting(source=row.source("Count"), object="UpdatesStats", name=name, value=row.count("Count")))


def _definitions(node: Node, out: Sink) -> None:
    """``Defs``: what may be chosen in the console. Nothing of the PBX itself is in it."""
    del node, out


_SINGLE = {
    # object: member names that only it has
    "LoggingSettings": ("LoggingLevel", "KeepLogsDays", "KeepLogs"),
    "AntiHackingSettings": ("HackBarrierRed", "HackBlacklistDuration", "MaxRequestPerPeriod"),
    "ConsoleRestrictions": ("AccessRestricted", "IpWhitelist"),
    "BackupSettings": ("Rotation ScheduleEnabled", "Rotation Schedule"),
    "BackupFailoverSettings": ("TestSIPServer", "TestTunnel", "PreStartScript"),
    "CodecsSettings": ("ExternalCodecList", "LocalCodecList"),
    "MailSettings": ("MailServerType", "MailSslEnabled"),
    "PhonesSettings": ("UseProvisioningSecret", "AutoUpdatePhonesOnAdd", "YealinkUpdateInterval"),
    "GeneralSettingsForPbx": ("LimitCallPickup", "BusyMonitor", "HDAutoLogoutEnabled"),
    "GeneralSettingsForApps": ("AllowChangePassword", "EnableSelectorCallerId"),
    "VoicemailSettings": ("AutoDeleteEnabled Quota", "SendEmailQuotaEnabled"),
    "RecordingRepositorySettings": ("RecordingsQuota",),
    "CDRSettings": ("EnabledFields", "RemoveCommaDelimiters"),
    "UpdateSettings": ("AutoUpdateEnabled Schedule",),
    "NotificationSettings": ("NotifyCodes", "AutoRestartFailedServices"),
    "FirmwareState": ("FileNames TotalSize",),
    "SecureSipSettings": ("Certificate PrivateKey",),
    "CallTypesSettings": (),
    "DialCodeSettings": (),
    "CountryCodes": (),
    "OfficeHours": ("TimeZoneId OfficeHolidays",),
    "SyslogSettings": ("CategoryConfig", "CustomRelayConfig"),
    "RemoteArchivingSettings": (),
    "ConferenceSettings": (),
    "E164Settings": (),
}
_COLLECTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # collection: what names a row; member names that only it has
    "RingGroups": (("Number",), ("RingStrategy Number",)),
    "Receptionists": (("Number",), ("IVRType",)),
    "NetworkInterfaces": (("Name", "Id"), ()),
    # a fax has the credentials that make a user elsewhere
    "Fax": (("Number",), ("FaxServer OutboundCallerId", "Number AuthID AuthPassword FaxServer")),
}


def _kind(name: str) -> str:
    """``LoggingSettings`` is ``xapi_logging_settings``."""
    return "xapi_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


FAMILIES = (
    Family(
        "xapi_network_settings",
        ("NetworkSettings",),
        keys("StunDisabled", "StunPrimaryHost", "SipPort TunnelPort", "DirectSIPAllowExternal", "FirewallKeepAlive"),
        each(_network),
    ),
    Family(
        "xapi_firewall",
        ("Firewall", "FirewallState", "GetLastResult"),
        keys("Html Running", "Running Stopping"),
        each(_firewall),
    ),
    Family("xapi_updates_stats", ("UpdatesStats", "GetUpdatesStats"), keys("TcxUpdate"), each(_updates)),
    Family("xapi_defs", ("Defs",), keys("GatewayParameters", "GatewayParameterValues"), each(_definitions)),
    *(Family(_kind(name), (name,), keys(*wanted), _object(name)) for name, wanted in _SINGLE.items()),
    *(
        Family(_kind(name), tuple(dict.fromkeys((name, name.removesuffix("s")))), keys(*wanted), _rows(name, *by))
        for name, (by, wanted) in _COLLECTIONS.items()
    ),
    # last: many things have a name and a value
    Family(
        "xapi_parameters",
        ("Parameters", "Parameter", "TenantProperties"),
        keys("Id Name Value", "Name Value Description"),
        each(_parameter),
    ),
)
