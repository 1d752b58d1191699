"""What stands in an old backup only: phones and trunks that the PBX no longer has are no part of the case, nor are those of a
backup of another PBX.

A live export tells the present. It goes before a backup for an extension whose phones it lists, and for the trunks where it
lists as many as the PBX counts; of several backups of one PBX the newest goes before the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from analyzer.join import ages
from parsers.config.values import moment
from parsers.facts import Facts
from parsers.facts.inventory import Extension, PhoneSeen, TrunkSeen
from parsers.facts.system import Setting, SystemSeen

BACKUP = "backup_db"
USERS = "xapi_users"
TRUNKS = "xapi_trunks"
LIVE_RANK = 90


def drop_former(facts: Facts) -> None:
    """Take away what backups say of phones and trunks where something newer lists them."""
    phones, trunks = facts.of(PhoneSeen), facts.of(TrunkSeen)
    artifacts = {row.source.artifact or "" for row in phones if row.origin == BACKUP}
    artifacts |= {row.source.artifact or "" for row in trunks if row.origin == BACKUP}
    if not artifacts:
        return
    days, names = ages.backups(facts), _names(facts)
    older = {name for name in artifacts if _older_than_live(facts, days.get(name))}
    listed, numbers = live_phones(facts), live_trunks(facts)
    foreign = {name for name in artifacts if not _one_pbx(names.get(name), names.get(""))}
    passed = _passed(phones, days, names) | (foreign if listed else set())
    phones[:] = [
        row
        for row in phones
        if row.origin != BACKUP
        or not (
            row.source.artifact in passed
            or (row.source.artifact in older and row.mac and row.mac not in listed.get(row.extension or "", {row.mac}))
        )
    ]
    passed = _passed(trunks, days, names) | (foreign if any(row.origin == TRUNKS for row in trunks) else set())
    trunks[:] = [
        row
        for row in trunks
        if row.origin != BACKUP
        or not (
            row.source.artifact in passed
            or (row.source.artifact in older and row.number and numbers and row.number not in numbers)
        )
    ]


def _names(facts: Facts) -> dict[str, set[str]]:
    """What the PBX is called: by each artifact, and (without a name of its own) by live exports together."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in facts.of(SystemSeen):
        if row.key == "fqdn":
            where = "" if row.rank >= LIVE_RANK else row.source.artifact or ""
            found[where].add(str(row.value).strip().rstrip(".").casefold())
    return found


def _one_pbx(mine: set[str] | None, theirs: set[str] | None) -> bool:
    """Whether two sources may be of one PBX: they share a name, or one has none."""
    return not mine or not theirs or bool(mine & theirs)


def _older_than_live(facts: Facts, made: datetime | None) -> bool:
    """Whether live exports are newer than a backup: unless they know only of an earlier one."""
    last = (row.value for row in facts.of(Setting) if (row.object, row.name) == ("SystemStatus", "LastBackupDateTime"))
    day = moment(next(last, None))
    return made is None or day is None or day.year < 2000 or made - day <= ages.ZONES  # .NET's "never" is the year 1


def live_phones(facts: Facts) -> dict[str, set[str]]:
    """The phones of each extension whose phones a live export lists, all of them by MAC."""
    counts = {row.number: row.phones for row in facts.of(Extension) if row.phones is not None}
    found: dict[str, set[str]] = {number: set() for number in counts}
    for row in facts.of(PhoneSeen):
        if row.origin == USERS and row.extension in found and row.mac:
            found[row.extension].add(row.mac)
    return {number: macs for number, macs in found.items() if len(macs) == counts[number]}


def live_trunks(facts: Facts) -> set[str]:
    """The numbers of all trunks; empty where the live export does not list as many as the PBX counts."""
    found = {row.number for row in facts.of(TrunkSeen) if row.origin == TRUNKS and row.number}
    total = {row.value for row in facts.of(Setting) if (row.object, row.name) == ("SystemStatus", "TrunksTotal")}
    return found if total == {len(found)} else set()


def _passed(
    rows: list[PhoneSeen] | list[TrunkSeen], days: Mapping[str, datetime], names: Mapping[str, set[str]]
) -> set[str]:
    """Backups of which there is a newer one of the same PBX that has such rows, too."""
    having = {row.source.artifact for row in rows if row.origin == BACKUP and row.source.artifact in days}
    known = {name: days[name] for name in having if name}
    return {
        old
        for old, day in known.items()
        if any(day < newer and names.get(old) and names.get(old) == names.get(new) for new, newer in known.items())
    }
