"""Real captures against the ground truth that lies beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parsers.facts.capture import Call, Capture, DnsQuery, Registration, SipMessage, StunExchange
from tests.conftest import SHARED
from tests.parsers.capture.scenario import Read, read

pytestmark = pytest.mark.shared

FACTS = SHARED / "captures" / "facts.json"
CASES: list[dict[str, Any]] = json.loads(FACTS.read_text()) if FACTS.is_file() else []
DUPLICATED = {"S16-t38"}
"""Taken on a machine that sees each packet twice (same IP id within 1 ms): tshark counts both, the report one."""


def load(shared: Path, start: str) -> Read:
    (path,) = (shared / "captures").glob(f"{start}*.pcap*")
    return read(path.read_bytes(), path.name)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_counts_agree_with_tshark(shared: Path, case: dict[str, Any]) -> None:
    facts = case["facts"]
    result = read((shared / "captures" / case["file"]).read_bytes(), case["file"])
    (row,) = result.facts.of(Capture)
    assert result.tally.records == facts["packets"]
    assert len(result.facts.of(Call)) == (facts.get("invite_callids") or 0)
    if case["id"] in DUPLICATED:
        return
    assert row.sip_requests == (facts.get("sip_requests") or {})
    assert row.sip_responses == (facts.get("sip_responses") or {})
    identifiers = {m.call_id for m in result.facts.of(SipMessage) if m.call_id}
    assert len(identifiers) == (facts.get("callids") or 0)


@pytest.mark.parametrize("name", ["S01", "S02", "S03"])
def test_nero_softphone(shared: Path, name: str) -> None:
    result = load(shared, name)
    outcomes = {row.call_id.partition("-")[0]: (row.outcome, row.final_status) for row in result.facts.of(Call)}
    assert outcomes == {
        "105090259": ("rejected", 408), "85216695": ("rejected", 403), "24487391": ("rejected", 403),
        "11894297": ("rejected", 480),
    }  # fmt: skip
    rows = {row.user: row for row in result.facts.of(Registration)}
    assert {user: (row.status, row.last_status, row.attempts, row.failures) for user, row in rows.items()} == {
        "voi18063": ("challenged", 401, 2, 2), "voi18062": ("challenged", 401, 3, 2), "35104723": ("registered", 200, 4, 2),
    }  # fmt: skip
    assert rows["voi18063"].derived["rejected_with_valid_digest"] is True
    assert rows["35104723"].derived["rejected_with_valid_digest"] is False
    assert {phone.ip for phone in result.phones} == {"192.168.1.2"}
    assert {phone.kind for phone in result.phones} == {"softphone"}
    assert result.system("version") is None
    media = {row.media for row in result.facts.of(Call)}
    assert media == ({None} if name == "S03" else {None, "caller_only"})


@pytest.mark.parametrize("name", ["S14", "S15"])
def test_linphone_to_asterisk(shared: Path, name: str) -> None:
    result = load(shared, name)
    row = result.call
    assert (row.outcome, row.media, row.end_by, row.ack, row.final_status) == ("answered", "both", "callee", "ok", 200)
    assert sorted(s.packets for s in result.streams) == [76, 78]
    assert {s.call_id for s in result.streams} == {row.call_id}
    assert {(s.kind, s.cookie) for s in result.stun} == {("media", True), ("media", False)}
    assert [(p.ip, p.vendor, p.stun_used) for p in result.phones] == [("10.0.2.4", "Linphone", None)]


def test_fax_over_an_sbc(shared: Path) -> None:
    """tshark counts 16 INVITE; 3 of the hop that is seen twice come within 1 ms (CAP-06), the copy of frame 24 after
    1.4 ms: by the definition a retransmission.
    """
    result = load(shared, "S16")
    (row,) = result.facts.of(Capture)
    assert row.sip_requests == {"ACK": 12, "BYE": 3, "INVITE": 13, "OPTIONS": 6}
    assert row.sip_responses == {"100": 12, "180": 3, "200": 18, "488": 3}
    calls = result.facts.of(Call)
    assert [(c.outcome, c.final_status, c.t38, c.derived["t38_status"]) for c in calls] == [
        ("answered", 200, "refused", 488), ("answered", 200, "refused", 488),
    ]  # fmt: skip
    assert [c.linked for c in calls] == [[calls[1].call_id], [calls[0].call_id]]
    assert [c.derived["t38_refusal_survived"] for c in calls] == [True, True]
    assert [c.media for c in calls] == ["both", None]
    assert [c.retransmissions for c in calls] == [1, 0]


@pytest.mark.parametrize("name", ["S17", "S18", "S19", "S30"])
def test_stun_without_sip_is_no_phone(shared: Path, name: str) -> None:
    result = load(shared, name)
    kinds = {row.kind for row in result.facts.of(StunExchange)}
    assert kinds <= {"ice", "turn", "unknown", "media"}
    assert result.phones == []


def test_orphan_responses(shared: Path) -> None:
    result = load(shared, "S32")
    assert (result.call.outcome, result.call.start) == ("answered", None)
    assert {row.status for row in result.facts.of(Registration)} == {"unknown"}


def test_unrelated_requests_have_no_outcome_but_their_own(shared: Path) -> None:
    row = load(shared, "S31").call
    assert (row.outcome, row.derived["timer_b_expired"]) == ("no_response", True)


def test_non_standard_ports(shared: Path) -> None:
    result = load(shared, "S33")
    assert [p.vendor for p in result.phones] == ["MicroSIP"]
    assert {m.method or m.status for m in result.messages} == {"INVITE", 200}


def test_registration_over_tcp(shared: Path) -> None:
    row = load(shared, "S40").registration
    assert (row.status, row.expires_s, row.attempts, row.failures) == ("registered", 600, 1, 0)


def test_x_lite(shared: Path) -> None:
    result = load(shared, "S43")
    assert [(c.outcome, c.ack) for c in result.facts.of(Call)] == [("answered", "ok"), ("incomplete", None)]


def test_junk_bad_length_compact_and_repeated_headers(shared: Path) -> None:
    one = load(shared, "S28")
    assert [text.partition(":")[0] for text in one.sink.problems] == ["1 SIP message is malformed"]
    (junk,) = one.messages
    assert (junk.method, junk.call_id, junk.expires) == ("REGISTER", None, 3600)
    lengths = load(shared, "S29")
    assert [m.derived.get("malformed") for m in lengths.messages] == ["the Content-Length is no number"] * 2
    assert lengths.sink.problems == ["2 SIP messages are malformed: the Content-Length is no number (first: frame 1)"]
    (compact,) = load(shared, "S41").messages
    assert (compact.call_id, compact.from_user) == ("105090259-446faf7a@192.168.1.2", "816666")
    assert (
        compact.sdp.media == []
    )  # its m= line stands behind the Content-Length (RFC 3261 section 18.3), as for tshark
    (many,) = load(shared, "S42").messages
    assert many.call_id == "105090259-446faf7a@192.168.1.2"


def test_names_are_resolved(shared: Path) -> None:
    rows = load(shared, "S34").facts.of(DnsQuery)
    assert {(r.name, r.rcode) for r in rows} >= {("daisy.ubuntu.com", "NOERROR")}


def made(shared: Path, name: str) -> Read:
    (path,) = (shared / "conformance" / "made").glob(f"{name}*")
    return read(path.read_bytes(), path.name)


def test_made_normal_call(shared: Path) -> None:
    result = made(shared, "01")
    row = result.call
    assert (row.call_id, row.from_user, row.to_user) == ("1-31193@127.0.0.21", "101", "102")
    assert (row.outcome, row.duration_s, row.ring_ms, row.pdd_ms) == ("answered", 5.004723, 702.589, 1.305)
    assert (row.end_by, row.media, row.transport, row.retransmissions) == ("caller", "both", "udp", 0)
    assert [(p.ip, p.vendor, p.model, p.firmware, p.extension) for p in result.phones] == [
        ("127.0.0.21", "Yealink", "T46S", "66.85.0.5", "101")
    ]
    assert result.system("version") == "18.0.5.418"
    assert [(s.packets, s.lost, s.codec, s.encrypted) for s in result.streams] == [(167, 0, "PCMA", False)] * 2


def test_made_stun_phone(shared: Path) -> None:
    result = made(shared, "02")
    row = result.registration
    assert (row.status, row.last_status, row.attempts, row.failures) == ("unregistered", 200, 2, 0)
    assert (sum(s.requests for s in result.stun), sum(s.answered for s in result.stun)) == (7, 7)
    assert {(s.kind, s.server) for s in result.stun} == {("phone", "127.0.0.53:3478")}
    assert {s.cookie for s in result.stun if s.client == "127.0.0.21:5060"} == {False}
    (phone,) = result.phones
    assert (phone.ip, phone.stun_used, phone.stun_confidence, phone.stun_server) == (
        "127.0.0.21",
        True,
        85,
        "127.0.0.53:3478",
    )
    assert "127.0.0.53" in phone.source_of("stun_used").text
    shown = repr(result.facts.tables())
    for digest in ("692cbe62f398211da34a325383ae7687", "aa818da051bffeb49a5c03bb00b9f2a2"):
        assert digest not in shown
        assert digest in result.sink.secrets


def test_made_wrong_password(shared: Path) -> None:
    result = made(shared, "04")
    rows = {
        r.user: (r.status, r.last_status, r.attempts, r.failures, r.derived["rejected_with_valid_digest"])
        for r in result.facts.of(Registration)
    }
    assert rows == {"103": ("rejected", 403, 3, 3, True), "101": ("registered", 200, 1, 0, False)}
    assert {(p.ip, p.model, p.firmware) for p in result.phones} == {
        ("127.0.0.23", "SPA504G", "7.6.2e"), ("127.0.0.21", "T46S", "66.85.0.5"),
    }  # fmt: skip
    assert "3dc6c893a83e9229e137abfcc825f0b1" not in repr(result.facts.tables())


def test_made_ice(shared: Path) -> None:
    result = made(shared, "13")
    kinds: dict[str, int] = {}
    for row in result.stun:
        kinds[row.kind] = kinds.get(row.kind, 0) + row.requests
    assert kinds == {"ice": 4, "unknown": 2}
    assert [(s.packets, s.lost, s.encrypted, s.signalled) for s in result.streams] == [(299, 0, True, False)] * 2
    assert (result.phones, result.messages) == ([], [])


def test_made_short_call(shared: Path) -> None:
    result = made(shared, "24")
    row = result.call
    assert (row.outcome, row.media, row.end_by, row.duration_s) == ("answered", None, "caller", 0.303577)
    assert result.system("version") == "18.0.5.418"
