"""Derived facts of a call's offers and answers that the rules compare; each is defined in docs/facts.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from parsers.capture.address import host_of
from parsers.capture.calls import CallState
from parsers.capture.negotiation import Exchange, common_voice, fax_outcome
from parsers.capture.sdp import Media, Sdp
from parsers.facts.capture import SipMessage


def derive(state: CallState) -> None:
    """Fill ``derived`` of a call with what its session descriptions say."""
    d, negotiation = state.row.derived, state.negotiation
    first = next((e for e in negotiation.exchanges if e.answer is not None), None)
    offered = negotiation.exchanges[0] if negotiation.exchanges else None
    d["offer_codecs"] = _voice(offered.offer) if offered else []
    d["answer_codecs"] = _voice(first.answer) if first else []
    d["delayed_offer_unanswered"] = negotiation.unanswered_delayed_offer
    broken = next(((s.malformed, m) for _, s, m in negotiation.seen if s.malformed and not m.truncated), (None, None))
    d["sdp_malformed"] = broken[0]
    _place(state, "sdp_malformed", broken[1])
    keys = next((m for _, sdp, m in negotiation.seen if any(media.crypto for media in sdp.media)), None)
    d["sdp_keys_in_clear"] = keys is not None and state.row.transport in {"udp", "tcp", "ws"}
    _place(state, "sdp_keys_in_clear", keys)
    refused = [e for e in negotiation.exchanges if e.status in {415, 488, 606} and e.offer.fax is None]
    d["offer_refused_status"] = refused[-1].status if refused else None
    _place(state, "offer_refused_status", refused[-1].refused_by if refused else None)
    _profiles(state)
    d["video_offered"] = any(e.offer.first("video") is not None for e in negotiation.exchanges)
    d["t38_refusal_survived"] = state.row.t38 == "refused" and state.ok is not None and _lived_on(state)
    refusal = fax_outcome(negotiation).message
    d["t38_refused_by"] = host_of(refusal.src) if state.row.t38 == "refused" and refusal is not None else None
    d["t38_settings_differ"] = _fax_differences(state)
    d["stuck_on_hold"] = bool(state.hold_spans) and state.until is not None and state.hold_spans[-1][2] == state.until
    _versions(state, d)
    _pairs(state, [e for e in negotiation.settled if not e.partial])
    _events(state, first if first is not None and not first.partial else None)


def _place(state: CallState, name: str, message: SipMessage | None) -> None:
    """Note the message that shows a fact."""
    if message is not None:
        state.row.sources.setdefault(name, message.source)


def _profiles(state: CallState) -> None:
    """Offers that were refused and allowed one kind of media only, and whether the call shows that it was for this."""
    d, exchanges = state.row.derived, state.negotiation.exchanges
    d["only_srtp_refused"] = d["only_rtp_refused"] = d["srtp_proved"] = False
    for exchange in exchanges:
        kind = _kind(exchange.offer)
        if exchange.status not in {415, 488, 606} or exchange.offer.fax is not None or kind is None or exchange.partial:
            continue
        d[f"only_{kind}_refused"] = True
        _place(state, f"only_{kind}_refused", exchange.refused_by)
        other = "rtp" if kind == "srtp" else "srtp"
        # the refusal may say what would have suited (RFC 3261 section 21.4.26), and a second offer may have been taken
        shown = exchange.refused_by.sdp if exchange.refused_by is not None else None
        taken = any(e.by == exchange.by and (e.status or 0) // 100 == 2 and _kind(e.offer) == other for e in exchanges)
        d["srtp_proved"] = d["srtp_proved"] or taken or (shown is not None and _kind(shown) == other)


def _kind(sdp: Sdp) -> Literal["srtp", "rtp"] | None:
    """What all open audio lines want; null where both kinds stand there, keys stand in a plain line, or there is none."""
    lines = [media for media in sdp.media if media.kind == "audio" and media.port]
    secure = {"SAVP" in media.proto for media in lines}
    if len(secure) != 1 or (secure == {False} and any(media.encrypted for media in lines)):
        return None
    return "srtp" if secure == {True} else "rtp"


def media_habits(states: Iterable[CallState]) -> None:
    """An offer of plain RTP that was refused by a host which shows nothing but SRTP in its other calls is proved, too, and the
    other way round.
    """
    habits: dict[str | None, set[str | None]] = {}
    for state in states:
        for _, sdp, message in state.negotiation.seen:
            habits.setdefault(host_of(message.src), set()).add(_kind(sdp))
    for state in states:
        d = state.row.derived
        for mine, theirs in (("rtp", "srtp"), ("srtp", "rtp")):
            if d[f"only_{mine}_refused"] and habits.get(state.callee_host) == {theirs}:
                d["srtp_proved"] = True
        d["srtp_confidence"] = 90 if d["srtp_proved"] else None


def _voice(sdp: Sdp | None) -> list[str]:
    audio = sdp.first() if sdp else None
    return audio.voice if audio else []


def _lived_on(state: CallState) -> bool:
    """The call went on for two seconds and more after T.38 was refused: in G.711."""
    refusal = fax_outcome(state.negotiation).message
    if refusal is None or refusal.time is None or state.until is None:
        return False
    return (state.until - refusal.time).total_seconds() >= 2


def _fax_differences(state: CallState) -> list[str]:
    """Settings of T.38 that offer and answer have to agree on and do not (ITU-T T.38 annex D)."""
    found: set[str] = set()
    for exchange in state.negotiation.settled:
        offer, answer = exchange.offer.fax, exchange.answer.fax if exchange.answer else None
        if offer is None or answer is None or not answer.port:
            continue
        for name in ("T38FaxUdpEC", "T38FaxRateManagement"):
            if name in offer.t38 and name in answer.t38 and offer.t38[name].lower() != answer.t38[name].lower():
                found.add(name)
                _place(state, "t38_settings_differ", exchange.answered_at)
    return sorted(found)


def _versions(state: CallState, d: dict[str, Any]) -> None:
    """``o=`` must count up when the description changes (RFC 3264 section 8). A refused offer changes nothing: what follows it
    may bear its number. Devices that a call was forked to have a session each, whatever number they give it.
    """
    refused = {
        (e.offered_at.from_tag, e.offered_at.cseq) for e in state.negotiation.exchanges if (e.status or 0) >= 300
    }
    last: dict[tuple[str | None, ...], Sdp] = {}
    d["version_not_incremented"] = False
    for side, sdp, message in state.negotiation.seen:
        if message.method and (message.from_tag, message.cseq) in refused:
            continue
        if sdp.partial:
            continue
        tag = message.from_tag if message.method else message.to_tag
        key = (side, tag, message.src, sdp.session_id, sdp.origin_host)
        before = last.get(key)
        if before is not None and before.session_version == sdp.session_version and before.media != sdp.media:
            d["version_not_incremented"] = True
            _place(state, "version_not_incremented", message)
        last[key] = sdp


def _audio(exchange: Exchange) -> tuple[Media, Media] | None:
    offer, answer = exchange.offer.first(), exchange.answer.first() if exchange.answer else None
    return (offer, answer) if offer is not None and answer is not None else None


_WRONG: dict[str, Callable[[Media, Media], bool]] = {
    "no_common_codec": lambda o, a: bool(a.port and o.port and o.voice and a.voice and not common_voice(o, a)),
    "audio_declined": lambda o, a: bool(o.port and not a.port),
    "profile_changed": lambda o, a: bool(o.proto != a.proto and o.port and a.port),
    "crypto_tag_unknown": lambda o, a: bool(a.crypto) and not {t for t, _ in a.crypto} <= {t for t, _ in o.crypto},
    "ip_version_mismatch": lambda o, a: bool(o.host and a.host and (":" in o.host) != (":" in a.host)),
    "annexb_mismatch": lambda o, a: _annexb(o) is not None and _annexb(a) not in {None, _annexb(o)},
}
"""What an answer can have wrong, given the offer."""


def _pairs(state: CallState, settled: list[Exchange]) -> None:
    d = state.row.derived
    answered = [(pair, e.answered_at) for e in settled if (pair := _audio(e)) is not None]
    pairs = [pair for pair, _ in answered]
    for name, wrong in _WRONG.items():
        found = next(((True, message) for pair, message in answered if wrong(*pair)), (False, None))
        d[name] = found[0]
        _place(state, name, found[1])
    d["extra_codecs"] = sorted({c for o, a in pairs for c in a.voice if c not in o.voice})
    _place(state, "extra_codecs", next((m for (o, a), m in answered if not set(a.voice) <= set(o.voice)), None))
    directions = [(o.direction, a.direction) for o, a in pairs]
    d["both_ways"] = directions[-1] == ("sendrecv", "sendrecv") if directions else None
    d["ptime_offered"] = pairs[0][0].ptime if pairs else None
    d["ptime_answered"] = pairs[0][1].ptime if pairs else None
    d["codec"] = next(iter(common_voice(*pairs[-1])), None) if pairs else None
    if pairs:
        for name in ("both_ways", "codec"):
            _place(state, name, answered[-1][1])


def _annexb(media: Media) -> bool | None:
    """G.729 annex B is meant unless ``annexb=no`` (RFC 4856 section 2.1.9); null without G.729."""
    codec = next((c for c in media.codecs.values() if c.name == "G729"), None)
    return None if codec is None else "annexb=no" not in codec.fmtp.replace(" ", "").lower()


def _events(state: CallState, exchange: Exchange | None) -> None:
    d, pair = state.row.derived, _audio(exchange) if exchange else None
    offer, answer = pair or (None, None)
    d["events_offered"] = bool(offer.event_types) if offer else None
    d["events_answered"] = bool(answer.event_types) if answer else None
    d["events_negotiated"] = bool(offer.event_types and answer.event_types) if offer and answer else None
    d["event_types_differ"] = (
        bool(set(offer.event_types) ^ set(answer.event_types)) if offer and answer and d["events_negotiated"] else False
    )
    if d["events_negotiated"] is False and exchange is not None:
        _place(state, "events_negotiated", exchange.answered_at)
    wrong = [media is not None and not _event_clocks(media) <= _voice_clocks(media) for media in (offer, answer)]
    d["event_clock_mismatch"] = any(wrong)
    if exchange is not None and any(wrong):
        _place(state, "event_clock_mismatch", exchange.offered_at if wrong[0] else exchange.answered_at)


def _event_clocks(media: Media) -> set[int]:
    return {c.clock for c in media.codecs.values() if c.name == "telephone-event"}


def _voice_clocks(media: Media) -> set[int]:
    return {c.clock for c in media.codecs.values() if c.name != "telephone-event"}
