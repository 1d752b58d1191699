"""Fields of the system that are computed, for rules to compare. Null means: cannot be known from this case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from analyzer.catalog import Catalog
from analyzer.system import System
from parsers import lazy
from parsers.capture.address import canonical
from parsers.facts import Facts
from parsers.facts.inventory import Integration, Phone, PhoneSeen, Template, Trunk
from parsers.facts.log import Event, LogCoverage
from parsers.facts.system import HostMetric, Setting, Value

NEVER = 2035
"""Licences that do not end bear a date in or after this year (1 January 2035 was seen; that it means "never" is inferred)."""

TEAMS_CERTIFICATE = "Microsoft365TeamsIntegration.SbcCertificateExpirationDate"
TEMPLATES_COUNTED = "SystemHealthStatus.CustomTemplatesCount"
BACKUP_DONE = 10031
LAST_BACKUP = "LastBackupDateTime"
STATUS_DATES = frozenset({LAST_BACKUP, "LastCheckForUpdates", "LastSuccessfulUpdate"})
ROUNDING = 0.9
"""A machine of 4 GB reports 3.8: sizes count as met from this share on."""

_SQL = lazy.pattern(r"(?i)sql|postgre")
_DOTTED = lazy.pattern(r"\d{1,6}(?:\.\d{1,6}){1,4}", re.ASCII)
_DAY = lazy.pattern(r"(\d{4})-(\d\d)-(\d\d)")
GB = 1 << 30


def fill(system: System, facts: Facts, catalog: Catalog, as_of: date) -> None:
    """Add all derived fields."""
    fields = system.fields
    _versions(system, facts, catalog)
    _share(system, "disk_used_pct", "disk_free_pct", "disk_bytes", "disk_free_bytes")
    _share(system, "memory_used_pct", "memory_free_pct", "memory_bytes", "memory_free_bytes")
    if fields["disk_used_pct"] is None:
        usage = fields.get("SystemStatus.DiskUsage")
        if isinstance(usage, (int, float)) and 0 <= usage <= 100:
            fields["disk_used_pct"], fields["disk_free_pct"] = float(usage), float(100 - usage)
            system.sources["disk_used_pct"] = system.source_of("SystemStatus.DiskUsage")
            system.sources["disk_free_pct"] = system.sources["disk_used_pct"]
    fields["hardware_below"] = _hardware(system, catalog)
    for name, column in (("licence_expired", "licence_expires"), ("maintenance_expired", "maintenance_expires")):
        fields[name] = _expired(fields.get(column), as_of)
        system.sources[name] = system.source_of(column)
    fields["teams_certificate_expired"] = _expired(fields.get(TEAMS_CERTIFICATE), as_of)
    system.sources["teams_certificate_expired"] = system.source_of(TEAMS_CERTIFICATE)
    fields["backup_age_days"] = _backup_age(system, facts, as_of)
    fields["local_ip_available"] = _available(fields)
    system.sources["local_ip_available"] = system.source_of("SystemStatus.CurrentLocalIp")
    _left(system, "sim_calls_left", "SystemStatus.MaxSimCalls", "SystemStatus.CallsActive")
    _left(system, "licensed_extensions_left", "SystemStatus.MaxUserExtensions", "SystemStatus.UserExtensions")
    _counts(system, facts)


def _versions(system: System, facts: Facts, catalog: Catalog) -> None:
    fields, version = system.fields, system.value("version")
    text = version if isinstance(version, str) else None
    latest = catalog.latest_build()
    fields["outdated"] = catalog.is_outdated(text)
    fields["latest_build"] = latest.version if latest else None
    fields["latest_build_as_of"] = min(catalog.as_of["builds"], catalog.day.isoformat())
    components = {"pbx", "management_console", "pbx_terminal"}
    if _sql_crm(facts):
        components.add("crm_integration")
    os = system.value("os")
    platform = _platform(os)
    known = catalog.cves_for(text, components, platform)
    fields["cves"] = [row.id for row in known] or None if known is not None else None
    fields["os_supported"] = catalog.os_supported(text, os) if isinstance(os, str) else None
    for name in ("outdated", "cves"):
        system.sources[name] = system.source_of("version")
    system.sources["os_supported"] = system.source_of("os")


def _platform(os: Value) -> str | None:
    word = os.casefold() if isinstance(os, str) else ""
    if "windows" in word:
        return "windows"
    return "linux" if any(name in word for name in ("linux", "debian", "raspbian", "ubuntu")) else None


def _sql_crm(facts: Facts) -> bool:
    """Whether a CRM template that talks to an SQL database is switched on."""
    return any(row.kind == "crm" and row.enabled and _SQL.search(row.name or "") for row in facts.of(Integration))


def _share(system: System, used: str, free: str, whole: str, left: str) -> None:
    total, rest = system.value(whole), system.value(left)
    system.fields[used] = system.fields[free] = None
    if isinstance(total, (int, float)) and isinstance(rest, (int, float)) and 0 <= rest <= total and total > 0:
        share = round(100 * rest / total, 2)
        system.fields[free], system.fields[used] = share, round(100 - share, 2)
    system.sources[used] = system.sources[free] = system.source_of(left)


def _hardware(system: System, catalog: Catalog) -> list[str] | None:
    """What is below the recommended minimum; null where nothing is, where nothing is known, and on 3CX's own machines."""
    extensions = system.value("extensions")
    if system.value("hosting") == "hosted_by_3cx" or not isinstance(extensions, int):
        return None
    size, machine = catalog.hardware_minimum(extensions, windows=_platform(system.value("os")) == "windows")
    below = []
    cpus, memory, disk = (system.value(name) for name in ("cpu_count", "memory_bytes", "disk_bytes"))
    if isinstance(cpus, int) and 0 < cpus < machine.vcpus:
        below.append(f"{cpus} vCPU, {machine.vcpus} recommended")
        system.sources["hardware_below"] = system.source_of("cpu_count")
    if isinstance(memory, (int, float)) and 0 < memory < ROUNDING * machine.memory_gb * GB:
        below.append(f"{memory / GB:.1f} GB of memory, {machine.memory_gb:g} recommended")
        system.sources.setdefault("hardware_below", system.source_of("memory_bytes"))
    if isinstance(disk, (int, float)) and 0 < disk < ROUNDING * size.storage_gb * GB:
        below.append(f"{disk / GB:.0f} GB of disk, {size.storage_gb} recommended")
        system.sources.setdefault("hardware_below", system.source_of("disk_bytes"))
    system.fields["hardware_size"] = size.size
    return below or None


def _expired(value: Value | list[str], as_of: date) -> bool | None:
    """Whether a day lies before the day of the judgement; null for what is no day (masked values)."""
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return False if day.year >= NEVER else day < as_of


def _available(fields: Mapping[str, Value | list[str]]) -> bool | None:
    """Whether the address that the PBX works with is one that the machine has."""
    current, available = fields.get("SystemStatus.CurrentLocalIp"), fields.get("SystemStatus.AvailableLocalIps")
    known = {address for word in str(available or "").split(",") if (address := canonical(word.strip()))}
    own = canonical(current) if isinstance(current, str) else None
    return own in known if own and known else None


def _left(system: System, name: str, limit: str, used: str) -> None:
    """What a limit of the licence leaves; 0 and below is no limit."""
    most, now = system.fields.get(limit), system.fields.get(used)
    system.fields[name] = most - now if isinstance(most, int) and isinstance(now, int) and most > 0 else None
    system.sources[name] = system.source_of(used)


def _backup_age(system: System, facts: Facts, as_of: date) -> int | None:
    """Whole days from the last backup that is known to the newest dated record of the case: an old case is judged as it
    stood. Where nothing else has a date, to the day of the judgement.
    """
    done = [(event.time, event.source) for event in facts.of(Event) if event.event_id == BACKUP_DONE and event.time]
    moments = [event.time for event in facts.of(Event) if event.time]
    moments += [metric.time for metric in facts.of(HostMetric) if metric.time]
    moments += [log.last for log in facts.of(LogCoverage) if log.last]
    for setting in facts.of(Setting):
        if setting.object == "SystemStatus" and setting.name in STATUS_DATES:
            moment = _moment(setting.value)
            if moment and setting.name == LAST_BACKUP:
                done.append((moment, setting.source))
            elif moment:
                moments.append(moment)
    end_of_day = datetime.combine(as_of, time.max, UTC)
    newest = max((moment for moment in moments if moment <= end_of_day), default=datetime.combine(as_of, time.min, UTC))
    if not done:
        return None
    last, source = max(done, key=lambda entry: entry[0])
    system.sources["backup_age_days"] = source
    return max(0, (newest - last).days)


def _moment(value: Value) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if moment.year < 2000:  # .NET's "never" is the year 1
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _counts(system: System, facts: Facts) -> None:
    fields, phones = system.fields, facts.of(Phone)
    fields["phones"] = len(phones)
    fields["stun_phones"] = sum(phone.provision_type == "stun" or phone.stun is True for phone in phones)
    listed = [row for row in facts.of(Template) if row.from_pbx]
    own = [row for row in listed if row.custom is True]
    counted = fields.get(TEMPLATES_COUNTED)
    known = isinstance(counted, int) or bool(listed)
    fields["custom_templates"] = max(len(own), counted if isinstance(counted, int) else 0) if known else None
    system.sources["custom_templates"] = own[0].source if own else system.source_of(TEMPLATES_COUNTED)
    _firmware(system, facts)
    users = [row.custom_template for row in phones] + [row.custom_template for row in facts.of(Trunk)]
    users += [row.custom_template for row in facts.of(Integration)]
    fields["custom_templates_in_use"] = users.count(True)
    system.sources["custom_templates_in_use"] = system.sources["custom_templates"]
    fields["custom_template_phones"] = sum(phone.custom_template is True for phone in phones)
    fields["trunks"] = len(facts.of(Trunk))
    by_address = [trunk for trunk in facts.of(Trunk) if trunk.registration_required is False]
    fields["trunks_by_address"] = len(by_address)
    if by_address:
        system.sources["trunks_by_address"] = by_address[0].source_of("registration_required")
    fields["trunks_down"] = sum(trunk.registered is False for trunk in facts.of(Trunk))


def _firmware(system: System, facts: Facts) -> None:
    """Phones whose firmware is older than the one that the PBX has for them, in words; null where none is."""
    behind = []
    for row in facts.of(PhoneSeen):
        mine, offered = _numbers(row.firmware), _numbers(row.firmware_available)
        if mine is None or offered is None or len(mine) != len(offered):
            continue
        if mine < offered:
            behind.append(f"{row.extension or row.mac or row.ip}: {row.firmware} < {row.firmware_available}")
            system.sources.setdefault("firmware_behind", row.source_of("firmware"))
    system.fields["firmware_behind"] = behind or None


def _numbers(text: str | None) -> tuple[int, ...] | None:
    """``96.86.0.75`` as numbers; null for other ways to count."""
    return tuple(map(int, text.split("."))) if text and _DOTTED.fullmatch(text) else None
