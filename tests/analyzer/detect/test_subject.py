"""What rows are about."""

from __future__ import annotations

import pytest

from analyzer.detect.subject import subjects
from analyzer.pack.finding_row import FindingRow
from analyzer.pack.samples import make_row
from analyzer.pack.tables import classes
from parsers.facts.base import Source


@pytest.mark.parametrize(
    ("table", "values", "expected"),
    [
        ("phone", {"mac": "805e0c112233", "ip": "192.0.2.1", "extensions": ["105"]}, ["phone:805e0c112233", "ext:105"]),
        ("phone", {"ip": "192.0.2.1"}, ["phone:192.0.2.1"]),
        ("phone", {}, []),
        ("trunk", {"number": "10000", "name": "n"}, ["trunk:10000"]),
        ("trunk", {"host": "sip.example.com"}, ["trunk:sip.example.com"]),
        ("extension", {"number": "105"}, ["ext:105"]),
        ("call", {"call_id": "c"}, ["call:c"]),
        ("registration", {"client": "192.0.2.1:5060"}, ["ip:192.0.2.1"]),
        ("stun_exchange", {"client": "[2001:db8::1]:5060"}, ["ip:2001:db8::1"]),
        ("tls_session", {"server": "192.0.2.1:5061"}, ["ip:192.0.2.1"]),
        ("dns_query", {"client": None}, []),
        ("sip_message", {"call_id": "c", "src": "192.0.2.1:5060"}, ["call:c"]),
        ("sip_message", {"src": "192.0.2.1:5060"}, ["ip:192.0.2.1"]),
        ("capture", {"artifact": "a.zip!/b/c.pcap"}, ["capture:c.pcap"]),
        ("integration", {"kind": "crm"}, ["integration:crm"]),
        ("event", {"trunk": "10000", "extension": 105}, ["ext:105", "trunk:10000"]),
        ("log", {"ip": "192.0.2.1", "mac": "805e0c112233", "call_id": "c"}, ["ip:192.0.2.1", "phone:805e0c112233", "call:c"]),
        ("service", {"name": "x"}, []),
    ],
)  # fmt: skip
def test_subjects(table: str, values: dict[str, object], expected: list[str]) -> None:
    assert subjects(make_row(classes()[table], values)) == expected


def test_findings_pass_their_subjects_on() -> None:
    assert subjects(FindingRow(source=Source(), code="X-01", subject=["ip:2001:db8::1", "ext:1"])) == [
        "ip:2001:db8::1",
        "ext:1",
    ]


def test_an_address_of_a_template_is_the_host() -> None:
    row = make_row(classes()["dns_query"], {"server": "192.0.2.53:53", "client": "[2001:db8::1]:40000"}, ())
    assert subjects(row, ("ip:{server}", "ip:{client}", "trunk:{server}")) == [
        "ip:192.0.2.53", "ip:2001:db8::1", "trunk:192.0.2.53:53",
    ]  # fmt: skip
