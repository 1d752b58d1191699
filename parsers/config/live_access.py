"""Clients and applications that steer the PBX (service principals, call flow applications), and the support entitlement."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config.live import Family, Node, each, emit_settings, keys, seen
from parsers.facts.inventory import Integration


def _principal(node: Node, out: Sink) -> None:
    """A client of the call control or configuration API. 3CX's own ones (``IsSystem``) are no integration."""
    if node.flag("IsSystem"):
        return
    control, configuration = node.flag("CallControlEnabled"), node.flag("XAPIEnabled")
    known = [value for value in (control, configuration) if value is not None]
    out.add(
        Integration(
            source=node.source("CallControlEnabled" if control is not None else "XAPIEnabled"),
            sources=node.sources(name="Number"),
            kind="call_control_api",
            name=node.text("Number") or node.text("Name"),
            enabled=any(known) if known else None,
        )
    )
    emit_settings(node, f"ServicePrincipals[{node.text('Number') or '?'}]", out, depth=1)


def _call_flow(node: Node, out: Sink) -> bool:
    """An application of the Call Flow Designer, or a script."""
    name = node.text("Name") or node.text("Number")
    if name is None:
        return False
    out.add(
        Integration(
            source=node.source("Name"),
            sources=node.sources(enabled="IsRegistered"),
            kind="cfd",
            name=name,
            enabled=node.flag("IsRegistered"),
        )
    )
    skip = frozenset({"ScriptCode", "CompilationResult"})
    emit_settings(node, f"CallFlowApps[{node.text('Number') or name}]", out, skip=skip, depth=1)
    return True


def _help(node: Node, out: Sink) -> None:
    """``KeyIsNotCommercial`` is said of NFR, trial and free keys alike: a hint, no proof of an NFR licence."""
    status = node.text("CreateTicketStatus")
    seen(
        node,
        "license_not_commercial",
        True if status == "KeyIsNotCommercial" else None,
        "CreateTicketStatus",
        out,
        rank=30,
    )
    emit_settings(node, "IsRequestHelpEnabled", out)


FAMILIES = (
    Family(
        "xapi_service_principals",
        ("ServicePrincipals", "ServicePrincipal"),
        keys("XAPIEnabled", "CallControlEnabled", "MyPhoneEnabled LastUsed"),
        each(_principal),
    ),
    Family(
        "xapi_call_flow_apps",
        ("CallFlowApps", "CallFlowApp"),
        keys("CompilationSucceeded", "InvalidScript", "ScriptCode", "RejectedCode Name", "RoutingType Name Number"),
        each(_call_flow),
    ),
    Family(
        "xapi_request_help",
        ("IsRequestHelpEnabled", "CreateTicket"),
        keys("CreateTicketStatus", "CanCreateTicket"),
        each(_help),
    ),
)
