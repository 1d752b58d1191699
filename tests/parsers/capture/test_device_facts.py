from __future__ import annotations

import pytest

from parsers.facts.capture import Capture, Registration
from tests.parsers.capture.scenario import PHONE, Read, Scenario, sdp
from tests.parsers.capture.test_registrations import ASK, PROOF, accept, refuse, register

OTHER = "192.0.2.22:5060"


def merged(*parts: Scenario) -> Read:
    whole = Scenario()
    for part in parts:
        whole.packets += part.packets
    return whole.read()


def client(call_id: str, user: str, caller: str = PHONE) -> Scenario:
    return Scenario(call_id=call_id, caller=caller, from_user=user, to_user=user)


def rows(read: Read) -> dict[str, Registration]:
    return {f"{row.user} {row.client}": row for row in read.facts.of(Registration)}


def registered(call_id: str, user: str, caller: str, *times: float) -> Scenario:
    part = client(call_id, user, caller)
    for number, at in enumerate(times, 1):
        register(part, at, number)
        part.response(at + 0.1, 200, "REGISTER", number, headers=f"Contact: <sip:{user}@{caller}>;expires=120\n")
    return part


def test_devices_that_take_turns() -> None:
    found = rows(merged(registered("a", "101", PHONE, 0, 20), registered("b", "101", OTHER, 10)))
    assert [row.derived["aor_turns"] for row in found.values()] == [1, 1]
    assert found[f"101 {PHONE}"].derived["registered_elsewhere"] is False
    assert found[f"101 {OTHER}"].derived["registered_elsewhere"] is True
    moved = rows(merged(registered("a", "101", PHONE, 0, 5), registered("b", "101", OTHER, 10, 20)))
    assert [row.derived["aor_turns"] for row in moved.values()] == [0, 0]


def test_users_of_one_client() -> None:
    wrong = client("a", "999")
    register(wrong, 0, 1)
    refuse(wrong, 0.1, 1, 404)
    found = rows(merged(wrong, registered("b", "101", PHONE, 1)))
    for row in found.values():
        assert (row.derived["client_users"], row.derived["client_users_refused"]) == (2, 1)
        assert (row.derived["client_public"], row.derived["from_scanner"]) == (True, False)


@pytest.mark.parametrize(
    ("contact", "port", "shared"),
    [
        ("sip:{user}@203.0.113.7:5060", 5061, ["102@example.com"]),
        ("sip:{user}@203.0.113.7", 5061, ["102@example.com"]),
        ("sip:{user}@10.0.0.5:5060", 5061, []),
        ("sip:{user}@203.0.113.7:5060", 5060, []),
    ],
)
def test_two_devices_with_the_same_contact(contact: str, port: int, shared: list[str]) -> None:
    parts = [client("a", "101", "203.0.113.7:5060"), client("b", "102", f"203.0.113.7:{port}")]
    for at, part in enumerate(parts):
        part.request(at, "REGISTER", 1, headers=f"Contact: <{contact.format(user=part.from_user)}>\nExpires: 60\n")
        accept(part, at + 0.1, 1)
    found = rows(merged(*parts))
    assert found["101 203.0.113.7:5060"].derived["contact_shared_with"] == shared


def test_load_and_secrets_of_a_capture() -> None:
    parts = [client(str(n), str(100 + n)) for n in range(4)]
    for n, part in enumerate(parts):
        register(part, 4 * n, 1)
        refuse(part, 4 * n + 0.1, 1, 503)
    proof = client("p", "300")
    register(proof, 30, 1)
    refuse(proof, 30.1, 1, 401, ASK.format("n"))
    register(proof, 30.2, 2, nonce="n")
    accept(proof, 30.3, 2)
    (capture,) = merged(*parts, proof).facts.of(Capture)
    d = capture.derived
    assert (d["register_peak_10s"], d["registers_503"], d["loopback_sip"]) == (3, 4, False)
    assert d["secret_messages"] == 1
    assert capture.sources["secret_messages"].frame == 11
    assert "deadbeef" in PROOF
    assert "deadbeef" not in capture.sources["secret_messages"].text


def test_keys_in_a_session_description_and_loopback() -> None:
    s = Scenario(caller="127.0.0.1:5060")
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\n"
    s.request(0, "INVITE", body=sdp("127.0.0.1:4000", proto="RTP/SAVP", extra=key))
    (capture,) = s.read().facts.of(Capture)
    assert (capture.derived["secret_messages"], capture.derived["loopback_sip"]) == (1, True)


def test_hidden_candidates() -> None:
    s = Scenario()
    hidden = "a=candidate:1 1 UDP 1 2b6f-1.local 5000 typ host\na=candidate:2 1 UDP 1 192.0.2.21 5000 typ host\n"
    s.answered(offer_extra=hidden)
    assert s.read().call.derived["mdns_candidates"] == 1
    plain = Scenario()
    plain.answered()
    assert plain.read().call.derived["mdns_candidates"] == 0


def test_streams_of_two_hosts_to_one_port() -> None:
    def rivals(start: float, src: str) -> list[int]:
        s = Scenario()
        s.answered()
        s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 150)
        s.rtp(start, src, "192.0.2.1:10000", 100, ssrc=9)
        return [stream.derived["rivals"] for stream in s.read().streams]

    assert rivals(2.5, "198.51.100.66:4000") == [1, 1]
    assert rivals(2.5, "192.0.2.21:4002") == [0, 0]
    assert rivals(6, "198.51.100.66:4000") == [0, 0]


def test_each_but_the_last_of_three_devices_is_registered_elsewhere() -> None:
    third = "192.0.2.23:5060"
    found = rows(merged(*(registered(str(n), "101", where, 10 * n) for n, where in enumerate((PHONE, OTHER, third)))))
    elsewhere = {key.split()[1]: row.derived["registered_elsewhere"] for key, row in found.items()}
    assert elsewhere == {PHONE: True, OTHER: True, third: False}
