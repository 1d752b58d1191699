"""Old backups beside what is newer."""

from __future__ import annotations

from typing import Any

import pytest

from parsers.facts import Row, Source
from parsers.facts.inventory import Extension, Phone, PhoneSeen, Trunk, TrunkSeen
from parsers.facts.log import Event
from parsers.facts.system import Setting, SystemSeen
from tests.analyzer.join.conftest import Joined

OLD, NEW = "001565aaaaaa", "805e0c112233"
LIVE = Source(artifact="Users.json")
BACKUP = Source(artifact="backup.zip!/1Db.xml")
NEWER = Source(artifact="new.zip!/1Db.xml")


def phone(source: Source, mac: str | None, extension: str = "231", **columns: Any) -> PhoneSeen:
    origin = "xapi_users" if source is LIVE else "backup_db"
    return PhoneSeen(source=source, origin=origin, mac=mac, extension=extension, vendor="Yealink", **columns)


def trunk(source: Source, number: str) -> TrunkSeen:
    origin = "xapi_trunks" if source is LIVE else "backup_db"
    return TrunkSeen(source=source, origin=origin, number=number, name=f"Line {number}")


def user(phones: int | None, number: str = "231") -> Extension:
    return Extension(source=LIVE, number=number, phones=phones)


def named(source: Source, name: str) -> SystemSeen:
    return SystemSeen(source=source, key="fqdn", value=name, rank=90 if source is LIVE else 70)


def made(source: Source, day: str) -> Setting:
    return Setting(source=source, object="Backup", name="Date", value=day)


def status(name: str, value: Any) -> Setting:
    return Setting(source=LIVE, object="SystemStatus", name=name, value=value)


def macs(joined: Joined, *rows: Row) -> list[str | None]:
    facts, _ = joined(*rows)
    return [row.mac for row in facts.of(Phone)]


def numbers(joined: Joined, *rows: Row) -> list[str | None]:
    facts, _ = joined(*rows)
    return [row.number for row in facts.of(Trunk)]


def test_a_phone_that_the_live_export_no_longer_has_is_left_out(joined: Joined) -> None:
    rows = [phone(BACKUP, OLD, model="T46G"), phone(LIVE, NEW, model="T54W"), user(1)]
    assert macs(joined, *rows) == [NEW]
    assert macs(joined, phone(BACKUP, OLD), user(0)) == []


@pytest.mark.parametrize(
    "more",
    [
        [],  # the live export does not say how many phones the extension has
        [user(2)],  # one of its phones is not shown by MAC
        [user(1), made(BACKUP, "2026-11-15 02:00:00"), status("LastBackupDateTime", "2026-11-13T02:00:11Z")],
    ],
)
def test_a_phone_stays_where_the_live_export_may_not_be_the_better_word(joined: Joined, more: list[Row]) -> None:
    assert macs(joined, phone(BACKUP, OLD), phone(LIVE, NEW), *more) == [OLD, NEW]


@pytest.mark.parametrize(
    "more",
    [
        [named(LIVE, "PBX.example.com."), named(BACKUP, "pbx.example.com")],
        [made(BACKUP, "2026-11-13 03:00:00"), status("LastBackupDateTime", "2026-11-13T02:00:11Z")],
        [made(BACKUP, "2026-11-13 03:00:00"), status("LastBackupDateTime", "0001-01-01T00:00:00Z")],
        [made(BACKUP, "2025-01-01 03:00:00")],
    ],
)
def test_an_older_backup_of_the_same_pbx(joined: Joined, more: list[Row]) -> None:
    assert macs(joined, phone(BACKUP, OLD), phone(LIVE, NEW), user(1), *more) == [NEW]


def test_other_extensions_and_phones_without_mac_stay(joined: Joined) -> None:
    rows = [
        phone(BACKUP, OLD, "232"),
        phone(BACKUP, None, "231", model="T46G"),
        phone(LIVE, NEW, model="T54W"),
        user(1),
    ]
    assert sorted(macs(joined, *rows), key=str) == [OLD, NEW, None]


def test_a_phone_that_moved_has_its_new_extension_only(joined: Joined) -> None:
    facts, _ = joined(phone(BACKUP, NEW, "231"), phone(LIVE, NEW, "240"), user(1, "240"), user(0, "231"))
    [row] = facts.of(Phone)
    assert row.extensions == ["240"]


def test_a_trunk_that_the_live_export_no_longer_has_is_left_out(joined: Joined) -> None:
    rows = [trunk(BACKUP, "10000"), trunk(BACKUP, "10009"), trunk(LIVE, "10000")]
    assert numbers(joined, *rows, status("TrunksTotal", 1)) == ["10000"]
    assert numbers(joined, *rows, status("TrunksTotal", 2)) == ["10000", "10009"]
    assert numbers(joined, *rows) == ["10000", "10009"]


def test_of_two_backups_of_one_pbx_the_newest_tells(joined: Joined) -> None:
    days = [made(BACKUP, "2025-03-01 02:00:00"), made(NEWER, "2026-11-13 02:00:00")]
    names = [named(BACKUP, "pbx.example.com"), named(NEWER, "pbx.example.com")]
    old = [phone(BACKUP, OLD), phone(BACKUP, NEW, "232", provision_type="stun"), trunk(BACKUP, "10009")]
    new = [phone(NEWER, NEW, "232", provision_type="sbc")]
    facts, _ = joined(*old, *new, *days, *names)
    [row] = facts.of(Phone)
    assert (row.mac, row.provision_type) == (NEW, "sbc")
    assert [trunk.number for trunk in facts.of(Trunk)] == ["10009"]  # the newest one shows no trunks at all
    assert len(macs(joined, *old, *new, *days)) == 2  # of which PBX they are is not known
    assert len(macs(joined, *old, *new, *names)) == 2


@pytest.mark.parametrize(("total", "expected"), [(1, ["10000"]), (2, ["10000", "10009", None])])
def test_a_trunk_of_events_alone_is_none_where_all_trunks_are_listed(
    joined: Joined, total: int, expected: list[str | None]
) -> None:
    def event(name: str) -> Event:
        place = Source(artifact="eventlog.csv")
        return Event(source=place, event_id=4100, fields={"trunk": name, "status": "Unregistered"})

    events = [event("10000"), event("10009"), event("Old Line"), event("Line 10000")]
    rows = [trunk(LIVE, "10000"), status("TrunksTotal", total), *events]
    assert numbers(joined, *rows) == expected


def test_a_backup_of_another_pbx_or_of_another_name_is_none_of_this_one(joined: Joined) -> None:
    names = [named(LIVE, "a.example.com"), named(BACKUP, "b.example.com")]
    rows = [phone(BACKUP, OLD, "300"), trunk(BACKUP, "10009")]
    live = [phone(LIVE, NEW), user(1), trunk(LIVE, "10000")]
    assert macs(joined, *rows, *live, *names) == [NEW]
    assert numbers(joined, *rows, *live, *names) == ["10000"]
    assert macs(joined, *rows, *names) == [OLD]  # the live export lists neither
    assert numbers(joined, *rows, *names) == ["10009"]
    assert macs(joined, *rows, *live) == [OLD, NEW]
