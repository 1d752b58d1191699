"""Entries out of the texts of events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tables.event_fields import READERS, Fields, event_fields

SLA = "SLA for this queue has been reached. Caller has been waiting in the queue for too long."
REJECTED = (
    "SIP request (REGISTER) from 198.51.100.23 was rejected. Reason: blocked by WAN rule.\r\nREGISTER sip:x SIP/2.0\r\n"
    'Authorization: Digest username="231",realm="3CXPhoneSystem"'
)
INVITE = "INVITE sip:0034910009@203.0.113.77:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66:5071\r\n"


@pytest.mark.parametrize(
    ("event_id", "message", "fields"),
    [
        (102, "Callback to number 5550100 was requested from Queue Front desk by caller 5550100",
         {"number": "5550100", "queue": "Front desk"}),
        (103, "Callback to number 5550100 failed\nQueue: Front desk [800]",
         {"number": "5550100", "queue": "800", "name": "Front desk"}),
        (104, f"{SLA}\nCaller: 5550100\nQueue: Front desk [800]\nInternal CallID: C:8", {"queue": "800", "name": "Front desk"}),
        (104, "SLA for this queue has been reached.", {}),
        (105, "Lost Call in Queue Front desk (800) from Caller ID '5550100'",
         {"queue": "800", "name": "Front desk", "number": "5550100"}),
        (105, "Lost Call in Queue 800 (Front desk) from Caller ID '15\" screen'",
         {"queue": "800", "name": "Front desk", "number": '15" screen'}),
        (4098, "Service got signal to stop: 15", {"signal": "15"}),
        (4099, "Emergency number (112) is dialed from 105", {"number": "112", "extension": "105"}),
        (4100, "Trunk 10000 has changed status to Unregistered", {"trunk": "10000", "status": "Unregistered"}),
        (4100, "Trunk My provider has changed status to Registered", {"trunk": "My provider", "status": "Registered"}),
        (4102, "Trunk SBC 'Site A' (203.0.113.9/10.0.0.5) has changed status to Down",
         {"sbc": "Site A", "ip": "203.0.113.9", "lan_ip": "10.0.0.5", "status": "Down"}),
        (4102, "Trunk SBC 'Site A' has changed status to Up", {"sbc": "Site A", "ip": None, "lan_ip": None, "status": "Up"}),
        (4102, "Trunk 10001 has changed status to Down", {"trunk": "10001", "status": "Down"}),
        (10029, "Provisioning file for MAC 805EC00000E7 of user 231 was successfully generated",
         {"mac": "805ec00000e7", "extension": "231", "status": "successfully generated"}),
        (12290, "The IP 198.51.100.23 has been blacklisted for 86400 sec", {"ip": "198.51.100.23", "seconds": 86400}),
        (12290, "The IP 2001:db8::23 has been blacklisted for 900 sec", {"ip": "2001:db8::23", "seconds": 900}),
        (12291, REJECTED,
         {"method": "REGISTER", "ip": "198.51.100.23", "reason": "blocked by WAN rule", "extension": "231"}),
        (12294, "Call to 0034910009 from extension 105 failed, sip.example.com replied: 503 Service Unavailable; see log",
         {"status": 503, "phrase": "Service Unavailable", "extension": "105"}),
        (12294, "Registration at sip.example.com has failed, server replied 403", {"status": 403, "phrase": None}),
        (30051, f"Call from 198.51.100.66 could not be identified.\r\n{INVITE}",
         {"ip": "198.51.100.66", "method": "INVITE", "number": "0034910009"}),
        (30052, "No outbound rule fits the number that 105 dialed 0034910009.",
         {"who": "105", "number": "0034910009", "extension": "105"}),
        (12290, "something else", {}),
        (99999, "Trunk 10000 has changed status to Unregistered", {}),
        (None, "", {}),
    ],
)  # fmt: skip
def test_fields(event_id: int | None, message: str, fields: Fields) -> None:
    assert event_fields(event_id, message) == fields


@given(st.sampled_from(sorted(READERS)), st.text(max_size=300))
def test_nothing_raises(event_id: int, message: str) -> None:
    event_fields(event_id, message)


@pytest.mark.parametrize("event_id", sorted(READERS))
@pytest.mark.parametrize(
    "piece", ["(", "Queue ", "from ", "replied", "a" * 50 + " ", "1.", "[", "Trunk SBC '", "dialed ", "INVITE sip:"]
)
def test_repetition_is_read_in_no_time(event_id: int, piece: str) -> None:
    event_fields(event_id, (piece * 20_000)[:200_000])
