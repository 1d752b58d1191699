from __future__ import annotations

import pytest

from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, Read, Scenario, read
from tests.parsers.capture.test_capture_facts import cut

ASK = 'WWW-Authenticate: Digest realm="3CXPhoneSystem", nonce="{}"\n'
STALE = 'WWW-Authenticate: Digest realm="3CXPhoneSystem", nonce="{}", stale=true\n'
PROOF = (
    'Authorization: Digest username="101", realm="3CXPhoneSystem", nonce="{}", response="deadbeef{}"\nExpires: 120\n'
)


def register(s: Scenario, at: float, cseq: int, *, nonce: str = "", expires: int = 120, **options: str) -> None:
    headers = PROOF.format(nonce, cseq) if nonce else f"Expires: {expires}\n"
    s.request(at, "REGISTER", cseq, headers=headers, **options)


def scenario() -> Scenario:
    return Scenario(from_user="101", to_user="101")


def accept(s: Scenario, at: float, cseq: int, expires: int = 120) -> None:
    s.response(at, 200, "REGISTER", cseq, headers=f"Contact: <sip:101@{PHONE}>;expires={expires}\n")


def refuse(s: Scenario, at: float, cseq: int, status: int, headers: str = "") -> None:
    s.response(at, status, "REGISTER", cseq, headers=headers, phrase="Forbidden")


def test_challenge_and_credentials_are_one_attempt() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    register(s, 0.2, 2, nonce="n1")
    accept(s, 0.3, 2, expires=90)
    row = s.read().registration
    assert (row.aor, row.user, row.client, row.registrar) == ("101@example.com", "101", PHONE, PBX)
    assert (row.status, row.last_status, row.attempts, row.failures) == ("registered", 200, 1, 0)
    assert (row.expires_s, row.requests) == (90, 2)
    assert row.contact == "sip:101@192.0.2.21:5060"
    assert (row.derived["auth_rounds"], row.derived["rejected_with_valid_digest"]) == (1, False)
    assert (row.derived["to_pbx"], row.derived["by_pbx"], row.derived["to_trunk"]) == (True, False, False)


@pytest.mark.parametrize("status", [403, 404])
def test_three_refusals(status: int) -> None:
    s = scenario()
    for n in range(3):
        register(s, n, 2 * n + 1)
        refuse(s, n + 0.1, 2 * n + 1, 401, ASK.format(n))
        register(s, n + 0.2, 2 * n + 2, nonce=str(n))
        refuse(s, n + 0.3, 2 * n + 2, status)
    row = s.read().registration
    assert (row.status, row.last_status, row.attempts, row.failures) == ("rejected", status, 3, 3)
    assert (row.derived["rejected_with_valid_digest"], row.derived["failed_auth_60s"]) == (True, 3)
    assert row.sources["status"].frame == 12


def test_new_challenge_without_stale_refuses_the_credentials() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    register(s, 0.2, 2, nonce="n1")
    refuse(s, 0.3, 2, 401, ASK.format("n2"))
    row = s.read().registration
    assert (row.status, row.attempts, row.failures) == ("challenged", 1, 1)
    assert row.derived["rejected_with_valid_digest"] is True


def test_stale_nonce_is_no_failure() -> None:
    s = scenario()
    register(s, 0, 1, nonce="old")
    refuse(s, 0.1, 1, 401, STALE.format("n2"))
    register(s, 0.2, 2, nonce="n2")
    accept(s, 0.3, 2)
    row = s.read().registration
    assert (row.status, row.attempts, row.failures) == ("registered", 1, 0)
    assert row.derived["refused_credentials"] == 0


def test_slow_client_that_succeeds_in_the_end_has_the_right_password() -> None:
    s = scenario()
    for n in range(2):
        register(s, n, 2 * n + 1)
        refuse(s, n + 0.1, 2 * n + 1, 401, ASK.format(n))
        register(s, n + 0.2, 2 * n + 2, nonce=str(n))
        if n:
            accept(s, n + 0.3, 2 * n + 2)
        else:
            refuse(s, n + 0.3, 2 * n + 2, 401, ASK.format("x"))
    row = s.read().registration
    assert (row.attempts, row.failures, row.derived["rejected_with_valid_digest"]) == (2, 1, False)


def test_unregistered() -> None:
    s = scenario()
    register(s, 0, 1)
    accept(s, 0.1, 1)
    register(s, 5, 2, expires=0)
    s.response(5.1, 200, "REGISTER", 2)
    row = s.read().registration
    assert (row.status, row.expires_s, row.attempts) == ("unregistered", 0, 2)


def test_expiry_of_the_own_contact_among_several() -> None:
    s = scenario()
    register(s, 0, 1)
    s.response(
        0.1, 200, "REGISTER", 1, headers=f"Contact: <sip:101@192.0.2.77>;expires=900, <sip:101@{PHONE}>;expires=45\n"
    )
    row = s.read().registration
    assert (row.expires_s, row.derived["short_expiry"]) == (45, True)


def test_removal_of_one_contact_among_several() -> None:
    s = scenario()
    register(s, 0, 1, expires=0)
    s.response(0.1, 200, "REGISTER", 1, headers="Contact: <sip:101@192.0.2.77>;expires=900\nExpires: 900\n")
    row = s.read().registration
    assert (row.status, row.expires_s) == ("unregistered", 0)


def test_old_credentials_do_not_answer_a_new_challenge() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    register(s, 60, 2, nonce="n0")
    refuse(s, 60.1, 2, 401, ASK.format("n2"))
    row = s.read().registration
    assert (row.attempts, row.failures, row.status) == (2, 2, "challenged")
    assert row.derived["refused_credentials"] == 0


def test_no_response() -> None:
    s = scenario()
    for at in (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5):
        register(s, at, 1)
    row = s.read().registration
    assert (row.status, row.last_status, row.attempts, row.failures, row.requests) == ("no_response", None, 1, 1, 11)
    assert (row.derived["unanswered_s"], row.derived["timer_f_expired"], row.derived["retransmissions"]) == (
        31.5,
        False,
        10,
    )
    s.send(33, "192.0.2.88:9", "192.0.2.89:9", b"x")
    assert s.read().registration.derived["timer_f_expired"] is True


def test_credentials_without_a_final_response_are_unknown() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    register(s, 0.2, 2, nonce="n1")
    assert s.read().registration.status == "unknown"


def test_only_responses_are_unknown() -> None:
    s = scenario()
    refuse(s, 0, 1, 401, ASK.format("n1"))
    row = s.read().registration
    assert (row.status, row.requests, row.attempts, row.client) == ("unknown", 0, 0, PHONE)


def test_one_row_for_each_address_of_record_and_client() -> None:
    s = scenario()
    register(s, 0, 1)
    register(s, 1, 2, src="192.0.2.22:5060")
    assert [row.client for row in s.read().facts.tables()["registration"]] == [PHONE, "192.0.2.22:5060"]  # type: ignore[attr-defined]


def trunk(status: int | None, contact: str = "sip:7@192.0.2.1") -> Read:
    s = Scenario("t", PBX, TRUNK, "7777", "7777", agents={PBX: TCX})
    s.request(0, "REGISTER", 1, headers=f"Expires: 120\nContact: <{contact};rinstance=2622c879b98cfd93>\n")
    if status is not None:
        s.response(0.1, status, "REGISTER", 1)
    return s.read()


def test_trunk_registration() -> None:
    row = trunk(200).registration
    assert (row.status, row.derived["by_pbx"], row.derived["to_trunk"], row.derived["rinstance"]) == (
        "registered",
        True,
        True,
        True,
    )
    assert trunk(None).registration.status == "no_response"
    assert trunk(None).registration.derived["to_trunk"] is True


def test_private_contact_to_a_public_registrar() -> None:
    assert trunk(200, "sip:7@10.0.0.5").registration.derived["contact_private_to_public"] is True
    assert trunk(200).registration.derived["contact_private_to_public"] is False


def test_interval_too_brief_that_is_not_heeded() -> None:
    s = scenario()
    register(s, 0, 1, expires=60)
    refuse(s, 0.1, 1, 423, "Min-Expires: 300\n")
    register(s, 1, 2, expires=60)
    assert s.read().registration.derived["interval_too_brief_loop"] is True
    s = scenario()
    register(s, 0, 1, expires=60)
    refuse(s, 0.1, 1, 423, "Min-Expires: 300\n")
    register(s, 1, 2, expires=300)
    accept(s, 1.1, 2)
    assert s.read().registration.derived["interval_too_brief_loop"] is False


def test_registration_that_was_not_renewed() -> None:
    s = scenario()
    register(s, 0, 1)
    accept(s, 0.1, 1, expires=60)
    s.send(59, "192.0.2.88:9", "192.0.2.89:9", b"x")
    assert s.read().registration.derived["not_renewed"] is False
    s.send(70, "192.0.2.88:9", "192.0.2.89:9", b"x")
    assert s.read().registration.derived["not_renewed"] is True


def test_many_users_from_one_host_are_counted_on_the_peer() -> None:
    agents = {PBX: TCX, "203.0.113.66:5060": "friendly-scanner"}
    s = Scenario("x", "203.0.113.66:5060", PBX, agents=agents)
    for n in range(12):
        s.call_id, s.from_user, s.to_user = f"x{n}", str(100 + n), str(100 + n)
        register(s, n, 1)
        refuse(s, n + 0.1, 1, 401, ASK.format(n))
        register(s, n + 0.2, 2, nonce=str(n))
        refuse(s, n + 0.3, 2, 403)
    phone = Scenario("p", PHONE, PBX, "500", "500", packets=s.packets)
    register(phone, 20, 1)
    accept(phone, 20.1, 1)
    read = s.read()
    peers = {row.ip: row for row in read.facts.tables()["sip_peer"]}  # type: ignore[attr-defined]
    scanner = peers["203.0.113.66"]
    assert (scanner.role, scanner.users) == ("scanner", 12)  # type: ignore[attr-defined]
    wanted = {
        "failed_auth": 12,
        "failed_auth_60s": 12,
        "failed_users": 12,
        "all_refused": True,
        "scanner_severity": "info",
        "public": True,
    }
    assert {name: scanner.derived[name] for name in wanted} == wanted  # type: ignore[attr-defined]
    assert peers["192.0.2.1"].role == "pbx"  # type: ignore[attr-defined]
    assert [row.ip for row in read.phones] == ["192.0.2.21"]


def test_credentials_without_any_response_in_the_capture_belong_to_the_request_before() -> None:
    s = scenario()
    register(s, 0, 1)
    register(s, 0.2, 2, nonce="n1")
    register(s, 60, 3, nonce="n1")
    row = s.read().registration
    assert (row.status, row.attempts, row.failures, row.requests) == ("no_response", 2, 2, 3)


def test_two_devices_of_one_extension_behind_one_address() -> None:
    s = scenario()
    other = Scenario("call-2", "192.0.2.21:5070", PBX, "101", "101", packets=s.packets)
    register(s, 0, 1)
    register(other, 0.05, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    refuse(other, 0.15, 1, 401, ASK.format("n2"))
    register(s, 0.2, 2, nonce="n1")
    register(other, 0.25, 2, nonce="n2")
    accept(s, 0.3, 2)
    accept(other, 0.35, 2)
    row = s.read().registration
    assert (row.status, row.attempts, row.failures, row.requests) == ("registered", 2, 0, 4)


def test_responses_cut_before_their_call_id_may_be_answers() -> None:
    s = scenario()
    for at in (0, 0.5, 33):
        register(s, at, 1)
    s.packets = [
        (at, src, dst, data.replace(b"SIP/2.0\r\n", b"SIP/2.0\r\ni: call-1\r\nt: <sip:101@x>\r\n", 1))
        for at, src, dst, data in s.packets
    ]
    accept(s, 34, 1)
    place = s.packets[-1][3].index(b"Call-ID")
    row = read(cut(s.pcap(), 42 + place)).registration
    assert (row.status, row.failures, row.requests) == ("unknown", 0, 3)
    assert (row.derived["timer_f_expired"], row.derived["unanswered_s"]) == (False, None)


def test_address_of_record_at_an_ipv6_address() -> None:
    s = scenario()
    register(s, 0, 1)
    s.packets = [(*s.packets[0][:3], s.packets[0][3].replace(b"@example.com", b"@[2001:db8::1]:5060"))]
    row = s.read().registration
    assert (row.aor, row.user) == ("101@[2001:db8::1]", "101")


def granted(expires: int, until: float = 0.2) -> dict[str, object]:
    """Derived facts of a registration for so many seconds, in a capture that ends so long after it was granted."""
    s = scenario()
    register(s, 0, 1, expires=3600)
    accept(s, 0.1, 1, expires=expires)
    s.send(0.1 + until, "192.0.2.88:9", "192.0.2.89:9", b"x")
    return s.read().registration.derived


def test_expiry_that_is_short() -> None:
    assert [granted(expires)["short_expiry"] for expires in (0, 1, 59, 60)] == [False, True, True, False]


def test_a_second_of_grace_for_the_next_register() -> None:
    assert [granted(60, until)["not_renewed"] for until in (61.0, 61.1)] == [False, True]
    assert granted(0, 61.1)["not_renewed"] is None


@pytest.mark.parametrize(("apart", "most"), [(30.0, 3), (30.1, 2)])
def test_refusals_within_a_minute(apart: float, most: int) -> None:
    s = scenario()
    for n in range(3):
        register(s, n * apart, 2 * n + 1)
        refuse(s, n * apart + 0.1, 2 * n + 1, 401, ASK.format(n))
        register(s, n * apart, 2 * n + 2, nonce=str(n))
        refuse(s, n * apart + 0.3, 2 * n + 2, 403)
    d = s.read().registration.derived
    assert (d["failed_auth_60s"], d["failures_60s"], d["auth_rounds"]) == (most, most, 1)
    assert (d["refused_credentials"], d["refused_status"]) == (3, 403)


def test_outcome_that_comes_and_goes() -> None:
    s = scenario()
    for n, status in enumerate((200, 503, 503, 200)):
        register(s, 20 * n, n + 1)
        refuse(s, 20 * n + 0.1, n + 1, status)
    d = s.read().registration.derived
    assert (d["changes"], d["failures_60s"]) == (2, 2)


@pytest.mark.parametrize(
    ("asked", "demand", "loop"), [(299, "300", True), (300, "300", False), (60, "", False), (60, "soon", False)]
)
def test_interval_too_brief_is_judged_by_the_demand(asked: int, demand: str, loop: bool) -> None:
    s = scenario()
    register(s, 0, 1, expires=60)
    refuse(s, 0.1, 1, 423, f"Min-Expires: {demand}\n" if demand else "")
    register(s, 1, 2, expires=asked)
    assert s.read().registration.derived["interval_too_brief_loop"] is loop


VIA = "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKx{rport}\r\nFrom: <sip:101@example.com>;tag=a\r\nTo: <sip:101@example.com>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\nContact: <sip:101@{via}>\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("rport", "src", "dst", "no_rport", "via_port"),
    [
        ("", "203.0.113.7:40112", "203.0.113.7:5062", True, True),
        ("", "203.0.113.7:40112", "203.0.113.7:40112", True, False),
        ("", "203.0.113.7:5062", "203.0.113.7:5062", True, False),
        (";rport", "203.0.113.7:40112", "203.0.113.7:5062", False, False),
    ],
)
def test_answer_goes_to_the_port_of_the_via(rport: str, src: str, dst: str, no_rport: bool, via_port: bool) -> None:
    s = scenario()
    request = VIA.format(via="203.0.113.7:5062", rport=rport)
    s.send(0, src, PBX, request.encode())
    s.send(0.1, PBX, dst, request.replace("REGISTER sip:example.com SIP/2.0", "SIP/2.0 200 OK").encode())
    d = s.read().registration.derived
    assert (d["no_rport"], d["answered_on_via_port"]) == (no_rport, via_port)


@pytest.mark.parametrize(
    ("said", "rewritten", "differs"),
    [("rport=5060;received=192.0.2.21", False, False), ("rport=40112;received=203.0.113.9", True, True)],
)
def test_what_the_registrar_saw_of_the_client(said: str, rewritten: bool, differs: bool) -> None:
    s = scenario()
    register(s, 0, 1)
    accept(s, 0.1, 1)
    at, src, dst, payload = s.packets[-1]
    s.packets[-1] = (at, src, dst, payload.replace(b"rport=5060;received=192.0.2.21", said.encode()))
    d = s.read().registration.derived
    assert (d["port_rewritten"], d["received_differs"]) == (rewritten, differs)
    s = scenario()
    register(s, 0, 1)
    d = s.read().registration.derived
    assert (d["port_rewritten"], d["received_differs"], d["public_address"]) == (None, None, None)


def test_answer_from_a_host_that_was_not_asked() -> None:
    s = scenario()
    register(s, 0, 1)
    s.response(0.1, 200, "REGISTER", 1, src="192.0.2.99:5060")
    assert s.read().registration.derived["answered_from_other_host"] is True
    s = scenario()
    register(s, 0, 1)
    accept(s, 0.1, 1)
    assert s.read().registration.derived["answered_from_other_host"] is False


def test_rounds_of_credentials_are_those_of_the_longest_attempt() -> None:
    s = scenario()
    register(s, 0, 1, nonce="n0")
    refuse(s, 0.1, 1, 401, STALE.format("n1"))
    register(s, 0.2, 2, nonce="n1")
    accept(s, 0.3, 2)
    register(s, 60, 3, nonce="n1")
    accept(s, 60.1, 3)
    row = s.read().registration
    assert (row.attempts, row.derived["auth_rounds"]) == (2, 2)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ('Reason: SIP;cause=403;text="a"\nWarning: 399 x "b"\n', 'SIP;cause=403;text="a"'),
        ('Warning: 399 x "b"\n', '399 x "b"'),
        ("", "Forbidden"),
    ],
)
def test_the_reason_of_a_refusal_is_the_clearest_that_was_given(headers: str, reason: str) -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 403, headers)
    assert s.read().registration.derived["reason"] == reason


@pytest.mark.parametrize(("status", "failures"), [(299, 0), (300, 1), (407, 1), (600, 1)])
def test_from_300_on_an_answer_is_a_failure(status: int, failures: int) -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, status)
    assert s.read().registration.failures == failures


def test_a_challenge_of_a_proxy_that_nobody_answers_stays_a_challenge() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 407, 'Proxy-Authenticate: Digest realm="3CXPhoneSystem", nonce="n1"\n')
    row = s.read().registration
    assert (row.status, row.last_status) == ("challenged", 407)
