from __future__ import annotations

from typing import Any

import pytest

from parsers.capture.rewrites import mark_rewrites
from parsers.facts.base import ALSO, Source
from parsers.facts.capture import SipMessage
from tests.parsers.capture.scenario import PBX, TRUNK, Scenario, sdp

INSIDE, ROUTER = "10.0.0.5:5060", "203.0.113.5:5060"


def relayed(old: bytes = b"", new: bytes = b"", *, branch: bytes = b"") -> list[SipMessage]:
    """An INVITE before and behind a router that replaces some bytes of it."""
    s = Scenario(caller=INSIDE, callee=TRUNK)
    s.request(0, "INVITE", body=sdp("10.0.0.5:9000"), headers="Supported: timer\nExpires: 60\n")
    payload = s.packets[0][3].replace(old, new) if old else s.packets[0][3]
    if branch:
        payload = payload.replace(b"z9hG4bKINVITE1a", branch)
    s.send(0.01, ROUTER, TRUNK, payload)
    return s.read().messages


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (b"Contact: <sip:101@10.0.0.5", b"Contact: <sip:101@203.0.113.5", ["Contact"]),
        (b"c=IN IP4 10.0.0.5", b"c=IN IP4 203.0.113.5", ["media address"]),
        (b"Via: SIP/2.0/UDP 10.0.0.5:5060", b"Via: SIP/2.0/UDP 203.0.113.5:61022", ["Via"]),
        (b"Expires: 60", b"Expires: 30", ["Expires"]),
        (b"Supported: timer\r\n", b"", ["supported"]),
    ],
)
def test_what_was_changed_on_the_way(old: bytes, new: bytes, changes: list[str]) -> None:
    first, later = relayed(old, new)
    assert "changed_on_way" not in first.derived
    assert later.derived["changed_on_way"] == changes
    assert later.sources[ALSO].frame == 1


def test_a_nat_that_leaves_sip_alone_and_a_proxy_change_nothing() -> None:
    assert "changed_on_way" not in relayed()[1].derived
    other = relayed(b"c=IN IP4 10.0.0.5", b"c=IN IP4 203.0.113.5", branch=b"z9hG4bKproxy")[1]
    assert "changed_on_way" not in other.derived


def test_branches_that_need_not_be_unique_prove_nothing() -> None:
    first, later = relayed(b"c=IN IP4 10.0.0.5", b"c=IN IP4 203.0.113.5")
    for message in (first, later):
        message.branch = "1"
        message.derived.clear()
    mark_rewrites([first, later])
    assert later.derived == {}


@pytest.mark.parametrize(
    ("sent", "echoed", "changed"),
    [
        ("10.0.0.5:5060", "203.0.113.5:5060", True),
        ("10.0.0.5:5060", "10.0.0.5:61022", True),
        ("10.0.0.5:5060", "10.0.0.5", False),
        ("PBX.example.com", "pbx.example.com:5060", False),
        ("[2001:db8::1]:5060", "[2001:db8::1]:5060", False),
    ],
)
def test_a_via_that_comes_back_changed(sent: str, echoed: str, *, changed: bool) -> None:
    common: dict[str, Any] = {"source": Source(), "branch": "z9hG4bK1", "cseq": 1, "cseq_method": "INVITE"}
    request = SipMessage(**common, method="INVITE", src=PBX, dst=TRUNK, via_sent_by=sent)
    response = SipMessage(**common, status=200, src=TRUNK, dst=PBX, via_sent_by=echoed)
    elsewhere = SipMessage(**common, status=200, src=TRUNK, dst=ROUTER, via_sent_by="192.0.2.99:5060")
    mark_rewrites([request, response, elsewhere])
    assert response.derived.get("via_changed", False) is changed
    assert elsewhere.derived == {}
