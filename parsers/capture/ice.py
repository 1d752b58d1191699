"""ICE as a whole: which connectivity checks belong together, and how they ended (RFC 8445, RFC 7675)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from parsers.capture.address import join
from parsers.capture.stun import Asked, Endpoint
from parsers.facts.base import Source
from parsers.facts.capture import RtpStream, StunExchange

CONSENT_S = 20.0
"""Checks of consent come every 5 s; after 30 s without an answer the agent stops (RFC 7675 section 5.1)."""
STOPPED_S = 40.0
"""Media that goes on longer than this without an answer does not heed the end of consent."""

Pair = tuple[Asked, StunExchange]


def derive(
    pairs: Iterable[Pair], streams: Iterable[RtpStream], dtls: set[frozenset[Endpoint]], *, one_sided: bool | None
) -> None:
    """Fill the ICE facts of all exchanges; they are null for those that are no ICE."""
    checks = []
    for asked, row in pairs:
        row.derived |= {
            "ice_session": None, "ice_failed": None, "ice_requests": None, "role_conflicts": asked.errors.get(487, 0),
            "consent_lost_after_s": None,
        }  # fmt: skip
        if row.kind == "ice":
            checks.append((asked, row))
    last_media = {(row.src, row.dst): row.last for row in streams}
    for group in _sessions(checks):
        ends = {end for asked, _ in group for end in (asked.client, asked.server)}
        answered = any(asked.answered for asked, _ in group)
        keyed = any(pair <= ends for pair in dtls)
        name = min(join(*end) for end in ends)
        for asked, row in group:
            row.derived["ice_session"] = name
            row.derived["ice_failed"] = None if one_sided else not answered and not keyed
            row.derived["ice_requests"] = sum(each.requests for each, _ in group)
            row.derived["consent_lost_after_s"] = lost = _consent_lost(asked, row, last_media)
            if lost is not None and asked.last_answer is not None:
                row.sources["consent_lost_after_s"] = Source(
                    artifact=row.source.artifact,
                    frame=asked.last_answer_frame,
                    time=asked.last_answer.isoformat(),
                    text=f"last STUN answer {row.server} > {row.client}",
                )


def _sessions(checks: list[Pair]) -> list[list[Pair]]:
    """Checks that share a socket, directly or over others: all pairs of one session."""
    root: dict[Endpoint, Endpoint] = {}

    def find(end: Endpoint) -> Endpoint:
        root.setdefault(end, end)
        while root[end] != end:
            root[end] = root[root[end]]
            end = root[end]
        return end

    for asked, _ in checks:
        root[find(asked.client)] = find(asked.server)
    groups: dict[Endpoint, list[Pair]] = {}
    for pair in checks:
        groups.setdefault(find(pair[0].client), []).append(pair)
    return list(groups.values())


def _consent_lost(
    asked: Asked, row: StunExchange, last_media: Mapping[tuple[str, str], datetime | None]
) -> float | None:
    """Seconds after the first check at which answers ended for good, while the asking side went on checking and sending
    media until consent ran out; null where that is not so. Who hangs up stops sending at once.
    """
    if asked.last_answer is None or asked.last_request is None:
        return None
    media = last_media.get((row.client, row.server))
    if media is None or (asked.last_request - asked.last_answer).total_seconds() < CONSENT_S:
        return None
    if not CONSENT_S <= (media - asked.last_answer).total_seconds() <= STOPPED_S:
        return None
    return round((asked.last_answer - asked.first).total_seconds(), 3)
