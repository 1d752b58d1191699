"""Trunks: configuration, backup and events of one become one row, with its standing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from analyzer.catalog import Catalog
from analyzer.catalog.standing import TRUNK_STATUS
from analyzer.join.former import live_trunks
from analyzer.join.labels import trunk_label
from analyzer.join.pick import ranked, take
from analyzer.join.templates import TemplateIndex
from parsers.facts import Facts, Source
from parsers.facts.inventory import Trunk, TrunkSeen
from parsers.facts.log import Event
from parsers.facts.system import Setting

CONFIGURED = ranked(("xapi", "rest_", "backup_db", "setup_config", "event"))
BACKUP = "Backup."
STATUS_EVENT = 4100
"""``Trunk 10000 has changed status to Unregistered``"""

_WORDS = {"registered": True, "online": True, "unregistered": False, "offline": False, "failed": False}
_GATEWAYS = frozenset({"analog", "bri", "t1", "e1", "gateway"})
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def join_trunks(facts: Facts, catalog: Catalog, templates: TemplateIndex) -> None:
    """Fill the table ``trunk`` from ``trunk_seen`` and the status events."""
    seen = [*facts.of(TrunkSeen), *_from_events(facts.of(Event))]
    rows = [_trunk(group, catalog, templates) for group in _groups(seen) if not _former(group, live_trunks(facts))]
    _settings(rows, facts.of(Setting))
    facts.replace(Trunk, sorted(rows, key=lambda trunk: (trunk.number or "~", trunk.name or "~", trunk.host or "~")))


def _former(rows: list[TrunkSeen], live: set[str]) -> bool:
    """Whether only events tell of a trunk, and a live export lists all trunks without it."""
    return bool(live) and all(row.origin == "event" for row in rows)


def _settings(trunks: list[Trunk], settings: Iterable[Setting]) -> None:
    """Put what a live export says of a trunk (``Trunks[10000]``), else a backup, into its ``derived``, under the settings' own
    names.
    """
    by_object = {f"Trunks[{trunk.number or trunk.name or '?'}]": trunk for trunk in trunks}
    for setting in sorted(settings, key=lambda setting: setting.object.startswith(BACKUP)):
        trunk = by_object.get(setting.object.removeprefix(BACKUP))
        if trunk is not None and setting.name not in trunk.derived:
            trunk.derived[setting.name] = setting.value
            trunk.sources.setdefault(setting.name, setting.source)


def _from_events(events: Iterable[Event]) -> list[TrunkSeen]:
    """The last status of each trunk by the event log."""
    last: dict[str, TrunkSeen] = {}
    for event in events:
        if event.event_id != STATUS_EVENT:
            continue
        word = str(event.fields.get("status") or "").casefold()
        name = str(event.fields.get("trunk") or "")
        if not name or word not in _WORDS:
            continue
        if name not in last or (event.time or _BEGINNING) >= (last[name].time or _BEGINNING):
            number = name if name.isascii() and name.isdigit() else None
            last[name] = TrunkSeen(
                source=event.source,
                origin="event",
                number=number,
                name=None if number else name,
                registered=_WORDS[word],
                time=event.time,
            )
    return list(last.values())


def _groups(rows: list[TrunkSeen]) -> list[list[TrunkSeen]]:
    """By number; a row without one goes to the only trunk of its name, else of its host and port."""
    groups: list[list[TrunkSeen]] = []
    numbered: dict[str, list[TrunkSeen]] = {}
    for row in rows:
        if row.number:
            if row.number not in numbered:
                groups.append(numbered.setdefault(row.number, []))
            numbered[row.number].append(row)
    for row in rows:
        if row.number:
            continue
        same = [group for group in groups if any(_same_name(row, other) for other in group)]
        if not row.name and not same:
            same = [group for group in groups if row.host and any(_same_host(row, other) for other in group)]
        if len(same) == 1:
            same[0].append(row)
        else:
            groups.append([row])
    return groups


def _same_name(row: TrunkSeen, other: TrunkSeen) -> bool:
    if not row.name or not other.name or row.name.casefold() != other.name.casefold():
        return False
    return not row.host or not other.host or row.host.casefold() == other.host.casefold()


def _same_host(row: TrunkSeen, other: TrunkSeen) -> bool:
    return bool(other.host and row.host and other.host.casefold() == row.host.casefold() and row.port == other.port)


def _trunk(rows: list[TrunkSeen], catalog: Catalog, templates: TemplateIndex) -> Trunk:
    sources: dict[str, Source] = {}

    def rank(row: TrunkSeen) -> int:
        return CONFIGURED(row.origin)

    name = take(rows, "name", rank, sources)
    host = take(rows, "host", rank, sources)
    template = take(rows, "template", rank, sources)
    verdict = templates.look_up(template, "provider")
    template_type, custom = verdict.template_type, verdict.custom
    if verdict.type_source:
        sources["template_type"] = verdict.type_source
    stated = take(rows, "custom_template", rank, sources)
    custom = stated if stated is not None else custom
    if stated is None and verdict.custom_source:
        sources["custom_template"] = verdict.custom_source
    owner = catalog.provider(host)
    shown = None if catalog.is_generic(template) else verdict.name
    provider = shown or (owner.provider if owner else None)
    kind = _type(take(rows, "gateway_type", rank, sources))
    standing = catalog.trunk_standing(
        host=host,
        name=name,
        provider=provider,
        template=template,
        template_type=template_type,
        custom_template=custom,
        listed=verdict.custom is False and verdict.custom_source is not None,
    )
    if standing.mark in sources:
        sources["standing"] = sources["status"] = sources[standing.mark]
    if "gateway_type" in sources:
        sources["type"] = sources.pop("gateway_type")
    trunk = Trunk(
        source=min(rows, key=rank).source,
        sources=sources,
        number=take(rows, "number", rank, sources),
        name=name,
        provider=provider,
        host=host,
        port=take(rows, "port", rank, sources),
        template=template,
        template_type=template_type,
        custom_template=custom,
        type=kind,
        registration_required=take(rows, "registration_required", rank, sources),
        simultaneous_calls=take(rows, "simultaneous_calls", rank, sources),
        status=TRUNK_STATUS.get(standing.name, "unknown"),  # type: ignore[arg-type]
        standing=standing.name,
        standing_why=standing.why,
    )
    _registered(trunk, rows)
    trunk.label = trunk_label(trunk)
    return trunk


def _registered(trunk: Trunk, rows: list[TrunkSeen]) -> None:
    """The newest word. A live export bears no time of its own: it tells the present, so it goes before dated events."""
    said = [row for row in rows if row.registered is not None]
    if not said:
        return
    newest = max(said, key=lambda row: (row.time is None and row.origin != "event", row.time or _BEGINNING))
    trunk.registered = newest.registered
    trunk.sources["registered"] = newest.source_of("registered")


def _type(word: str | None) -> Literal["provider", "gateway", "bridge"] | None:
    """3CX's ``Gateway.Type`` (``Provider``, ``BRI``, ``BridgeMaster``), however it is spelt, in the report's words."""
    plain = (word or "").casefold()
    if plain.startswith("bridge"):
        return "bridge"
    return "gateway" if plain in _GATEWAYS else "provider" if plain == "provider" else None
