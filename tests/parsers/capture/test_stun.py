from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.capture.stun import parse_stun
from tests.parsers.capture import frames
from tests.parsers.capture.scenario import PBX, PHONE, TCX, YEALINK, Scenario, endpoint, read, sdp

SERVER = "198.51.100.53:3478"
COOKIE = 0x2112A442
ICE_USER = struct.pack(">HH", 6, 4) + b"ab:c"
PRIORITY = struct.pack(">HHI", 0x24, 4, 1)


def request(number: int, *, attributes: bytes = b"", kind: int = 1, cookie: int = COOKIE) -> bytes:
    return struct.pack(">HHI", kind, len(attributes), cookie) + number.to_bytes(12) + attributes


def answer(number: int, mapped: str, *, kind: int = 0x101, cookie: int = COOKIE) -> bytes:
    host, port = endpoint(mapped)
    packed = socket.inet_aton(host)
    if cookie == COOKIE:
        value = struct.pack(">BBH", 0, 1, port ^ 0x2112) + bytes(
            a ^ b for a, b in zip(packed, struct.pack(">I", COOKIE), strict=True)
        )
        attribute = struct.pack(">HH", 0x20, 8) + value
    else:
        attribute = struct.pack(">HHBBH", 1, 8, 0, 1, port) + packed
    return struct.pack(">HHI", kind, len(attribute), cookie) + number.to_bytes(12) + attribute


def register(s: Scenario, at: float, contact: str = f"sip:101@{PHONE}") -> None:
    s.request(at, "REGISTER", 1, headers=f"Contact: <{contact}>\nExpires: 60\n")
    s.response(at + 0.1, 200, "REGISTER", 1)


def test_message() -> None:
    found = parse_stun(answer(5, "203.0.113.7:4242"))
    assert found is not None
    assert (found.method, found.message_class, found.cookie, found.mapped) == (1, 2, True, ("203.0.113.7", 4242))
    old = parse_stun(answer(5, "203.0.113.7:4242", cookie=77))
    assert old is not None
    assert (old.cookie, old.mapped) == (False, ("203.0.113.7", 4242))
    error = parse_stun(request(1, kind=0x111, attributes=struct.pack(">HHHBB", 9, 4, 0, 4, 20)))
    assert error is not None
    assert (error.message_class, error.error) == (3, 420)


def test_what_is_no_stun() -> None:
    for data in (b"", b"\0" * 10, b"\x80" + b"\0" * 19, struct.pack(">HHI", 1, 3, COOKIE) + b"\0" * 12):
        assert parse_stun(data) is None


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    parse_stun(b"\0\1" + data)
    parse_stun(data)


def test_phone_whose_stun_answer_stands_in_its_contact() -> None:
    s = Scenario()
    s.send(0, PHONE, SERVER, request(1))
    s.send(0.5, PHONE, SERVER, request(1))
    s.send(0.6, SERVER, PHONE, answer(1, "203.0.113.7:6001"))
    register(s, 1, "sip:101@203.0.113.7:6001")
    read = s.read()
    (row,) = read.stun
    assert (row.client, row.server, row.kind, row.requests, row.answered, row.cookie) == (
        PHONE,
        SERVER,
        "phone",
        2,
        1,
        True,
    )
    assert (row.mapped, row.first_frame, row.icmp_unreachable) == (["203.0.113.7:6001"], 1, 0)
    (phone,) = read.phones
    assert (phone.stun_used, phone.stun_confidence, phone.stun_server) == (True, 85, SERVER)
    assert (phone.vendor, phone.model, phone.extension, phone.ip) == ("Yealink", "T46S", "102", "192.0.2.21")
    assert SERVER in phone.source_of("stun_used").text
    assert "203.0.113.7:6001" in phone.source_of("stun_confidence").text


@pytest.mark.parametrize(("contact", "confidence"), [("203.0.113.7:6001", 85), ("203.0.113.8:6001", 60)])
def test_the_contact_may_come_before_the_answer(contact: str, confidence: int) -> None:
    s = Scenario()
    register(s, 0, f"sip:101@{contact}")
    s.send(1, PHONE, SERVER, request(1))
    s.send(1.1, SERVER, PHONE, answer(1, "203.0.113.7:6001"))
    (phone,) = s.read().phones
    assert (phone.stun_used, phone.stun_confidence) == (True, confidence)


def test_unanswered_discovery() -> None:
    s = Scenario()
    register(s, 0)
    s.send(1, "192.0.2.21:40000", SERVER, request(1))
    read = s.read()
    assert (read.stun[0].kind, read.stun[0].answered, read.stun[0].derived["unanswered"]) == ("phone", 0, True)
    assert (read.phones[0].stun_used, read.phones[0].stun_confidence) == (True, 60)


def test_stun_address_in_the_session_description_is_proof() -> None:
    s = Scenario()
    s.send(0, "192.0.2.21:4000", SERVER, request(1, cookie=9))
    s.send(0.1, SERVER, "192.0.2.21:4000", answer(1, "203.0.113.7:4000", cookie=9))
    s.request(1, "INVITE", body=sdp("203.0.113.7:4000"))
    s.response(1.1, 404)
    (phone,) = s.read().phones
    assert phone.stun_confidence == 85


def test_without_nat_address_and_port_must_be_equal() -> None:
    s = Scenario()
    s.send(0, "192.0.2.21:33333", SERVER, request(1))
    s.send(0.1, SERVER, "192.0.2.21:33333", answer(1, "192.0.2.21:33333"))
    register(s, 1)
    assert s.read().phones[0].stun_confidence == 60
    s.send(0.2, PHONE, SERVER, request(2))
    s.send(0.3, SERVER, PHONE, answer(2, PHONE))
    assert s.read().phones[0].stun_confidence == 85


def test_no_stun_says_nothing_about_a_phone() -> None:
    s = Scenario()
    register(s, 0)
    (phone,) = s.read().phones
    assert (phone.stun_used, phone.stun_confidence, phone.stun_server) == (None, None, None)


def test_ice_and_turn_of_a_phone_are_not_its_stun_server() -> None:
    s = Scenario()
    register(s, 0)
    s.send(1, "192.0.2.21:4000", SERVER, request(1, attributes=ICE_USER))
    s.send(2, "192.0.2.21:4000", SERVER, request(2, attributes=PRIORITY))
    s.send(3, "192.0.2.21:4000", SERVER, request(3, kind=3))
    read = s.read()
    assert [(row.kind, row.requests) for row in read.stun] == [("ice", 2), ("turn", 1)]
    assert read.phones[0].stun_used is None


def test_empty_user_name_is_no_ice() -> None:
    s = Scenario()
    s.send(0, "192.0.2.99:4000", SERVER, request(1, attributes=struct.pack(">HH", 6, 0), cookie=3))
    assert (s.read().stun[0].kind, s.read().stun[0].cookie) == ("unknown", False)


def test_keepalive_media_and_pbx() -> None:
    s = Scenario()
    register(s, 0)
    s.send(1, PHONE, PBX, request(1))
    s.request(2, "INVITE", 5, body=sdp("192.0.2.21:4000"))
    s.response(2.1, 200, cseq=5, body=sdp("192.0.2.1:10000"))
    s.send(3, "192.0.2.21:4000", "192.0.2.1:10000", request(2))
    s.send(3, "192.0.2.21:4001", "192.0.2.1:10001", request(3))
    s.send(4, "192.0.2.1:10000", SERVER, request(4))
    read = s.read()
    assert [(row.client, row.kind) for row in read.stun] == [
        (PHONE, "keepalive"), ("192.0.2.21:4000", "media"), ("192.0.2.21:4001", "media"), ("192.0.2.1:10000", "pbx"),
    ]  # fmt: skip
    assert read.phones[0].stun_used is None


def test_any_host_with_the_agent_of_a_3cx_asks_as_a_pbx() -> None:
    s = Scenario("o", PBX, "198.51.100.9:5060", agents={PBX: TCX})
    s.request(0, "OPTIONS")
    s.send(1, "192.0.2.1:5060", SERVER, request(4))
    read = s.read()
    assert [row.kind for row in read.stun] == ["pbx"]
    assert (read.system("version"), read.phones) == (None, [])


@pytest.mark.parametrize("quoted", [8, 12, 28])
def test_unreachable_server_however_little_the_error_quotes(quoted: int) -> None:
    asked = frames.ipv4("192.0.2.21", "198.51.100.53", frames.udp(5060, 3478, request(1)))
    error = frames.ipv4("192.0.2.254", "192.0.2.21", b"\x03\x03" + bytes(6) + asked[: 20 + quoted], kind=1, ident=2)
    other = asked[:22] + b"\x0d\x97" + asked[24:]  # another port
    stranger = frames.ipv4("192.0.2.254", "192.0.2.21", b"\x03\x03" + bytes(6) + other[:28], kind=1, ident=3)
    records = [
        frames.Record(frames.T0 + n * 10**8, frames.ethernet(data)) for n, data in enumerate((asked, error, stranger))
    ]
    (row,) = read(frames.pcap(records)).stun
    assert (row.requests, row.answered, row.icmp_unreachable) == (1, 0, 1)


def test_symmetric_nat() -> None:
    s = Scenario()
    for n, server in enumerate((SERVER, "198.51.100.54:3478")):
        s.send(n, PHONE, server, request(n))
        s.send(n + 0.1, server, PHONE, answer(n, f"203.0.113.7:{6000 + n}"))
    rows = s.read().stun
    assert [row.derived["symmetric_nat"] for row in rows] == [True, True]
    assert [row.derived["port_changed"] for row in rows] == [True, True]


def test_scanner_and_pbx_are_no_phones() -> None:
    s = Scenario(agents={PHONE: "friendly-scanner", PBX: TCX})
    s.request(0, "OPTIONS")
    s.send(1, PHONE, SERVER, request(1))
    read = s.read()
    assert (read.phones, read.stun[0].kind) == ([], "unknown")


def test_two_phones_behind_one_address_are_two() -> None:
    s = Scenario(
        "a", "203.0.113.7:1024", PBX, "101", "101", agents={"203.0.113.7:1024": YEALINK, "203.0.113.7:1025": YEALINK}
    )
    s.request(0, "REGISTER", 1, headers="Expires: 60\n")
    s.request(1, "REGISTER", 1, src="203.0.113.7:1025", headers="Expires: 60\n")
    assert [(row.ip, row.extension) for row in s.read().phones] == [("203.0.113.7", "101")]
    s.from_user = s.to_user = "102"
    s.request(2, "REGISTER", 1, src="203.0.113.7:1025", headers="Expires: 60\n", branch="other")
    assert [(row.ip, row.extension) for row in s.read().phones] == [("203.0.113.7", "101"), ("203.0.113.7", "102")]


def test_of_two_phones_behind_one_address_the_one_that_asks_uses_stun() -> None:
    one, two = "203.0.113.7:1024", "203.0.113.7:1025"
    s = Scenario("a", one, PBX, "101", "101", agents={one: YEALINK, two: YEALINK})
    s.send(0, one, SERVER, request(1))
    s.send(0.1, SERVER, one, answer(1, one))
    s.request(1, "REGISTER", headers="Expires: 60\n")
    s.from_user = s.to_user = "102"
    s.request(2, "REGISTER", 2, src=two, headers="Contact: <sip:102@192.168.1.12:5062>\nExpires: 60\n", branch="other")
    phones = {row.extension: (row.stun_used, row.stun_confidence) for row in s.read().phones}
    assert phones == {"101": (True, 85), "102": (None, None)}
    s.send(3, two, SERVER, request(3))  # asked only: what became of the answer is not seen
    phones = {row.extension: (row.stun_used, row.stun_confidence) for row in s.read().phones}
    assert phones == {"101": (True, 85), "102": (True, 60)}


@pytest.mark.parametrize(("where", "confidence"), [("contact", 85), ("sdp", 85), ("nowhere", 60), ("refusal", 60)])
def test_phone_that_is_only_called(where: str, confidence: int) -> None:
    s = Scenario(caller=PBX, callee=PHONE)
    s.send(0, PHONE, SERVER, request(1))
    s.send(0.1, SERVER, PHONE, answer(1, "203.0.113.7:40000"))
    contact = "Contact: <sip:102@203.0.113.7:40000>\n" if where in {"contact", "refusal"} else ""
    s.request(1, "INVITE", body=sdp("192.0.2.1:10000"))
    body = sdp("203.0.113.7:4000" if where == "sdp" else "192.0.2.21:4000")
    s.response(2, 302 if where == "refusal" else 200, body="" if where == "refusal" else body, headers=contact)
    read = s.read()
    assert [row.kind for row in read.stun] == ["phone"]
    (phone,) = read.phones
    assert (phone.ip, phone.stun_used, phone.stun_confidence) == ("192.0.2.21", True, confidence)


def test_phone_without_a_name_that_registers_at_the_pbx() -> None:
    s = Scenario(agents={PBX: TCX})
    s.send(0, PHONE, SERVER, request(1))
    s.send(0.1, SERVER, PHONE, answer(1, "203.0.113.7:40000"))
    register(s, 1, "sip:101@203.0.113.7:40000")
    (phone,) = s.read().phones
    assert (phone.user_agent, phone.vendor, phone.extension, phone.stun_confidence) == (None, None, "102", 85)
    stranger = Scenario(agents={PHONE: ""})
    register(stranger, 0)
    assert stranger.read().phones == []
