"""Derived facts of a call's signalling that the rules compare; each is defined in docs/facts.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from parsers.capture.address import host_of, is_private, split
from parsers.capture.agents import pbx_version
from parsers.capture.calls import CallState
from parsers.capture.hosts import Hosts
from parsers.capture.negotiation import Side
from parsers.capture.refusals import cause_of
from parsers.capture.sip_header import address
from parsers.capture.transactions import Transaction, seconds
from parsers.facts.capture import SipMessage

TIMER_B_S = 32.0
"""64 * T1 (RFC 3261 section 17.1.1.2)."""

_WARNING = re.compile(r"^\s*(\d{3})\b")
_NUMBER = re.compile(r"^\s*(\d{1,9})")


def derive(state: CallState, hosts: Hosts, capture_end: datetime | None) -> None:
    """Fill ``derived`` of a call with all that needs no RTP."""
    d = state.row.derived
    _parts(state, hosts, d)
    _setup(state, hosts, capture_end, d)
    _answer(state, d)
    _session_timer(state, d)
    _transfers(state, d)
    _addresses(state, d)
    _sizes(state, d)


def _parts(state: CallState, hosts: Hosts, d: dict[str, Any]) -> None:
    caller, callee = state.caller_host, state.callee_host
    d["by_pbx"], d["to_pbx"] = hosts.is_pbx(caller), hosts.is_pbx(callee)
    d["from_trunk"], d["to_trunk"] = hosts.is_trunk(caller), hosts.is_trunk(callee)
    d["from_phone"], d["to_phone"] = hosts.is_phone(caller), hosts.is_phone(callee)
    d["from_scanner"] = caller in hosts.scanners
    d["hops"] = len({(m.src, m.dst) for m in state.invites})
    d["caller_public"] = is_private(caller) is False if caller else None
    d["caller_agent"], d["callee_agent"] = state.row.user_agents.get("caller"), state.row.user_agents.get("callee")


def _setup(state: CallState, hosts: Hosts, capture_end: datetime | None, d: dict[str, Any]) -> None:
    row, final = state.row, state.final
    # whoever acknowledges had a final response, whoever sends requests of the call took it
    responded = state.unread or any(m.status or m.method == "ACK" or m.src == row.callee for m in state.messages)
    sent = seconds(state.invites[0], state.invites[-1]) if state.invites else 0.0
    left = (capture_end - row.start).total_seconds() if capture_end and row.start else sent
    d["waited_s"] = round(max(sent, left), 3) if state.invites and not responded else None
    d["timer_b_expired"] = bool(state.invites) and not responded and max(sent, left) >= TIMER_B_S
    d["unprogressed_s"] = _unprogressed(state, capture_end)
    d["credentials_unanswered"] = _credentials_unanswered(state, capture_end)
    d["challenged"] = any(m.status in {401, 407} for m in state.finals)
    d["credentials_sent"] = any(m.has_credentials for m in state.invites)
    d["stale_nonce"] = any(m.challenge_stale for m in state.finals)
    d["final_phrase"] = final.reason_phrase if final else None
    d["final_by_pbx"] = _made_by_pbx(final, hosts) if final else None
    d["warning"] = final.warning if final else None
    warning = _WARNING.match(final.warning) if final and final.warning else None
    d["warning_code"] = int(warning[1]) if warning else None
    d["q850_cause"] = cause_of(row.reason)
    d["retry_after"] = _header_number(final, "retry-after")
    d["unsupported"] = final.headers.get("unsupported") if final else None
    d["too_small_422"] = sum(1 for m in state.messages if m.status == 422 and not m.retransmission)
    d["redirect_followed"] = _redirect_followed(state)
    d["cancelled_elsewhere"] = "completed elsewhere" in (row.reason or "").lower()
    forwards = [int(m[1]) for i in state.invites if (m := _NUMBER.match(i.headers.get("max-forwards", "")))]
    at_caller = [m for m in state.finals if m.dst == row.caller]
    d["answered_from_other_host"] = any(host_of(m.src) != state.callee_host for m in at_caller) if at_caller else None
    d["max_forwards_min"] = min(forwards, default=None)
    d["anonymous"] = (row.from_user or "").lower() in {"anonymous", "unknown", "restricted"}
    d["diverted"] = any("diversion" in m.headers or "history-info" in m.headers for m in state.invites)
    d["rinstance_in_uri"] = any(";rinstance=" in (m.uri or "").lower() for m in state.invites)
    d["prack_missing"] = _prack_missing(state)


def _unprogressed(state: CallState, capture_end: datetime | None) -> float | None:
    """Seconds for which the callee said no more than 100, until the caller gave up or the capture ended."""
    begin = next((m for m in state.provisional if m.status == 100), None)
    said_more = any(m.status != 100 for m in state.provisional) or any(
        m.status not in {401, 407, 487} for m in state.finals
    )
    if begin is None or begin.time is None or said_more or state.unread or not state.invites:
        return None
    last = max((m for m in state.invites if m.time), key=lambda m: m.cseq or 0, default=begin)
    until = state.cancel.time if state.cancel is not None else capture_end
    since = max(begin.time, last.time or begin.time)
    return round((until - since).total_seconds(), 3) if until is not None else None


def _credentials_unanswered(state: CallState, capture_end: datetime | None) -> bool:
    """The challenge came, so that the way is open for small messages; what was sent with credentials is larger."""
    sent = [m for m in state.invites if m.has_credentials]
    if not sent or state.unread or state.cancel is not None:
        return False
    last = [m for m in sent if m.cseq == sent[-1].cseq]
    if any(m.cseq == last[0].cseq for m in (*state.provisional, *state.finals)):
        return False
    left = (capture_end - last[0].time).total_seconds() if capture_end and last[0].time else 0.0
    return max(seconds(last[0], last[-1]), left) >= TIMER_B_S


def _made_by_pbx(final: SipMessage, hosts: Hosts) -> bool | None:
    if not hosts.pbx:
        return None
    return host_of(final.src) in hosts.pbx or pbx_version(final.server or final.user_agent or "") is not None


def _header_number(message: SipMessage | None, name: str) -> int | None:
    found = _NUMBER.match(message.headers.get(name, "")) if message else None
    return int(found[1]) if found else None


def _redirect_followed(state: CallState) -> bool | None:
    redirect = next((m for m in state.finals if 300 <= (m.status or 0) < 400), None)
    if redirect is None:
        return None
    return any((m.cseq or 0) > (redirect.cseq or 0) for m in state.invites)


def _prack_missing(state: CallState) -> bool:
    """A reliable 18x was repeated and never acknowledged (RFC 3262 section 3)."""
    reliable = [m for m in state.messages if m.status and 100 < m.status < 200 and "rseq" in m.headers]
    return any(m.retransmission for m in reliable) and not any(m.method == "PRACK" for m in state.messages)


def _answer(state: CallState, d: dict[str, Any]) -> None:
    row, ok, bye = state.row, state.ok, state.bye
    repeats = [m for m in state.messages if m.retransmission and ok and (m.status, m.cseq) == (ok.status, ok.cseq)]
    d["ok_retransmitted"] = sum(1 for m in repeats if m.cseq_method == "INVITE")
    d["bye_after_s"] = row.duration_s
    d["early_end"] = row.duration_s is not None and row.duration_s <= 2 and row.end_by == "callee"
    d["dropped_at_32s"] = bool(
        row.ack in {"missing", "mismatched"}
        and d["ok_retransmitted"]
        and row.duration_s is not None
        and 30.5 <= row.duration_s <= 34
    )
    byes = [t for t in state.transactions if t.method == "BYE"]
    d["bye_status"] = byes[-1].status if byes else None
    d["bye_unanswered"] = bool(byes) and not any(t.answered for t in byes)
    d["bye_repeats"] = sum(max(len(t.requests) - 1, 0) for t in byes)
    d["crossing_byes"] = len({state.side_of(t.requests[0]) for t in byes if t.requests}) > 1
    tags = {m.to_tag for m in state.finals if 200 <= (m.status or 0) < 300}
    acked = {m.to_tag for m in state.messages if m.method == "ACK"}
    d["answers"] = len(tags)
    d["orphan_answers"] = len(tags - acked) if len(tags) > 1 else 0
    d["starts_mid_call"] = not state.invites
    d["ends_before_bye"] = ok is not None and bye is None


def _session_timer(state: CallState, d: dict[str, Any]) -> None:
    """RFC 4028: a session without a refresh is ended min(32 s, a third of the interval) before it runs out."""
    row = state.row
    interval = _header_number(state.ok, "session-expires")
    d["session_expires_s"] = interval
    inside = [t for t in state.transactions if t.request is not None and t.request.to_tag is not None]
    refreshes = [t for t in inside if t.method in {"INVITE", "UPDATE"}]
    d["reinvites"] = len(refreshes)
    d["session_refreshed"] = any(200 <= (t.status or 0) < 300 for t in refreshes)
    bad = [t for t in refreshes if (t.status or 0) >= 400 and t.status not in {401, 407, 422, 491}]
    silent = [t for t in refreshes if not t.answered]
    d["refresh_status"] = bad[-1].status if bad else None
    d["refresh_unanswered"] = bool(silent)
    d["glare"] = sum(1 for t in refreshes if t.status == 491)
    given_up = [t.final for t in refreshes if t.status == 491 and _given_up(t, refreshes, state.until)]
    d["glare_unretried"] = len(given_up)
    unanswered = _unanswered_challenges(state)
    d["in_dialog_challenge_unanswered"] = bool(unanswered)
    _place(state, "glare_unretried", given_up)
    _place(state, "in_dialog_challenge_unanswered", [t.final for t in unanswered])
    d["ended_after_bad_refresh"] = _soon(bad[-1], state.bye) if bad else False
    d["ended_after_silent_refresh"] = any(
        state.bye is not None and t.requests and TIMER_B_S - 2 <= seconds(t.requests[0], state.bye) <= TIMER_B_S + 8
        for t in silent
    )
    d["session_expired"] = False
    if interval and row.duration_s is not None and not d["session_refreshed"]:
        limits = (interval, interval - min(32, interval / 3))
        d["session_expired"] = any(abs(row.duration_s - limit) <= 3 for limit in limits)
    d["session_refresher"] = _refresher(state.ok)
    d["session_severity"], d["session_confidence"] = _timer_or_chance(state, d)


def _refresher(ok: SipMessage | None) -> Side | None:
    """Who has to refresh by the 2xx: ``Session-Expires: 1800;refresher=uac``."""
    text = ok.headers.get("session-expires", "").lower().replace(" ", "") if ok else ""
    return "caller" if "refresher=uac" in text else "callee" if "refresher=uas" in text else None


def _timer_or_chance(state: CallState, d: dict[str, Any]) -> tuple[str, int]:
    """The side that waits for the refresh ends the call when none comes (RFC 4028 section 10); the other one may hang up at
    any time.
    """
    sure = d["session_refresher"] is not None and state.row.end_by not in {None, d["session_refresher"]}
    return ("high", 85) if sure else ("medium", 60)


def session_timers(states: Iterable[CallState]) -> None:
    """Two calls that end at the same timer are no chance."""
    ended: dict[int, list[CallState]] = {}
    for state in states:
        if state.row.derived["session_expired"]:
            ended.setdefault(state.row.derived["session_expires_s"], []).append(state)
    for group in ended.values():
        # both legs of one call end together
        if len({min(state.row.call_id, *state.row.linked) for state in group}) > 1:
            for state in group:
                state.row.derived["session_severity"], state.row.derived["session_confidence"] = "high", 90


def _soon(transaction: Transaction, bye: SipMessage | None) -> bool:
    final = transaction.final
    return final is not None and bye is not None and 0 <= seconds(final, bye) <= 5


def _given_up(glare: Transaction, refreshes: list[Transaction], until: datetime | None) -> bool:
    """Nobody tried again within 5 s of a 491 though the call went on (RFC 3261 section 14.1 gives 4 s at most)."""
    final = glare.final
    if final is None or final.time is None or until is None or (until - final.time).total_seconds() < 5:
        return False
    later = [t.request for t in refreshes if t.request is not None]
    return not any(0 < seconds(final, request) <= 5 for request in later)


def _place(state: CallState, name: str, messages: Iterable[SipMessage | None]) -> None:
    """Note the first of the messages that show a fact."""
    first = next((m for m in messages if m is not None), None)
    if first is not None:
        state.row.sources.setdefault(name, first.source)


def _unanswered_challenges(state: CallState) -> list[Transaction]:
    """401 or 407 to a request inside the dialog that was not sent again with credentials."""
    latest: dict[str, int] = {}
    for t in state.transactions:
        if t.request is not None and t.request.has_credentials:
            latest[t.method] = max(latest.get(t.method, 0), t.cseq or 0)
    return [
        t for t in state.transactions
        if t.challenged and t.request is not None and t.request.to_tag is not None and t.method != "CANCEL"
        and latest.get(t.method, 0) <= (t.cseq or 0)
    ]  # fmt: skip


def _transfers(state: CallState, d: dict[str, Any]) -> None:
    refers = [t for t in state.transactions if t.method == "REFER"]
    d["refer_status"] = refers[-1].status if refers else None
    d["refer_unanswered"] = bool(refers) and not refers[-1].answered
    frags = [
        m.derived["sipfrag_status"] for m in state.messages if "sipfrag_status" in m.derived and not m.retransmission
    ]
    d["transfer_status"] = frags[-1] if frags else None
    replaces = [m for m in state.invites if "replaces" in m.headers]
    d["replaces_status"] = state.row.final_status if replaces else None
    infos = [t.status for t in state.transactions if t.method == "INFO" and t.status is not None]
    d["info_rejected_status"] = next((s for s in infos if s >= 300), None)
    digits = [t for t in state.transactions if t.method == "INFO" and t.request and t.request.derived.get("dtmf")]
    rejected = next((t for t in digits if t.status is not None and t.status >= 300), None)
    d["digit_rejected_status"] = rejected.status if rejected else None
    _place(state, "digit_rejected_status", [rejected.final] if rejected else [])
    d["cseq_500"] = any(t.status == 500 and t.request and t.request.to_tag for t in state.transactions)


_ADDRESS_FACTS = (
    "contact_private_to_public", "sdp_private_to_public", "addresses_mixed", "port_rewritten", "answered_on_via_port",
)  # fmt: skip


def _first(found: dict[str, SipMessage], name: str, message: SipMessage, shows: bool) -> None:  # noqa: FBT001 - a condition
    if shows:
        found.setdefault(name, message)


def _addresses(state: CallState, d: dict[str, Any]) -> None:
    """Private addresses that go to public peers, and ports that a NAT changed."""
    found: dict[str, SipMessage] = {}
    sources = {(m.branch, m.cseq): m for m in state.messages if m.method}
    for m in state.messages:
        if m.retransmission:
            continue
        if m.status and m.via_rport is not None and m.dst:
            _first(found, "port_rewritten", m, m.via_rport != split(m.dst)[1])
        if m.status and m.dst and (request := sources.get((m.branch, m.cseq))) is not None:
            _first(found, "answered_on_via_port", m, _on_via_port(request, m))
        if is_private(host_of(m.dst) or "") is not False:
            continue
        contact = address(f"<{m.contact}>").host if m.contact and m.contact != "*" else None
        contact_private = is_private(contact) if contact else None
        _first(found, "contact_private_to_public", m, contact_private is True)
        if m.sdp is not None and (audio := m.sdp.first()) is not None and audio.host and audio.port:
            media_private = is_private(audio.host)
            _first(found, "sdp_private_to_public", m, media_private is True)
            origin = is_private(m.sdp.origin_host or "")
            rewritten = media_private is False and origin is True
            _first(found, "addresses_mixed", m, contact_private is False and (media_private is True or rewritten))
    for name in _ADDRESS_FACTS:
        d[name] = name in found
        _place(state, name, [found.get(name)])
    d["ack_host_unreachable"] = bool(state.ok and state.row.ack != "ok" and _contact_is_private(state.ok))


def _on_via_port(request: SipMessage, response: SipMessage) -> bool:
    """The request asked for no rport, and the answer went to the port of its Via, which it was not sent from."""
    if request.via_has_rport or not request.via_sent_by or not request.src or not response.dst:
        return False
    via_port = split(request.via_sent_by)[1] or 5060
    return via_port != split(request.src)[1] and split(response.dst)[1] == via_port


def _contact_is_private(ok: SipMessage) -> bool:
    host = address(f"<{ok.contact}>").host if ok.contact else None
    return bool(host and is_private(host))


def _sizes(state: CallState, d: dict[str, Any]) -> None:
    d["invite_bytes"] = max((m.length for m in state.invites), default=None)
    d["content_missing"] = max((m.derived.get("content_missing", 0) for m in state.messages), default=0)
    d["truncated"] = any(m.truncated for m in state.messages)
    d["malformed"] = next((m.derived["malformed"] for m in state.messages if "malformed" in m.derived), None)
