"""Licence: LicenseStatus, and what other objects say of edition and key.

The key itself is never kept. Product codes rest on public sources that disagree in part; those on which they do, and those
nobody explains, give no edition.
"""

from __future__ import annotations

from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, emit_settings, keys, seen
from parsers.facts.system import Setting

PERSONAL = frozenset({"AdminEMail", "CompanyName", "ContactName", "EMail", "Telephone", "ResellerName"})
"""Members that name people and companies: no settings."""

PRODUCT_RANK = 60
"""Product codes are of medium certainty, below what the PBX says in words."""

_PRODUCTS = {
    # 3CXPSSPLA is left out: one source calls it Standard, another Pro
    "3CXPSPROFENTSPLA": "enterprise",
    "3CXPSPROFENT": "enterprise",
    "3CXPSPROFSPLA": "pro",
    "3CXPSPROF": "pro",
    "3CXPSPBX": "free",
}


def emit_key(node: Node, out: Sink) -> None:
    """``license_present`` when a licence key stands there in clear."""
    present = node.text("LicenseKey") is not None
    seen(node, "license_present", present or None, "LicenseKey", out)


def emit_edition(node: Node, out: Sink) -> None:
    """The edition by ``IsEnterprise``/``IsProfessional``, else by ``ProductCode``; none where the two disagree."""
    flags = "enterprise" if node.flag("IsEnterprise") else "pro" if node.flag("IsProfessional") else None
    product = _PRODUCTS.get((node.text("ProductCode") or "").upper())
    if flags and product and flags != product:
        return
    if flags:
        seen(node, "edition", flags, "IsEnterprise" if flags == "enterprise" else "IsProfessional", out)
    else:
        seen(node, "edition", product, "ProductCode", out, rank=PRODUCT_RANK)


def emit_dates(node: Node, out: Sink) -> None:
    """Version, simultaneous calls and the days on which licence and maintenance end."""
    seen(node, "version", node.text("Version"), "Version", out)
    seen(node, "simultaneous_calls", node.count("MaxSimCalls"), "MaxSimCalls", out)
    seen(node, "licence_expires", values.instant(node.raw("ExpirationDate")), "ExpirationDate", out)
    seen(node, "maintenance_expires", values.instant(node.raw("MaintenanceExpiresAt")), "MaintenanceExpiresAt", out)


def _licence(node: Node, out: Sink) -> None:
    emit_key(node, out)
    emit_edition(node, out)
    emit_dates(node, out)
    emit_settings(node, "LicenseStatus", out, skip=PERSONAL)


def _parameters(node: Node, out: Sink) -> None:
    """The licence as the system parameters hold it, asked for alone (``GetLicenseParameters``): the same columns and settings."""
    seen(node, "simultaneous_calls", node.count("MaxSimCalls"), "MaxSimCalls", out)
    emit_edition(node, out)
    for name, value in node.value.items():
        if isinstance(value, bool):
            out.add(Setting(source=node.source(name), object="SystemParameters", name=f"License.{name}", value=value))


FAMILIES = (
    Family(
        "xapi_license_status",
        ("LicenseStatus",),
        keys("ActiveModules", "LicenseKey CompanyName", "SimMeetingParticipants MaxSimCalls", "LicenseKey AdminEMail"),
        each(_licence),
    ),
    Family(
        "xapi_license_parameters",
        ("License", "GetLicenseParameters"),
        keys("IsMaintainceExpired", "IsCfdEnabled", "IsEnterprise MaxSimCalls", "IsProfessional MaxSimCalls"),
        each(_parameters),
    ),
)
