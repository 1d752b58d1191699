"""Answers of the web console's own interface of V15.5 to V18 (``/api/TrunkList``): ``{"list": […]}``, numbers as text.

Their system status is read like the live export's (`parsers.config.live_status`), their service list like its services.
"""

from __future__ import annotations

from parsers.api import Sink
from parsers.config.live import Family, Node, each, keys
from parsers.config.live_routing import emit_outbound_rule
from parsers.facts.block import Block
from parsers.facts.inventory import Extension, TrunkSeen


def _trunk(node: Node, out: Sink) -> bool:
    number = node.text("Number")
    if number is None:
        return False
    out.add(
        TrunkSeen(
            source=node.source("Number"),
            sources=node.sources(
                name="Name", host="Host", gateway_type="Type", registered="IsRegistered", simultaneous_calls="SimCalls"
            ),
            origin="rest_trunk_list",
            number=number,
            name=node.text("Name"),
            host=node.text("Host"),
            gateway_type=node.text("Type"),
            registered=node.flag("IsRegistered"),
            simultaneous_calls=node.whole("SimCalls"),
        )
    )
    return True


def _extension(node: Node, out: Sink) -> bool:
    number = node.text("Number")
    if number is None:
        return False
    names = [name for name in (node.text("FirstName"), node.text("LastName")) if name]
    out.add(
        Extension(
            source=node.source("Number"),
            sources=node.sources(registered="IsRegistered"),
            number=number,
            name=" ".join(names) or None,
            registered=node.flag("IsRegistered"),
        )
    )
    return True


def _blocked(node: Node, out: Sink) -> bool:
    name = next((n for n in ("Ip", "IP", "IpAddress", "Address") if node.text(n)), None)
    if name is None:
        return False
    out.add(Block(source=node.source(name), address=node.text(name) or "", description=node.text("Description")))
    return True


FAMILIES = (
    Family(
        "rest_trunk_list",
        ("TrunkList",),
        keys("Number SimCalls", "Number RegisterOkTime", "Number Host IsRegistered"),
        each(_trunk),
        lists=True,
    ),
    Family(
        "rest_extension_list",
        ("ExtensionList",),
        keys("Number FirstName LastName", "Number FirstName", "Number HasVoicemail"),
        each(_extension),
        lists=True,
    ),
    Family(
        "rest_outbound_rules",
        ("OutboundRuleList",),
        keys("Name Prefix Priority", "Name Prefix"),
        each(emit_outbound_rule),
        lists=True,
    ),
    Family("rest_ip_blacklist", ("IpBlackList",), keys("IpAddress", "Ip ExpirationDate"), each(_blocked), lists=True),
)
