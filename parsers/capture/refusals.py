"""What a refusal says of its own reason, whether a call that got it ended as calls end every day, and what became of credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from parsers.capture.calls import CallState
from parsers.capture.sip_header import split_values
from parsers.capture.transactions import seconds
from parsers.facts.capture import SipMessage

CHALLENGES = frozenset({401, 407})
FRESH_S = 30.0
"""A nonce that was given so long ago may have run out."""
RANG_S = 10.0
"""Progress (183) of this length is ringing by early media; a shorter one may be an announcement."""
SETTLED_S = 5.0
"""Nobody takes longer to answer a challenge."""
TEXT_LIMIT = 100

CAUSES = {
    1: "unallocated number", 2: "no route to the transit network", 3: "no route to the destination", 6: "channel unacceptable",
    16: "normal clearing", 17: "user busy", 18: "no user responding", 19: "no answer from the user", 20: "subscriber absent",
    21: "call rejected", 22: "number changed", 23: "redirection to a new destination", 25: "exchange routing error",
    26: "non-selected user clearing", 27: "destination out of order", 28: "invalid number format", 29: "facility rejected",
    31: "normal, unspecified", 34: "no circuit available", 38: "network out of order", 41: "temporary failure",
    42: "switching equipment congestion", 43: "access information discarded", 44: "requested circuit not available",
    47: "resource unavailable", 49: "quality of service not available", 50: "facility not subscribed",
    53: "outgoing calls barred in the closed user group", 55: "incoming calls barred in the closed user group",
    57: "bearer capability not authorized", 58: "bearer capability not available now", 63: "service not available",
    65: "bearer capability not implemented", 66: "channel type not implemented", 69: "facility not implemented",
    79: "service not implemented", 87: "user not a member of the closed user group", 88: "incompatible destination",
    95: "invalid message", 96: "mandatory information missing", 97: "message type not known", 99: "information not known",
    100: "invalid information", 101: "message does not fit the state of the call", 102: "recovery on timer expiry",
    111: "protocol error", 127: "interworking",
}  # fmt: skip
"""Causes of ITU-T Q.850 in short."""

_CAUSE = re.compile(r"(?i)^\s*q\.850\b.{0,40}?;\s*cause\s*=\s*(\d{1,3})")
_QUOTED = re.compile(r'"[^"]*"')
_QUOTE = re.compile(r'(?i);\s*text\s*=\s*"([^"]{1,300})')
_WARNING = re.compile(r'^\s*(\d{3})\s+\S+\s+"([^"]{0,300})')

_UNANSWERED = frozenset({17, 18, 19, 20})
"""Busy, nobody answers, or the subscriber is not in the net: whatever status stands over it, no fault."""
_EVERYDAY = {
    486: frozenset({16, 21, 31}), 600: frozenset({16, 21, 31}), 603: frozenset({16, 21, 31}),
    408: frozenset({16, 31}), 480: frozenset({16, 31}),
}  # fmt: skip
"""Statuses of busy, declined and unanswered calls, with the causes that leave it at that."""


class Credentials(Struct):
    """What became of credentials. ``refused``: made for the nonce just given and asked for again; ``stale``: that nonce was
    called stale; ``ignored``: sent for an older nonce although a newer one of the same realm had come.
    """

    refused: int = 0
    stale: int = 0
    ignored: int = 0
    last_stale: SipMessage | None = None
    last_ignored: SipMessage | None = None

    def follow(self, messages: Iterable[SipMessage]) -> None:
        """Look at the messages of one Call-ID on one hop, in order, repeats left out."""
        asked: dict[int | None, SipMessage] = {}
        latest: SipMessage | None = None
        pending: SipMessage | None = None
        for m in messages:
            if m.method:
                pending = None
                if m.has_credentials and latest is not None:
                    pending = self._sent(m, latest, asked)
                continue
            if m.status in CHALLENGES:
                if pending is not None and m.cseq == pending.cseq:
                    self._asked_again(m)
                asked[m.nonce_mark] = latest = m
            elif 200 <= (m.status or 0) < 300:  # from now on nonces may run out, or new ones be given on the way
                asked.clear()
                latest = None

    def _sent(self, m: SipMessage, latest: SipMessage, asked: dict[int | None, SipMessage]) -> SipMessage | None:
        """The request itself where its credentials are made for the newest nonce."""
        if m.nonce_mark == latest.nonce_mark:
            return m if seconds(latest, m) <= FRESH_S else None
        known = asked.get(m.nonce_mark)
        if known is None or known.realm == latest.realm:  # two proxies ask for two realms in turn
            self.ignored += 1
            self.last_ignored = m
        return None

    def _asked_again(self, m: SipMessage) -> None:
        if m.challenge_stale:
            self.stale += 1
            self.last_stale = m
        else:
            self.refused += 1


def cause_of(reason: str | None) -> int | None:
    """The Q.850 cause of a Reason header, which may have several values."""
    return next((cause for value in split_values(reason or "") if (cause := _cause(value)) is not None), None)


def _cause(value: str) -> int | None:
    found = _CAUSE.match(_QUOTED.sub("", value))
    return int(found[1]) if found else None


def said(message: SipMessage) -> str:
    """Status, phrase and what Reason and Warning add: ``503 Service Unavailable (Q.850 cause 34, no circuit available)``."""
    head = f"{message.status} {message.reason_phrase or ''}".strip()
    parts: list[str] = []
    for value in split_values(message.reason or ""):
        cause, quote = _cause(value), _QUOTE.search(value)
        words = quote[1].strip()[:TEXT_LIMIT] if quote else ""
        if cause is not None:
            name = CAUSES.get(cause, "")
            words = "" if words.lower() == name.lower() else f'"{words}"' if words else ""
            parts.append(", ".join(part for part in (f"Q.850 cause {cause}", name, words) if part))
        elif words and words.lower() != (message.reason_phrase or "").lower():
            parts.append(f'Reason "{words}"')
    warnings = [found for value in split_values(message.warning or "") if (found := _WARNING.match(value))]
    parts += [f'Warning {found[1]} "{found[2].strip()[:TEXT_LIMIT]}"' for found in warnings]
    return f"{head} ({'; '.join(dict.fromkeys(parts))})" if parts else head


def derive(state: CallState, capture_end: datetime | None) -> None:
    """Fill what the rules ask of a refused call (docs/facts.md)."""
    d, final = state.row.derived, state.final
    refused = final if final is not None and (final.status or 0) >= 300 else None
    asked = refused is not None and refused.status in CHALLENGES and not any(m.has_credentials for m in state.invites)
    ignored = asked and refused is not None and _later(refused.time, capture_end) >= SETTLED_S
    d["final_said"] = said(refused) if refused is not None else None
    d["ordinary_end"] = _ordinary(state, refused) if refused is not None and asked is ignored else None
    d["challenge_unanswered"] = ignored
    proofs = Credentials()
    caller = state.row.caller
    if any(m.status in CHALLENGES for m in state.finals):
        own = (m for m in state.messages if m.cseq_method == "INVITE" and caller in {m.src, m.dst})
        proofs.follow(m for m in own if not m.retransmission)
    d["credentials_refused"], d["stale_refusals"] = proofs.refused + proofs.stale, proofs.stale


def _later(time: datetime | None, end: datetime | None) -> float:
    return (end - time).total_seconds() if time and end else 0.0


def _ordinary(state: CallState, final: SipMessage) -> bool:
    """Busy, declined, not answered, or given up by the caller; a cause that names a fault of the network makes it none."""
    if state.cancel is not None or final.status == 487:
        return True
    cause = cause_of(final.reason)
    if cause in _UNANSWERED:
        return True
    causes = _EVERYDAY.get(final.status or 0)
    if causes is None or (cause is not None and cause not in causes):
        return False
    return final.status not in {408, 480} or _rang(state, final)


def _rang(state: CallState, final: SipMessage) -> bool:
    """The callee was alerted before the refusal."""
    return any(m.status == 180 or (m.status == 183 and seconds(m, final) >= RANG_S) for m in state.provisional)


def judge(states: list[CallState]) -> None:
    """``answered_elsewhere`` and ``refusal_severity`` of refused calls: how much a refusal hurt, by the other calls of the capture.

    The calls are linked.
    """
    by_id = {state.row.call_id: state for state in states}
    takers = {state.callee_host for state in states if state.ok is not None}
    for state in states:
        d = state.row.derived
        legs = [by_id[call_id] for call_id in state.row.linked if call_id in by_id]
        refused = d["ordinary_end"] is not None
        ends = [leg.row.derived["ordinary_end"] for leg in legs]
        passed_on = d["to_pbx"] and state.row.final_status in _EVERYDAY and True in ends and False not in ends
        if d["ordinary_end"] is False and passed_on:
            d["ordinary_end"] = True  # nobody took the call at the other end
        taken = any(leg.ok is not None for leg in legs) if legs and refused else None
        d["answered_elsewhere"] = taken
        d["refusal_severity"] = _severity(state, takers, taken=taken) if refused else None


def _severity(state: CallState, takers: set[str | None], *, taken: bool | None) -> str:
    if taken:
        return "info"
    return "low" if state.callee_host in takers else "medium"


def of_registration(messages: Iterable[SipMessage], d: dict[str, Any], sources: dict[str, Any]) -> None:
    """Fill what the rules ask of a refused registration; two devices behind one address have a Call-ID each."""
    calls: dict[str | None, list[SipMessage]] = {}
    finals: list[SipMessage] = []
    removing: set[tuple[str | None, int | None]] = set()
    for m in messages:
        if not m.retransmission:
            calls.setdefault(m.call_id, []).append(m)
        if (m.status or 0) >= 200:
            finals.append(m)
        elif m.method and m.expires == 0:  # whether what nobody wants any more is taken back does not matter
            removing.add((m.call_id, m.cseq))
    refusals = [m for m in finals if (m.status or 0) >= 300 and (m.call_id, m.cseq) not in removing]
    told = [m for m in refusals if m.status not in CHALLENGES] or refusals
    proofs = Credentials()
    for own in calls.values():
        proofs.follow(own)
    d["challenged"] = any(m.status in CHALLENGES for own in calls.values() for m in own)
    d["accepted"] = any((m.status or 0) // 100 == 2 for own in calls.values() for m in own)
    d["refusal_said"] = said(told[-1]) if told and finals[-1] in refusals else None
    d["stale_refusals"], d["old_nonces"] = proofs.stale, proofs.ignored
    places = {
        "stale_refusals": proofs.last_stale,
        "old_nonces": proofs.last_ignored,
        "refusal_said": told[-1] if told else None,
    }
    sources |= {name: message.source for name, message in places.items() if message is not None}
