"""Rows of the TCP connections that were opened, with what the rest of the capture says of both ends (docs/facts.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from parsers.capture.address import canonical, is_private, join
from parsers.capture.handshakes import Opening
from parsers.capture.hosts import Hosts
from parsers.capture.notes import utc
from parsers.facts.base import Source
from parsers.facts.capture import Capture, DnsQuery, TcpOpening

ROW_LIMIT = 2000


def rows(
    openings: Sequence[Opening], hosts: Hosts, queries: Iterable[DnsQuery], capture: Capture
) -> list[TcpOpening]:  # fmt: skip
    """A row for each client and port of a server."""
    names: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        for answer in query.answers:
            if canonical(answer) is not None:
                names[answer].add(query.name)
    taken: dict[tuple[str, int], set[str]] = defaultdict(set)
    for opening in openings:
        if opening.accepted:
            taken[opening.client, opening.port].add(opening.server)
    return [_row(opening, hosts, names, taken, capture) for opening in openings[:ROW_LIMIT]]


def _row(
    opening: Opening, hosts: Hosts, names: dict[str, set[str]], taken: dict[tuple[str, int], set[str]], capture: Capture
) -> TcpOpening:  # fmt: skip
    server = join(opening.server, opening.port)
    says = f"TCP SYN {opening.client} > {server}: {opening.attempts} connections, {opening.accepted} accepted"
    row = TcpOpening(
        source=Source(artifact=capture.source.artifact, frame=opening.frame, text=says),
        client=opening.client,
        server=server,
        attempts=opening.attempts,
        syns=opening.syns,
        accepted=opening.accepted,
        first=utc(opening.first),
        last=utc(opening.last),
    )
    row.derived = {
        "by_pbx": hosts.is_pbx(opening.client),
        "to_trunk": hosts.is_trunk(opening.server),
        "client_public": is_private(opening.client) is False,
        "server_host": opening.server,
        "server_port": opening.port,
        "server_public": is_private(opening.server) is False,
        "server_names": sorted(names.get(opening.server, ())),
        "accepted_elsewhere": bool(taken.get((opening.client, opening.port), set()) - {opening.server}),
        "capture_one_sided": capture.one_sided,
    }
    return row
