"""What is tied to the PBX: CRM, hotel system, Microsoft 365 and Teams, Google."""

from __future__ import annotations

from typing import Literal

from parsers.api import Sink
from parsers.config.live import Family, Node, each, emit_settings, keys
from parsers.facts.base import Source
from parsers.facts.inventory import Integration

_IDENTIFIERS = frozenset({"TenantId", "ApplicationId", "ClientId", "ProjectId", "AdUsers", "SbcCertificate", "Country"})


def _crm(node: Node, out: Sink) -> None:
    """An empty name says that no CRM is set up; a missing one says nothing."""
    if isinstance(node.raw("Name"), str):
        name = node.text("Name")
        if name is not None or not str(node.raw("Name")).strip():
            out.add(Integration(source=node.source("Name"), kind="crm", name=name, enabled=name is not None))
    emit_settings(node, "CrmIntegration", out, skip=frozenset({"PossibleValues"}))


def _hotel(node: Node, out: Sink) -> None:
    out.add(
        Integration(
            source=node.source("Enabled"),
            sources=node.sources(name="IntegrationType"),
            kind="pms",
            name=node.text("IntegrationType"),
            enabled=node.flag("Enabled"),
        )
    )
    emit_settings(node, "HotelServices", out)


def _teams(node: Node, out: Sink) -> None:
    out.add(
        Integration(source=node.source("Enabled"), kind="teams", name="Microsoft Teams", enabled=node.flag("Enabled"))
    )
    emit_settings(node, "Microsoft365TeamsIntegration", out, skip=_IDENTIFIERS)


def _by_identifier(
    node: Node, out: Sink, kind: Literal["microsoft365", "google"], name: str, identifiers: tuple[str, ...]
) -> None:
    """In use when an identifier of the other side is set; that it is not is known only where all of them stand empty."""
    used = [identifier for identifier in identifiers if node.text(identifier)]
    empty = all(isinstance(node.raw(i), str) and not node.raw(i).strip() for i in identifiers)
    enabled = True if used else False if empty else None
    text = f'"{used[0]}": "…"' if used else ""
    source = Source(artifact=node.artifact, path=node.at((used or list(identifiers))[0]), text=text)
    out.add(Integration(source=source, kind=kind, name=name, enabled=enabled))
    emit_settings(node, name.replace(" ", ""), out, skip=_IDENTIFIERS)


def _microsoft(node: Node, out: Sink) -> None:
    _by_identifier(node, out, "microsoft365", "Microsoft 365", ("TenantId", "ApplicationId"))


def _google(node: Node, out: Sink) -> None:
    _by_identifier(node, out, "google", "Google", ("ClientId",))


FAMILIES = (
    Family(
        "xapi_crm_integration",
        ("CrmIntegration",),
        keys(
            "EnabledForExternalCalls",
            "EnabledForDidCalls",
            "PhonebookSynchronization",
            "VariableChoices PossibleValues",
        ),
        each(_crm),
    ),
    Family(
        "xapi_hotel_services",
        ("HotelServices",),
        keys("IntegrationType Enabled", "HotelGroups", "IntegrationType Port"),
        each(_hotel),
    ),
    Family(
        "xapi_teams_integration",
        ("Microsoft365TeamsIntegration",),
        keys("SbcFQDN", "IsNativeFQDN", "SecureSipEnabled Enabled", "TlsPortForNativeFQDN", "DialPlanCode Enabled"),
        each(_teams),
    ),
    Family(
        "xapi_microsoft365_integration",
        ("Microsoft365Integration",),
        keys("TenantId", "SharedMailboxesSync"),
        each(_microsoft),
    ),
    Family(
        "xapi_google_settings", ("GoogleSettings",), keys("ReCaptchaEnabled", "IsExtensionSignInEnabled"), each(_google)
    ),
)
