"""Both legs of a call through the PBX, side by side: who refused it, what it waited for, how many others were up."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime

from analyzer.system import System
from parsers.capture.address import host_of
from parsers.facts import Facts
from parsers.facts.capture import Call, DnsQuery

REFUSED = 300
SLOW_MS = 1000.0


def join_legs(facts: Facts, system: System) -> None:
    """Calls get ``trunk_rtp``, ``pbx_to_phone_rtp`` and ``phone_rtp`` (packets on the way of the audio, on the phone's leg),
    ``provider_status`` and ``provider_said`` (the final refusal of the leg to the trunk, on the phone's leg), ``dns_wait_s`` (seconds
    that a leg to the trunk waited for DNS after the phone's leg began); those to the PBX ``sc_used`` (answered calls that
    were up when it began) and ``sc_left`` (of the licence's simultaneous calls).
    """
    calls = {call.call_id: call for call in facts.of(Call)}
    for call in calls.values():
        legs = [calls[name] for name in call.linked if name in calls]
        out = [leg for leg in legs if leg.derived.get("to_trunk") and (leg.final_status or 0) >= REFUSED]
        if call.derived.get("from_phone") and out:
            last = max(out, key=lambda leg: (str(leg.start), leg.call_id))
            if not last.derived.get("final_by_pbx"):
                call.derived["provider_status"] = last.final_status
                call.derived["provider_said"] = last.derived.get("final_said")
                call.sources["provider_status"] = last.source_of("final_status")
        if call.derived.get("from_phone") or call.derived.get("to_phone"):
            _audio(call, legs)
        if call.derived.get("to_trunk") and call.derived.get("by_pbx"):
            _dns(call, legs, facts.of(DnsQuery))
    _busy(list(calls.values()), system.value("simultaneous_calls"))


def _audio(call: Call, legs: list[Call]) -> None:
    """RTP packets of each part of the way: provider to PBX, PBX to phone, phone to PBX."""
    outer = [leg for leg in legs if leg.derived.get("from_trunk") or leg.derived.get("to_trunk")]
    if len(outer) != 1:
        return
    near, far = ("caller", "callee") if call.derived.get("from_phone") else ("callee", "caller")
    trunk = "caller" if outer[0].derived.get("from_trunk") else "callee"
    call.derived["phone_rtp"] = call.derived.get(f"rtp_{near}_packets")
    call.derived["pbx_to_phone_rtp"] = call.derived.get(f"rtp_{far}_packets")
    call.derived["trunk_rtp"] = outer[0].derived.get(f"rtp_{trunk}_packets")
    for name, leg, side in (("pbx_to_phone_rtp", call, far), ("trunk_rtp", outer[0], trunk)):
        call.sources[name] = leg.source_of(f"rtp_{side}_packets")


def _dns(call: Call, legs: list[Call], queries: Iterable[DnsQuery]) -> None:
    before = [leg.start for leg in legs if leg.start and call.start and leg.start <= call.start]
    if not before or call.start is None:
        return
    waits = [
        (wait, query)
        for query in queries
        if host_of(query.client) == host_of(call.caller)
        if (wait := _waited(query, min(before), call.start)) is not None
    ]
    call.derived["dns_wait_s"] = round(max((wait for wait, _ in waits), default=0.0), 3)
    if waits:
        call.sources["dns_wait_s"] = max(waits, key=lambda pair: pair[0])[1].source


def _waited(query: DnsQuery, since: datetime, until: datetime) -> float | None:
    """Seconds from a question inside the span to its answer, or to the end of the span; null for quick answers."""
    if query.time is None or not since <= query.time <= until:
        return None
    span = (until - query.time).total_seconds()
    if query.elapsed_ms is None:
        return span
    return min(span, query.elapsed_ms / 1000) if query.elapsed_ms >= SLOW_MS else None


def _busy(calls: list[Call], limit: object) -> None:
    """Every call has one leg that leads to the PBX: those that are answered and not over are counted."""
    up = [call for call in calls if call.derived.get("to_pbx") and call.answered is not None]
    begun = sorted(call.answered for call in up if call.answered)
    over = sorted(call.end for call in up if call.end)
    for call in calls:
        if call.start is None or not call.derived.get("to_pbx"):
            continue
        used = bisect_left(begun, call.start) - bisect_right(over, call.start)
        call.derived["sc_used"] = used
        call.derived["sc_left"] = limit - used if isinstance(limit, int) else None
