"""Devices: what several sources say of one becomes one row, with its standing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from analyzer.catalog import Catalog, PhoneMarks
from analyzer.catalog.agents import DEVICES
from analyzer.catalog.standing import PHONE_STATUS
from analyzer.join import ages
from analyzer.join.former import live_phones
from analyzer.join.groups import Group, Seen, group
from analyzer.join.labels import phone_label
from analyzer.join.pick import best, ranked, take
from analyzer.join.templates import TemplateIndex, TemplateVerdict
from analyzer.join.wire import configured
from parsers.capture.address import canonical
from parsers.config.handset_names import template_stem
from parsers.facts import Facts, Source
from parsers.facts.capture import SipPeer
from parsers.facts.inventory import Phone, PhoneSeen, ProvisionType

CONFIGURED = ranked(
    ("xapi_users", "xapi_phones", "xapi_fxs", "xapi", "rest_", "backup_db", "setup_config", "users_csv", "phone_config")
)
"""Who knows best how a device is set up."""

OBSERVED = ranked(
    (
        "xapi_sip_devices", "xapi_device_infos", "capture", "event", "quality", "unsupported", "phone_config", "xapi",
        "backup_db",
    )
)  # fmt: skip
"""Who knows best what a device is."""

NAMED = ("xapi_users", "xapi_phones", "backup_db", "setup_config", "users_csv")
"""Sources whose model is the name that 3CX shows, with the name of a custom template behind it."""

STUN_CERTAIN = 80
"""Confidence from which evidence on the wire makes ``stun`` true."""

SIGHTINGS = frozenset({"capture", "quality"})

SETTLED = frozenset({"local_lan", "sbc", "tunnel"})
"""Ways to provision a phone that need no STUN."""

_KINDS = ("phone", "dect", "conference", "ata", "softphone", "door")
Kind = Literal["phone", "dect", "conference", "ata", "softphone", "door", "unknown"]


def join_phones(facts: Facts, catalog: Catalog, templates: TemplateIndex) -> None:
    """Fill the table ``phone`` from ``phone_seen``."""
    own = configured(facts, "local_ip") | configured(facts, "public_ip")
    ours = {
        peer.source.artifact for peer in facts.of(SipPeer) if peer.version is not None and canonical(peer.ip) in own
    }
    seen = [
        entry
        for row in facts.of(PhoneSeen)
        if not _of_another_pbx(row, own, ours) and (entry := _read(row, catalog)) is not None
    ]
    present = ages.Present.of(facts, catalog.day)
    rows = [
        _phone(devices, catalog, templates, present) for devices in _current(group(seen), present, live_phones(facts))
    ]
    facts.replace(Phone, sorted(rows, key=lambda phone: (phone.mac or "~", phone.ip or "~", phone.extensions)))


def _current(groups: list[Group], present: ages.Present, listed: Mapping[str, set[str]]) -> list[Group]:
    """Without devices that were only seen long ago, in captures and reports of calls, where their extensions have others now:
    by the list of a live export, or by what was seen since.
    """
    passed = [all(_long_ago(entry.row, present) for entry in devices.rows) for devices in groups]
    now = {number for devices, old in zip(groups, passed, strict=True) if not old for number in devices.extensions}

    def replaced(devices: Group) -> bool:
        macs = {entry.mac for entry in devices.rows if entry.mac}
        return bool(devices.extensions) and all(
            not macs & listed[number] if number in listed else number in now for number in devices.extensions
        )

    return [devices for devices, old in zip(groups, passed, strict=True) if not (old and replaced(devices))]


def _long_ago(row: PhoneSeen, present: ages.Present) -> bool:
    return row.origin in SIGHTINGS and present.lacks(row.source.artifact, row.time)


def _of_another_pbx(row: PhoneSeen, own: set[str], ours: set[str | None]) -> bool:
    """Whether a phone of a capture that shows the customer's PBX, by its configured address, speaks with another 3CX only."""
    return bool(row.served_by) and row.source.artifact in ours and not own & set(row.served_by)


def _read(row: PhoneSeen, catalog: Catalog) -> Seen | None:
    """The row with its User-Agent read; null for apps of 3CX, SBCs, PBXs, servers and scanners: they are no phones."""
    agent = catalog.match_user_agent(row.user_agent)
    if agent is not None and agent.kind not in DEVICES:
        return None
    vendor, model, kind = row.vendor, row.model, row.kind
    if vendor is None and model:
        vendor, model = catalog.split_name(model)
        vendor = vendor or catalog.vendor_of(model)
    if agent is not None:
        vendor, kind = vendor or agent.vendor, kind or agent.kind
        model = model or agent.model
    known = catalog.model(vendor, model)
    if known is not None:
        vendor, model, kind = known.vendor, known.model, known.kind
    mac = row.mac or (agent.mac if agent else None)
    return Seen(row=row, mac=mac.lower() if mac else None, vendor=vendor, model=model, kind=kind)


def _phone(of: Group, catalog: Catalog, templates: TemplateIndex, present: ages.Present) -> Phone:
    rows = [entry.row for entry in of.rows]
    sources: dict[str, Source] = {}
    vendor, model, kind = _what(of, sources)
    template = take(rows, "template", _configured, sources)
    verdict = templates.look_up(template, "fxs" if str(template).casefold().endswith(".fxs.xml") else "phone")
    custom = _custom(rows, verdict, templates, sources)
    template_type = _template_type(rows, verdict, sources)
    marked = next((row for row in rows if row.listed_unsupported), None)
    if marked:
        sources["listed_unsupported"] = marked.source_of("listed_unsupported")
    standing = catalog.phone_standing(
        vendor,
        model,
        PhoneMarks(
            template=template,
            template_type=template_type,
            custom_template=custom,
            listed_unsupported=marked is not None,
            in_stock_template=templates.stock_names(template, vendor, model),
        ),
    )
    where = min(rows, key=lambda row: (_configured(row), _observed(row)))
    if standing.mark in sources:
        sources["standing"] = sources["status"] = sources[standing.mark]
    elif "model" in sources:
        sources["standing"] = sources["status"] = sources["model"]
    phone = Phone(
        source=where.source,
        sources=sources,
        ip=take(rows, "ip", _observed, sources),
        mac=next((entry.mac for entry in of.rows if entry.mac), None),
        vendor=vendor,
        model=model,
        firmware=_firmware(rows, catalog, sources),
        user_agent=take(rows, "user_agent", _observed, sources),
        extensions=sorted(of.extensions, key=lambda number: (len(number), number)),
        template=template,
        template_type=template_type,
        custom_template=custom,
        kind=kind,
        firmware_status="unsupported" if marked else None,
        listed_unsupported=marked is not None,
        status=PHONE_STATUS.get(standing.name, "unknown"),  # type: ignore[arg-type]
        standing=standing.name,
        standing_why=standing.why,
        interface=take(rows, "interface", _configured, sources),
    )
    for column in ("mac", "extension"):
        row = best(rows, column, _configured)
        if row:
            sources["extensions" if column == "extension" else column] = row.source_of(column)
    _stun(phone, rows, present)
    phone.label = phone_label(phone)
    return phone


def _configured(row: PhoneSeen) -> int:
    return CONFIGURED(row.origin)


def _observed(row: PhoneSeen) -> int:
    return OBSERVED(row.origin)


def _firmware(rows: list[PhoneSeen], catalog: Catalog, sources: dict[str, Source]) -> str | None:
    """As a source says it, else as the User-Agent ends."""
    firmware: str | None = take(rows, "firmware", _observed, sources)
    spoken = best(rows, "user_agent", _observed) if firmware is None else None
    agent = catalog.match_user_agent(spoken.user_agent) if spoken else None
    if spoken and agent and agent.firmware:
        firmware, sources["firmware"] = agent.firmware, spoken.source_of("user_agent")
    return firmware


def _template_type(rows: list[PhoneSeen], verdict: TemplateVerdict, sources: dict[str, Source]) -> str | None:
    """As the PBX's list of templates says it, else as a row does."""
    if verdict.template_type and verdict.type_source:
        sources["template_type"] = verdict.type_source
        return verdict.template_type
    said: str | None = take(rows, "template_type", _configured, sources)
    return said


def _what(of: Group, sources: dict[str, Source]) -> tuple[str | None, str | None, Kind]:
    """Vendor, model and kind: what the device says of itself before what somebody set up for it."""
    named = [entry for entry in of.rows if entry.vendor or entry.model]
    order = sorted(named, key=lambda entry: (entry.model is None, _observed(entry.row)))
    vendor = next((entry for entry in order if entry.vendor), None)
    model = next((entry for entry in order if entry.model), None)
    for column, entry in (("vendor", vendor), ("model", model)):
        if entry:
            spoken = getattr(entry.row, column) is None and entry.row.user_agent is not None
            sources[column] = entry.row.source_of("user_agent" if spoken else column)
    words = [entry.kind for entry in order if entry.kind] + [entry.kind for entry in of.rows if entry.kind]
    kind: Kind = "unknown"
    for word in words:
        known = "ata" if word == "gateway" else word
        if known in _KINDS:
            kind = known  # type: ignore[assignment]
            break
    if kind == "unknown" and any(entry.row.origin.startswith(NAMED) for entry in of.rows):
        kind = "phone"
    return (vendor.vendor if vendor else None), (model.model if model else None), kind


def _custom(
    rows: list[PhoneSeen], verdict: TemplateVerdict, templates: TemplateIndex, sources: dict[str, Source]
) -> bool | None:
    """Whether the device is on a custom template: the PBX's own mark, the folder, the suffix of the shown name.

    3CX shows the template's name behind the model when it is a custom one (seen in tools for V18 and V20), so a shown name
    without it speaks for a stock template, as long as no template list of the case leaves the file out and the name has
    nothing of the file's own.
    """
    if verdict.custom is not None and verdict.custom_source is not None:
        sources["custom_template"] = verdict.custom_source
        return verdict.custom
    marked = next((row for row in rows if row.custom_template), None)
    if marked:
        sources["custom_template"] = marked.source_of("custom_template")
        return True
    if verdict.custom is not None:
        return verdict.custom
    stated = next((row for row in rows if row.custom_template is False), None)
    if stated:
        sources["custom_template"] = stated.source_of("custom_template")
        return False
    if templates.listed("phone"):
        return None
    shown = next((row for row in rows if row.template and row.model and row.origin.startswith(NAMED)), None)
    if shown and not _named_alike(shown.model, shown.template):
        sources["custom_template"] = shown.source_of("model")
        return False
    return None


def _named_alike(model: str | None, template: str | None) -> bool:
    """Whether somebody put a word of the template's name behind the model: ``GXP2170-UF`` of ``grandstream-uf.ph.xml``."""
    stem = [word for word in re.split(r"[^a-z0-9]+", (template_stem(template) or "").casefold()) if word]
    last = re.split(r"[^a-z0-9]+", (model or "").casefold())[-1]
    return last in stem[1:] or "custom" in stem


def _stun(phone: Phone, rows: list[PhoneSeen], present: ages.Present) -> None:
    """How the device is provisioned, and whether it uses STUN: by its traffic, else by its rendered configuration.

    ``stun`` stays null where only the console says that it is provisioned that way. What an old capture shows, and a live
    export says otherwise, is to be asked.
    """
    known = [row for row in rows if row.provision_type]
    best_row = min(
        known,
        key=lambda row: (row.provision_type == "unknown", -row.provision_confidence, _configured(row)),
        default=None,
    )
    if best_row:
        provision: ProvisionType | None = best_row.provision_type
        phone.provision_type = provision
        phone.sources["provision_type"] = best_row.source_of("provision_type")
    wire = sorted(
        (row for row in rows if row.stun_used is not None),
        key=lambda row: (not row.stun_used, -(row.stun_confidence or 0)),
    )
    if wire:
        phone.stun_used = wire[0].stun_used
        phone.sources["stun_used"] = phone.sources["stun"] = wire[0].source_of("stun_used")
    server = best(rows, "stun_server", _observed)
    if server:
        phone.stun_server = server.stun_server
        phone.sources["stun_server"] = server.source_of("stun_server")
    by_config = best_row.provision_confidence if best_row and phone.provision_type == "stun" else None
    by_wire = wire[0].stun_confidence if wire and phone.stun_used else None
    settled = best_row is not None and best_row.origin.startswith("xapi") and phone.provision_type in SETTLED
    if by_wire is not None and settled and present.lacks(wire[0].source.artifact, wire[0].time):
        by_wire = min(by_wire, STUN_CERTAIN - 1)
    sure = [value for value in (by_config, by_wire) if value is not None]
    phone.stun_confidence = max(sure) if sure else None
    rendered = best(rows, "stun", _configured)
    if phone.stun_used and (by_wire or 0) >= STUN_CERTAIN:
        phone.stun = True
    elif rendered:
        phone.stun = rendered.stun
        phone.sources["stun"] = rendered.source_of("stun")
    elif phone.stun_used is False or (not phone.stun_used and phone.provision_type in SETTLED):
        phone.stun = False
