"""Settings of the fax server. Of its mail address only whether there is one is kept."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config.live import Family, Node, each, emit_settings, keys
from parsers.facts.base import Source
from parsers.facts.system import Setting


def _fax(node: Node, out: Sink) -> None:
    emit_settings(node, "FaxServerSettings", out, skip=frozenset({"Email"}))
    if "Email" in node.value:
        given = node.text("Email") is not None
        out.add(Setting(source=_without(node), object="FaxServerSettings", name="EmailSet", value=given))


def _without(node: Node) -> Source:
    address = node.text("Email")
    return Source(artifact=node.artifact, path=node.at("Email"), text='"Email": "…"' if address else '"Email": ""')


FAMILIES = (
    Family(
        "xapi_fax_server_settings",
        ("FaxServerSettings",),
        keys("G711ToT38Fallback", "FaxServerId"),
        each(_fax),
    ),
)
