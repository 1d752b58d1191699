"""Signatures of refused and unanswered SIP over small captures, from packets to findings."""

from __future__ import annotations

import pytest

from analyzer.detect.run import run
from analyzer.finding import Finding
from analyzer.pack import Pack, load_pack
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, YEALINK, Scenario, sdp

OUR_MEDIA = "192.0.2.1:10000"
ASK = 'WWW-Authenticate: Digest realm="sip.example.com", nonce="{}"\n'
STALE = 'WWW-Authenticate: Digest realm="sip.example.com", nonce="{}", stale=true\n'
PROOF = 'Authorization: Digest username="7", realm="sip.example.com", nonce="{}", response="00112233445566778899aabbccddeeff"\n'
SECURE = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
GROUPS = {"TRK", "CALL", "SDP", "PRV", "SEC", "CFG", "COR"}
REPEATS = (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 33)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


def findings(pack: Pack, s: Scenario) -> list[Finding]:
    found = run(pack, s.read().facts).findings
    return [f for f in found if f.code.split("-")[0] in GROUPS and f.code != "SEC-13"]


def codes(pack: Pack, s: Scenario) -> dict[str, str]:
    found: dict[str, str] = {}
    for finding in findings(pack, s):
        found.setdefault(finding.code, finding.severity)
    return found


def message(pack: Pack, s: Scenario, code: str) -> str:
    (found,) = [f for f in findings(pack, s) if f.code == code]
    return found.message


def line(caller: str = PBX, callee: str = TRUNK, agents: dict[str, str] | None = None) -> Scenario:
    """A registration: of the PBX at its provider, where nothing else is said."""
    named = {PBX: TCX} if agents is None else agents
    return Scenario("r", caller, callee, from_user="7", to_user="7", agents=named)


def phone_line() -> Scenario:
    return line(PHONE, PBX, {PHONE: YEALINK, PBX: TCX})


def register(s: Scenario, at: float, cseq: int, nonce: str = "") -> None:
    proof = PROOF.format(nonce) if nonce else ""
    s.request(at, "REGISTER", cseq, headers=f"{proof}Expires: 120\n", branch=f"z9hG4bK{cseq}")


def reply(s: Scenario, at: float, cseq: int, status: int, headers: str = "", *, phrase: str = "Text") -> None:
    s.response(at, status, "REGISTER", cseq, headers=headers, branch=f"z9hG4bK{cseq}", phrase=phrase)


def unasked(s: Scenario, status: int, headers: str = "", phrase: str = "Text") -> Scenario:
    """Two attempts that are refused without a question for credentials."""
    for n in (1, 2):
        register(s, 60 * n, n)
        reply(s, 60 * n + 0.1, n, status, headers, phrase=phrase)
    return s


def loop(s: Scenario, challenge: str, used: str = "n{}") -> Scenario:
    register(s, 0, 1)
    reply(s, 0.1, 1, 401, ASK.format("n1"))
    for n in range(2, 6):
        register(s, n, n, nonce=used.format(n - 1))
        reply(s, n + 0.1, n, 401, challenge.format(f"n{n}"))
    return s


@pytest.mark.parametrize(("challenge", "used"), [(STALE, "n{}"), (ASK, "n1"), (STALE, "n1")])
def test_loops_of_nonces(pack: Pack, challenge: str, used: str) -> None:
    for s, wanted in ((line(), {"TRK-02": "high"}), (phone_line(), {"PRV-01": "medium"})):
        assert codes(pack, loop(s, challenge, used)) == wanted
        register(s, 10, 20, nonce="n5")
        reply(s, 10.1, 20, 200, f"Contact: <sip:7@{s.caller}>;expires=120\n")
        assert codes(pack, s) == {}


def test_loop_of_nonces_where_no_3cx_shows_itself(pack: Pack) -> None:
    assert codes(pack, loop(line(PHONE, TRUNK, {PHONE: YEALINK}), STALE)) == {"PRV-01": "medium"}


def test_words_of_a_stale_loop_acquit_the_password(pack: Pack) -> None:
    s = loop(line(), STALE)
    (found,) = findings(pack, s)
    assert found.message == (
        "The registrar 198.51.100.9:5060 called the nonce stale 4 times that it had just given for 7@example.com; "
        "the registration never succeeds."
    )
    assert "password need not be changed" in found.remedy
    assert [e.frame for e in found.evidence] == [10, 1]


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (403, {"TRK-02": "high"}), (404, {"TRK-02": "high"}), (410, {"TRK-02": "high"}), (603, {"TRK-02": "high"}),
        (302, {"TRK-02": "high"}), (503, {"TRK-16": "medium"}), (408, {"TRK-16": "medium"}), (401, {"TRK-04": "medium"}),
        (407, {"TRK-04": "medium"}), (200, {}),
    ],
)  # fmt: skip
def test_registration_that_the_provider_refuses_unasked(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    headers = ASK.format("a") if status in {401, 407} else "Contact: <sip:7@192.0.2.1:5060>;expires=120\n"
    assert codes(pack, unasked(line(), status, headers)) == wanted


def test_words_of_a_registration_that_is_refused_unasked(pack: Pack) -> None:
    s = unasked(line(), 404, 'Warning: 399 sip.example.com "Unknown domain"\n', "Not Found")
    assert message(pack, s, "TRK-02") == (
        "The provider refuses the registration of 7@example.com at 198.51.100.9:5060: "
        '404 Not Found (Warning 399 "Unknown domain") (credentials asked for: no).'
    )


@pytest.mark.parametrize(
    ("status", "wanted"),
    [(403, {"PRV-01": "medium"}), (503, {"PRV-01": "medium"}), (404, {"PRV-13": "medium"}), (407, {})],
)
def test_registration_that_the_pbx_refuses_unasked(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    inside = line("10.0.0.21:5060", PBX, {"10.0.0.21:5060": YEALINK, PBX: TCX})
    assert codes(pack, unasked(inside, status)) == wanted


def test_strangers_whose_registration_is_refused(pack: Pack) -> None:
    assert codes(pack, unasked(line("203.0.113.66:5060", PBX, {PBX: TCX}), 403)) == {}
    scanner = line("203.0.113.66:5060", TRUNK, {"203.0.113.66:5060": "friendly-scanner"})
    assert "PRV-01" not in codes(pack, unasked(scanner, 403))


def test_registration_refused_where_no_3cx_shows_itself(pack: Pack) -> None:
    s = line(PHONE, TRUNK, {PHONE: YEALINK})
    register(s, 0, 1)
    reply(s, 0.1, 1, 401, ASK.format("a"))
    register(s, 0.2, 2, nonce="a")
    reply(s, 0.3, 2, 403, phrase="Wrong password")
    (found,) = findings(pack, s)
    assert (found.code, found.severity) == ("PRV-01", "low")
    assert "403 Wrong password. The capture does not show which host is the PBX" in found.message
    assert found.evidence[0].frame == 4
    asked = line(PHONE, TRUNK, {PHONE: YEALINK})
    register(asked, 0, 1)
    reply(asked, 0.1, 1, 401, ASK.format("a"))
    register(asked, 0.2, 2, nonce="a")
    reply(asked, 0.3, 2, 401, ASK.format("b"))
    assert codes(pack, asked) == {}


def other_traffic(s: Scenario) -> None:
    """Something of the same capture has an answer."""
    other = Scenario("o", "192.0.2.77:5060", "192.0.2.78:5060", agents={}, packets=s.packets)
    other.request(0, "OPTIONS")
    other.response(0.1, 200, "OPTIONS")


def test_silence_where_no_3cx_shows_itself(pack: Pack) -> None:
    """The PBX that never answers never shows its name either."""
    s = line(PHONE, PBX, {PHONE: YEALINK})
    for at in REPEATS:
        register(s, at, 1)
    assert codes(pack, s) == {}
    other_traffic(s)
    assert codes(pack, s) == {"PRV-14": "medium"}


def silent_call(callee: str, sendings: tuple[float, ...] = (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5)) -> Scenario:
    s = Scenario("c", "192.0.2.50:5060", callee, agents={}, to_user="5550100")
    for at in sendings:
        s.request(at, "INVITE")
    s.send(33, "192.0.2.99:9", "192.0.2.98:9", b"end")
    return s


def test_call_that_stays_silent_where_no_3cx_shows_itself(pack: Pack) -> None:
    s = silent_call(TRUNK)
    assert codes(pack, s) == {}
    other_traffic(s)
    assert codes(pack, s) == {"TRK-10": "low"}
    s = silent_call(PHONE)
    known = Scenario("k", PHONE, "192.0.2.50:5060", agents={PHONE: YEALINK}, packets=s.packets)
    known.request(0, "OPTIONS")
    assert codes(pack, s) == {"CALL-08": "low"}


def test_requests_without_their_repeats_are_no_silence(pack: Pack) -> None:
    s = silent_call(TRUNK, (0,))
    other_traffic(s)
    assert codes(pack, s) == {}
    s = line(PHONE, PBX, {PHONE: YEALINK})
    register(s, 0, 1)
    s.send(40, "192.0.2.99:9", "192.0.2.98:9", b"end")
    other_traffic(s)
    assert codes(pack, s) == {}


def call(
    caller: str, callee: str, status: int, *, agents: dict[str, str] | None = None, headers: str = "", ring: bool = False,
    body: str = "", phrase: str = "Text", proof: bool = False,
) -> Scenario:  # fmt: skip
    named = {PBX: TCX, PHONE: YEALINK} if agents is None else agents
    s = Scenario("c", caller, callee, agents=named, from_user="101", to_user="5550100")
    s.request(1, "INVITE", body=body or sdp(OUR_MEDIA))
    s.response(1.1, 100)
    if proof:
        s.response(1.2, 407, headers=ASK.format("a"))
        s.request(1.3, "INVITE", 2, headers=PROOF.format("a"), body=sdp(OUR_MEDIA))
    if ring:
        s.response(2, 180, cseq=2 if proof else 1)
    s.response(9, status, cseq=2 if proof else 1, headers=headers, phrase=phrase)
    s.request(9.1, "ACK", to_tag="b", branch="z9hG4bKINVITE1a")
    s.send(20, PHONE, PBX, b"\r\n\r\n")
    return s


@pytest.mark.parametrize(
    ("status", "headers", "ring", "wanted"),
    [
        (500, "", False, {"TRK-16": "medium"}), (503, "Reason: Q.850;cause=34\n", False, {"TRK-16": "medium"}),
        (504, "", True, {"TRK-16": "medium"}), (500, "Reason: Q.850;cause=17\n", False, {}), (408, "", False, {"TRK-14": "low"}),
        (408, "", True, {}), (480, "", False, {"TRK-14": "low"}), (480, "", True, {}), (480, "Reason: Q.850;cause=20\n", False, {}),
        (604, "", False, {"TRK-14": "medium"}), (400, "", False, {"TRK-14": "low"}), (603, "", False, {"CALL-06": "info"}),
        (486, "Reason: Q.850;cause=17\n", False, {"CALL-06": "info"}), (607, "", False, {"TRK-14": "low"}),
        (486, "Reason: Q.850;cause=34\n", False, {"TRK-14": "low"}), (407, ASK.format("a"), False, {"TRK-04": "medium"}),
    ],
)  # fmt: skip
def test_single_call_that_the_provider_refuses(
    pack: Pack, status: int, headers: str, *, ring: bool, wanted: dict[str, str]
) -> None:
    assert codes(pack, call(PBX, TRUNK, status, headers=headers, ring=ring)) == wanted


def test_words_of_a_single_call_that_the_provider_refuses(pack: Pack) -> None:
    headers = 'Reason: Q.850;cause=34;text="No circuit/channel available"\nWarning: 399 gw "Group 12 full"\n'
    s = call(PBX, TRUNK, 503, headers=headers, phrase="Service Unavailable")
    (found,) = findings(pack, s)
    assert found.message == (
        "The provider at 198.51.100.9:5060 ended the call to 5550100 with a server error: 503 Service Unavailable "
        '(Q.850 cause 34, no circuit available, "No circuit/channel available"; Warning 399 "Group 12 full").'
    )
    assert found.subject == ["trunk:198.51.100.9", "call:c"]
    assert any("Q.850;cause=34" in e.text for e in found.evidence)
    barred = call(PBX, TRUNK, 403, headers="Reason: Q.850;cause=57\n", phrase="Forbidden")
    assert message(pack, barred, "TRK-14") == (
        "The provider at 198.51.100.9:5060 refused the call to 5550100: "
        "403 Forbidden (Q.850 cause 57, bearer capability not authorized)."
    )


def test_credentials_of_a_call_that_the_provider_does_not_take(pack: Pack) -> None:
    assert codes(pack, call(PBX, TRUNK, 407, headers=ASK.format("b"), proof=True)) == {"TRK-14": "medium"}
    assert codes(pack, call(PBX, TRUNK, 200, proof=True)).keys().isdisjoint({"TRK-14", "TRK-04"})


def test_one_server_error_among_calls_that_went_through(pack: Pack) -> None:
    s = call(PBX, TRUNK, 503)
    other = Scenario("ok", PBX, TRUNK, agents={PBX: TCX}, from_user="101", to_user="5550199", packets=s.packets)
    other.answered(offer=OUR_MEDIA, answer="198.51.100.9:7000")
    assert codes(pack, s)["TRK-16"] == "low"


def test_many_server_errors_are_one_finding(pack: Pack) -> None:
    s = call(PBX, TRUNK, 503)
    for n in range(24):
        s.call_id, s.to_user = f"n{n}", f"55501{n:02}"
        s.request(30 + n, "INVITE", branch=f"z9hG4bKn{n}")
        s.response(30.5 + n, 503 if n % 3 else 200, branch=f"z9hG4bKn{n}")
    found = [f for f in findings(pack, s) if f.code == "TRK-16"]
    assert [(f.severity, "trunk:198.51.100.9" in f.subject) for f in found] == [("medium", True)]


@pytest.mark.parametrize(
    ("status", "ring", "wanted"),
    [
        (480, False, {"CALL-07": "medium"}), (480, True, {}), (404, False, {"CALL-07": "medium"}), (500, False, {"CALL-07": "medium"}),
        (503, True, {"CALL-07": "medium"}), (401, False, {"CALL-07": "medium"}), (486, False, {"CALL-06": "info"}),
        (603, True, {"CALL-06": "info"}), (488, False, {"SDP-01": "high"}),
    ],
)  # fmt: skip
def test_single_call_that_a_phone_refuses(pack: Pack, status: int, *, ring: bool, wanted: dict[str, str]) -> None:
    assert codes(pack, call(PBX, PHONE, status, ring=ring)) == wanted


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (404, {"CALL-10": "low"}), (480, {"CALL-10": "low"}), (403, {"CALL-10": "medium"}), (503, {"CALL-10": "medium"}),
        (408, {"CALL-10": "medium"}), (486, {"CALL-06": "info"}), (407, {}),
    ],
)  # fmt: skip
def test_single_call_of_a_phone_that_the_pbx_refuses(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    inside = "10.0.0.21:5060"
    assert codes(pack, call(inside, PBX, status, agents={inside: YEALINK, PBX: TCX})) == wanted


def test_credentials_of_a_phones_call_that_the_pbx_does_not_take(pack: Pack) -> None:
    inside = "10.0.0.21:5060"
    s = call(inside, PBX, 407, agents={inside: YEALINK, PBX: TCX}, headers=ASK.format("b"), proof=True)
    assert codes(pack, s) == {"PRV-01": "medium"}


def test_call_of_a_trunk_that_the_pbx_refuses(pack: Pack) -> None:
    assert codes(pack, call(TRUNK, PBX, 503)) == {}  # nothing shows that this stranger is a provider
    s = call(TRUNK, PBX, 503)
    s.packets += unasked(line(), 200, "Contact: <sip:7@192.0.2.1:5060>;expires=120\n").packets
    assert codes(pack, s) == {"CALL-10": "medium"}


def test_refusal_that_the_pbx_passes_on_is_the_providers(pack: Pack) -> None:
    """Both legs in one capture: the phone's follows from the trunk's."""
    s = call("10.0.0.21:5060", PBX, 503, agents={"10.0.0.21:5060": YEALINK, PBX: TCX})
    out = Scenario("out", PBX, TRUNK, agents={PBX: TCX}, from_user="101", to_user="5550100", packets=s.packets)
    out.request(1.5, "INVITE")
    out.response(2, 503)
    found = {f.code: (f.role, f.caused_by) for f in findings(pack, s)}
    assert found == {"TRK-16": ("root", None), "CALL-10": ("contributing", "TRK-16")}


def test_everyday_end_that_the_pbx_passes_on_is_no_problem(pack: Pack) -> None:
    s = call("10.0.0.21:5060", PBX, 480, agents={"10.0.0.21:5060": YEALINK, PBX: TCX})
    out = Scenario("out", PBX, TRUNK, agents={PBX: TCX}, from_user="101", to_user="5550100", packets=s.packets)
    out.request(1.5, "INVITE")
    out.response(2, 180)
    out.response(8, 480)
    assert codes(pack, s) == {}


def test_route_that_failed_over(pack: Pack) -> None:
    s = call("10.0.0.21:5060", PBX, 200, agents={"10.0.0.21:5060": YEALINK, PBX: TCX})
    for n, (trunk, status) in enumerate([(TRUNK, 503), ("198.51.100.10:5060", 200)]):
        out = Scenario(f"out{n}", PBX, trunk, agents={PBX: TCX}, from_user="101", to_user="5550100", packets=s.packets)
        out.request(1.5 + n, "INVITE")
        out.response(2 + n, status)
    assert codes(pack, s)["TRK-16"] == "info"


@pytest.mark.parametrize(
    ("status", "wanted"),
    [(403, {"TRK-14": "low"}), (408, {"TRK-14": "low"}), (503, {"TRK-14": "low"}), (486, {"CALL-06": "info"}), (488, {"SDP-01": "high"}), (407, {})],
)  # fmt: skip
def test_refused_call_where_no_3cx_shows_itself(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    assert codes(pack, call(PHONE, TRUNK, status, agents={PHONE: YEALINK})) == wanted
    assert codes(pack, call("192.0.2.50:5060", PHONE, 480, agents={PHONE: YEALINK})) == {"CALL-07": "low"}


@pytest.mark.parametrize(
    ("until", "ring", "wanted"), [(25, False, {"CALL-16": "medium"}), (25, True, {}), (9, False, {})]
)
def test_call_that_is_taken_on_and_then_nothing_comes(
    pack: Pack, until: float, *, ring: bool, wanted: dict[str, str]
) -> None:
    s = Scenario("c", PBX, TRUNK, agents={PBX: TCX}, from_user="100", to_user="5550100")
    s.request(0, "INVITE", body=sdp(OUR_MEDIA))
    s.response(0.1, 100)
    if ring:
        s.response(4, 180)
    s.request(until, "CANCEL", 1)
    s.response(until + 0.1, 487)
    found = codes(pack, s)
    found.pop("CALL-05", None)
    assert found == wanted


@pytest.mark.parametrize(
    ("number", "status", "ring", "wanted"),
    [
        ("5550100", 503, False, {"TRK-14": "low"}), ("5550100", 480, True, {}), ("102", 500, False, {"CALL-07": "low"}),
        ("102", 480, True, {}), ("102", 488, False, {"SDP-01": "high"}), ("reception", 503, False, {}),
    ],
)  # fmt: skip
def test_host_of_which_only_the_number_tells(
    pack: Pack, number: str, status: int, *, ring: bool, wanted: dict[str, str]
) -> None:
    """A gateway or trunk in the LAN that names no server, or a phone that was not seen otherwise."""
    s = Scenario("c", PBX, "10.0.0.77:5060", agents={PBX: TCX}, from_user="100", to_user=number)
    s.request(1, "INVITE", body=sdp(OUR_MEDIA))
    if ring:
        s.response(2, 180)
    s.response(9, status)
    assert codes(pack, s) == wanted


@pytest.mark.parametrize(("status", "wanted"), [(404, {"CALL-10": "low"}), (500, {"CALL-10": "medium"})])
def test_host_of_the_site_that_names_no_agent(pack: Pack, status: int, wanted: dict[str, str]) -> None:
    assert codes(pack, call("10.0.0.50:5060", PBX, status, agents={PBX: TCX})) == wanted


def test_refused_calls_of_scanners(pack: Pack) -> None:
    s = call("203.0.113.66:5060", TRUNK, 403, agents={"203.0.113.66:5060": "friendly-scanner"})
    assert codes(pack, s).keys().isdisjoint({"TRK-14", "CALL-07", "CALL-10"})
    at_pbx = call("203.0.113.66:5060", PBX, 404, agents={PBX: TCX})
    assert codes(pack, at_pbx) == {}


def test_refusals_for_encryption(pack: Pack) -> None:
    secure = sdp(OUR_MEDIA, proto="RTP/SAVP", extra=SECURE)
    s = call(PBX, TRUNK, 488, body=secure, phrase="Not Acceptable Here")
    (found,) = findings(pack, s)
    assert (found.code, found.confidence) == ("SDP-01", 75)
    assert found.message == (
        "198.51.100.9:5060 refused the call from 192.0.2.1:5060 with 488 Not Acceptable Here: the offer had encrypted media only "
        "(RTP/SAVP), which that side probably does not take (codecs offered: PCMA)."
    )
    for warning, words in [
        ("305", "nothing of what was offered"),
        ("302", "encrypted media only"),
        ("370", "says why"),
    ]:
        other = call(PBX, TRUNK, 488, body=secure, headers=f'Warning: {warning} x "Text"\n')
        assert words in message(pack, other, "SDP-01")


def test_plain_media_that_a_host_with_encryption_refuses(pack: Pack) -> None:
    s = call(PBX, TRUNK, 488)
    assert "nothing of what was offered" in message(pack, s, "SDP-01")
    back = Scenario("back", TRUNK, PBX, agents={PBX: TCX}, from_user="5550100", to_user="101", packets=s.packets)
    back.request(30, "INVITE", body=sdp("198.51.100.9:7000", proto="RTP/SAVP", extra=SECURE))
    back.response(31, 200, body=sdp(OUR_MEDIA, proto="RTP/SAVP", extra=SECURE))
    assert message(pack, s, "SDP-01").endswith("the offer had no encryption (RTP/AVP), and that side wants SRTP.")


def test_call_that_the_other_end_of_a_bridge_refuses(pack: Pack) -> None:
    s = call(PBX, TRUNK, 404, agents={PBX: TCX, TRUNK: TCX}, phrase="Not Found")
    register(s2 := phone_line(), 0, 1)
    reply(s2, 0.1, 1, 200, f"Contact: <sip:7@{PHONE}>;expires=120\n")
    s.packets += s2.packets
    (found,) = [f for f in findings(pack, s) if f.code == "TRK-14"]
    assert (found.severity, found.owner, found.message) == (
        "medium", "partner", "The other 3CX at 198.51.100.9:5060 refused the call to 5550100: 404 Not Found.",
    )  # fmt: skip


def test_registration_that_is_taken_back(pack: Pack) -> None:
    """The provider does not know it any more: nobody wants it."""
    s = line()
    register(s, 0, 1)
    reply(s, 0.1, 1, 200, "Contact: <sip:7@192.0.2.1:5060>;expires=120\n")
    s.request(60, "REGISTER", 2, headers="Expires: 0\n", branch="z9hG4bK2")
    reply(s, 60.1, 2, 404)
    assert codes(pack, s) == {}


@pytest.mark.parametrize(("tries", "wanted"), [(12, {"SEC-01": "high"}), (6, {})])
def test_tool_that_tries_passwords_for_one_nonce(pack: Pack, tries: int, wanted: dict[str, str]) -> None:
    s = line("203.0.113.66:5060", PBX, {PBX: TCX})
    register(s, 0, 1)
    reply(s, 0.1, 1, 407, ASK.format("n0"))
    for n in range(2, tries + 2):
        register(s, n, n, nonce="n0")
        reply(s, n + 0.1, n, 407, ASK.format(f"n{n}"))
    found = codes(pack, s)
    found.pop("PRV-01", None)
    assert found == wanted


def test_refusal_of_teams_is_no_second_problem(pack: Pack) -> None:
    reason = 'Reason: Q.850;cause=63;text="Current call site state prevents fork to this entity."\n'
    found = {
        f.code: (f.role, f.caused_by) for f in run(pack, call(PBX, TRUNK, 403, headers=reason).read().facts).findings
    }
    assert (found["TEAMS-07"], found["TRK-14"]) == (("root", None), ("contributing", "TEAMS-07"))


def test_challenge_at_the_end_of_a_capture_is_no_refusal(pack: Pack) -> None:
    for callee in (TRUNK, PHONE, "10.0.0.77:5060"):
        s = Scenario("c", PBX, callee, agents={PBX: TCX, PHONE: YEALINK}, from_user="100", to_user="5550100")
        s.request(1, "INVITE", body=sdp(OUR_MEDIA))
        s.response(1.5, 407, headers=ASK.format("a"))
        assert codes(pack, s) == {}


def test_more_specific_findings_explain_the_refusal(pack: Pack) -> None:
    """The ringing that nobody confirms, the transfer that finds its call no more: one problem each."""
    prack = Scenario("c", PBX, TRUNK, agents={PBX: TCX}, from_user="100", to_user="5550100")
    prack.request(1, "INVITE", body=sdp(OUR_MEDIA))
    for at in (2, 2.5, 3.5):
        prack.response(at, 180, headers="Require: 100rel\nRSeq: 7\n")
    prack.response(34, 504)
    found = {f.code: (f.role, f.caused_by) for f in findings(pack, prack)}
    assert found == {"CALL-17": ("root", None), "TRK-16": ("contributing", "CALL-17")}
    taken = Scenario("c", PBX, TRUNK, agents={PBX: TCX}, from_user="100", to_user="5550100")
    taken.request(1, "INVITE", body=sdp(OUR_MEDIA), headers="Replaces: gone@example.com;to-tag=1;from-tag=2\n")
    taken.response(2, 481)
    found = {f.code: (f.role, f.caused_by) for f in findings(pack, taken)}
    assert found == {"CALL-12": ("root", None), "TRK-14": ("contributing", "CALL-12")}
