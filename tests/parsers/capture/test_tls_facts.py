from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parsers.capture.hosts import Hosts
from parsers.capture.tls import CLIENT_HELLO, dtls_handshake
from parsers.capture.tls_facts import derive
from parsers.facts.base import Source
from parsers.facts.capture import TlsSession

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)


def judged(*pbx: str, **columns: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"client": "198.51.100.21:40000", "server": "198.51.100.80:443", "time": NOON} | columns
    row = TlsSession(source=Source(), **given)
    derive([row], Hosts(pbx=set(pbx)))
    return row.derived


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({}, False), ({"server": "198.51.100.80:5061"}, True), ({"server": "10.0.0.5:443"}, False), ({"server": "203.0.113.9:443"}, True),
        ({"sni": "hollybrook.my3cx.example"}, False), ({"sni": "hollybrook.3cx.eu"}, True), ({"sni": "x.my3cx.com.au"}, True),
        ({"sni": "not3cx.com"}, False),
    ],
)  # fmt: skip
def test_servers_that_matter(columns: dict[str, Any], *, wanted: bool) -> None:
    found = judged("203.0.113.9", **columns)
    assert (found["voip_server"], found["certificate_severity"]) == (wanted, "critical" if wanted else "low")


def test_any_server_of_the_lan_may_be_the_pbx_until_one_is_known() -> None:
    assert judged(server="10.0.0.5:443")["voip_server"] is True
    assert judged(server="198.51.100.80:443")["voip_server"] is False


def test_clients() -> None:
    assert (judged()["by_pbx"], judged()["client_public"], judged()["alert_severity"]) == (False, True, "low")
    inside = judged(client="192.168.1.21:40000")
    assert (inside["client_public"], inside["alert_severity"]) == (False, "medium")
    assert judged("203.0.113.9", client="203.0.113.9:40000")["by_pbx"] is True


def test_parts_of_both_ends() -> None:
    row = TlsSession(source=Source(), client="192.0.2.21:40000", server="192.0.2.1:5001")
    derive([row], Hosts(phones={"192.0.2.21"}, pbx={"192.0.2.1"}))
    assert (row.derived["from_phone"], row.derived["from_pbx"], row.derived["to_pbx"]) == (True, False, True)
    derive([row], Hosts(), one_sided=False)
    assert (row.derived["from_phone"], row.derived["from_pbx"], row.derived["to_pbx"]) == (None, None, None)
    assert row.derived["capture_one_sided"] is False


@pytest.mark.parametrize(
    ("alert", "by", "severity"),
    [(48, "client", "high"), (48, "server", "medium"), (40, "client", "medium"), (None, None, "medium")],
)
def test_a_refused_certificate(alert: int | None, by: str | None, severity: str) -> None:
    assert judged(alert=alert, alert_by=by)["chain_severity"] == severity


def test_life_of_a_certificate() -> None:
    found = judged(cert_not_before=NOON - timedelta(days=81), cert_not_after=NOON + timedelta(days=9))
    assert (found["lifetime_days"], found["lifetime_left_pct"]) == (90.0, 10.0)
    assert judged()["lifetime_left_pct"] is None
    assert judged(cert_not_before=NOON, cert_not_after=NOON)["lifetime_days"] is None


def test_dtls() -> None:
    hello = b"\x16\xfe\xfd\0\0" + b"\0" * 8 + b"\1" + b"x" * 40
    assert dtls_handshake(hello) == CLIENT_HELLO
    assert dtls_handshake(b"\x16\xfe\xfd\0\1" + hello[5:]) is None  # encrypted
    assert dtls_handshake(b"\x14" + hello[1:]) is None
    assert dtls_handshake(hello[:13]) is None
