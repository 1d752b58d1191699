"""Session descriptions: RFC 8866, with offer/answer words of RFC 3264."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct, field

from parsers.capture.address import canonical
from parsers.capture.sip_header import number

LINE_LIMIT = 1000
LINE_CHARACTERS = 1000
"""Characters of an m=, c= or rtpmap line that are looked at: they are remembered."""
MEDIA_LIMIT = 16
FORMAT_LIMIT = 64
CANDIDATE_LIMIT = 64

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_DIRECTIONS: dict[str, Direction] = {
    "sendrecv": "sendrecv", "sendonly": "sendonly", "recvonly": "recvonly", "inactive": "inactive",
}  # fmt: skip
_ORDER = "vosiuepcbtrzka"

STATIC = {
    0: ("PCMU", 8000), 3: ("GSM", 8000), 4: ("G723", 8000), 5: ("DVI4", 8000), 6: ("DVI4", 16000), 7: ("LPC", 8000),
    8: ("PCMA", 8000), 9: ("G722", 8000), 10: ("L16", 44100), 11: ("L16", 44100), 12: ("QCELP", 8000), 13: ("CN", 8000),
    14: ("MPA", 90000), 15: ("G728", 8000), 16: ("DVI4", 11025), 17: ("DVI4", 22050), 18: ("G729", 8000),
    25: ("CelB", 90000), 26: ("JPEG", 90000), 28: ("nv", 90000), 31: ("H261", 90000), 32: ("MPV", 90000),
    33: ("MP2T", 90000), 34: ("H263", 90000),
}  # fmt: skip
"""Payload types and clock rates of RFC 3551 tables 4 and 5."""

_NAMES = {
    name.lower(): name for name in (*(name for name, _ in STATIC.values()), "opus", "speex", "iLBC", "telephone-event")
}


class Codec(Struct):
    """What a payload type means: encoding name (as RFC 3551 writes it), clock in Hz, parameters of ``a=fmtp``."""

    name: str
    clock: int
    fmtp: str = ""


class Media(Struct):
    """One ``m=`` line with what applies to it. ``host`` is the connection address; ``codecs`` goes by payload type.

    ``crypto`` lists (tag, suite) of ``a=crypto``: the keys are never kept. ``candidates`` are (host, port, type) of ICE.
    """

    kind: str
    port: int
    proto: str
    formats: list[str]
    host: str | None = None
    codecs: dict[int, Codec] = field(default_factory=dict)
    direction: Direction = "sendrecv"
    ptime: int | None = None
    crypto: list[tuple[str, str]] = field(default_factory=list)
    fingerprint: bool = False
    ice: bool = False
    candidates: list[tuple[str, int, str]] = field(default_factory=list)
    t38: dict[str, str] = field(default_factory=dict)

    @property
    def is_t38(self) -> bool:
        """Fax over UDPTL or TCP (``m=image … udptl t38``, ITU-T T.38 annex D)."""
        return self.kind == "image" and any(f.lower() == "t38" for f in self.formats)

    @property
    def encrypted(self) -> bool:
        """SDES or DTLS keying is offered: a secure profile, ``a=crypto`` or ``a=fingerprint``."""
        return "SAVP" in self.proto or bool(self.crypto) or self.fingerprint

    @property
    def on_hold(self) -> bool:
        """The side sends media and wants none, or neither; or the old way of RFC 2543, 0.0.0.0."""
        return self.direction in {"sendonly", "inactive"} or self.host in {"0.0.0.0", "::"}  # noqa: S104

    @property
    def voice(self) -> list[str]:
        """Names of the codecs that carry voice, in the order of preference."""
        return [c.name for c in self.codecs.values() if c.name not in {"telephone-event", "CN", "red"}]

    @property
    def event_types(self) -> list[int]:
        """Payload types of RFC 4733 events."""
        return [pt for pt, codec in self.codecs.items() if codec.name == "telephone-event"]


class Sdp(Struct):
    """One session description. ``malformed`` says what is wrong with it, ``partial`` that its end was cut off."""

    session_id: str | None = None
    session_version: str | None = None
    origin_host: str | None = None
    name: str | None = None
    host: str | None = None
    media: list[Media] = field(default_factory=list)
    malformed: str | None = None
    partial: bool = False

    def first(self, kind: str = "audio") -> Media | None:
        """The first media line of a kind that is not declined, else the first of that kind."""
        declined = None
        for media in self.media:
            if media.kind == kind:
                if media.port:
                    return media
                declined = declined or media
        return declined

    @property
    def fax(self) -> Media | None:
        """The T.38 media line."""
        for media in self.media:
            if media.is_t38:
                return media
        return None

    @property
    def encrypted(self) -> bool:
        """One of its media lines offers SRTP keys."""
        return any(m.encrypted for m in self.media)


def parse_sdp(body: bytes, *, partial: bool = False) -> Sdp | None:
    """Read a session description; null when it is none.

    Tolerates lines that end in LF, wrong order (said in ``malformed``), unknown lines, and text in any encoding. At most
    `LINE_LIMIT` lines, `MEDIA_LIMIT` media lines and `FORMAT_LIMIT` formats are read.
    """
    text = body.decode("utf-8", "replace").lstrip()
    if not text.startswith("v="):
        return None
    sdp = Sdp(partial=partial)
    session = Media("", 0, "", [])
    current = session
    last = -1
    for raw in text.split("\n", LINE_LIMIT)[:LINE_LIMIT]:
        line = raw.rstrip("\r \0")
        if len(line) < 2 or line[1] != "=":
            if line and not partial:
                sdp.malformed = sdp.malformed or "a line that is not key=value"
            continue
        key, value = line[0], line[2:].strip()
        if key == "m":
            if len(sdp.media) >= MEDIA_LIMIT:
                break
            current = _media_line(value, sdp, session)
        elif key == "a":
            _attribute(current, value)
        elif key == "c":
            current.host = _connection(value[:LINE_CHARACTERS])
        elif key == "o":
            _origin(sdp, value)
        elif key == "s":
            sdp.name = value[:100]
        if current is session:
            last = _in_order(sdp, key, last)
    sdp.host = session.host
    return sdp


def _in_order(sdp: Sdp, key: str, last: int) -> int:
    """Note when a session line stands too late; the place of the line that stands latest so far."""
    place = _ORDER.find(key)
    if 0 <= place < last and key not in "bk" and sdp.malformed is None:
        sdp.malformed = f"{key}= stands after {_ORDER[last]}= (RFC 8866 section 5)"
    return max(last, place)


@lru_cache(maxsize=1024)
def _media_words(value: str) -> tuple[str, int, str, list[str], list[tuple[int, str, int]]] | None:
    """Kind, port, protocol, formats, and the payload types among them with their static meaning; null where it is no line."""
    words = value.split(None, 3 + FORMAT_LIMIT)
    port = number(words[1].partition("/")[0].replace("$", "0"), 65_535) if len(words) >= 3 else None
    if port is None:
        return None
    proto, formats = words[2].upper(), words[3 : 3 + FORMAT_LIMIT]
    types: list[tuple[int, str, int]] = []
    if proto.startswith(("RTP/", "UDP/TLS/RTP/")):
        numbers = [payload_type for text in formats if (payload_type := number(text, 127)) is not None]
        types = [(number_, *STATIC.get(number_, (f"PT{number_}", 0))) for number_ in numbers]
    return words[0].lower(), port, proto, formats, types


def _media_line(value: str, sdp: Sdp, session: Media) -> Media:
    words = _media_words(value[:LINE_CHARACTERS])
    if words is None:
        sdp.malformed = sdp.malformed or "a media line without kind, port and protocol"
        return Media("", 0, "", [])
    kind, port, proto, formats, types = words
    media = Media(kind, port, proto, formats.copy(), session.host)
    media.direction, media.ptime, media.fingerprint, media.ice = (
        session.direction, session.ptime, session.fingerprint, session.ice,
    )  # fmt: skip
    media.crypto = list(session.crypto)
    for payload_type, name, clock in types:
        media.codecs[payload_type] = Codec(name, clock)
    sdp.media.append(media)
    return media


@lru_cache(maxsize=4096)
def _connection(value: str) -> str | None:
    words = value.split()
    if len(words) < 3:
        return None
    host = words[2].partition("/")[0]
    return canonical(host) or host.lower()


def _origin(sdp: Sdp, value: str) -> None:
    words = value.split()
    if len(words) < 6:
        sdp.malformed = sdp.malformed or "an o= line without its six fields"
        return
    sdp.session_id, sdp.session_version = (word[:64] for word in words[-5:-3])
    sdp.origin_host = canonical(words[-1]) or words[-1].lower()[:255]


def _attribute(media: Media, value: str) -> None:
    name, _, rest = value.partition(":")
    if name in _DIRECTIONS:
        media.direction = _DIRECTIONS[name]
    elif name == "rtpmap":
        _rtpmap(media, rest)
    elif name == "fmtp":
        text, _, params = rest.partition(" ")
        payload_type = number(text, 127)
        if payload_type is not None and payload_type in media.codecs:
            media.codecs[payload_type].fmtp = params.strip()[:200]
    elif name == "ptime":
        media.ptime = number(rest, 1000)
    elif name == "crypto":
        words = rest.split()
        if len(words) >= 2 and len(media.crypto) < 16:
            media.crypto.append((words[0][:9], words[1][:40]))
    elif name == "fingerprint":
        media.fingerprint = True
    elif name in {"ice-ufrag", "ice-options"}:
        media.ice = True
    elif name == "candidate":
        _candidate(media, rest)
    elif name.startswith("T38") and len(media.t38) < 20:
        media.t38[name[:40]] = rest.strip()[:40]


def _rtpmap(media: Media, rest: str) -> None:
    payload_type, name, clock = _encoding(rest[:LINE_CHARACTERS])
    codec = media.codecs.get(payload_type) if payload_type is not None else None
    if codec is not None and name:
        codec.name, codec.clock = name, clock or codec.clock


@lru_cache(maxsize=4096)
def _encoding(rest: str) -> tuple[int | None, str, int | None]:
    """Payload type, encoding name (empty where there is none) and clock rate of ``8 PCMA/8000``."""
    text, _, encoding = rest.partition(" ")
    words = encoding.strip().split("/")
    name = _NAMES.get(words[0].lower(), words[0][:32])
    clock = number(words[1], 384_000) if len(words) > 1 else None
    if name == "G722":
        clock = 8000  # whatever the rtpmap says (RFC 3551 section 4.5.2)
    return number(text, 127), name, clock


def _candidate(media: Media, rest: str) -> None:
    # a=candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host
    media.ice = True
    words = rest.split()
    if len(words) >= 8 and words[6] == "typ" and len(media.candidates) < CANDIDATE_LIMIT:
        port = number(words[5], 65_535)
        if port is not None:
            media.candidates.append((canonical(words[4]) or words[4].lower()[:255], port, words[7][:8]))
