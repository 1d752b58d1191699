"""Devices: what registered (SipDevices), what was found in the network (DeviceInfos), FXS and DECT gateways (Fxs), SBCs."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config import values
from parsers.config.handset_names import plain_model, read_handset, vendor_name
from parsers.config.live import Family, Node, each, keys
from parsers.config.live_templates import emit_fxs_template
from parsers.facts.inventory import PhoneSeen, Sbc

VIA_SBC_CONFIDENCE = 85
"""``ViaSBC`` tells how a device was found, not how it is set up."""

LINES_LIMIT = 200
"""Lines of one gateway that become rows."""


def _sip_device(node: Node, out: Sink) -> bool:
    registrar, dn = node.child("Registrar"), node.child("DN")
    vendor = vendor_name(registrar.text("Vendor"))
    sources = registrar.sources(
        mac="MAC",
        ip="IpAddress",
        vendor="Vendor",
        model="Model",
        firmware="FirmwareVersion",
        user_agent="UserAgent",
        firmware_available="FirmwareAvailable",
    ) | dn.sources(extension="Number")
    out.add(
        PhoneSeen(
            source=registrar.place("UserAgent"),
            sources=sources,
            origin="xapi_sip_devices",
            mac=values.mac(registrar.raw("MAC")),
            ip=values.address(registrar.raw("IpAddress")),
            extension=dn.text("Number"),
            vendor=vendor,
            model=plain_model(vendor, registrar.text("Model")),
            firmware=registrar.text("FirmwareVersion"),
            firmware_available=registrar.text("FirmwareAvailable"),
            user_agent=registrar.text("UserAgent"),
        )
    )
    return bool(registrar.value)


def _device_info(node: Node, out: Sink) -> None:
    """A device that was found but is not assigned to anybody is no phone of this PBX: it gives no row."""
    if node.flag("Assigned") is False:
        return
    vendor = vendor_name(node.text("Vendor"))
    out.add(
        PhoneSeen(
            source=node.place("Model"),
            sources=node.sources(
                mac="MAC", ip="NetworkAddress", extension="AssignedUser", vendor="Vendor", model="Model",
                firmware="FirmwareVersion", user_agent="UserAgent", template="TemplateName", sbc_name="SbcName",
                provision_type="ViaSBC",
            ),
            origin="xapi_device_infos",
            mac=values.mac(node.raw("MAC")),
            ip=values.address(node.raw("NetworkAddress")),
            extension=_leading_number(node.text("AssignedUser")),
            vendor=vendor,
            model=plain_model(vendor, node.text("Model")),
            firmware=node.text("FirmwareVersion"),
            user_agent=node.text("UserAgent"),
            provision_type="sbc" if node.flag("ViaSBC") else None,
            provision_confidence=VIA_SBC_CONFIDENCE,
            template=node.text("TemplateName"),
            sbc_name=node.text("SbcName"),
        )
    )  # fmt: skip


def _leading_number(text: str | None) -> str | None:
    """``105`` out of ``105 Reception``."""
    first = text.split()[0] if text else ""
    return first if first.isascii() and first.isdigit() else None


def _fxs(node: Node, out: Sink) -> None:
    provisioning, template = node.child("Provisioning"), node.child("Template")
    kind = {"Dect": "dect", "Fxs": "ata"}.get(template.text("DeviceType") or "")
    handset = read_handset(node.text("ModelName"), template.text("Id"))
    vendor = vendor_name(node.text("Brand")) or handset.vendor
    model = handset.model or plain_model(vendor, node.text("Model"))
    sources = node.sources(mac="MacAddress", vendor="Brand", model="ModelName")
    sources |= provisioning.sources(provision_type="Method", sbc_name="SbcName")
    sources |= template.sources(
        template="Id", template_type="TemplateType", custom_template="IsCustom", kind="DeviceType"
    )
    lines: list[str | None] = [number for line in node.children("FxsLines") if (number := line.text("Number"))]
    for extension in lines[:LINES_LIMIT] or [None]:
        out.add(
            PhoneSeen(
                source=node.source("MacAddress"),
                sources=dict(sources),
                origin="xapi_fxs",
                mac=values.mac(node.raw("MacAddress")),
                extension=extension,
                vendor=vendor,
                model=model,
                provision_type=values.provision_type(provisioning.raw("Method")),
                template=template.text("Id"),
                template_type=template.text("TemplateType"),
                custom_template=template.flag("IsCustom"),
                sbc_name=provisioning.text("SbcName"),
                kind=kind,
            )
        )
    if template.text("Id"):
        emit_fxs_template(template, out)


def _sbc(node: Node, out: Sink) -> None:
    router = node.text("PhoneMAC") or node.whole("PhoneUserId")
    out.add(
        Sbc(
            source=node.source("Name"),
            sources=node.sources(
                version="Version", connected="HasConnection", router_phone="PhoneMAC", security="Security",
                log_level="LogLevel", local_ip="LocalIPv4", public_ip="PublicIP",
            ),
            name=node.text("DisplayName") or node.text("Name"),
            identifier=node.text("Name"),
            version=node.text("Version"),
            connected=node.flag("HasConnection"),
            router_phone=bool(router) if "PhoneMAC" in node.value or router else None,
            local_ip=values.address(node.raw("LocalIPv4")),
            public_ip=values.address(node.raw("PublicIP")),
            security=node.text("Security"),
            log_level=node.text("LogLevel"),
        )
    )  # fmt: skip


FAMILIES = (
    Family(
        "xapi_sip_devices",
        ("SipDevices",),
        keys("Registrar DN", "Registrar ProvLink", "Registrar PhoneWebPassword", "DN PhoneWebPassword", "Registrar"),
        each(_sip_device),
    ),
    Family(
        "xapi_device_infos",
        ("DeviceInfos", "DeviceInfo"),
        keys("MAC ViaSBC", "MAC NetworkAddress", "MAC DetectedAt", "MAC Vendor Model NetworkPath", "MAC AssignedUser"),
        each(_device_info),
    ),
    Family(
        "xapi_fxs", ("Fxs",), keys("FxsLines", "FxsLineCount", "Brand Provisioning", "MacAddress ModelName"), each(_fxs)
    ),
    Family(
        "xapi_sbcs",
        ("Sbcs", "Sbc"),
        keys("HasConnection", "PhoneMAC", "LocalIPv4 PublicIP", "ProvisionLink DisplayName", "PassiveServer Security"),
        each(_sbc),
    ),
)
