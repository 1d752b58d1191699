"""Derived facts of TLS connections that need the hosts of the capture; each is defined in docs/facts.md."""

from __future__ import annotations

import re
from collections.abc import Iterable

from parsers.capture.address import is_private, split
from parsers.capture.hosts import Hosts
from parsers.facts.capture import TlsSession

PORTS = frozenset({5061, 5090, 5001})
"""Secure SIP, the 3CX tunnel, the web server of installations with their own ports."""
DISTRUST = frozenset({42, 43, 44, 45, 46, 48})
"""Alerts about a certificate (RFC 8446 section 6.2): bad, unsupported, revoked, expired, unknown, unknown CA."""
_OF_3CX = re.compile(r"\.(?:my)?3cx\.[a-z.]{2,6}$")


def derive(rows: Iterable[TlsSession], hosts: Hosts, *, one_sided: bool | None = None) -> None:
    """Fill ``derived`` of all connections."""
    for row in rows:
        d = row.derived
        (client, _), (server, port) = split(row.client), split(row.server)
        d["voip_server"] = (
            port in PORTS
            or server in hosts.pbx
            or (is_private(server) is True and not hosts.pbx)
            or bool(row.sni and _OF_3CX.search(row.sni))
        )
        d["from_phone"], d["from_pbx"], d["to_pbx"] = hosts.is_phone(client), hosts.is_pbx(client), hosts.is_pbx(server)
        d["by_pbx"] = client in hosts.pbx
        d["capture_one_sided"] = one_sided
        d["client_public"] = is_private(client) is False
        d["certificate_severity"] = "critical" if d["voip_server"] else "low"
        refused = row.alert in DISTRUST and row.alert_by == "client"
        d["chain_severity"] = "high" if refused else "medium"
        d["alert_severity"] = "low" if d["client_public"] else "medium"
        _lifetime(row)


def _lifetime(row: TlsSession) -> None:
    start, end, now = row.cert_not_before, row.cert_not_after, row.time
    row.derived["lifetime_days"] = row.derived["lifetime_left_pct"] = None
    if start is None or end is None or now is None or end <= start:
        return
    row.derived["lifetime_days"] = round((end - start).total_seconds() / 86_400, 1)
    row.derived["lifetime_left_pct"] = round(100 * (end - now) / (end - start), 1)
