from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parsers.facts import Row, Source
from parsers.facts.inventory import PhoneSeen, Sbc
from parsers.facts.log import Event
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined


def status(word: str, hour: int, name: str = "Site B", **fields: Any) -> Event:
    return Event(
        source=Source(artifact="eventlog.csv", row=hour),
        event_id=4102,
        time=datetime(2026, 11, 12, hour, tzinfo=UTC),
        fields={"sbc": name, "status": word} | fields,
    )


def live(**columns: Any) -> Sbc:
    known: dict[str, Any] = {"name": "Site B", "identifier": "sbc2", "connected": True}
    return Sbc(source=Source(artifact="Sbcs.json"), **(known | columns))


def phone(name: str | None, mac: str) -> PhoneSeen:
    return PhoneSeen(source=Source(), origin="xapi_users", mac=mac, extension="105", sbc_name=name)


def sbcs(joined: Joined, *rows: Row) -> list[Sbc]:
    facts, _ = joined(*rows)
    return facts.of(Sbc)


def test_an_sbc_known_from_events_only(joined: Joined) -> None:
    [row] = sbcs(joined, status("Down", 9, ip="203.0.113.9", lan_ip="10.0.0.5"), status("Up", 8))
    assert (row.name, row.connected, row.public_ip, row.local_ip) == ("Site B", False, "203.0.113.9", "10.0.0.5")
    assert row.source.row == 9
    [odd] = sbcs(joined, status("Rebooting", 9))
    assert odd.connected is None


def test_the_live_export_tells_the_present(joined: Joined) -> None:
    [row] = sbcs(joined, live(), status("Down", 9, name="SITE B"))
    assert row.connected is True
    assert len(sbcs(joined, live(), status("Down", 9, name="Other"))) == 2


def test_phones_behind_it(joined: Joined) -> None:
    [row] = sbcs(joined, live(), phone("sbc2", "a" * 12), phone("site b", "b" * 12), phone("sbc2", "a" * 12))
    assert row.derived["phones"] == 2
    assert sbcs(joined, live(), phone("elsewhere", "a" * 12))[0].derived["phones"] == 0
    assert sbcs(joined, live(), phone(None, "a" * 12))[0].derived["phones"] is None


@pytest.mark.parametrize(
    ("version", "differs"), [("18.0.1", True), ("20.0.100", False), (None, None), ("20", False), ("masked", None)]
)
def test_version(joined: Joined, version: str | None, differs: bool | None) -> None:
    pbx = SystemSeen(source=Source(), key="version", value="20.0.9.995", rank=90)
    [row] = sbcs(joined, live(version=version), pbx)
    assert (row.derived["major_differs"], row.derived["pbx_version"]) == (differs, "20.0.9.995")
    assert sbcs(joined, live(version=version))[0].derived["major_differs"] is None
