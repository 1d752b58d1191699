"""Messages that something on the way rewrote although it is no SIP hop: the work of a router's SIP helper (ALG).

A proxy that passes a request on adds a Via with a branch of its own (RFC 3261 section 16.6), and whoever answers copies the
Via as it came (section 8.2.6.2). So the same branch in two places means the same message, and it has to read the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.capture.address import host_of
from parsers.capture.message import note
from parsers.facts.base import ALSO
from parsers.facts.capture import SipMessage

MAGIC = "z9hG4bK"
"""What a branch that is unique begins with (RFC 3261 section 8.1.1.7)."""
_HOPS_KEPT = 8

Key = tuple[str, int | None, str | None]


def mark_rewrites(group: Iterable[SipMessage]) -> None:
    """Set ``changed_on_way`` and ``via_changed`` on the messages of one Call-ID that were rewritten (docs/facts.md)."""
    sent: dict[Key, list[SipMessage]] = {}
    for m in group:
        if m.branch is None or not m.branch.startswith(MAGIC):
            continue
        before = sent.setdefault((m.branch, m.cseq, m.method or m.cseq_method), [])
        if m.method is not None:
            if not before:
                before.append(m)
            elif len(before) < _HOPS_KEPT and not any(o.src == m.src and o.dst == m.dst for o in before):
                if changes := _changes(before[0], m):
                    note(m, "changed_on_way", changes)
                    m.sources[ALSO] = before[0].source
                before.append(m)
        elif m.via_sent_by:
            asked = next((other for other in before if other.src == m.dst and other.via_sent_by), None)
            if (
                asked is not None
                and asked.via_sent_by != m.via_sent_by
                and _place(asked.via_sent_by) != _place(m.via_sent_by)
            ):
                note(m, "via_changed", value=True)
                m.sources[ALSO] = asked.source


def _changes(first: SipMessage, later: SipMessage) -> list[str]:
    """What differs between two sightings of one request."""
    found = []
    if _place(first.via_sent_by) != _place(later.via_sent_by):
        found.append("Via")
    if first.contact != later.contact and first.contact and later.contact:
        found.append("Contact")
    if _media(first) != _media(later) and first.sdp is not None and later.sdp is not None:
        found.append("media address")
    if first.expires != later.expires:
        found.append("Expires")
    if not later.truncated:
        found += sorted(name for name in first.headers if name not in later.headers)
    return found


def _place(sent_by: str | None) -> str:
    text = (sent_by or "").lower()
    return text.removesuffix(":5060") if host_of(text) != text else text


def _media(message: SipMessage) -> list[tuple[str | None, int]]:
    return [(media.host, media.port) for media in message.sdp.media] if message.sdp is not None else []
