"""Calls beside each other: lengths, legs, gaps, sites, and whom the PBX keeps out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parsers.facts import Source
from parsers.facts.block import Block
from parsers.facts.capture import Call, Capture, DnsQuery, Registration, RtpStream
from parsers.facts.inventory import Trunk, TrunkSeen
from parsers.facts.log import Event
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)
HERE = Source(artifact="trace.pcap", frame=1)
PBX, PROVIDER, PHONE = "192.0.2.40:5060", "198.51.100.10:5060", "192.0.2.101:5060"


def later(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def call(call_id: str, start: float = 0, end: float | None = None, **values: Any) -> Call:
    return Call(source=HERE, call_id=call_id, start=later(start), end=None if end is None else later(end), **values)


def derived(rows: list[Any], name: str) -> list[Any]:
    return [row.derived.get(name) for row in rows]


def test_calls_of_the_same_length(joined: Joined) -> None:
    lengths = {"a": 1800.0, "b": 1801.5, "c": 1799.0, "d": 900.0, "e": 30.0, "f": None}
    rows = [call(name, duration_s=seconds) for name, seconds in lengths.items()]
    joined(*rows)
    assert derived(rows, "same_length") == [3, 2, 2, 1, None, None]


def test_both_legs_of_a_call_are_one_length(joined: Joined) -> None:
    legs = [call("a", duration_s=1800.0, linked=["b"]), call("b", duration_s=1800.1, linked=["a"])]
    joined(*legs)
    assert derived(legs, "same_length") == [1, 1]


def test_the_provider_refused_what_the_phone_got_from_the_pbx(joined: Joined) -> None:
    phone = call("in", linked=["out"], final_status=503, derived={"from_phone": True, "final_by_pbx": True})
    facts = {"to_trunk": True, "final_by_pbx": False, "final_said": "403 Forbidden (Q.850 cause 57)"}
    out = call("out", 0.1, linked=["in"], final_status=403, derived=facts)
    refusal = out.sources["final_status"] = Source(artifact="a.pcap", frame=4)
    joined(phone, out)
    assert (phone.derived["provider_status"], phone.derived["provider_said"]) == (403, "403 Forbidden (Q.850 cause 57)")
    assert phone.sources["provider_status"] is refusal
    assert "provider_status" not in out.derived


@pytest.mark.parametrize("change", [{"final_status": 200}, {"derived": {"to_trunk": True, "final_by_pbx": True}}])
def test_no_refusal_of_the_provider(joined: Joined, change: dict[str, Any]) -> None:
    phone = call("in", linked=["out"], final_status=503, derived={"from_phone": True})
    given: dict[str, Any] = {"final_status": 403, "derived": {"to_trunk": True}} | change
    joined(phone, call("out", 0.1, linked=["in"], **given))
    assert "provider_status" not in phone.derived


def test_audio_on_both_legs(joined: Joined) -> None:
    phone = call("in", linked=["out"], derived={"from_phone": True, "rtp_caller_packets": 0, "rtp_callee_packets": 600})
    out = call(
        "out", 0.1, linked=["in"], derived={"to_trunk": True, "rtp_caller_packets": 590, "rtp_callee_packets": 610}
    )
    joined(phone, out)
    assert [phone.derived[name] for name in ("trunk_rtp", "pbx_to_phone_rtp", "phone_rtp")] == [610, 600, 0]
    rung = call("b", linked=["a"], derived={"to_phone": True, "rtp_caller_packets": 7, "rtp_callee_packets": 8})
    came = call("a", linked=["b"], derived={"from_trunk": True, "rtp_caller_packets": 9, "rtp_callee_packets": 5})
    joined(rung, came)
    assert [rung.derived[name] for name in ("trunk_rtp", "pbx_to_phone_rtp", "phone_rtp")] == [9, 7, 8]
    alone = call("c", derived={"to_phone": True})
    joined(alone)
    assert "trunk_rtp" not in alone.derived


def question(at: float, elapsed_ms: float | None, client: str = "192.0.2.40:41000") -> DnsQuery:
    return DnsQuery(source=Source(frame=9), time=later(at), client=client, elapsed_ms=elapsed_ms)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ([question(0.01, None)], 5.09),
        ([question(0.1, 4000.0), question(4.2, 20.0)], 4.0),
        ([question(0.1, 9000.0)], 5.0),
        ([question(0.1, 20.0)], 0.0),
        ([question(-1, None), question(6, None)], 0.0),
        ([question(0.1, None, client="192.0.2.50:41000")], 0.0),
        ([], 0.0),
    ],
)
def test_waiting_for_dns(joined: Joined, asked: list[DnsQuery], wait: float) -> None:
    out = call("out", 5.1, linked=["in"], caller=PBX, derived={"to_trunk": True, "by_pbx": True})
    joined(call("in", 0, linked=["out"], caller=PHONE), out, *asked)
    assert out.derived["dns_wait_s"] == pytest.approx(wait)


def test_without_the_first_leg_nothing_is_known_of_the_wait(joined: Joined) -> None:
    out = call("out", 5.1, caller=PBX, derived={"to_trunk": True, "by_pbx": True})
    joined(out, question(0.1, None))
    assert "dns_wait_s" not in out.derived


def up(call_id: str, start: float, answered: float | None, end: float | None, **values: Any) -> Call:
    given = {"derived": {"to_pbx": True}} | values
    return call(call_id, start, end, answered=None if answered is None else later(answered), **given)


def test_simultaneous_calls(joined: Joined) -> None:
    rows = [
        up("a", 0, 5, 100), up("a2", 1, 5, 100, derived={"to_pbx": False}), up("b", 10, 12, 50), up("c", 60, 61, None),
        up("d", 62, None, 70), up("e", 65, None, None), up("f", 100, None, None),
    ]  # fmt: skip
    joined(*rows, SystemSeen(source=HERE, key="simultaneous_calls", value=2, rank=90))
    assert derived(rows, "sc_used") == [0, None, 1, 1, 2, 2, 1]
    assert derived(rows, "sc_left") == [2, None, 1, 1, 0, 0, 1]


def test_without_a_licence_nothing_is_left_or_not(joined: Joined) -> None:
    row = up("a", 0, 1, 100)
    joined(row)
    assert (row.derived["sc_used"], row.derived["sc_left"]) == (0, None)


def stream(number: int, gap_ms: float, packets: int = 500, artifact: str = "trace.pcap", **side: bool) -> RtpStream:
    sides = {"from_pbx": False, "to_pbx": False} | side
    return RtpStream(source=Source(artifact=artifact, frame=number), src="a", dst="b", ssrc=str(number), packets=packets, delta_max_ms=gap_ms, derived=dict(sides))  # fmt: skip


def test_gaps_by_direction(joined: Joined) -> None:
    capture = Capture(source=Source(artifact="trace.pcap"), artifact="trace.pcap")
    joined(
        capture,
        stream(1, 61, from_pbx=True), stream(2, 300, from_pbx=True), stream(3, 60, from_pbx=True),
        stream(4, 25, to_pbx=True), stream(5, 900, packets=249, to_pbx=True), stream(6, 900, artifact="b", to_pbx=True),
    )  # fmt: skip
    names = ("sent_streams", "sent_gaps", "received_streams", "received_gaps")
    assert [capture.derived[name] for name in names] == [3, 2, 1, 0]
    assert capture.source_of("sent_gaps").frame == 2


def test_gaps_without_a_pbx(joined: Joined) -> None:
    capture = Capture(source=Source(artifact="trace.pcap"), artifact="trace.pcap")
    row = stream(1, 300)
    row.derived.clear()
    joined(capture, row)
    assert "sent_gaps" not in capture.derived


def registration(user: str, client: str, status: Any = "registered", **values: Any) -> Registration:
    facts = {"to_pbx": True, "by_pbx": False} | values
    return Registration(source=HERE, aor=f"{user}@example.com", user=user, client=client, registrar=PBX, status=status, derived=facts)  # fmt: skip


def test_sites(joined: Joined) -> None:
    rows = [
        registration("101", "203.0.113.9:5060", "no_response"),
        registration("102", "203.0.113.9:5070", not_renewed=True),
        registration("103", "203.0.113.9:5080", "rejected"),
        registration("105", "203.0.113.9:5090", renewal_unanswered=True),
        registration("104", "203.0.113.77:5060"),
        registration("10000", PBX, by_pbx=True, to_pbx=False),
    ]
    joined(*rows)
    names = ("site", "site_users", "site_up", "other_users", "other_up")
    assert [rows[0].derived[name] for name in names] == ["203.0.113.9", 4, 1, 1, 1]
    assert [rows[4].derived[name] for name in names] == ["203.0.113.77", 1, 1, 4, 1]
    assert "site" not in rows[5].derived


def block(address: str, action: Any = "deny", mask: str | None = None) -> Block:
    return Block(source=Source(artifact="blacklist", row=1), address=address, mask=mask, action=action)


def blacklisted(ip: str, at: float, seconds: int = 600) -> Event:
    return Event(source=Source(artifact="eventlog.csv", row=7), event_id=12290, time=later(at), fields={"ip": ip, "seconds": seconds})  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([block("203.0.113.9")], True),
        ([block("203.0.113.0", mask="255.255.255.0")], True),
        ([block("203.0.113.0", mask="255.255.255.0"), block("203.0.113.9", "allow")], False),
        ([block("203.0.113.8")], False),
        ([block("no address")], False),
        ([blacklisted("203.0.113.9", -60)], True),
        ([blacklisted("203.0.113.9", 4)], True),
        ([blacklisted("203.0.113.9", 60)], False),
        ([blacklisted("203.0.113.9", -3600)], False),
        ([], None),
    ],
)
def test_a_call_from_an_address_that_is_kept_out(joined: Joined, rows: list[Any], kept: bool | None) -> None:
    mine = call("a", caller="203.0.113.9:5060", callee=PBX)
    joined(mine, *rows)
    assert mine.derived.get("peer_blocked") is kept
    assert mine.derived.get("blocked_peer") == ("203.0.113.9" if kept else None)


def test_registrations_and_trunks_of_kept_out_addresses(joined: Joined) -> None:
    phone = registration("101", "203.0.113.9:5060")
    trunk = registration("10000", PBX, by_pbx=True, to_pbx=False)
    trunk.registrar = PROVIDER
    seen = TrunkSeen(source=HERE, origin="xapi", number="10000", host="198.51.100.10")
    facts, _ = joined(phone, trunk, seen, block("203.0.113.9"), block("198.51.100.10"))
    [configured] = facts.of(Trunk)
    assert [facts["blocked_peer"] for facts in (phone.derived, trunk.derived, configured.derived)] == [
        "203.0.113.9",
        "198.51.100.10",
        "198.51.100.10",
    ]
    assert phone.source_of("peer_blocked").artifact == "blacklist"


def change(seconds: float, status: str) -> Event:
    return Event(source=Source(artifact="eventlog.csv", row=int(seconds) + 1), event_id=4100, time=later(seconds), fields={"trunk": "10000", "status": status})  # fmt: skip


def service_start(seconds: float) -> Event:
    return Event(source=HERE, event_id=4097, time=later(seconds))


RHYTHM = ("flap_count", "flap_up_s", "flap_spread_pct", "flap_period_s", "flap_restart_pct")


def test_a_rhythm(joined: Joined) -> None:
    events = [
        event
        for n, held in enumerate((60, 61, 59, 90))
        for event in (change(n * 300, "Registered"), change(n * 300 + held, "Unregistered"))
    ]
    facts, _ = joined(*reversed(events), service_start(30), service_start(1020))
    [trunk] = facts.of(Trunk)
    assert [trunk.derived[name] for name in RHYTHM] == [4, 60.5, 1.7, 301.0, 50.0]
    assert trunk.source_of("flap_up_s").row == 61


def test_too_few_changes_make_no_rhythm(joined: Joined) -> None:
    facts, _ = joined(change(0, "Registered"), change(60, "Unregistered"), change(70, "Registered"))
    [trunk] = facts.of(Trunk)
    assert [trunk.derived.get(name) for name in RHYTHM] == [1, None, None, None, None]


@pytest.mark.parametrize(
    ("event_id", "seconds", "kept"),
    [(12290, 86_400, True), (12290, 0, None), (12291, 86_400, None), (12290, "x", None)],
)
def test_only_an_event_that_blocks_keeps_out(joined: Joined, event_id: int, seconds: object, kept: bool | None) -> None:
    event = Event(source=HERE, event_id=event_id, time=later(0), fields={"ip": "203.0.113.9", "seconds": seconds})  # type: ignore[dict-item]
    facts, _ = joined(registration("101", "203.0.113.9:5060"), event)
    assert facts.of(Registration)[0].derived.get("peer_blocked") is kept


@pytest.mark.parametrize(("event_id", "share"), [(4097, 100.0), (4098, 100.0), (4099, 0.0)])
def test_losses_beside_a_restart_of_a_service(joined: Joined, event_id: int, share: float) -> None:
    rows = [row for n in range(3) for row in (change(n * 300, "Registered"), change(n * 300 + 60, "Unregistered"))]
    others = [Event(source=HERE, event_id=event_id, time=later(n * 300 + near)) for n, near in enumerate((0, 61, 120))]
    facts, _ = joined(*rows, *others)
    assert facts.of(Trunk)[0].derived["flap_restart_pct"] == share
