"""What captures are worth for a case: whether they are of its time and of its PBX, and which names in DNS matter to it.

Null means: cannot be known from this case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from analyzer.join.wire import configured
from analyzer.system import System
from parsers.capture.address import canonical, host_of, is_private
from parsers.facts import Facts
from parsers.facts.capture import Capture, DnsQuery, RtpStream, SipMessage, StunExchange, TlsSession
from parsers.facts.inventory import Trunk, TrunkSeen
from parsers.facts.log import Event, LogCoverage

ZONES = timedelta(hours=14)
"""A wall clock may be that far from UTC."""
_HOSTS = ("Gateway.Host", "Gateway.ProxyHost")


def join_vantage(facts: Facts, system: System) -> None:
    """Give captures ``hours_from_logs`` and ``pbx_address_seen``, DNS questions ``for_trunk``, ``trunk_port`` and
    ``answers_public_ip``. Files that are one capture are told of at the first one.
    """
    _names(facts, system)
    window = _window(facts)
    local, public = configured(facts, "local_ip"), configured(facts, "public_ip")
    files: defaultdict[str, list[Capture]] = defaultdict(list)
    for capture in facts.of(Capture):
        files[capture.derived.get("continues", capture.artifact)].append(capture)
    # without an address of the PBX nothing can be said of those that were met
    met = _met(facts, {file.artifact: name for name, some in files.items() for file in some}) if local else {}
    for capture in facts.of(Capture):
        first = "continues" not in capture.derived
        capture.derived["hours_from_logs"] = _hours(files[capture.artifact], window) if first else None
        capture.derived["pbx_address_seen"] = _seen(met.get(capture.artifact, set()), local, public) if first else None


def _names(facts: Facts, system: System) -> None:
    ports: dict[str, int | None] = {}
    trunks: list[TrunkSeen | Trunk] = [*facts.of(TrunkSeen), *facts.of(Trunk)]
    for trunk in trunks:
        derived = getattr(trunk, "derived", {})
        for host in (trunk.host, *(derived.get(name) for name in _HOSTS)):
            if isinstance(host, str) and host and canonical(host) is None:
                ports[host.rstrip(".").casefold()] = trunk.port
    public = system.value("public_ip")
    own = canonical(public) if isinstance(public, str) else None
    for query in facts.of(DnsQuery):
        d, name = query.derived, query.name.rstrip(".").casefold()
        base = name.split(".", 2)[2] if name.startswith(("_sip._", "_sips._")) and name.count(".") >= 2 else name
        d["for_trunk"] = base in ports if ports else None
        d["trunk_port"] = ports.get(base)
        known = own is not None and is_private(own) is False and bool(d.get("for_pbx"))
        d["answers_public_ip"] = own in query.answers if known else None


def _window(facts: Facts) -> tuple[datetime, datetime] | None:
    """From the first to the last record of logs and events, widened where their clock is not UTC."""
    firsts: list[datetime] = []
    lasts: list[datetime] = []
    for log in facts.of(LogCoverage):
        slack = ZONES if log.local else timedelta()
        if log.first is not None and log.last is not None:
            firsts.append(log.first - slack)
            lasts.append(log.last + slack)
    times = [event.time for event in facts.of(Event) if event.time is not None]
    firsts += times
    lasts += times
    return (min(firsts), max(lasts)) if firsts else None


def _hours(files: Iterable[Capture], window: tuple[datetime, datetime] | None) -> float | None:
    spans = [(capture.first, capture.last) for capture in files if capture.first and capture.last]
    if window is None or not spans:
        return None
    gap: timedelta = min(max(first - window[1], window[0] - last, timedelta()) for first, last in spans)
    return round(gap.total_seconds() / 3600, 1)


def _met(facts: Facts, capture_of: Mapping[str, str]) -> dict[str, set[str]]:
    """The hosts of each capture that speak SIP, RTP, STUN, TLS or DNS."""
    met: defaultdict[str, set[str]] = defaultdict(set)
    for artifact, address in _ends(facts):
        host = host_of(address)
        if artifact and host:
            met[capture_of.get(artifact, artifact)].add(host)
    return met


def _ends(facts: Facts) -> set[tuple[str | None, str | None]]:
    """Every artifact with each address that sends or receives in it."""
    asked: list[StunExchange | TlsSession | DnsQuery] = [
        *facts.of(StunExchange), *facts.of(TlsSession), *facts.of(DnsQuery),
    ]  # fmt: skip
    pairs: set[tuple[str | None, str | None, str | None]] = set()
    pairs.update((message.artifact, message.src, message.dst) for message in facts.of(SipMessage))
    pairs.update((stream.source.artifact, stream.src, stream.dst) for stream in facts.of(RtpStream))
    pairs |= {(question.source.artifact, question.client, question.server) for question in asked}
    return {(artifact, end) for artifact, *ends in pairs for end in ends}


def _seen(hosts: set[str], local: set[str], public: set[str]) -> bool | None:
    """Whether an address of the PBX is among the hosts; null where its public address may be and is not known."""
    if not hosts or not local:
        return None
    if hosts & (local | public):
        return True
    return False if public or all(is_private(host) for host in hosts) else None
