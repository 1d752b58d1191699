"""What an arrow of a ladder says: of a SIP message, of a stream, of an ICMP error."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from parsers.capture.address import host_of
from parsers.capture.sdp import Media, Sdp
from parsers.capture.sip_header import address
from parsers.facts.capture import RtpStream, SipMessage

TEXT_LIMIT = 120
_NAME_LIMIT, _PHRASE_LIMIT = 24, 60
_SPACE = re.compile(r"\s+")
_REASON = re.compile(
    r'^\s*([\w.\-]{1,16})\s*(?:;[^,]{0,80}?cause\s*=\s*"?(\d{1,3}))?(?:[^,]{0,80}?text\s*=\s*"([^"]{0,200}))?',
    re.IGNORECASE,
)
_REPLACED = re.compile(r"(?i)[?&]replaces=([^&>]{1,300})")
_WARNING = re.compile(r'^\s*(\d{3})[^"]{0,200}"([^"]{0,200})')


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Text on one line without control, format and other invisible characters, cut to a bearable length."""
    visible = "".join("�" if unicodedata.category(c)[0] == "C" else c for c in _SPACE.sub(" ", text[: 4 * limit]))
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


class Holds:
    """Which side has put the other on hold, so that the message that does so and the one that ends it can be told."""

    def __init__(self) -> None:
        self._held: set[tuple[str | None, str | None]] = set()

    def word(self, message: SipMessage) -> str:
        """``hold`` or ``resume`` where a request inside the call begins or ends one."""
        audio = message.sdp.first() if isinstance(message.sdp, Sdp) else None
        if message.method not in {"INVITE", "UPDATE"} or message.to_tag is None or audio is None or not audio.port:
            return ""
        side = message.call_id, message.src
        held = audio.on_hold
        if held is (side in self._held):
            return ""
        self._held ^= {side}
        return "hold" if held else "resume"


def of_message(message: SipMessage, holds: Holds) -> str:
    """``INVITE 102 [PCMA PCMU]``, ``re-INVITE hold [PCMA sendonly]``, ``NOTIFY (SIP/2.0 200 OK)``, ``488 Not Acceptable Here``."""
    words = [*(_request(message, holds) if message.method else _response(message))]
    described = _describe(message.sdp, host_of(message.src)) if isinstance(message.sdp, Sdp) else ""
    if described:
        words.append(f"[{described}]")
    if message.truncated:
        words.append("(cut)")
    return " ".join(word for word in words if word)


def _request(message: SipMessage, holds: Holds) -> list[str]:
    method, derived = message.method or "", message.derived
    inside = message.to_tag is not None
    words = ["re-INVITE" if method == "INVITE" and inside else method]
    if method == "INVITE" and not inside:
        words.append(_name(address(f"<{message.uri or ''}>").user))
    words.append(holds.word(message))
    if method == "REFER":
        words += _refer_to(message.headers.get("refer-to", ""))
    elif method == "NOTIFY" and "sipfrag_status" in derived:
        words.append(f"(SIP/2.0 {derived['sipfrag_status']} {derived.get('sipfrag_phrase') or ''}".rstrip() + ")")
    elif method == "INFO" and "dtmf" in derived:
        words.append(f"(digit {derived['dtmf']})")
    if method == "INVITE" and "replaces" in message.headers:
        words.append(f"(Replaces {_name(message.headers['replaces'].partition(';')[0])})")
    if message.has_credentials:
        words.append("(credentials)")
    if method in {"BYE", "CANCEL"} and message.reason:
        words.append(f"({_reason(message.reason)})")
    return words


def _refer_to(value: str) -> list[str]:
    """Whom a REFER names, and which call that one is to replace: ``<sip:103@pbx?Replaces=abc%40host%3Bto-tag%3D1>``."""
    target = address(value)
    replaced = _REPLACED.search(value)
    words = ["to", _name(target.user or target.host) or "?"]
    if replaced is not None:
        words.append(f"(Replaces {_name(unquote(replaced[1]).partition(';')[0])})")
    return words


def _response(message: SipMessage) -> list[str]:
    status = message.status or 0
    words = [str(status), clean(message.reason_phrase or "", _PHRASE_LIMIT)]
    if message.cseq_method not in {"INVITE", None}:
        words.append(f"({message.cseq_method})")
    if 100 < status < 200 and "rseq" in message.headers:
        words.append("(reliable)")
    if 300 <= status < 400 and message.contact:
        target = address(f"<{message.contact}>")
        words.append(f"→ {_name(target.user)}@{_name(target.host)}")
    if status >= 300 and message.warning and (warning := _WARNING.match(message.warning)) is not None:
        words.append(f'(Warning {warning[1]} "{warning[2]}")')
    if status >= 300 and message.reason:
        words.append(f"({_reason(message.reason)})")
    if status >= 300 and (later := message.headers.get("retry-after")):
        words.append(f"(again after {_name(later.split()[0] if later.split() else '')} s)")
    return words


def _reason(value: str) -> str:
    """``Q.850;cause=16;text="Terminated"`` → ``Q.850 16 Terminated``."""
    found = _REASON.match(value)
    return " ".join(filter(None, found.groups())) if found is not None else value[:60]


def _name(text: str | None) -> str:
    """A name of bearable length."""
    text = text or ""
    return text if len(text) <= _NAME_LIMIT else text[: _NAME_LIMIT - 1] + "…"


def _describe(sdp: Sdp, sender: str | None) -> str:
    """Codecs, direction, keys of a session description in a few words, and where its media goes where that is another host."""
    parts: list[str] = []
    for media in sdp.media[:3]:
        if not media.port:
            parts.append(f"{media.kind} declined")
            continue
        words = ["T.38"] if media.is_t38 else [_codecs(media) or media.kind]
        words += _manner(media)
        if media.host and media.host not in {sender, "0.0.0.0", "::"}:  # noqa: S104 - the old way to hold a call
            words.append(f"at {media.host}")
        parts.append(" ".join(words))
    return ", ".join(parts)


def _codecs(media: Media) -> str:
    names = list(dict.fromkeys(media.voice))
    return " ".join((*names[:4], f"+{len(names) - 4}") if len(names) > 4 else names)


def _manner(media: Media) -> list[str]:
    words: list[str] = []
    if media.direction != "sendrecv":
        words.append(media.direction)
    elif media.on_hold:
        words.append("hold")
    if media.encrypted:
        words.append("SRTP")
    return words


def of_stream(stream: RtpStream, ends_s: float | None) -> str:
    """``RTP PCMA, 600 packets until 14.020, 1.2 % lost``: what of a stream matters at its first packet."""
    until = f" until {ends_s:.3f}" if ends_s is not None else ""
    words = [f"RTP {stream.codec or '?'}", f"{stream.packets} packet{'' if stream.packets == 1 else 's'}{until}"]
    if stream.encrypted:
        words.append("SRTP")
    if stream.loss_pct:
        words.append(f"{stream.loss_pct:g} % lost")
    if stream.jitter_mean_ms is not None:
        words.append(f"jitter {stream.jitter_mean_ms:.1f} ms")
    return ", ".join(words)


def of_digit(digit: str) -> str:
    """A telephone event: ``digit 5``, or ``tone (36)`` of a fax or modem."""
    return f"{'digit' if len(digit) == 1 else 'tone'} {digit}"


def of_errors(count: int) -> str:
    """ICMP errors that say that something cannot be delivered."""
    return f"ICMP unreachable (×{count})" if count > 1 else "ICMP unreachable"
