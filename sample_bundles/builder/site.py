"""The description of an invented 3CX site, as it stands in a case's ``case.yaml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FQDN = "hollybrook.example.com"
DAY = "2026-11-12"
LOCAL_HOUR = 1
"""The invented sites lie in a zone one hour ahead of UTC; service logs are written in local time."""


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A desk phone of an extension. ``provision`` is 3CX's word: LocalLan, RemoteExt, RemoteExtSipProxyMgr, SBC."""

    extension: str
    vendor: str = "Yealink"
    model: str = "T54W"
    firmware: str = "96.86.0.75"
    template: str = "yealinkT5x.ph.xml"
    template_type: str = "Supported"
    custom: bool = False
    provision: str = "LocalLan"
    sbc: str | None = None
    registered: bool = True

    @property
    def mac(self) -> str:
        """An address of the locally administered range."""
        return f"0200c0{int(self.extension):06x}"

    @property
    def ip(self) -> str:
        """Remote phones come from a public address, others from the site's own net."""
        host = int(self.extension) % 200 + 20
        return f"203.0.113.{host}" if self.provision == "RemoteExt" else f"192.168.40.{host}"

    @property
    def user_agent(self) -> str:
        """The way the vendor writes it on the wire."""
        if self.vendor == "Yealink":
            return f"Yealink SIP-{self.model} {self.firmware}"
        if self.vendor == "Snom":
            return f"snom{self.model}/{self.firmware}"
        return f"{self.vendor} {self.model} {self.firmware}"


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A SIP trunk. ``template_type`` null: the live export's template list does not know the template."""

    number: str = "10000"
    name: str = "Brightline Telecom"
    host: str = "sip.brightline.example"
    template: str = "brightline.pv.xml"
    template_type: str | None = "Supported"
    custom: bool = False
    kind: str = "Provider"
    registration: str = "InOutCalls"
    online: bool = True


@dataclass(frozen=True, kw_only=True)
class Site:
    """One 3CX system and what is handed over of it.

    ``parts`` are the inputs that are made: ``bundle`` (support zip), ``export`` (folder of live export files), ``backup``.
    ``events`` are further rows of the event log: time, id, message, source, severity. ``log_lines`` are further lines of
    a log: name to lines. ``status`` overrides keys of SystemStatus.
    """

    version: str = "20.0.9.995"
    os: str = "Debian GNU/Linux 12 (bookworm)"
    cpus: int = 4
    memory_gb: float = 7.8
    memory_free_gb: float = 4.4
    disk_gb: int = 160
    disk_free_gb: int = 97
    extensions: int = 26
    simultaneous_calls: int = 16
    phones: tuple[Phone, ...] = ()
    trunks: tuple[Trunk, ...] = (Trunk(),)
    hosted_by_3cx: bool = False
    verbose: bool = True
    parent_folder: str = ""
    parts: tuple[str, ...] = ("bundle", "export")
    events: tuple[tuple[str, str, str, str, str], ...] = ()
    log_lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    integrations: dict[str, Any] = field(default_factory=dict)

    @property
    def windows(self) -> bool:
        """Whether the PBX runs on Windows: such bundles lack the Linux folders."""
        return "windows" in self.os.lower()

    @classmethod
    def of(cls, described: dict[str, Any]) -> Site:
        """A site from the plain values of a YAML file. Raises `TypeError` for a key that does not exist."""
        values = dict(described)
        phones = values.pop("phones", [{"extension": "101"}, {"extension": "102"}])
        trunks = values.pop("trunks", [{}])
        for name in ("parts", "events"):
            if name in values:
                values[name] = tuple(tuple(v) if isinstance(v, list) else v for v in values[name])
        if "log_lines" in values:
            values["log_lines"] = {name: tuple(lines) for name, lines in values["log_lines"].items()}
        return cls(phones=tuple(Phone(**p) for p in phones), trunks=tuple(Trunk(**t) for t in trunks), **values)
