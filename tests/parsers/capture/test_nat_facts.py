from __future__ import annotations

import pytest

from parsers.facts.capture import SipPeer
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, Scenario, sdp

INSIDE = "10.0.0.5:5060"
OUTSIDE = "203.0.113.5:5060"


def outgoing(caller: str = INSIDE, media: str = "10.0.0.5:9000") -> Scenario:
    s = Scenario(caller=caller, callee=TRUNK, agents={caller: TCX, TRUNK: "Kamailio"})
    s.answered(offer=media, answer="198.51.100.9:20000")
    return s


def test_private_addresses_that_the_pbx_gives_away() -> None:
    call = outgoing().read().call
    d = call.derived
    assert (d["pbx_private_contact"], d["pbx_private_media"], d["pbx_private_severity"]) == (True, True, "high")
    assert call.sources["pbx_private_media"].frame == 1
    assert d["wan_peer"] is True


def test_audio_both_ways_makes_it_information() -> None:
    s = outgoing()
    s.rtp(2.2, "10.0.0.5:9000", "198.51.100.9:20000", 60)
    s.rtp(2.2, "198.51.100.9:20000", "10.0.0.5:9000", 60, ssrc=8)
    assert s.read().call.derived["pbx_private_severity"] == "info"


def test_public_addresses_and_private_peers_are_no_matter() -> None:
    d = outgoing(OUTSIDE, "203.0.113.5:9000").read().call.derived
    assert (d["pbx_private_contact"], d["pbx_private_media"], d["wan_peer"]) == (False, False, True)
    lan = Scenario(
        caller=INSIDE, callee="10.0.0.21:5060", agents={INSIDE: TCX, "10.0.0.21:5060": "Yealink SIP-T46S 66.85.0.5"}
    )
    lan.answered(offer="10.0.0.5:9000", answer="10.0.0.21:4000")
    d = lan.read().call.derived
    assert (d["pbx_private_contact"], d["pbx_private_media"], d["wan_peer"]) == (False, False, False)


def test_a_phones_private_address_is_not_the_pbxs() -> None:
    s = Scenario(caller="192.168.1.21:5060", agents={"192.168.1.21:5060": "Yealink SIP-T46S 66.85.0.5", PBX: TCX})
    s.answered(offer="192.168.1.21:4000", answer="192.0.2.1:10000")
    d = s.read().call.derived
    assert (d["contact_private_to_public"], d["pbx_private_contact"], d["pbx_private_media"]) == (True, False, False)


def test_without_a_pbx_nothing_is_known() -> None:
    s = Scenario(agents={PHONE: "Linphone/3.6.1"})
    s.answered()
    d = s.read().call.derived
    assert (d["pbx_private_contact"], d["wan_peer"]) == (None, None)


def seen(*received: tuple[str, str]) -> SipPeer:
    """The PBX's row when its INVITEs with a Contact were answered with ``received``."""
    s = Scenario(caller=INSIDE, callee=TRUNK, agents={INSIDE: TCX, TRUNK: "Kamailio"})
    for number, (contact, address) in enumerate(received, 1):
        s.request(number, "INVITE", number, headers=f"Contact: <sip:1@{contact}:5060>\n", body=sdp("203.0.113.5:9000"))
        s.response(number + 0.1, 486, cseq=number)
        at, src, dst, payload = s.packets[-1]
        s.packets[-1] = (at, src, dst, payload.replace(b"received=10.0.0.5", f"received={address}".encode()))
    return next(peer for peer in s.read().facts.of(SipPeer) if peer.ip == "10.0.0.5")


@pytest.mark.parametrize(
    ("received", "addresses", "elsewhere"),
    [
        ([("203.0.113.5", "203.0.113.5")] * 2, ["203.0.113.5"], False),
        ([("203.0.113.5", "203.0.113.5"), ("203.0.113.5", "198.18.0.7")], ["198.18.0.7", "203.0.113.5"], True),
        ([("203.0.113.5", "203.0.113.5"), ("198.18.0.7", "198.18.0.7")], ["198.18.0.7", "203.0.113.5"], False),
        ([("10.0.0.5", "203.0.113.5")], ["203.0.113.5"], False),
    ],
)
def test_lines_that_others_see(received: list[tuple[str, str]], addresses: list[str], *, elsewhere: bool) -> None:
    d = seen(*received).derived
    assert (d["seen_as"], d["seen_as_count"], d["seen_elsewhere"]) == (addresses, len(addresses), elsewhere)
