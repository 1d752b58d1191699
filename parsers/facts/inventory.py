"""Phones, trunks, extensions, templates, integrations: as one source sees them, and joined."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import field

from parsers.facts.base import Row

ProvisionType = Literal["local_lan", "stun", "sbc", "tunnel", "unknown"]
TemplateKind = Literal["phone", "fxs", "provider", "messaging"]


class PhoneSeen(Row, kw_only=True):
    """A device as one source describes it.

    ``mac`` is 12 lower-case hex digits. ``provision_confidence`` says how sure the mapping of the source's own word to
    ``provision_type`` is (0-100). ``stun_used`` is evidence from the wire: true when the STUN answer stands in what the
    phone then sent, with ``stun_confidence``. ``stun`` is the STUN switch of its own (rendered) configuration: true only
    with a server set. ``listed_unsupported``: 3CX's own list in the bundle names it. ``interface`` is the PBX's name or
    address that it is provisioned with. ``firmware_available`` is what the PBX has for it. ``served_by`` are the 3CX hosts that
    it speaks with on the wire. ``time`` is when it was last seen so, where the source bears times of its own.
    """

    table: ClassVar[str] = "phone_seen"

    origin: str
    mac: str | None = None
    ip: str | None = None
    extension: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    user_agent: str | None = None
    provision_type: ProvisionType | None = None
    provision_confidence: int = 95
    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    sbc_name: str | None = None
    kind: str | None = None
    listed_unsupported: bool = False
    stun: bool | None = None
    stun_used: bool | None = None
    stun_confidence: int | None = None
    stun_server: str | None = None
    interface: str | None = None
    firmware_available: str | None = None
    served_by: list[str] = field(default_factory=list)
    time: datetime | None = None


class Phone(Row, kw_only=True):
    """A device, joined over all sources.

    ``standing`` is where the status ladder of the policy ends: ``supported``, ``listed`` (stock template in use),
    ``eol``, ``believed_eol``, ``marked_unsupported``, ``dropped``, ``unknown``; ``standing_why`` says on what it rests.
    ``stun_confidence`` is null unless ``provision_type`` is ``stun`` or ``stun_used`` is true. ``interface`` is the PBX's
    name or address that it is provisioned with. ``label``
    names it in messages.
    """

    table: ClassVar[str] = "phone"

    ip: str | None = None
    mac: str | None = None
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    user_agent: str | None = None
    extensions: list[str] = field(default_factory=list)
    provision_type: ProvisionType | None = None
    status: Literal["supported", "eol", "unsupported", "unknown"] = "unknown"
    stun: bool | None = None
    stun_server: str | None = None
    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    kind: Literal["phone", "dect", "conference", "ata", "softphone", "door", "unknown"] = "unknown"
    firmware_status: str | None = None
    stun_used: bool | None = None
    stun_confidence: int | None = None
    listed_unsupported: bool = False
    standing: str = "unknown"
    standing_why: str = ""
    label: str = ""
    interface: str | None = None


class TrunkSeen(Row, kw_only=True):
    """A SIP trunk, gateway or bridge as one source describes it. ``gateway_type`` is 3CX's word (Provider, Analog, BRI …)."""

    table: ClassVar[str] = "trunk_seen"

    origin: str
    number: str | None = None
    name: str | None = None
    host: str | None = None
    port: int | None = None
    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    gateway_type: str | None = None
    registration_required: bool | None = None
    registered: bool | None = None
    simultaneous_calls: int | None = None
    time: datetime | None = None


class Trunk(Row, kw_only=True):
    """A trunk, joined over all sources. ``standing``: ``preferred``, ``supported``, ``stock``, ``generic``, ``marked``,
    ``unsupported``, ``dropped``, ``unknown``; ``gateway_kind`` true for hardware gateways (Analog, BRI, T1, E1).
    ``derived`` holds the trunk's settings of a live export under their own names (``Gateway.SRTPMode``). ``label`` names it in
    messages.
    """

    table: ClassVar[str] = "trunk"

    number: str | None = None
    name: str | None = None
    provider: str | None = None
    host: str | None = None
    port: int | None = None
    template: str | None = None
    template_type: str | None = None
    custom_template: bool | None = None
    type: Literal["provider", "gateway", "bridge"] | None = None
    registration_required: bool | None = None
    registered: bool | None = None
    simultaneous_calls: int | None = None
    status: Literal["preferred", "supported", "unsupported", "unknown"] = "unknown"
    standing: str = "unknown"
    standing_why: str = ""
    label: str = ""
    derived: dict[str, Any] = field(default_factory=dict)


class Extension(Row, kw_only=True):
    """A user's extension. ``in_queues``: whether it is logged in to its queues. ``weak``: which of its credentials can be
    guessed (``auth_id``, ``password``, ``pin``); null where the source shows none. ``phones``: how many phones are assigned to
    it; null where the source does not list them.
    """

    table: ClassVar[str] = "extension"

    number: str
    name: str | None = None
    registered: bool | None = None
    teams: bool | None = None
    tags: list[str] = field(default_factory=list)
    in_queues: bool | None = None
    weak: list[str] | None = None
    phones: int | None = None


class Template(Row, kw_only=True):
    """A phone, FXS or provider template (file, or row of a live export).

    ``file`` is its name on the PBX, ``networks`` the provisioning types that it offers, ``stun_branches`` what it sets of
    STUN for each of them (templates only, never proof that a phone uses STUN), ``copied_from`` the template it says it was
    copied from. ``agent_regexes`` are its patterns for User-Agents in Python's syntax: written by whoever wrote the
    template, so only an engine without backtracking may run them.
    """

    table: ClassVar[str] = "template"

    file: str | None = None
    name: str | None = None
    kind: TemplateKind | None = None
    template_type: str | None = None
    custom: bool | None = None
    copied_from: str | None = None
    version: str | None = None
    models: list[str] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    agent_regexes: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    from_pbx: bool = False
    stun_branches: dict[str, dict[str, str]] = field(default_factory=dict)


class Integration(Row, kw_only=True):
    """Something else that is tied to the PBX. ``status``: ``supported``, ``unsupported``, ``unknown``; ``standing_why`` says
    on what it rests.
    """

    table: ClassVar[str] = "integration"

    kind: Literal["crm", "pms", "teams", "microsoft365", "google", "cfd", "call_control_api", "sms", "other"]
    name: str | None = None
    enabled: bool | None = None
    custom_template: bool | None = None
    status: Literal["supported", "unsupported", "unknown"] = "unknown"
    standing_why: str = ""


class Sbc(Row, kw_only=True):
    """A session border controller of the PBX, or a router phone. ``identifier`` is the name that phones refer to where it
    is another one than the shown ``name``. ``derived``: docs/facts.md.
    """

    table: ClassVar[str] = "sbc"

    name: str | None = None
    identifier: str | None = None
    version: str | None = None
    connected: bool | None = None
    router_phone: bool | None = None
    local_ip: str | None = None
    public_ip: str | None = None
    security: str | None = None
    log_level: str | None = None
    derived: dict[str, Any] = field(default_factory=dict)
