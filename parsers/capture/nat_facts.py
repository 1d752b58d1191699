"""Derived facts of calls about the addresses that the PBX itself gives away; each is defined in docs/facts.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from parsers.capture.address import host_of, is_private
from parsers.capture.calls import CallState
from parsers.capture.hosts import Hosts
from parsers.capture.sip_header import address
from parsers.facts.capture import SipMessage, SipPeer

_ADDRESSES_KEPT = 50


def derive(state: CallState, hosts: Hosts) -> None:
    """Fill ``pbx_private_contact``, ``pbx_private_media``, ``pbx_private_in``, ``pbx_private_severity`` and ``wan_peer`` of a call.

    ``media`` of the call has to be known before. All are null where no host of the capture is the PBX.
    """
    d = state.row.derived
    d["wan_peer"] = _wan_peer(d, state)
    d["pbx_private_contact"] = d["pbx_private_media"] = d["pbx_private_severity"] = None
    d["pbx_private_in"] = []
    if not hosts.pbx:
        return
    outward = [
        m
        for m in state.messages
        if host_of(m.src) in hosts.pbx and is_private(host_of(m.dst) or "") is False and not m.retransmission
    ]
    for name, test in (("pbx_private_contact", _private_contact), ("pbx_private_media", _private_media)):
        first = next((m for m in outward if test(m)), None)
        d[name] = first is not None
        if first is not None:
            state.row.sources[name] = first.source
            d["pbx_private_in"].append(_named(name, first))
    works = state.row.media == "both" and state.row.ack not in {"missing", "mismatched"}
    d["pbx_private_severity"] = "info" if works else "high"


def of_peers(peers: Iterable[SipPeer], messages: Sequence[SipMessage]) -> None:
    """Fill ``seen_as``, ``seen_as_count`` and ``seen_elsewhere`` of hosts: the ``received`` that public hosts answer with
    (RFC 3581 section 4), and whether it is another public address than the Contact of the request.
    """
    contacts: dict[tuple[str | None, int | None, str | None], str] = {}
    seen: dict[str, set[str]] = {}
    elsewhere: set[str] = set()
    for m in messages:
        key = (m.branch, m.cseq, m.cseq_method)
        if m.method is not None:
            host = address(f"<{m.contact}>").host if m.contact and m.contact != "*" else None
            if host and is_private(host) is False:
                contacts[key] = host
        elif m.via_received and is_private(m.via_received) is False and is_private(host_of(m.src) or "") is False:
            own = host_of(m.dst) or ""
            found = seen.setdefault(own, set())
            if len(found) < _ADDRESSES_KEPT:
                found.add(m.via_received)
            if contacts.get(key, m.via_received) != m.via_received:
                elsewhere.add(own)
    for peer in peers:
        peer.derived["seen_as"] = sorted(seen.get(peer.ip, ()))
        peer.derived["seen_as_count"] = len(seen.get(peer.ip, ()))
        peer.derived["seen_elsewhere"] = peer.ip in elsewhere


def _wan_peer(d: dict[str, Any], state: CallState) -> bool | None:
    """Whether the side that is not the PBX is a trunk or has a public address."""
    if d["by_pbx"]:
        peer, trunk = state.callee_host, d["to_trunk"]
    elif d["to_pbx"]:
        peer, trunk = state.caller_host, d["from_trunk"]
    else:
        return None
    return bool(trunk) or is_private(peer or "") is False


def _named(name: str, message: SipMessage) -> str:
    """``Contact 10.0.0.5``, ``SDP 10.0.0.5``: where a private address stands in a message."""
    if name == "pbx_private_contact":
        return f"Contact {address(f'<{message.contact}>').host}"
    audio = message.sdp.first() if message.sdp is not None else None
    return f"SDP {audio.host if audio is not None else None}"


def _private_contact(message: SipMessage) -> bool:
    if not message.contact or message.contact == "*":
        return False
    host = address(f"<{message.contact}>").host
    return bool(host) and is_private(host or "") is True


def _private_media(message: SipMessage) -> bool:
    audio = message.sdp.first() if message.sdp is not None else None
    return audio is not None and bool(audio.port) and is_private(audio.host or "") is True
