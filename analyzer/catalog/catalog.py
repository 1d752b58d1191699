"""All catalogues as they were known on one day."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

import msgspec

from analyzer.catalog import standing, version
from analyzer.catalog.agents import AgentReader, Device
from analyzer.catalog.models import model_key, vendor_key
from analyzer.catalog.schema import (
    DECISIVE,
    GENERAL_KNOWLEDGE,
    LISTS,
    Advisories,
    Advisory,
    Agents,
    Build,
    Builds,
    EndOfLife,
    EndsOfLife,
    Hardware,
    Integrated,
    Integrations,
    List,
    Machine,
    Model,
    Models,
    PhoneStatus,
    PhoneStatuses,
    Provider,
    Providers,
    Size,
    TemplateFile,
    TemplateFiles,
    TrunkStatus,
    TrunkStatuses,
)
from analyzer.catalog.standing import PhoneMarks, Standing, TrunkMarks
from analyzer.catalog.store import Stored, choose
from analyzer.forms import labelled
from analyzer.i18n import mark
from analyzer.i18n import translate as _

L = TypeVar("L", bound=List)
Row = TypeVar("Row", bound=msgspec.Struct)

_NO_LIMIT = 10**9

NOT_RELEASED = frozenset({"testing", "alpha", "beta", "rc", "withdrawn"})


class Minimum(NamedTuple):
    """The recommended minimum of a PBX machine and the size of system that it is for."""

    size: Size
    machine: Machine


class Catalog:
    """The catalogues as known on ``day``: rows first known later do not count. Lists are read when they are first needed.

    ``problems`` are sentences for the user (an own catalogue that could not be used).
    """

    def __init__(self, day: date) -> None:
        self.day = day
        self.problems: list[str] = []
        self._stored: dict[str, Stored] = {}
        self._of_models: dict[tuple[str, str | None], list[PhoneStatus]] = {}

    @classmethod
    def load(cls, as_of: date) -> Catalog:
        """The packaged catalogues and the user's own, as known on a day."""
        return cls(as_of)

    def stored(self, name: str) -> Stored:
        """The file that is in use for a catalogue. Raises `analyzer.catalog.store.CatalogError`."""
        if name not in self._stored:
            self._stored[name] = choose(name, problems=self.problems)
        return self._stored[name]

    @cached_property
    def as_of(self) -> dict[str, str]:
        """The day of the newest source of every catalogue, ISO 8601."""
        return {name: self.stored(name).as_of.isoformat() for name in LISTS}

    def _list(self, name: str, kind: type[L]) -> L:
        content = self.stored(name).content
        if not isinstance(content, kind):
            raise TypeError(f"the catalogue {name} is no {kind.__name__}")
        return content

    def _known(self, rows: Iterable[Row]) -> list[Row]:
        kept = []
        for row in rows:
            first = cast("date | None", getattr(row, "first_known", None))
            if first is None or first <= self.day:
                kept.append(row)
        return kept

    # ---- builds

    def latest_build(self) -> Build | None:
        """The newest released PBX build known on the day; null where none was known."""
        released = [
            (number, row)
            for row in self._list("builds", Builds).rows
            if row.product == "pbx"
            and row.channel not in NOT_RELEASED
            and row.first_known is not None
            and row.first_known <= self.day
            and (number := version.parse(row.version))
        ]
        return max(released, key=lambda entry: entry[0])[1] if released else None

    def is_outdated(self, text: str | None) -> bool | None:
        """Whether a PBX version is older than the newest build known; null where either is not known well enough."""
        latest = self.latest_build()
        mine, newest = version.parse(text), version.parse(latest.version) if latest else None
        if mine is None or newest is None:
            return None
        order = version.compare(mine, newest)
        return None if order is None else order < 0

    # ---- phones

    @cached_property
    def _models(self) -> dict[tuple[str, str], Model]:
        rows = self._list("phones", Models).rows + self._list("gateways", Models).rows
        return {(vendor_key(row.vendor), model_key(row.model, row.vendor)): row for row in rows}

    def model(self, vendor: str | None, model: str | None) -> Model | None:
        """The catalogue's row of exactly this model, however vendor and model are spelt."""
        return self._models.get((vendor_key(vendor), model_key(model, vendor))) if vendor and model else None

    def _canonical(self, vendor: str | None, model: str | None) -> tuple[str, str, str] | None:
        row = self.model(vendor, model)
        return (row.vendor, row.model, row.kind) if row else None

    @cached_property
    def _agents(self) -> AgentReader:
        return AgentReader(self._list("agents", Agents).rows, self._canonical)

    def match_user_agent(self, text: str | None) -> Device | None:
        """What a User-Agent says of its sender, the model as the catalogue writes it; null for an unknown form."""
        return self._agents.match(text)

    @cached_property
    def _owners(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        named = [(row.vendor, row.model) for row in self._models.values()]
        named += [(row.vendor, row.model) for row in self._list("eol", EndsOfLife).rows]
        for vendor, model in named:
            found[model_key(model, vendor)].add(vendor)
        return found

    def vendor_of(self, model: str | None) -> str | None:
        """The vendor of a model that only one vendor has; null otherwise, and for models that are bare numbers."""
        key = model_key(model)
        owners = self._owners.get(key, set()) if any(c.isalpha() for c in key) else set()
        return next(iter(owners)) if len(owners) == 1 else None

    @cached_property
    def vendors(self) -> tuple[str, ...]:
        """Names of all vendors of devices, longest first."""
        named = {row.vendor for row in self._models.values()} | {
            row.vendor for row in self._list("eol", EndsOfLife).rows
        }
        return tuple(sorted(named, key=lambda name: (-len(name), name)))

    def split_name(self, name: str) -> tuple[str | None, str]:
        """Vendor and model of a name such as ``Yealink T53W``; the vendor is null where none that is known begins it."""
        folded = name.casefold()
        for vendor in self.vendors:
            rest = name[len(vendor) :]
            if (
                folded.startswith(vendor.casefold())
                and (rest[:1] in " -_/" or rest[:1].isdigit())
                and rest.strip(" -_/")
            ):
                return vendor, rest.strip(" -_/")
        return None, name

    @cached_property
    def _ends(self) -> dict[tuple[str, str], list[EndOfLife]]:
        found: dict[tuple[str, str], list[EndOfLife]] = defaultdict(list)
        for row in self._known(self._list("eol", EndsOfLife).rows):
            found[vendor_key(row.vendor), model_key(row.model, row.vendor)].append(row)
        return found

    def eol(self, vendor: str | None, model: str | None) -> list[EndOfLife]:
        """Everything known on the day of the end of life of exactly this model."""
        return list(self._ends.get((vendor_key(vendor), model_key(model, vendor)), ())) if vendor and model else []

    @cached_property
    def _claims(self) -> dict[str, list[PhoneStatus]]:
        found: dict[str, list[PhoneStatus]] = defaultdict(list)
        for row in self._known(self._list("phone_status", PhoneStatuses).rows):
            found[vendor_key(row.vendor)].append(row)
        return found

    def phone_claims(self, vendor: str | None, model: str | None) -> list[PhoneStatus]:
        """What is known on the day of 3CX's support for a model, rows of its family and vendor included."""
        if not vendor:
            return []
        if (vendor, model) not in self._of_models:
            self._of_models[vendor, model] = self._phone_claims(vendor, model)
        return self._of_models[vendor, model]

    def _phone_claims(self, vendor: str, model: str | None) -> list[PhoneStatus]:
        key, written = model_key(model, vendor), (model or "").strip()
        return [
            row
            for row in self._claims.get(vendor_key(vendor), ())
            if (row.model is not None and model_key(row.model, vendor) == key)
            or (row.match is not None and re.fullmatch(row.match, written[:100], re.IGNORECASE))
            or (row.model is None and row.match is None)
        ]

    def phone_standing(self, vendor: str | None, model: str | None, marks: PhoneMarks | None = None) -> Standing:
        """Where the status ladder of the policy ends for a phone."""
        return standing.phone(
            marks or PhoneMarks(), self.phone_claims(vendor, model), self.eol(vendor, model), self.day
        )

    # ---- templates

    @cached_property
    def _templates(self) -> dict[str, TemplateFile]:
        return {row.file.casefold(): row for row in self._list("templates", TemplateFiles).rows}

    def is_stock(self, file: str | None, kind: str) -> bool | None:
        """Whether a template file is one of 3CX's; null where it is not in a list that is not whole."""
        if not file:
            return None
        if file.casefold() in self._templates:
            return True
        return False if kind in self._list("templates", TemplateFiles).complete else None

    def is_generic(self, file: str | None) -> bool:
        """Whether a provider template is a generic one; its folder and the end of its name may be left out."""
        if not file:
            return False
        name = file.replace("\\", "/").rpartition("/")[2].casefold()
        return name.removesuffix(".xml").removesuffix(".pv") in self._generic

    @cached_property
    def _generic(self) -> frozenset[str]:
        """Names of the generic provider templates without ``.pv.xml``, in lower case."""
        return frozenset(name.removesuffix(".pv.xml") for name, row in self._templates.items() if row.generic)

    # ---- trunks

    @cached_property
    def _hosts(self) -> dict[str, Provider]:
        found: dict[str, Provider] = {}
        for row in self._list("trunks", Providers).rows:
            for host in row.hosts:
                found.setdefault(host, row)
        return found

    def provider(self, host: str | None) -> Provider | None:
        """The provider that a SIP host belongs to, by the host itself or the nearest ``*.`` above it."""
        return _by_host(self._hosts, host)

    @cached_property
    def _trunk_rows(self) -> list[TrunkStatus]:
        return self._known(self._list("trunk_status", TrunkStatuses).rows)

    def trunk_claims(self, host: str | None, names: Iterable[str | None], template: str | None) -> list[TrunkStatus]:
        """What is known on the day of 3CX's support for a provider, found by host, name or own template file."""
        owner = self.provider(host)
        wanted = {_provider_key(name) for name in (*names, owner.provider if owner else None) if name}
        file = template.casefold() if template and not self.is_generic(template) else None
        return [
            row
            for row in self._trunk_rows
            if _provider_key(row.provider) in wanted
            or _by_host(dict.fromkeys(row.hosts, row), host)
            or (file and row.template and row.template.casefold() == file)
        ]

    def trunk_standing(
        self,
        *,
        host: str | None = None,
        name: str | None = None,
        provider: str | None = None,
        template: str | None = None,
        template_type: str | None = None,
        custom_template: bool | None = None,
        listed: bool = False,
    ) -> Standing:
        """Where the status ladder of the policy ends for a trunk. ``template_type`` only where a live export says it;
        ``listed``: a live export lists the template as 3CX's own.
        """
        marks = TrunkMarks(
            template=template,
            template_type=template_type,
            custom_template=custom_template,
            generic=self.is_generic(template),
            stock=listed or self.is_stock(template, "provider") is True,
        )
        return standing.trunk(marks, self.trunk_claims(host, (name, provider), template))

    # ---- security, machine, integrations

    def cves_for(
        self, text: str | None, components: Iterable[str] = ("pbx",), platform: str | None = None
    ) -> list[Advisory] | None:
        """Advisories that certainly apply to a version with these components; null where the version is unknown.

        ``platform`` is ``windows`` or ``linux``; a row for one platform does not apply where it is unknown.
        """
        mine = version.parse(text)
        if mine is None:
            return None
        present = set(components)
        return [
            row
            for row in self._known(self._list("cves", Advisories).rows)
            if row.component in present
            and row.confidence >= DECISIVE
            and (not row.platforms or platform in row.platforms)
            and any(version.within(mine, span) for span in row.affected)
        ]

    def hardware_minimum(self, extensions: int, *, windows: bool = False) -> Minimum:
        """The recommended minimum. 3CX sizes by extensions; a table by simultaneous calls is not published."""
        sizes = sorted(self._list("hardware", Hardware).rows, key=lambda row: row.max_extensions or _NO_LIMIT)
        fitting = [row for row in sizes if extensions <= (row.max_extensions or _NO_LIMIT)]
        size = fitting[0] if fitting else sizes[-1]
        return Minimum(size, size.windows if windows else size.linux)

    def os_supported(self, text: str | None, system: str | None) -> bool | None:
        """Whether a PBX version runs on an operating system by 3CX's word; null where no row decides."""
        mine = version.parse(text)
        if mine is None or not system:
            return None
        for row in self._list("hardware", Hardware).systems:
            if row.major == mine[0] and re.fullmatch(row.match, system[:200], re.IGNORECASE):
                return row.status == "supported"
        return None

    def integration_standing(self, kind: str, name: str | None) -> tuple[str, str]:
        """``supported``, ``unsupported`` or ``unknown`` for an integration, and on what that rests."""
        key = _provider_key(name or kind)
        rows = [row for row in self._known(self._list("integrations", Integrations).rows) if row.kind == kind]
        named = [row for row in rows if _provider_key(row.name) == key] or (
            rows if name is None and len(rows) == 1 else []
        )
        for row in sorted(named, key=lambda row: -row.confidence):
            if row.status in ("supported", "unsupported") and row.decides:
                return row.status, f"{labelled(row.name, _(row.status))} ({row.source})"
        if named:
            row = named[0]
            note = _(_INTEGRATION_NOTES.get(row.status, mark("no list decides")))
            return "unknown", f"{labelled(row.name, note)} ({row.source})"
        return "unknown", labelled(name or kind, _("no list decides"))


_INTEGRATION_NOTES = {
    "third_party": mark("a template or bridge of another maker"),
    "interface": mark("the interface is 3CX's, the system behind it is not known"),
    "named": mark("named on a page of 3CX's, without a statement of support"),
}

__all__ = ["GENERAL_KNOWLEDGE", "Catalog", "Integrated", "Minimum"]


def _provider_key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _by_host(rows: dict[str, Row], host: str | None) -> Row | None:
    """The row of a host name, or of the longest ``*.`` form that covers it."""
    if not host:
        return None
    name = host.strip().rstrip(".").casefold()
    if name in rows:
        return rows[name]
    labels = name.split(".")[:20]
    for cut in range(1, len(labels)):
        row = rows.get("*." + ".".join(labels[cut:]))
        if row is not None:
            return row
    return None
