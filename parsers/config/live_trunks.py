"""Trunks with their gateways, and what 3CX's own analysis says of one. A trunk has no name of its own: its gateway has."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config.live import Family, Node, each, emit_settings, keys
from parsers.facts.inventory import Integration, TrunkSeen
from parsers.facts.system import Setting

_PERSONAL = frozenset({"ExternalNumber", "DidNumbers", "OutboundCallerID"})
_REGISTRATION = {"Nothing": False, "IncomingCalls": True, "OutgoingCalls": True, "InOutCalls": True}


def registration_required(word: str | None) -> bool | None:
    """3CX's ``RequireRegistrationFor`` as yes or no."""
    return _REGISTRATION.get(word or "")


def _trunk(node: Node, out: Sink) -> bool:
    gateway = node.child("Gateway")
    number = node.text("Number")
    if number is None and not gateway.value:
        return False
    sources = node.sources(number="Number", registered="IsOnline", simultaneous_calls="SimultaneousCalls")
    sources |= gateway.sources(
        name="Name", host="Host", port="Port", template="TemplateFilename", custom_template="IsCustom",
        gateway_type="Type", registration_required="RequireRegistrationFor",
    )  # fmt: skip
    out.add(
        TrunkSeen(
            source=node.source("Number") if number else gateway.source("Name"),
            sources=sources,
            origin="xapi_trunks",
            number=number,
            name=gateway.text("Name"),
            host=gateway.text("Host"),
            port=gateway.whole("Port"),
            template=gateway.text("TemplateFilename"),
            custom_template=gateway.flag("IsCustom"),
            gateway_type=gateway.text("Type"),
            registration_required=registration_required(gateway.text("RequireRegistrationFor")),
            registered=node.flag("IsOnline"),
            simultaneous_calls=node.count("SimultaneousCalls"),
        )
    )
    messaging = node.child("Messaging")
    if messaging.flag("Enabled"):
        name = messaging.text("Provider") or gateway.text("Name")
        out.add(Integration(source=messaging.source("Enabled"), kind="sms", name=name, enabled=True))
    owner = f"Trunks[{number or gateway.text('Name') or '?'}]"
    emit_settings(node, owner, out, skip=_PERSONAL, depth=2)
    name = node.raw("AuthID")
    if isinstance(name, str):
        # whether there is one may be told, what it is may not
        out.add(Setting(source=node.source("AuthID"), object=owner, name="AuthIDSet", value=bool(name.strip())))
    return True


def _report(node: Node, out: Sink) -> bool:
    """A line of the trunk analysis (``{"Code": "ErrNoReply", "Level": "Error"}``): the code's name, with its level as value."""
    nested = list(node.children("Reports"))
    for line in nested or [node]:
        code = line.text("Code")
        if code:
            out.add(Setting(source=line.source("Code"), object="TrunkReport", name=code, value=line.text("Level")))
    return bool(nested) or node.text("Code") is not None


FAMILIES = (
    Family(
        "xapi_trunks",
        ("Trunks", "Trunk"),
        keys(
            "Number Gateway", "Number DidNumbers", "Gateway SimultaneousCalls", "Number IsOnline Direction",
            # more names than the user's that a trunk has too
            "Number AuthID AuthPassword Gateway", "Number AuthID AuthPassword DidNumbers",
            "Number AuthID AuthPassword SimultaneousCalls",
        ),
        each(_trunk),
    ),
    Family(
        "xapi_trunk_report",
        ("TrunkReport", "TrunkTestResult", "RunAnalysis"),
        keys("Code Level Template", "Code Level Params", "Log Reports"),
        each(_report),
    ),
)  # fmt: skip
