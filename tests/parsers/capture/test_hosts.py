from __future__ import annotations

from typing import Any

import pytest

from parsers.capture.agents import device, is_scanner, is_server, pbx_version
from parsers.capture.hosts import read_hosts
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage, SipPeer
from parsers.facts.system import SystemSeen
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Read, Scenario


def roles(read: Read) -> dict[str, str | None]:
    return {row.ip: row.role for row in read.facts.of(SipPeer)}


def test_version_of_the_only_3cx_that_phones_use() -> None:
    s = Scenario()
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")
    read = s.read()
    assert read.system("version") == "20.0.8.1109"
    assert roles(read) == {"192.0.2.1": "pbx", "192.0.2.21": "phone"}


def test_version_of_a_3cx_that_registers_with_its_trunk() -> None:
    s = Scenario("t", PBX, TRUNK, agents={PBX: TCX})
    s.request(0, "REGISTER")
    read = s.read()
    assert read.system("version") == "20.0.8.1109"
    assert roles(read) == {"192.0.2.1": "pbx"}


def test_version_after_an_update_in_the_capture() -> None:
    s = Scenario(agents={PHONE: YEALINK, PBX: "3CXPhoneSystem 20.0.9.995 (995)"})
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")
    s.agents[PBX] = "3CXPhoneSystem 20.0.10.12 (12)"
    s.request(60, "REGISTER", 2, headers="Expires: 60\n")
    s.response(60.1, 200, "REGISTER", 2)
    read = s.read()
    assert read.system("version") == "20.0.10.12"
    [row] = [row for row in read.facts.of(SystemSeen) if row.key == "version"]
    assert (row.source.frame, row.time is not None) == (4, True)
    [peer] = [row for row in read.facts.of(SipPeer) if row.version]
    assert (peer.version, peer.source_of("version").frame) == ("20.0.10.12", 4)


def test_two_3cx_give_no_version() -> None:
    s = Scenario(agents={PHONE: YEALINK, PBX: TCX, TRUNK: "3CXPhoneSystem 18.0.1.1 (1)"})
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")
    s.request(1, "INVITE", 5, src=PBX, dst=TRUNK)
    s.response(1.1, 200, cseq=5, src=TRUNK, dst=PBX)
    read = s.read()
    assert read.system("version") is None
    assert roles(read)["192.0.2.1"] == "pbx"
    assert {row.version for row in read.facts.of(SipPeer) if row.version} == {"20.0.8.1109", "18.0.1.1"}


OTHER = "203.0.113.5:5060"


def with_another_3cx() -> Scenario:
    """A PBX that registers with its trunk, and another 3CX that calls it over a bridge."""
    s = Scenario(agents={PHONE: YEALINK, PBX: TCX, OTHER: "3CXPhoneSystem 18.0.1.1 (1)"})
    s.request(0, "INVITE", 5, src=OTHER, dst=PBX)
    s.response(0.1, 200, cseq=5, src=PBX, dst=OTHER)
    s.request(1, "REGISTER", 6, src=PBX, dst=TRUNK, headers="Expires: 60\n")
    return s


def test_of_two_3cx_the_one_that_registers_with_a_trunk_gives_the_version() -> None:
    s = with_another_3cx()
    assert (s.read().system("version"), roles(s.read())["192.0.2.1"]) == ("20.0.8.1109", "pbx")
    s.request(2, "REGISTER", headers="Expires: 60\n")  # its own phones do not change that
    assert s.read().system("version") == "20.0.8.1109"


def test_of_two_3cx_that_both_look_like_the_pbx_none_gives_the_version() -> None:
    both = with_another_3cx()
    both.request(2, "REGISTER", 7, src=OTHER, dst=TRUNK, headers="Expires: 60\n")
    assert both.read().system("version") is None
    phones = with_another_3cx()
    phones.request(2, "REGISTER", 7, dst=OTHER, headers="Expires: 60\n")
    assert phones.read().system("version") is None


def test_a_3cx_that_registers_with_another_3cx_registers_with_no_trunk() -> None:
    s = Scenario(agents={PBX: TCX, OTHER: "3CXPhoneSystem 18.0.1.1 (1)"})
    s.request(0, "REGISTER", 6, src=PBX, dst=OTHER, headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER", 6, src=OTHER, dst=PBX)
    assert s.read().system("version") is None


def test_which_3cx_a_phone_speaks_with() -> None:
    other = "198.51.100.7:5060"
    s = Scenario(agents={PHONE: YEALINK, PBX: TCX, other: "3CXPhoneSystem 18.0.1.1 (1)"})
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")
    assert [row.served_by for row in s.read().phones] == [["192.0.2.1"]]
    s.request(1, "REGISTER", 2, dst=other, headers="Expires: 60\n")
    s.response(1.1, 200, "REGISTER", 2, src=other)
    assert [row.served_by for row in s.read().phones] == [["192.0.2.1", "198.51.100.7"]]
    alone = Scenario(agents={PHONE: YEALINK, PBX: "Asterisk PBX 18"})
    alone.request(0, "REGISTER", headers="Expires: 60\n")
    alone.response(0.1, 200, "REGISTER")
    assert [row.served_by for row in alone.read().phones] == [[]]


def test_3cx_that_nobody_uses_gives_no_version() -> None:
    s = Scenario()
    s.response(0, 200, "OPTIONS")
    assert s.read().system("version") is None


def test_trunk_by_registration_and_by_calls() -> None:
    s = Scenario("t", PBX, TRUNK, agents={PBX: TCX, TRUNK: "Asterisk PBX 18"})
    s.request(0, "REGISTER")
    s.response(0.1, 200, "REGISTER")
    other = Scenario("u", PBX, "203.0.113.5:5060", packets=s.packets, agents=s.agents)
    other.request(1, "INVITE")
    other.response(1.1, 404)
    assert roles(s.read()) == {"192.0.2.1": "pbx", "198.51.100.9": "trunk", "203.0.113.5": "trunk"}
    calls = s.read().call.derived
    assert (calls["by_pbx"], calls["to_trunk"], calls["from_trunk"]) == (True, True, False)


def test_stranger_whose_calls_are_refused_is_no_trunk() -> None:
    s = Scenario("x", "203.0.113.66:5071", PBX, "100", "900442012345678", agents={PBX: TCX})
    s.request(0, "INVITE")
    s.response(0.1, 404)
    phone = Scenario("p", PHONE, PBX, packets=s.packets)
    phone.request(1, "REGISTER")
    read = s.read()
    peer = next(row for row in read.facts.of(SipPeer) if row.ip == "203.0.113.66")
    assert (peer.role, peer.derived["toll_probes"], peer.derived["toll_probes_answered"]) == (None, 1, 0)
    assert read.call.derived["from_trunk"] is None


def test_trunk_that_calls_in() -> None:
    s = Scenario("x", TRUNK, PBX, "442012345678", "100", agents={PBX: TCX})
    s.request(0, "INVITE")
    s.response(0.1, 180)
    read = s.read()
    assert read.call.derived["from_trunk"] is True
    assert read.call.derived["trunk"] == "198.51.100.9"


def test_phone_behind_a_proxy_has_the_address_of_the_last_via() -> None:
    s = Scenario("x", "192.0.2.7:5060", PBX, "105", "105", agents={"192.0.2.7:5060": YEALINK, PBX: TCX})
    s.request(0, "REGISTER", headers="Via: SIP/2.0/UDP 10.1.1.9:5060;branch=z\n")
    (phone,) = s.read().phones
    assert (phone.ip, phone.extension) == ("10.1.1.9", "105")


def test_mac_by_instance() -> None:
    s = Scenario(to_user="101")
    contact = f'Contact: <sip:101@{PHONE}>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-805EC0112233>"\n'
    s.request(0, "REGISTER", headers=contact)
    assert s.read().phones[0].mac == "805ec0112233"


@pytest.mark.parametrize(
    ("agent", "wanted"),
    [
        ("Yealink SIP-T46S 66.85.0.5", ("Yealink", "T46S", "66.85.0.5", None)),
        ("Yealink SIP-T21P_E2 52.84.0.15", ("Yealink", "T21P_E2", "52.84.0.15", None)),
        ("Yealink W60B 77.85.0.20 805ec0112233", ("Yealink", "W60B", "77.85.0.20", "805ec0112233")),
        ("Cisco/SPA504G-7.6.2e", ("Cisco", "SPA504G", "7.6.2e", None)),
        ("snom370/8.7.5.48", ("Snom", "370", "8.7.5.48", None)),
        ("snomD735/10.1.64.14", ("Snom", "D735", "10.1.64.14", None)),
        ("Fanvil X4U 2.4.11 0c383e112233", ("Fanvil", "X4U", "2.4.11", "0c383e112233")),
        ("Grandstream GXP2170 1.0.9.132", ("Grandstream", "GXP2170", "1.0.9.132", None)),
        ("Htek UC926E V2.0.4.6.9 00:1f:c1:11:22:33", ("Htek", "UC926E", "2.0.4.6.9", "001fc1112233")),
        ("PolycomVVX-VVX_410-UA/5.9.0.9373", ("Polycom", "VVX_410", "5.9.0.9373", None)),
        ("Gigaset N510 IP PRO/42.250.00", ("Gigaset", "N510 IP PRO", "42.250.00", None)),
        ("N870 IP PRO/83.V2.30.0", ("Gigaset", "N870 IP PRO", "83.V2.30.0", None)),
        ("Yealink", ("Yealink", None, None, None)),
        ("MicroSIP/3.22.3", ("MicroSIP", None, "3.22.3", None)),
    ],
)
def test_devices(agent: str, wanted: tuple[str | None, ...]) -> None:
    found = device(agent)
    assert found is not None
    assert found[:4] == wanted


@pytest.mark.parametrize(
    "agent", ["Asterisk PBX 11.13.0", "FreeSWITCH-mod_sofia/1.6", TCX, "Gen 1.0", "", "Cisco-SIPGateway/IOS"]
)
def test_no_devices(agent: str) -> None:
    found = device(agent)
    assert found is None or found.model is None
    assert is_server(agent) or found is None


def test_3cx_and_scanners() -> None:
    assert pbx_version(TCX) == "20.0.8.1109"
    assert pbx_version("3CX") == ""
    assert pbx_version("3CXPhone 6.0.26523.0") is None
    assert [is_scanner(a) for a in ("friendly-scanner", "sipvicious", "sipcli/v1.8", "Yealink SIP-T46S", "smapX")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_a_3cx_that_speaks_with_itself_too_is_one() -> None:
    s = Scenario()
    s.request(0, "REGISTER", headers="Expires: 60\n")
    s.response(0.1, 200, "REGISTER")
    inside = Scenario("i", "127.0.0.1:5080", "127.0.0.1:5060", agents={"127.0.0.1:5060": TCX}, packets=s.packets)
    inside.request(1, "INVITE")
    inside.response(1.1, 200)
    read = s.read()
    assert roles(read) == {"127.0.0.1": "pbx", "192.0.2.1": "pbx", "192.0.2.21": "phone"}
    assert read.system("version") == "20.0.8.1109"


def test_a_3cx_that_is_seen_on_the_loopback_interface_alone() -> None:
    s = Scenario("i", "127.0.0.1:5080", "127.0.0.1:5060", agents={"127.0.0.1:5060": TCX})
    s.request(1, "INVITE")
    s.response(1.1, 200)
    assert s.read().system("version") == "20.0.8.1109"


def said(method: str | None, src: str | None, dst: str | None, agent: str | None = None, **values: Any) -> SipMessage:
    return SipMessage(source=Source(artifact="a.pcap"), method=method, src=src, dst=dst, user_agent=agent, **values)


def test_the_loopback_addresses_of_the_pbx_are_its_own() -> None:
    hosts = read_hosts(
        [
            said("REGISTER", PHONE, PBX, YEALINK),
            said(None, PBX, PHONE, TCX, status=200),
            said("OPTIONS", "[::1]:5060", "127.0.0.1:5060", TCX),
            said(None, "127.0.0.1:5060", "[::1]:5060", TCX, status=200),
        ]
    )
    assert hosts.pbx == {"192.0.2.1", "::1", "127.0.0.1"}
    assert hosts.pbx_sure


def test_a_3cx_at_the_loopback_address_alone_is_the_pbx() -> None:
    hosts = read_hosts(
        [said("REGISTER", PHONE, "[::1]:5060", YEALINK), said(None, "[::1]:5060", PHONE, TCX, status=200)]
    )
    assert hosts.pbx == {"::1"}


def test_messages_without_an_address_count_for_nobody() -> None:
    hosts = read_hosts(
        [said("REGISTER", None, PBX, TCX), said("REGISTER", PHONE, None, TCX), said("INVITE", None, None)]
    )
    assert hosts.by_ip == {}


def test_what_cannot_be_told_of_a_host_is_null() -> None:
    nobody = read_hosts([said("OPTIONS", PHONE, TRUNK)])
    assert [nobody.is_pbx("192.0.2.21"), nobody.is_trunk("192.0.2.21"), nobody.is_phone("192.0.2.21")] == [None] * 3
    known = read_hosts(
        [
            said("REGISTER", PHONE, PBX, YEALINK),
            said(None, PBX, PHONE, TCX, status=200),
            said("OPTIONS", "198.51.100.77:5060", PBX, "friendly-scanner"),
            said("OPTIONS", "192.0.2.9:5060", PBX),
        ]
    )
    scanner, stranger = "198.51.100.77", "192.0.2.9"
    assert [known.is_pbx(None), known.is_trunk(None), known.is_phone(None)] == [None] * 3
    assert [known.is_pbx(scanner), known.is_trunk(scanner), known.is_phone(scanner)] == [False] * 3
    assert [known.is_pbx(stranger), known.is_trunk(stranger), known.is_phone(stranger)] == [False, None, None]
    assert [known.is_pbx("192.0.2.1"), known.is_trunk("192.0.2.1"), known.is_phone("192.0.2.1")] == [True, False, False]
    assert [known.is_trunk("192.0.2.21"), known.is_phone("192.0.2.21")] == [False, True]


def test_a_provider_that_bears_a_scanners_name_is_the_trunk_that_the_pbx_registers_with() -> None:
    hosts = read_hosts(
        [said("REGISTER", PBX, TRUNK, TCX), said(None, TRUNK, PBX, status=200, server="friendly-scanner")]
    )
    assert (hosts.scanners, hosts.trunks) == (set(), {"198.51.100.9"})


def test_another_3cx_that_registers_is_no_phone() -> None:
    hosts = read_hosts(
        [
            said("REGISTER", PBX, TRUNK, TCX),
            said("REGISTER", PHONE, PBX, YEALINK),
            said("REGISTER", "203.0.113.5:5060", PBX, "3CXPhoneSystem 18.0.1.1 (1)"),
        ]
    )
    assert hosts.pbx == {"192.0.2.1"}
    assert hosts.phones == {"192.0.2.21"}


def test_a_marked_contact_is_remembered() -> None:
    scanner = "198.51.100.77:5060"
    hosts = read_hosts(
        [
            said("OPTIONS", scanner, PBX, contact="sip:123@1.1.1.1:5060"),
            said("OPTIONS", scanner, PBX, contact="sip:9@192.0.2.9"),
        ]
    )
    assert hosts.scanners == {"198.51.100.77"}
