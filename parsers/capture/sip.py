"""SIP messages out of bytes (RFC 3261 section 7), tolerant of what real senders, middle boxes and short captures do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache

from parsers.capture.message import LATER, NOTHING, QUOTED, Place, Shown, WireMessage, note
from parsers.capture.sdp import Sdp, parse_sdp
from parsers.capture.sip_header import (
    COMPACT,
    VALUE_LIMIT,
    address,
    auth_parameters,
    masked,
    number,
    parameter,
    split_values,
    via,
)  # fmt: skip
from parsers.capture.sip_start import CACHE_LIMIT, START, Start, behind_junk, cseq_method, remember, start_of
from parsers.facts.base import Source

HEAD_LIMIT = 64 * 1024
HEADER_LIMIT = 256

Secrets = Callable[[Iterable[str | None]], None]

_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
"""`_END` without its optional beginning: searched for several times as fast."""
_FOLD = re.compile(r"\r?\n[ \t]+")
CR = 13
_FILLING = b"\r\n\0\t "
_CREDENTIALS = ("authorization", "proxy-authorization")
_CHALLENGES = ("www-authenticate", "proxy-authenticate")
_SECRET = frozenset({*_CREDENTIALS, *_CHALLENGES, "authentication-info", "proxy-authentication-info", "identity"})
_SECRET_WORDS = ("password", "passwd", "token", "secret", "api-key", "apikey", "auth-key")
_OWN_COLUMN = frozenset(
    [
        "via", "from", "to", "call-id", "cseq", "contact", "user-agent", "server", "content-length", "content-type", "expires",
        "warning", "reason",
    ]
)  # fmt: skip
_SDES = re.compile(rb"inline:([A-Za-z0-9+/=]{16,400})")
_DIGIT = re.compile(r"(?i)signal[ \t]*=[ \t]*([0-9A-D*#]{1,2})|^[ \t]*([0-9A-D*#]{1,2})[ \t]*(?:\r?\n|$)")
_MANDATORY = frozenset({"via", "from", "to", "call-id", "cseq"})

_Line = tuple[str, str, Shown | None]
"""A header line: canonical name, value, and what of it may be shown (null: nothing)."""

_Head = tuple[dict[str, str], list[Shown], bool]
"""All headers: values by name, what may be shown of them, and whether there are credentials."""

_lines: dict[str, _Line] = {}
"""Lines that were split before: the messages of a dialog repeat most of them. Never credentials."""
_bodies: dict[bytes, Sdp | None] = {}


def parse_message(
    data: bytes,
    *,
    source: Place,
    time: datetime | None = None,
    src: str | None = None,
    dst: str | None = None,
    transport: str = "udp",
    truncated: bool = False,
    secret: Secrets | None = None,
) -> WireMessage | None:
    """One SIP message; null when the bytes hold no SIP start line.

    Understands compact names, folded and repeated headers, several values in one, line ends LF or CRLF, text that is not
    UTF-8, junk in front and behind, and a wrong or missing Content-Length (RFC 3261 section 18.3: what stands behind the
    length is ignored on UDP). ``truncated`` says that the end was not captured. The row's source is ``source`` with the
    start line and harmless headers as text. Digest responses, nonces and SDES keys go to ``secret``, never into the row.
    """
    data = data.lstrip(_FILLING)
    text, body_at = _head_of(data)
    start = start_of(text)
    if start is None or (start.strange and cseq_method(text) != start.method):
        offset = behind_junk(data)
        if offset:
            data = data[offset:]
            text, body_at = _head_of(data)
            start = start_of(text)
        if start is None:
            return None
    headers, shown, has_secret = _headers(text, start.size, cut=truncated and not body_at)
    row = _row(headers, shown, start)
    if isinstance(source, Source):
        row.place, row.artifact, row.frame = source, source.artifact, source.frame
    else:
        row.place = None
        row.artifact, row.frame = source
    row.time, row.src, row.dst, row.transport = time, src, dst, transport
    row.truncated, row.length = truncated, len(data)
    if has_secret:
        _credentials(row, headers, secret)
    if body_at and body_at < len(data):
        _body(row, data[body_at:], secret)
    if not truncated:
        _check(row, headers)
    return row


def _head_of(data: bytes) -> tuple[str, int]:
    """Start line and headers as text, and where the body begins; 0 where the empty line is missing."""
    end = _BLANK_LINE.search(data, 0, HEAD_LIMIT + 4)
    if end is None:
        return data[:HEAD_LIMIT].decode("utf-8", "replace"), 0
    at = end.start()
    return data[: at - 1 if at and data[at - 1] == CR else at].decode("utf-8", "replace"), end.end()


def _headers(text: str, at: int, *, cut: bool) -> _Head:
    """Header values by canonical name; repeated ones are joined with commas as RFC 3261 section 7.3.1 allows."""
    if "\n " in text or "\n\t" in text:
        text = text[:at] + _FOLD.sub(" ", text[at:])
    lines = text[at:].split("\n", HEADER_LIMIT)[:HEADER_LIMIT]
    if cut and lines:
        lines.pop()
    values: dict[str, str] = {}
    shown: list[Shown] = []
    has_secret = False
    get = _lines.get
    for line in lines:
        known = get(line) or _split_line(line)
        if known is None:
            continue
        name, value, may_show = known
        if name not in values:
            values[name] = value
            if may_show is not None:
                shown.append(may_show)
            elif name in _SECRET:
                has_secret = True
        elif len(values[name]) < VALUE_LIMIT * 4:
            values[name] += f", {value}"
            if may_show is not None:
                shown.append(may_show)
    return values, shown, has_secret


def _split_line(line: str) -> _Line | None:
    name, colon, value = line.partition(":")
    name = name.strip().lower()
    if not colon or not name or len(name) > 64 or " " in name:
        return None
    name = COMPACT.get(name, name)
    value = value.strip()[:VALUE_LIMIT]
    if name in _SECRET:
        return name, value, None
    private = name in _OWN_COLUMN or any(word in name for word in _SECRET_WORDS)
    kept = None if private else masked(value)
    quoted = masked(value[:300]) if name in QUOTED else None
    known = (name, value, (name, kept, quoted) if kept is not None or quoted is not None else None)
    remember(_lines, line, known)
    return known


def _row(headers: dict[str, str], shown: list[Shown], start: Start) -> WireMessage:
    get = headers.get
    row = WireMessage(**LATER, derived=NOTHING, shown=tuple(shown), start_line=start.shown)
    row.method, row.status, row.reason_phrase, row.uri = start[:4]
    row.call_id = get("call-id") or None
    row.cseq, row.cseq_method = _cseq(get("cseq", ""))
    _, row.from_user, row.from_host, _, _, row.from_tag, _ = address(get("from", ""))
    _, row.to_user, row.to_host, _, _, row.to_tag, _ = address(get("to", ""))
    contact = get("contact")
    if contact and contact != "*":
        row.contact, _, _, _, params, _, row.instance_mac = address(contact)
        row.expires = _expires(get("expires"), params)
    else:
        row.contact, row.instance_mac = contact, None
        row.expires = number(get("expires"))
    row.user_agent, row.server = get("user-agent"), get("server")
    row.warning, row.reason = get("warning"), get("reason")
    row.content_type, row.content_length = get("content-type"), number(get("content-length"))
    (
        row.branch,
        row.via_received,
        row.via_rport,
        row.via_has_rport,
        row.via_sent_by,
        row.via_count,
        row.via_last_host,
    ) = _vias(get("via", ""))
    if contact and "," in contact and row.status and row.cseq_method == "REGISTER":
        bound = [address(value) for value in split_values(contact, 20)]
        note(row, "contacts", {a.text: number(parameter(a.params, "expires")) for a in bound})
    return row


_Vias = tuple[str | None, str | None, int | None, bool, str | None, int, str | None]
"""Branch, received, rport, whether rport was asked for, and sent-by of the topmost Via; how many; the last one's host."""
_NO_VIA: _Vias = (None, None, None, False, None, 0, None)


@lru_cache(maxsize=16_384)
def _vias(value: str) -> _Vias:
    values = split_values(value)
    top = via(values[0]) if values else None
    if top is None:
        return _NO_VIA
    bottom = via(values[-1]) if len(values) > 1 else top
    host = f"[{top.host}]" if ":" in top.host else top.host
    return (
        top.branch,
        top.received,
        top.rport,
        top.has_rport,
        f"{host}:{top.port}" if top.port else host,
        len(values),
        (bottom.received or bottom.host) if bottom else None,
    )


@lru_cache(maxsize=4096)
def _cseq(value: str) -> tuple[int | None, str | None]:
    words = value.split(None, 1)
    return (number(words[0]), words[1].strip().upper()[:32]) if len(words) == 2 else (number(value), None)


@lru_cache(maxsize=16_384)
def _expires(header: str | None, contact_params: str) -> int | None:
    """The Contact's ``expires`` before the Expires header (RFC 3261 section 10.2.1.1)."""
    if "expires" in contact_params.lower():
        found = number(parameter(contact_params, "expires"))
        if found is not None:
            return found
    return number(header)


def _credentials(row: WireMessage, headers: dict[str, str], secret: Secrets | None) -> None:
    for name in (*_CREDENTIALS, *_CHALLENGES):
        value = headers.get(name)
        if value is None:
            continue
        found = auth_parameters(value)
        row.realm = row.realm or found.get("realm")
        if name in _CREDENTIALS:
            row.has_credentials = True
        else:
            row.challenge_stale = bool(row.challenge_stale) or found.get("stale", "").lower() == "true"
        if "nonce" in found:
            row.nonce_mark = zlib.crc32(found["nonce"].encode("utf-8", "replace"))
        if secret is not None:
            secret((found.get("response"), found.get("cnonce")))


def _body(row: WireMessage, body: bytes, secret: Secrets | None) -> None:
    row.body_length = len(body)
    if row.content_length is not None and row.content_length < len(body):
        body = body[: row.content_length]
    kind = (row.content_type or "").lower()
    if kind.startswith("multipart/"):
        kind, body = _part(kind, row.content_type or "", body)
    if "application/sdp" in kind or body.startswith(b"v="):
        if body not in _bodies:
            if len(_bodies) >= CACHE_LIMIT // 10:
                _bodies.clear()
            _bodies[body] = parse_sdp(body, partial=row.truncated)
        row.sdp = _bodies[body]
        if secret is not None and b"inline:" in body:
            secret(key.decode("ascii") for key in _SDES.findall(body))
    elif row.method == "INFO" and "dtmf" in kind:
        # Signal=5\r\nDuration=160 (application/dtmf-relay), or the bare digit (application/dtmf)
        digit = _DIGIT.search(body[:200].decode("ascii", "replace"))
        key = _digit(digit[1] or digit[2]) if digit else None
        if key:
            note(row, "dtmf", key)
    elif "sipfrag" in kind:
        status = START.match(body[:300].decode("latin-1"))
        if status and status["status"]:
            note(row, "sipfrag_status", int(status["status"]))


def _digit(text: str) -> str | None:
    """The key of a signal; events have the numbers of RFC 4733, 16 (a hook flash) is none."""
    if len(text) == 1:
        return text.upper()
    return {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}.get(text)


def _part(kind: str, content_type: str, body: bytes) -> tuple[str, bytes]:
    """The session description of a multipart body (RFC 5621)."""
    boundary = parameter(content_type, "boundary") or ""
    for part in body.split(b"--" + boundary.encode("utf-8", "replace"), 20) if boundary else ():
        found = _END.search(part, 0, 4096)
        if found and b"application/sdp" in part[: found.start()].lower():
            return "application/sdp", part[found.end() :].rstrip(b"\r\n") + b"\r\n"
    return kind, b""


def _check(row: WireMessage, headers: dict[str, str]) -> None:
    """Note what RFC 3261 section 8.1.1 wants and the message does not have."""
    if not ("via" in headers and "from" in headers and "to" in headers and "call-id" in headers and "cseq" in headers):
        missing = sorted(_MANDATORY - headers.keys())
        note(row, "malformed", f"no {', '.join(missing)} header")
    elif row.method and row.cseq_method and row.method != row.cseq_method:
        note(row, "malformed", "the CSeq method is not the request's")
    if "content-length" in headers and row.content_length is None:
        note(row, "malformed", "the Content-Length is no number")
    elif row.content_length is not None and row.content_length > row.body_length:
        note(row, "content_missing", row.content_length - row.body_length)
