from __future__ import annotations

from typing import Any

import pytest

from parsers.facts import Source
from parsers.facts.capture import Call, DnsQuery, Registration, SipPeer, StunExchange, TcpOpening
from parsers.facts.inventory import TrunkSeen
from parsers.facts.system import Setting, SystemSeen
from tests.analyzer.join.conftest import Joined

FQDN = SystemSeen(source=Source(), key="fqdn", value="Pbx.Example.com", rank=90)


def query(name: str, qtype: str = "A", *answers: str) -> DnsQuery:
    return DnsQuery(source=Source(frame=7), name=name, qtype=qtype, answers=list(answers))


def trunk(number: str, host: str, calls: int | None = None) -> TrunkSeen:
    return TrunkSeen(source=Source(), origin="xapi_trunks", number=number, host=host, simultaneous_calls=calls)


def call(ip: str | None, up: int = 0) -> Call:
    return Call(source=Source(), call_id="a", derived={"trunk": ip, "trunk_calls_up": up})


def test_questions_for_the_pbx(joined: Joined) -> None:
    facts, system = joined(
        FQDN, query("pbx.example.com.", "A", "203.0.113.9"), query("ntp.example.org", "A", "10.0.0.1")
    )
    mine, other = facts.of(DnsQuery)
    assert (mine.derived["for_pbx"], mine.derived["public_answer"]) == (True, True)
    assert (other.derived["for_pbx"], other.derived["public_answer"]) == (False, False)
    assert system.fields["fqdn_has_ipv6"] is None


@pytest.mark.parametrize(("answers", "has"), [(["2001:db8::5"], True), ([], False), (["other.example.com"], False)])
def test_an_ipv6_address_of_the_name(joined: Joined, answers: list[str], *, has: bool) -> None:
    _, system = joined(FQDN, query("pbx.example.com", "AAAA", *answers), SipPeer(source=Source(), ip="192.0.2.1"))
    assert (system.fields["fqdn_has_ipv6"], system.fields["ipv6_peers"]) == (has, 0)


def test_without_a_name_or_capture_nothing_is_known(joined: Joined) -> None:
    facts, system = joined(query("pbx.example.com", "AAAA", "2001:db8::5"))
    assert facts.of(DnsQuery)[0].derived["for_pbx"] is None
    fields = system.fields
    assert (fields["fqdn_has_ipv6"], fields["ipv6_peers"], fields["public_ip_seen"]) == (None, None, None)


def test_addresses_under_which_the_pbx_is_seen(joined: Joined) -> None:
    registered = {"to_trunk": True, "public_address": "203.0.113.9"}
    _, system = joined(
        Registration(source=Source(frame=3), aor="a@b", derived=registered),
        Registration(source=Source(), aor="c@b", derived={"to_trunk": False, "public_address": "203.0.113.77"}),
        StunExchange(source=Source(frame=9), client="10.0.0.1:5060", server="198.51.100.1:3478", kind="pbx", mapped=["203.0.113.10:5060", "10.0.0.1:5060"]),
        StunExchange(source=Source(), client="10.0.0.2:5060", server="198.51.100.1:3478", kind="phone", mapped=["203.0.113.80:5060"]),
    )  # fmt: skip
    assert system.fields["public_ip_seen"] == ["203.0.113.10", "203.0.113.9"]
    assert system.source_of("public_ip_seen").frame == 9


def settings(number: str, **values: Any) -> list[Setting]:
    return [
        Setting(
            source=Source(artifact="Trunks.json"), object=f"Trunks[{number}]", name=name.replace("__", "."), value=value
        )
        for name, value in values.items()
    ]


def test_a_call_bears_the_settings_of_its_trunk(joined: Joined) -> None:
    facts, _ = joined(
        trunk("10000", "sip.example.net", 4),
        trunk("10001", "198.51.100.2"),
        *settings("10000", Gateway__SRTPMode="SRTPEnforced"),
        *settings("10001", Gateway__SRTPMode="SRTPDisabled"),
        query("SIP.example.net", "A", "198.51.100.1"),
        call("198.51.100.1", 4),
        call("198.51.100.2"),
        call("198.51.100.3"),
    )
    first, second, third = facts.of(Call)
    assert (first.derived["trunk_number"], first.derived["trunk_calls_left"]) == ("10000", 0)
    assert first.derived["trunk.Gateway.SRTPMode"] == "SRTPEnforced"
    assert first.source_of("trunk.Gateway.SRTPMode").artifact == "Trunks.json"
    assert (second.derived["trunk_number"], second.derived["trunk_calls_left"]) == ("10001", None)
    assert "trunk_number" not in third.derived


def test_the_only_trunk_has_the_only_trunk_address(joined: Joined) -> None:
    facts, _ = joined(trunk("10000", "sip.example.net"), call("198.51.100.1"))
    assert facts.of(Call)[0].derived["trunk_number"] == "10000"
    facts, _ = joined(trunk("10000", "sip.example.net"), call("198.51.100.1"), call("198.51.100.2"))
    assert all("trunk_number" not in one.derived for one in facts.of(Call))


def test_trunks_of_one_host_cannot_be_told_apart(joined: Joined) -> None:
    facts, _ = joined(trunk("10000", "198.51.100.1"), trunk("10001", "198.51.100.1"), call("198.51.100.1"))
    assert "trunk_number" not in facts.of(Call)[0].derived
    assert facts.of(Call)[0].derived["trunk_numbers"] == ["10000", "10001"]
    facts, _ = joined(trunk("10000", "sip.example.net"), trunk("10001", "SIP.example.net."), call("198.51.100.1"))
    assert facts.of(Call)[0].derived["trunk_numbers"] == ["10000", "10001"]
    facts, _ = joined(trunk("10000", "a.example.net"), trunk("10001", "b.example.net"), call("198.51.100.1"))
    assert not {"trunk_number", "trunk_numbers"} & set(facts.of(Call)[0].derived)


@pytest.mark.parametrize(
    ("client", "kind", "rank", "becomes"),
    [
        ("10.0.0.5:5060", "unknown", 90, "pbx"),
        ("10.0.0.5:5060", "phone", 90, "pbx"),
        ("10.0.0.5:40000", "ice", 90, "ice"),
        ("10.0.0.6:5060", "phone", 90, "phone"),
        ("10.0.0.5:5060", "unknown", 40, "unknown"),
    ],
)
def test_stun_from_the_configured_address_is_the_pbx(
    joined: Joined, client: str, kind: Any, rank: int, becomes: str
) -> None:
    own = SystemSeen(source=Source(), key="local_ip", value="10.0.0.5", rank=rank)
    facts, _ = joined(own, StunExchange(source=Source(), client=client, server="198.51.100.53:3478", kind=kind))
    assert [row.kind for row in facts.of(StunExchange)] == [becomes]


@pytest.mark.parametrize(
    ("known", "local", "host", "by_pbx", "to_trunk"),
    [
        (None, "10.0.0.5", "198.51.100.9", True, True),
        (None, "10.0.0.6", "198.51.100.10", False, None),
        (None, None, "198.51.100.9", None, True),
        (False, "10.0.0.5", "198.51.100.9", False, True),  # what the capture tells holds
    ],
)
def test_tcp_connections_of_the_pbx_to_its_trunk(
    joined: Joined, known: bool | None, local: str | None, host: str, *, by_pbx: bool | None, to_trunk: bool | None
) -> None:
    opening = TcpOpening(source=Source(), client="10.0.0.5", server=f"{host}:5060")
    opening.derived = {"by_pbx": known, "to_trunk": None, "server_host": host}
    own = [SystemSeen(source=Source(), key="local_ip", value=local, rank=90)] if local else []
    facts, _ = joined(*own, trunk("10000", "198.51.100.9"), opening)
    [row] = facts.of(TcpOpening)
    assert (row.derived["by_pbx"], row.derived["to_trunk"]) == (by_pbx, to_trunk)
