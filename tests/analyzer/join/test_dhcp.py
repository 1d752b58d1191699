from __future__ import annotations

import pytest

from parsers.facts.base import Row, Source
from parsers.facts.capture import DhcpExchange, DnsQuery, SipPeer
from parsers.facts.inventory import PhoneSeen
from parsers.facts.system import SystemSeen
from tests.analyzer.join.conftest import Joined

HERE = Source(artifact="a.pcap", frame=1)


def exchange(host: str | None, *, named_phone: bool = True) -> DhcpExchange:
    return DhcpExchange(source=HERE, mac="805ec0aabbcc", provisioning_host=host, derived={"named_phone": named_phone})


@pytest.mark.parametrize(
    ("host", "known", "wanted"),
    [
        ("192.168.1.10", "address", True), ("192.168.1.99", "address", False), ("pbx.example.com", "address", None),
        ("pbx.example.com", "name", True), ("cfg.example.com", "name", False), ("192.168.1.10", "name", None),
        ("192.168.1.10", "nothing", None), (None, "address", None),
    ],
)  # fmt: skip
def test_where_the_configuration_comes_from(
    joined: Joined, host: str | None, known: str, *, wanted: bool | None
) -> None:
    row = exchange(host)
    peer = SipPeer(source=HERE, ip="192.168.1.10", role="pbx")
    name = SystemSeen(source=HERE, key="fqdn", value="PBX.example.com.", rank=90)
    rows: dict[str, list[Row]] = {"address": [peer], "name": [name], "nothing": []}
    joined(row, *rows[known])
    assert (row.derived["of_phone"], row.derived["leads_to_pbx"]) == (True, wanted)


def test_a_name_that_leads_to_the_pbx(joined: Joined) -> None:
    row = exchange("cfg.example.com")
    query = DnsQuery(source=HERE, name="cfg.example.com", qtype="A", rcode="NOERROR", answers=["192.168.1.10"])
    joined(row, query, SipPeer(source=HERE, ip="192.168.1.10", role="pbx"))
    assert row.derived["leads_to_pbx"] is True


def test_a_phone_by_its_address(joined: Joined) -> None:
    row, other = exchange(None, named_phone=False), exchange(None, named_phone=False)
    other.mac = "001122334455"
    joined(row, other, PhoneSeen(source=HERE, origin="config", mac="805ec0aabbcc", vendor="Yealink", model="T46S"))
    assert (row.derived["of_phone"], other.derived["of_phone"]) == (True, False)
