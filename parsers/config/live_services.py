"""Services and their state, firmware files, backups."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, emit_settings, keys
from parsers.facts.base import Source
from parsers.facts.system import Service, Setting

_RUNNING = {"running": True, "stopped": False, "stoppending": False, "pausepending": False, "paused": False}
_RUNNING_NUMBERS = {4: True, 1: False}
"""Legacy numbers as in .NET; 3 was seen on a healthy V15.5, so that only 1 and 4 say something."""


def emit_service(node: Node, out: Sink) -> bool:
    """One service; ``Status`` is a word (V20) or a number (V15.5 to V18)."""
    name = node.text("Name") or node.text("DisplayName")
    if name is None:
        return False
    code = node.whole("Status")
    word = node.text("Status")
    running = _RUNNING_NUMBERS.get(code) if code is not None else _RUNNING.get((word or "").lower())
    out.add(
        Service(
            source=node.source("Status"),
            sources=node.sources(name="Name", private_memory="MemoryUsed", thread_count="ThreadCount"),
            name=name,
            status=word,
            running=running,
            time=values.moment(node.raw("SampleTime")),
            private_memory=node.whole("MemoryUsed"),
            thread_count=node.whole("ThreadCount"),
        )
    )
    return True


def _backups(nodes: Iterable[Node], out: Sink) -> int:
    count = 0
    newest: tuple[str, Node] | None = None
    artifact = None
    for node in nodes:
        count += 1
        artifact = node.artifact
        made = values.instant(node.raw("CreationTime"))
        if made and (newest is None or made > newest[0]):
            newest = (made, node)
    source = Source(artifact=artifact, path="value", text=f"{count} backups")
    out.add(Setting(source=source, object="Backups", name="Count", value=count))
    if newest:
        out.add(Setting(source=newest[1].source("CreationTime"), object="Backups", name="Newest", value=newest[0]))
        size = newest[1].whole("Size")
        out.add(Setting(source=newest[1].source("Size"), object="Backups", name="NewestSize", value=size))
    return count


def _firmware(node: Node, out: Sink) -> None:
    emit_settings(node, f"Firmwares[{node.text('Filename') or node.text('Id') or '?'}]", out)


FAMILIES = (
    Family(
        "xapi_services",
        ("Services", "ServiceInfo", "ServiceList"),
        keys("DisplayName Status Name", "StartStopEnabled", "RestartEnabled", "startStopEnabled", "Name MemoryUsed"),
        each(emit_service),
    ),
    Family(
        "xapi_backups", ("Backups",), keys("FileName CreationTime", "FileName DownloadLink", "FileName Size"), _backups
    ),
    Family("xapi_firmwares", ("Firmwares",), keys("Filename Vendor Version"), each(_firmware)),
)
