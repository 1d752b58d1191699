"""The shapes of the catalogues in ``signatures/catalog``, one class a row and one a list.

Common columns: ``basis`` (how the row is known, see `GENERAL_KNOWLEDGE`), ``confidence`` 0-100, ``first_known`` (the row
does not count before this day; null: its day is not known, it always counts), ``source`` (where it stands; null for general
knowledge), ``as_of`` (the day on which the source was current or read).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Confidence = Annotated[int, Meta(ge=0, le=100)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d(-\d\d)?$")]
"""A day or, where the source says no more, a month."""

GENERAL_KNOWLEDGE = "general_knowledge"
"""The basis of rows that nobody sourced: hints, they neither exclude nor admit."""

DECISIVE = 80
"""The confidence from which a sourced row decides."""


class Base(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """What rows of all lists have."""

    source: str | None = None
    as_of: date | None = None
    note: str | None = None


class Claim(Base, kw_only=True, frozen=True):
    """A row that may decide something."""

    basis: str
    confidence: Confidence = 50
    first_known: date | None = None

    @property
    def decides(self) -> bool:
        """Whether the row is sourced and sure enough to exclude or admit."""
        return self.basis != GENERAL_KNOWLEDGE and self.confidence >= DECISIVE


class Build(Base, kw_only=True, frozen=True):
    """One build of a 3CX product. ``channel``: final, hotfix, testing, withdrawn, null where unknown."""

    product: str
    version: str
    name: str | None = None
    name_basis: str | None = None
    channel: Literal["final", "hotfix", "testing", "alpha", "beta", "rc", "withdrawn"] | None = None
    first_known: date | None = None
    platform: str | None = None
    flags: list[str] = []


class Model(Base, kw_only=True, frozen=True):
    """One model of a phone, adapter or gateway."""

    vendor: str
    model: str
    kind: Literal["phone", "dect", "conference", "ata", "door", "gateway"]


class Example(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """A User-Agent and what must be read from it."""

    text: str
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    mac: str | None = None


class Agent(Base, kw_only=True, frozen=True):
    """One form of User-Agent. ``vendor`` and ``model`` stand where the text does not say them; a form with ``starts`` is
    only tried on texts that begin with one of these (lower case).
    """

    kind: Literal["pbx", "sbc", "app", "scanner", "phone", "softphone", "server", "gateway", "unknown"]
    pattern: str
    basis: str
    examples: Annotated[list[Example], Meta(min_length=1)]
    starts: list[str] = []
    vendor: str | None = None
    model: str | None = None


class PhoneStatus(Claim, kw_only=True, frozen=True):
    """What one source says of 3CX's support for a model, for models that fully match the regex ``match``, or (neither given)
    for a whole vendor.
    """

    vendor: str
    status: Literal[
        "preferred",
        "supported",
        "listed_in_template",
        "supported_in_2019",
        "listed_in_2015",
        "dropped_from_template",
        "custom_template_only",
        "legacy",
        "eol",
        "unsupported",
        "in_use_with_stock_template",
        "example_in_docs",
        "listed_in_old_sample",
        "unclear",
    ]
    model: str | None = None
    match: str | None = None
    template: str | None = None
    since: str | None = None
    until: str | None = None


class EndOfLife(Claim, kw_only=True, frozen=True):
    """What is known of the end of life of a model; ``also`` names further sources of the same."""

    vendor: str
    model: str
    state: Literal["eol", "eol_announced", "end_of_sale", "end_of_support", "current", "unclear"]
    announced: Day | None = None
    end_of_sale: Day | None = None
    end_of_support: Day | None = None
    replaced_by: str | None = None
    also: list[str] = []


class Provider(Base, kw_only=True, frozen=True):
    """Which provider SIP hosts belong to; ``*`` in a host stands for one or more labels."""

    provider: str
    hosts: Annotated[list[str], Meta(min_length=1)]
    countries: list[str] = []
    kind: str | None = None
    port: int | None = None
    auth: list[str] = []


class TrunkStatus(Claim, kw_only=True, frozen=True):
    """What one source says of 3CX's support for a provider."""

    provider: str
    status: Literal[
        "preferred", "supported", "formerly_supported", "generic_template", "unsupported", "on_list_once", "unknown"
    ]
    countries: list[str] = []
    hosts: list[str] = []
    template: str | None = None


class TemplateFile(Base, kw_only=True, frozen=True):
    """A template file that 3CX ships."""

    file: str
    kind: Literal["phone", "fxs", "provider"]
    name: str | None = None
    generic: bool = False


class Advisory(Base, kw_only=True, frozen=True):
    """A security advisory. ``affected`` holds ranges (``>=20,<20.0.0.1494``), empty where no range is known."""

    id: str
    component: str
    summary: str
    confidence: Confidence
    platforms: list[Literal["windows", "linux"]] = []
    affected: list[str] = []
    fixed_in: list[str] = []
    severity: Literal["critical", "high", "medium", "low"] | None = None
    first_known: date | None = None


class Machine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Recommended minimum."""

    vcpus: int
    memory_gb: float


class Size(Base, kw_only=True, frozen=True):
    """Recommended minimum up to a number of extensions (null: the largest size)."""

    size: str
    linux: Machine
    windows: Machine
    storage_gb: int
    max_extensions: int | None = None


class OperatingSystem(Base, kw_only=True, frozen=True):
    """Whether a major version runs on operating systems whose description fully matches ``match``."""

    major: int
    match: str
    status: Literal["supported", "unsupported"]
    basis: str


class Integrated(Claim, kw_only=True, frozen=True):
    """A CRM, PMS or office system. ``interface``: the interface is 3CX's own, the system behind it is not known from it."""

    kind: Literal["crm", "pms", "microsoft365", "google", "teams"]
    name: str
    status: Literal["supported", "unsupported", "third_party", "interface", "named", "unknown"]


class List(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole catalogue; ``as_of`` is the day of its newest source."""

    catalog: str
    as_of: date


class Builds(List, kw_only=True):
    """``builds.yaml``."""

    rows: list[Build]


class Models(List, kw_only=True):
    """``phones.yaml`` and ``gateways.yaml``."""

    rows: list[Model]


class Agents(List, kw_only=True):
    """``agents.yaml``."""

    rows: list[Agent]


class PhoneStatuses(List, kw_only=True):
    """``phone_status.yaml``."""

    rows: list[PhoneStatus]


class EndsOfLife(List, kw_only=True):
    """``eol.yaml``."""

    rows: list[EndOfLife]


class Providers(List, kw_only=True):
    """``trunks.yaml``."""

    rows: list[Provider]


class TrunkStatuses(List, kw_only=True):
    """``trunk_status.yaml``."""

    rows: list[TrunkStatus]


class TemplateFiles(List, kw_only=True):
    """``templates.yaml``; ``complete`` names the kinds whose list is whole."""

    rows: list[TemplateFile]
    complete: list[Literal["phone", "fxs", "provider"]] = []


class Advisories(List, kw_only=True):
    """``cves.yaml``."""

    rows: list[Advisory]


class Hardware(List, kw_only=True):
    """``hardware.yaml``."""

    rows: list[Size]
    systems: list[OperatingSystem] = []


class Integrations(List, kw_only=True):
    """``integrations.yaml``."""

    rows: list[Integrated]


LISTS: dict[str, type[List]] = {
    "agents": Agents,
    "builds": Builds,
    "cves": Advisories,
    "eol": EndsOfLife,
    "gateways": Models,
    "hardware": Hardware,
    "integrations": Integrations,
    "phone_status": PhoneStatuses,
    "phones": Models,
    "templates": TemplateFiles,
    "trunk_status": TrunkStatuses,
    "trunks": Providers,
}
"""Every catalogue by name, which is also its file name."""

KEYS: dict[str, tuple[str, ...]] = {
    "agents": ("pattern",),
    "builds": ("product", "version", "platform"),
    "cves": ("id",),
    "eol": ("vendor", "model"),
    "gateways": ("vendor", "model"),
    "hardware": ("size",),
    "integrations": ("kind", "name"),
    "phone_status": ("vendor", "model", "match", "status", "basis", "source"),
    "phones": ("vendor", "model"),
    "templates": ("file",),
    "trunk_status": ("provider", "status", "basis", "source"),
    "trunks": ("provider", "hosts"),
}
"""The columns that tell the rows of a list apart."""
