from __future__ import annotations

import pytest

from parsers.capture.refusals import cause_of
from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Read, Scenario, sdp
from tests.parsers.capture.test_registrations import ASK, STALE, accept, refuse, register, scenario

OUR_MEDIA = "192.0.2.1:10000"
PROOF = 'Proxy-Authorization: Digest username="7", realm="sip.example.com", nonce="{}", response="00112233"\n'
DEMAND = 'Proxy-Authenticate: Digest realm="sip.example.com", nonce="{}"\n'
SECURE = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"


def call(status: int, headers: str = "", *, ring: int = 0, phrase: str = "Text", at: float = 20) -> Read:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX}, to_user="5550100")
    s.request(0, "INVITE")
    s.response(0.1, 100)
    if ring:
        s.response(1, ring)
    s.response(at, status, headers=headers, phrase=phrase)
    return s.read()


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ("", "503 Service Unavailable"),
        ("Reason: Q.850;cause=34\n", "503 Service Unavailable (Q.850 cause 34, no circuit available)"),
        ('Reason: Q.850 ;cause=34 ;text="No circuit available"\n', "503 Service Unavailable (Q.850 cause 34, no circuit available)"),
        ('Reason: q.850;cause=120;text="Group full"\n', '503 Service Unavailable (Q.850 cause 120, "Group full")'),
        (
            'Reason: SIP;cause=503;text="Trunk down", Q.850;cause=38;text="Fibre cut"\n',
            '503 Service Unavailable (Reason "Trunk down"; Q.850 cause 38, network out of order, "Fibre cut")',
        ),
        ('Warning: 399 gw.example.com "Group, full"\n', '503 Service Unavailable (Warning 399 "Group, full")'),
        ("Reason: nonsense\nWarning: 399\n", "503 Service Unavailable"),
    ],
)  # fmt: skip
def test_what_a_refusal_says(headers: str, text: str) -> None:
    assert call(503, headers, phrase="Service Unavailable").call.derived["final_said"] == text


def test_a_long_text_is_cut_and_an_answer_is_no_refusal() -> None:
    said = call(503, f'Warning: 399 x "{"w" * 290}"\n').call.derived["final_said"]
    assert said == f'503 Text (Warning 399 "{"w" * 100}")'
    s = Scenario()
    s.answered()
    d = s.read().call.derived
    assert (d["final_said"], d["ordinary_end"], d["refusal_severity"], d["answered_elsewhere"]) == (None,) * 4


@pytest.mark.parametrize(
    "noise", ['"' * 1999, "Q.850;" * 300, "Q.850;cause=" + "9" * 1900, ";text=" * 300, "," * 1990, "\\" * 1990]
)
def test_hostile_reasons(noise: str) -> None:
    """Whatever stands there, the status is said, and not much more."""
    said = call(503, f"Reason: {noise}\nWarning: {noise}\n").call.derived["final_said"]
    assert said.startswith("503 Text")
    assert len(said) < 300


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (None, None), ("Q.850;cause=16", 16), ('q.850;text="a;cause=3";cause=17', 17), ("SIP;cause=486", None),
        ("SIP;cause=486, Q.850; cause = 17", 17), ("XQ.850;cause=1", None),
    ],
)  # fmt: skip
def test_cause_of_a_reason(reason: str | None, cause: int | None) -> None:
    assert cause_of(reason) == cause


@pytest.mark.parametrize(
    ("status", "cause", "ring", "ordinary"),
    [
        (486, None, 0, True), (486, 17, 0, True), (486, 34, 0, False), (600, None, 0, True), (603, 21, 0, True),
        (603, 57, 0, False), (480, None, 0, False), (480, None, 180, True), (480, None, 183, True), (480, 20, 0, True),
        (480, 21, 0, False), (480, 41, 180, False), (408, None, 0, False), (408, 16, 180, True), (404, None, 180, False),
        (503, None, 180, False), (500, 17, 0, True), (487, None, 0, True),
    ],
)  # fmt: skip
def test_everyday_ends(status: int, cause: int | None, ring: int, *, ordinary: bool) -> None:
    headers = f"Reason: Q.850;cause={cause}\n" if cause else ""
    assert call(status, headers, ring=ring).call.derived["ordinary_end"] is ordinary


def test_an_announcement_is_no_ringing_and_who_gives_up_was_not_refused() -> None:
    assert call(480, ring=183, at=6).call.derived["ordinary_end"] is False
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE")
    s.response(0.1, 100)
    s.request(9, "CANCEL")
    s.response(9.2, 408)
    assert s.read().call.derived["ordinary_end"] is True


def two_legs(first: int, second: int | None, *, ring: bool = False) -> dict[str, Call]:
    """A phone's call that the PBX tries over a trunk, then over a second one."""
    s = Scenario("in", PHONE, PBX, from_user="101", to_user="5550100", agents={PHONE: YEALINK, PBX: TCX})
    s.request(0, "INVITE")
    s.response(0.01, 100)
    one = Scenario("one", PBX, TRUNK, from_user="101", to_user="5550100", agents={PBX: TCX}, packets=s.packets)
    one.request(0.1, "INVITE")
    if ring:
        one.response(0.5, 180)
    one.response(1, first)
    if second is not None:
        two = Scenario(
            "two", PBX, "198.51.100.10:5060", from_user="101", to_user="5550100", agents={PBX: TCX}, packets=s.packets
        )
        two.request(1.2, "INVITE")
        two.response(3, second)
    s.response(4, 200 if second == 200 else 480)
    return {row.call_id: row for row in s.read().facts.of(Call)}


def test_how_much_a_refusal_hurt() -> None:
    taken = two_legs(503, 200)["one"].derived
    assert (taken["answered_elsewhere"], taken["refusal_severity"]) == (True, "info")
    lost = two_legs(503, 503)["one"].derived
    assert (lost["answered_elsewhere"], lost["refusal_severity"]) == (False, "medium")
    s = Scenario("other", PBX, TRUNK, from_user="7", to_user="5550177", agents={PBX: TCX})
    s.answered()
    s.call_id, s.to_user = "failed", "5550100"
    s.request(20, "INVITE")
    s.response(21, 503)
    rows = {row.call_id: row.derived for row in s.read().facts.of(Call)}
    assert (rows["failed"]["answered_elsewhere"], rows["failed"]["refusal_severity"]) == (None, "low")


def test_the_pbx_passes_an_everyday_end_on() -> None:
    """480 to the phone without ringing on its own leg, because nobody took the call at the far end."""
    assert two_legs(486, None)["in"].derived["ordinary_end"] is True
    assert two_legs(480, None, ring=True)["in"].derived["ordinary_end"] is True
    assert two_legs(503, None)["in"].derived["ordinary_end"] is False
    assert two_legs(503, 486)["in"].derived["ordinary_end"] is False


def challenged(nonces: list[tuple[str, str]], *, headers: str = DEMAND, quiet: bool = False) -> Read:
    """An INVITE that is challenged and sent again; each round: nonce of the credentials, nonce of the answer."""
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", 1)
    s.response(0.1, 407, headers=DEMAND.format("n0"))
    for n, (sent, given) in enumerate(nonces, 2):
        s.request(n, "INVITE", n, headers=PROOF.format(sent))
        s.response(n + 0.1, 407, cseq=n, headers=headers.format(given))
    if not quiet:
        s.send(30, PHONE, PBX, b"\r\n\r\n")
    return s.read()


def test_credentials_of_a_call() -> None:
    assert challenged([("n0", "n1"), ("n1", "n2")]).call.derived["credentials_refused"] == 2
    stale = DEMAND.replace("\n", ", stale=true\n")
    d = challenged([("n0", "n1"), ("n1", "n2")], headers=stale).call.derived
    assert (d["credentials_refused"], d["stale_refusals"]) == (2, 2)
    assert challenged([("old", "n1")]).call.derived["credentials_refused"] == 0
    assert challenged([]).call.derived["challenge_unanswered"] is True
    assert challenged([]).call.derived["ordinary_end"] is False
    late = challenged([], quiet=True).call.derived  # it may be answered after the end of the capture
    assert (late["challenge_unanswered"], late["ordinary_end"], late["refusal_severity"]) == (False, None, None)
    assert challenged([("n0", "n1")]).call.derived["challenge_unanswered"] is False


def rounds(count: int, *, challenge: str, used: str = "n{}", gap: float = 0.2) -> Scenario:
    """A registration that is challenged ``count`` times after its first challenge."""
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("n1"))
    for n in range(2, count + 2):
        register(s, (n - 1) * gap, n, nonce=used.format(n - 1))
        refuse(s, (n - 1) * gap + 0.1, n, 401, challenge.format(f"n{n}"))
    return s


def of(s: Scenario) -> tuple[int, int, bool]:
    d = s.read().registration.derived
    return d["stale_refusals"], d["old_nonces"], d["accepted"]


def test_fresh_nonces_that_are_called_stale() -> None:
    assert of(rounds(4, challenge=STALE)) == (4, 0, False)
    assert of(rounds(4, challenge=ASK)) == (0, 0, False)
    assert of(rounds(4, challenge=STALE, gap=60)) == (0, 0, False)


def test_a_nonce_that_ran_out_is_no_refusal() -> None:
    """The client goes on with the nonce that it used before, is told that it is stale, and takes the new one."""
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("a"))
    for n in range(2, 12, 2):
        register(s, 10 * n, n, nonce="a" if n == 2 else f"b{n - 1}")
        refuse(s, 10 * n + 0.1, n, 401, STALE.format(f"b{n + 1}"))
        register(s, 10 * n + 0.2, n + 1, nonce=f"b{n + 1}")
        accept(s, 10 * n + 0.3, n + 1)
    assert of(s) == (1, 0, True)


def test_old_nonces_although_new_ones_came() -> None:
    assert of(rounds(4, challenge=ASK, used="n1")) == (0, 3, False)
    assert of(rounds(4, challenge=STALE, used="other")) == (0, 4, False)


def test_two_proxies_that_each_ask_once_are_no_old_nonces() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("a"))
    register(s, 0.2, 2, nonce="a")
    refuse(s, 0.3, 2, 407, DEMAND.format("b"))
    register(s, 0.4, 3, nonce="a")
    refuse(s, 0.5, 3, 407, DEMAND.format("b2"))
    assert of(s)[1] == 0


def test_two_devices_behind_one_address() -> None:
    """The second one's challenge is not the first one's."""
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 401, ASK.format("a"))
    other = Scenario("call-2", s.caller, s.callee, from_user="101", to_user="101", packets=s.packets)
    register(other, 0.15, 1)
    refuse(other, 0.18, 1, 401, ASK.format("b"))
    register(s, 0.2, 2, nonce="a")
    refuse(s, 0.3, 2, 403)
    assert of(s) == (0, 0, False)


def test_what_a_registration_was_refused_with() -> None:
    s = scenario()
    register(s, 0, 1)
    refuse(s, 0.1, 1, 403, 'Warning: 399 x "Not from there"\n')
    row = s.read().registration
    assert row.derived["refusal_said"] == '403 Forbidden (Warning 399 "Not from there")'
    assert (row.derived["challenged"], row.sources["refusal_said"].frame) == (False, 2)
    register(s, 10, 2)
    refuse(s, 10.1, 2, 401, ASK.format("a"))
    row = s.read().registration
    assert row.derived["refusal_said"] == '403 Forbidden (Warning 399 "Not from there")'
    assert (row.derived["challenged"], row.sources["refusal_said"].frame) == (True, 2)
    register(s, 10.2, 3, nonce="a")
    accept(s, 10.3, 3)
    assert s.read().registration.derived["refusal_said"] is None


def offers(
    proto: str, extra: str, *, answer: str = "", more: list[tuple[str, str, int]] | None = None
) -> dict[str, object]:
    """An offer that is refused with 488; ``answer`` stands in the refusal, ``more`` offers follow."""
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", 1, body=sdp(OUR_MEDIA, proto=proto, extra=extra))
    s.response(0.5, 488, body=answer)
    for n, (kind, keys, status) in enumerate(more or [], 2):
        s.request(n, "INVITE", n, body=sdp(OUR_MEDIA, proto=kind, extra=keys))
        s.response(
            n + 0.5, status, cseq=n, body=sdp("198.51.100.9:7000", proto=kind, extra=keys) if status == 200 else ""
        )
    d = s.read().call.derived
    return {name: d[name] for name in ("only_srtp_refused", "only_rtp_refused", "srtp_proved", "srtp_confidence")}


def test_offers_that_allow_one_kind_of_media_only() -> None:
    assert offers("RTP/SAVP", SECURE) == {
        "only_srtp_refused": True,
        "only_rtp_refused": False,
        "srtp_proved": False,
        "srtp_confidence": None,
    }
    assert offers("RTP/AVP", "")["only_rtp_refused"] is True
    assert offers("RTP/AVP", SECURE)["only_rtp_refused"] is False  # keys in a plain line: encryption if you like
    both = f"{SECURE}m=audio 10000 RTP/AVP 8\n"
    assert offers("RTP/SAVP", both)["only_srtp_refused"] is False
    assert offers("RTP/SAVP", f"{SECURE}m=audio 0 RTP/AVP 8\n")["only_srtp_refused"] is True


def test_what_shows_that_it_was_for_the_encryption() -> None:
    proved = {"only_srtp_refused": True, "only_rtp_refused": False, "srtp_proved": True, "srtp_confidence": 90}
    assert offers("RTP/SAVP", SECURE, answer=sdp("198.51.100.9:7000")) == proved
    assert offers("RTP/SAVP", SECURE, more=[("RTP/AVP", "", 200)]) == proved
    assert offers("RTP/SAVP", SECURE, more=[("RTP/AVP", "", 488)])["srtp_proved"] is False
    wanted = sdp("198.51.100.9:7000", proto="RTP/SAVP", extra=SECURE)
    assert offers("RTP/AVP", "", answer=wanted)["srtp_proved"] is True
    assert offers("RTP/AVP", "", answer=sdp("198.51.100.9:7000"))["srtp_proved"] is False


@pytest.mark.parametrize(("shown", "proved"), [(("RTP/SAVP", SECURE), True), (("RTP/AVP", ""), False)])
def test_the_other_calls_of_the_called_host_show_it(shown: tuple[str, str], *, proved: bool) -> None:
    s = Scenario("failed", PBX, TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", body=sdp(OUR_MEDIA))
    s.response(0.5, 488)
    proto, keys = shown
    other = Scenario("back", TRUNK, PBX, agents={PBX: TCX}, packets=s.packets)
    other.request(20, "INVITE", body=sdp("198.51.100.9:7000", proto=proto, extra=keys))
    other.response(21, 200, body=sdp(OUR_MEDIA, proto=proto, extra=keys))
    rows = {row.call_id: row.derived for row in s.read().facts.of(Call)}
    assert rows["failed"]["srtp_proved"] is proved


def test_evidence_begins_with_the_reason() -> None:
    headers = 'Retry-After: 60\nWarning: 399 x "Full"\nReason: Q.850;cause=34\n'
    place = call(503, headers).call.sources["final_status"]
    assert place.text.splitlines()[:4] == [
        "SIP/2.0 503 Text",
        "Reason: Q.850;cause=34",
        'Warning: 399 x "Full"',
        "Retry-After: 60",
    ]


def unprogressed(*said: int, cancel: float | None = None, end: float = 40) -> float | None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE")
    for n, status in enumerate(said):
        s.response(0.5 + n, status)
    if cancel is not None:
        s.request(cancel, "CANCEL")
        s.response(cancel + 1, 487)
    s.send(end, PHONE, PBX, b"\r\n\r\n")
    value = s.read().call.derived["unprogressed_s"]
    assert value is None or isinstance(value, float)
    return value


def test_how_long_nothing_followed_a_100() -> None:
    assert unprogressed(100) == 39.5
    assert unprogressed(100, cancel=20) == 19.5
    assert unprogressed() is None
    assert unprogressed(100, 183) is None
    assert unprogressed(100, 503) is None
    assert unprogressed(100, 200) is None
