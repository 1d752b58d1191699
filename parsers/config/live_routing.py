"""Routing: outbound rules and queues, each a row, and their other members as settings (``Queues[800].RingTimeout``)."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config.live import Family, Node, each, emit_settings, keys
from parsers.facts.routing import OutboundRule, Queue

AGENTS_LIMIT = 5000
"""Agents of one queue that are kept."""


def _count(node: Node, name: str) -> int | None:
    members = node.raw(name)
    return len(members) if isinstance(members, list) else None


def emit_outbound_rule(node: Node, out: Sink) -> None:
    """An `OutboundRule` and its settings."""
    name = node.text("Name") or node.text("Id")
    routes = [
        route for route in node.children("Routes") if route.text("TrunkName") or (route.whole("TrunkId") or 0) > 0
    ]
    out.add(
        OutboundRule(
            source=node.source("Name"),
            sources=node.sources(
                prefix="Prefix", lengths="NumberLengthRanges", ranges="DNRanges", groups="GroupIds", routes="Routes",
                emergency="EmergencyRule",
            ),
            name=name,
            prefix=node.text("Prefix"),
            lengths=node.text("NumberLengthRanges"),
            ranges=_count(node, "DNRanges"),
            groups=_count(node, "GroupIds"),
            routes=len(routes) if isinstance(node.raw("Routes"), list) else None,
            priority=node.whole("Priority"),
            emergency=node.flag("EmergencyRule"),
        )
    )  # fmt: skip
    emit_settings(node, f"OutboundRules[{name or '?'}]", out, depth=2)


def _queue(node: Node, out: Sink) -> None:
    number = node.text("Number")
    agents = [text for agent in node.children("Agents") if (text := agent.text("Number"))][:AGENTS_LIMIT]
    out.add(
        Queue(
            source=node.source("Number"),
            sources=node.sources(
                name="Name", registered="IsRegistered", max_callers="MaxCallersInQueue", max_wait_s="MasterTimeout",
                agents="Agents",
            ),
            number=number,
            name=node.text("Name"),
            registered=node.flag("IsRegistered"),
            max_callers=node.whole("MaxCallersInQueue"),
            max_wait_s=node.whole("MasterTimeout"),
            agents=agents if isinstance(node.raw("Agents"), list) else None,
        )
    )  # fmt: skip
    emit_settings(node, f"Queues[{number or '?'}]", out, skip=frozenset({"VMEmailList"}), depth=2)


FAMILIES = (
    Family(
        "xapi_outbound_rules",
        ("OutboundRules", "OutboundRule"),
        keys("EmergencyRule", "NumberLengthRanges", "Prefix Routes", "Prefix Priority Name"),
        each(emit_outbound_rule),
    ),
    Family(
        "xapi_queues",
        ("Queues", "Queue"),
        keys("PollingStrategy", "SLATime", "MaxCallersInQueue"),
        each(_queue),
    ),
)
