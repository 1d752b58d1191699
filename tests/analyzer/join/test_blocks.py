from __future__ import annotations

from typing import Any

import pytest

from parsers.facts import Row, Source
from parsers.facts.block import Block
from parsers.facts.capture import SipPeer
from parsers.facts.inventory import PhoneSeen, Sbc, TrunkSeen
from parsers.facts.log import Event
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined

OWN: tuple[Row, ...] = (
    TrunkSeen(source=Source(), origin="xapi_trunks", number="10000", name="Brightline", host="198.51.100.9"),
    TrunkSeen(source=Source(), origin="xapi_trunks", number="10001", host="sip.example.com"),
    PhoneSeen(source=Source(), origin="capture", ip="203.0.113.30", extension="105"),
    Sbc(source=Source(), name="Site B", public_ip="203.0.113.9"),
    SystemSeen(source=Source(), key="public_ip", value="203.0.113.1", rank=90),
    SipPeer(source=Source(), ip="198.51.100.77", role="trunk"),
)


def block(joined: Joined, address: str, **columns: Any) -> dict[str, Any]:
    row = Block(source=Source(), address=address, **({"action": "deny"} | columns))
    joined(*OWN, row)
    return row.derived


@pytest.mark.parametrize(
    ("address", "mask", "whose", "severity"),
    [
        ("198.51.100.9", "255.255.255.255", "Trunk 10000 (Brightline)", "critical"),
        ("198.51.100.77", None, "the provider at 198.51.100.77", "critical"),
        ("203.0.113.9", None, "SBC Site B", "critical"),
        ("203.0.113.1", None, "the PBX itself", "critical"),
        ("203.0.113.30", None, "Phone of extension 105", "high"),
        ("203.0.113.0/27", None, "Phone of extension 105", "high"),
        ("203.0.113.8", "255.255.255.248", "SBC Site B", "critical"),
    ],
)
def test_own_addresses(joined: Joined, address: str, mask: str | None, whose: str, severity: str) -> None:
    assert block(joined, address, mask=mask) == {"belongs_to": whose, "own_severity": severity}


def test_strangers_and_what_is_let_in(joined: Joined) -> None:
    assert block(joined, "198.51.100.200") == {}
    assert block(joined, "198.51.100.9", action="allow") == {}
    assert block(joined, "nonsense") == {}
    assert block(joined, "198.51.100.9", mask="x") == {}


def test_events(joined: Joined) -> None:
    def fields(event_id: int, ip: str) -> dict[str, Any]:
        event = Event(source=Source(), event_id=event_id, fields={"ip": ip})
        joined(*OWN, event)
        return event.fields

    assert fields(12290, "198.51.100.9")["belongs_to"] == "Trunk 10000 (Brightline)"
    assert "belongs_to" not in fields(12291, "198.51.100.9")
    assert "belongs_to" not in fields(12290, "192.0.2.200")
