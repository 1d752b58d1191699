from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.facts import Source
from parsers.facts.capture import Capture, DnsQuery, SipMessage
from parsers.facts.inventory import TrunkSeen
from parsers.facts.log import Event, LogCoverage
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
HERE = Source(artifact="a.pcap")


def capture(start: datetime = NOON) -> Capture:
    return Capture(source=HERE, artifact="a.pcap", first=start, last=start + timedelta(minutes=10))


def log(first: datetime, hours: float, *, local: bool) -> LogCoverage:
    return LogCoverage(
        source=Source(artifact="x.log"),
        kind="service_log",
        first=first,
        last=first + timedelta(hours=hours),
        local=local,
    )


@pytest.mark.parametrize(
    ("rows", "hours"),
    [
        ([log(NOON - timedelta(hours=1), 3, local=False)], 0.0),
        ([log(NOON - timedelta(hours=50), 2, local=False)], 48.0),
        ([log(NOON + timedelta(hours=50), 2, local=False)], 49.8),
        ([log(NOON - timedelta(hours=50), 2, local=True)], 34.0),
        ([log(NOON + timedelta(hours=50), 2, local=True)], 35.8),
        ([Event(source=Source(), event_id=4097, time=NOON - timedelta(hours=30))], 30.0),
        ([], None),
    ],
)
def test_hours_from_logs(joined: Joined, rows: list[LogCoverage | Event], hours: float | None) -> None:
    facts, _ = joined(capture(), *rows)
    assert facts.of(Capture)[0].derived["hours_from_logs"] == hours


def message(src: str, dst: str) -> SipMessage:
    return SipMessage(source=HERE, method="OPTIONS", src=src, dst=dst)


def address(key: str, value: str, rank: int = 90) -> SystemSeen:
    return SystemSeen(source=Source(), key=key, value=value, rank=rank)


@pytest.mark.parametrize(
    ("seen", "hosts", "wanted"),
    [
        ([address("local_ip", "10.0.0.5")], ("10.0.0.21:5060", "10.0.0.5:5060"), True),
        ([address("local_ip", "10.0.0.5")], ("10.0.0.21:5060", "10.0.0.9:5060"), False),
        ([address("local_ip", "10.0.0.5")], ("192.168.1.21:5060", "203.0.113.9:5060"), None),
        (
            [address("local_ip", "10.0.0.5"), address("public_ip", "203.0.113.9")],
            ("192.168.1.21:5060", "203.0.113.9:5060"),
            True,
        ),
        (
            [address("local_ip", "10.0.0.5"), address("public_ip", "203.0.113.9")],
            ("192.168.1.21:5060", "203.0.113.8:5060"),
            False,
        ),
        ([address("local_ip", "10.0.0.5", 40)], ("10.0.0.21:5060", "10.0.0.9:5060"), None),
        ([], ("10.0.0.21:5060", "10.0.0.9:5060"), None),
    ],
)
def test_whether_the_pbx_is_in_the_capture(
    joined: Joined, seen: list[SystemSeen], hosts: tuple[str, str], *, wanted: bool | None
) -> None:
    facts, _ = joined(capture(), message(*hosts), *seen)
    assert facts.of(Capture)[0].derived["pbx_address_seen"] is wanted


def query(name: str, qtype: str = "A", *answers: str) -> DnsQuery:
    return DnsQuery(source=HERE, name=name, qtype=qtype, answers=list(answers))


def test_names_of_trunks(joined: Joined) -> None:
    trunk = TrunkSeen(source=Source(), origin="xapi_trunks", number="10000", host="Sip.example.com", port=0)
    facts, _ = joined(
        trunk, query("sip.example.com."), query("_sip._udp.sip.example.com", "SRV"), query("www.example.com")
    )
    found = [(row.derived["for_trunk"], row.derived["trunk_port"]) for row in facts.of(DnsQuery)]
    assert found == [(True, 0), (True, 0), (False, None)]
    facts, _ = joined(query("sip.example.com"))
    assert facts.of(DnsQuery)[0].derived["for_trunk"] is None


@pytest.mark.parametrize(
    ("public", "answer", "wanted"),
    [
        ("203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.77", False),
        ("10.0.0.5", "203.0.113.77", None),
        (None, "203.0.113.77", None),
    ],
)
def test_the_pbxs_name_and_its_public_address(
    joined: Joined, public: str | None, answer: str, *, wanted: bool | None
) -> None:
    rows = [address("fqdn", "pbx.example.com"), *([address("public_ip", public)] if public else [])]
    facts, _ = joined(*rows, query("pbx.example.com", "A", answer), query("other.example.com", "A", answer))
    assert [row.derived["answers_public_ip"] for row in facts.of(DnsQuery)] == [wanted, None]
