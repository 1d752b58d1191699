"""Derived facts of DNS questions that need the other questions and the SIP of the capture; defined in docs/facts.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from parsers.capture.address import canonical, host_of
from parsers.capture.handshakes import Opening
from parsers.facts.capture import Capture, DnsQuery, SipMessage

PATIENCE_S = 5.0
"""A question without an answer for so long got none."""
REFUSALS = frozenset({"NXDOMAIN", "SERVFAIL", "REFUSED"})
ADDRESSES = frozenset({"A", "AAAA"})
SERVICES = frozenset({"SRV", "NAPTR"})
PORT = 53
DEAD_AFTER = 6
"""Sendings of one request that a host may leave without any reply."""

_SERVICE = re.compile(r"^_sips?\._(?:udp|tcp|tls|sctp|ws|wss)\.")


def derive(
    rows: Sequence[DnsQuery], messages: Iterable[SipMessage], capture: Capture, openings: Iterable[Opening] = ()
) -> None:  # fmt: skip
    """Fill ``derived`` of all questions."""
    if not rows:
        return
    names, sent, heard = _spoken(rows, messages)
    good = {row.name for row in rows if row.qtype in ADDRESSES and _addresses(row)}
    over_tcp = {(host_of(row.client), row.name) for row in rows if row.derived.get("transport") == "tcp"}
    refused = {(o.client, o.server) for o in openings if o.port == PORT and not o.accepted}
    served = {_SERVICE.sub("", row.name) for row in rows if row.qtype in SERVICES and row.answers}
    for row in rows:
        d = row.derived
        d["sip_name"] = _SERVICE.sub("", row.name) in names
        d["served"] = _SERVICE.sub("", row.name) in served
        d["failed"] = _failure(row, capture)
        d["resolved"] = row.name in good
        cut = d.get("truncated")
        d["empty"] = row.rcode == "NXDOMAIN" or (row.rcode == "NOERROR" and not row.answers and _whole(row))
        d["retried_over_tcp"] = (host_of(row.client), row.name) in over_tcp if cut else None
        d["tcp_refused"] = (host_of(row.client), host_of(row.server)) in refused if cut else None
    _targets(rows, sent, heard)


def _spoken(
    rows: Iterable[DnsQuery], messages: Iterable[SipMessage]
) -> tuple[set[str], dict[str, int], set[str]]:  # fmt: skip
    """Names that are used for SIP, hosts with the most sendings of one request to them, and hosts that replied."""
    names = {_SERVICE.sub("", row.name) for row in rows if _SERVICE.match(row.name) or row.qtype == "NAPTR"}
    sendings: dict[tuple[str, str | None, int | None], int] = defaultdict(int)
    heard: set[str] = set()
    for m in messages:
        if m.method is None:
            heard.add(host_of(m.src) or "")
            continue
        sendings[host_of(m.dst) or "", m.branch, m.cseq] += 1
        if m.method == "REGISTER" and m.to_host and canonical(m.to_host) is None:
            names.add(m.to_host.rstrip(".").lower())
    sent: dict[str, int] = defaultdict(int)
    for (host, _, _), count in sendings.items():
        sent[host] = max(sent[host], count)
    return names, sent, heard


def _addresses(row: DnsQuery) -> list[str]:
    return [answer for answer in row.answers if canonical(answer) is not None] if row.rcode == "NOERROR" else []


def _whole(row: DnsQuery) -> bool:
    return not row.derived.get("truncated") and not row.derived.get("damaged")


def _failure(row: DnsQuery, capture: Capture) -> str | None:
    if row.rcode in REFUSALS:
        return row.rcode
    if row.qtype == "A" and row.rcode == "NOERROR" and _whole(row):
        return None if row.derived["served"] or _addresses(row) else "no address"
    if row.rcode is not None or capture.one_sided or row.time is None or capture.last is None:
        return None
    return "no answer" if (capture.last - row.time).total_seconds() >= PATIENCE_S else None


def _targets(rows: Iterable[DnsQuery], sent: dict[str, int], heard: set[str]) -> None:
    """Hosts that an SRV answer names: how many, to how many SIP was sent, and the first that never replied."""
    places: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.qtype in ADDRESSES:
            places[row.name].update(_addresses(row))
    for row in rows:
        row.derived |= {"targets": None, "targets_tried": None, "dead_target": None}
        if row.qtype != "SRV" or not _SERVICE.match(row.name):
            continue
        targets = list(dict.fromkeys(answer.rpartition(":")[0] for answer in row.answers))
        tried = [target for target in targets if places[target] & set(sent)]
        dead = [
            target
            for target in tried
            if not places[target] & heard and max(sent.get(ip, 0) for ip in places[target]) >= DEAD_AFTER
        ]
        row.derived["targets"], row.derived["targets_tried"] = len(targets), len(tried)
        row.derived["dead_target"] = dead[0] if dead else None
