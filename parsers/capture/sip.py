"""SIP messages out of bytes (RFC 3261 section 7), tolerant of what real senders, middle boxes and short captures do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from parsers.capture.sdp import Sdp, parse_sdp
from parsers.capture.sip_header import (
    COMPACT,
    VALUE_LIMIT,
    Via,
    address,
    auth_parameters,
    masked,
    number,
    parameter,
    split_values,
    via,
)  # fmt: skip
from parsers.facts.base import Source
from parsers.facts.capture import SipMessage

HEAD_LIMIT = 64 * 1024
HEADER_LIMIT = 256
JUNK_LIMIT = 512
"""Bytes before the start line that are skipped to find it."""

METHODS = frozenset(
    [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "REGISTER",
        "OPTIONS",
        "SUBSCRIBE",
        "NOTIFY",
        "PUBLISH",
        "INFO",
        "REFER",
        "MESSAGE",
        "UPDATE",
        "PRACK",
    ]
)

Secrets = Callable[[Iterable[str | None]], None]

_START = re.compile(
    r"(?:SIP/2\.0 (?P<status>[1-7]\d\d)(?: (?P<phrase>[^\r\n]{0,200}))?"
    r"|(?P<method>[A-Za-z][A-Za-z.!%*_+`'~-]{0,31}) (?P<uri>[^\s]{1,2000}) SIP/2\.0)[^\r\n]{0,200}(?:\r?\n|$)"
)
_BURIED = re.compile(
    r"SIP/2\.0 [1-7]\d\d|(?:INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE"
    r"|PRACK) [A-Za-z]{3,4}:[^\s]{1,2000} SIP/2\.0"
)
_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_FILLING = b"\r\n\0\t "
_CREDENTIALS = ("authorization", "proxy-authorization")
_CHALLENGES = ("www-authenticate", "proxy-authenticate")
_SECRET = frozenset({*_CREDENTIALS, *_CHALLENGES, "authentication-info", "proxy-authentication-info", "identity"})
_SECRET_WORDS = ("password", "passwd", "token", "secret", "api-key", "apikey", "auth-key")
_OWN_COLUMN = frozenset(
    [
        "via",
        "from",
        "to",
        "call-id",
        "cseq",
        "contact",
        "user-agent",
        "server",
        "content-length",
        "content-type",
        "expires",
        "warning",
        "reason",
    ]
)
_TITLES = {
    "from": "From",
    "to": "To",
    "call-id": "Call-ID",
    "cseq": "CSeq",
    "user-agent": "User-Agent",
    "server": "Server",
}
_SDES = re.compile(rb"inline:([A-Za-z0-9+/=]{16,400})")
_DIGIT = re.compile(r"(?i)signal[ \t]*=[ \t]*([0-9A-D*#]{1,2})|^[ \t]*([0-9A-D*#]{1,2})[ \t]*(?:\r?\n|$)")
_MANDATORY = frozenset({"via", "from", "to", "call-id", "cseq"})
_CACHE_LIMIT = 20_000


class _Line(NamedTuple):
    """A header line: name and value, the value as it may be kept, and as it may be quoted (null: it may not)."""

    name: str
    value: str
    kept: str | None
    quoted: str | None


class _Head(NamedTuple):
    """All headers: values by name, those kept in the row, lines to quote, and whether there are credentials."""

    values: dict[str, str]
    kept: dict[str, str]
    quoted: list[str]
    has_secret: bool


_lines: dict[str, _Line] = {}
"""Header lines that were split before: the messages of a dialog repeat most of them. Never credentials."""
_bodies: dict[bytes, Sdp | None] = {}


def looks_like_sip(data: bytes | memoryview) -> bool:
    """Whether the first bytes are a SIP start line (after keep-alive line ends and a little junk)."""
    head = bytes(data[: JUNK_LIMIT + 2048]).lstrip(_FILLING)
    return _START.match(head.decode("latin-1")) is not None or _behind_junk(head) > 0


def parse_message(
    data: bytes,
    *,
    source: Source,
    time: datetime | None = None,
    src: str | None = None,
    dst: str | None = None,
    transport: str = "udp",
    truncated: bool = False,
    secret: Secrets | None = None,
) -> SipMessage | None:
    """One SIP message; null when the bytes hold no SIP start line.

    Understands compact names, folded and repeated headers, several values in one, line ends LF or CRLF, text that is not
    UTF-8, junk in front and behind, and a wrong or missing Content-Length (RFC 3261 section 18.3: what stands behind the
    length is ignored on UDP). ``truncated`` says that the end was not captured. The row's source is ``source`` with the
    start line and harmless headers as text. Digest responses, nonces and SDES keys go to ``secret``, never into the row.
    """
    data = data.lstrip(_FILLING)
    end = _END.search(data, 0, HEAD_LIMIT + 4)
    head = data[: end.start()] if end else data[:HEAD_LIMIT]
    text = head.decode("utf-8", "replace")
    start = _START.match(text)
    if start is None or (start["method"] and start["method"] not in METHODS):
        offset = _behind_junk(data)
        if offset:
            data = data[offset:]
            end = _END.search(data, 0, HEAD_LIMIT + 4)
            text = (data[: end.start()] if end else data[:HEAD_LIMIT]).decode("utf-8", "replace")
            start = _START.match(text)
        if start is None:
            return None
    body = data[end.end() :] if end else b""
    head_lines = _headers(text, start.end(), cut=truncated and end is None)
    row = _row(head_lines, start, source, time)
    row.src, row.dst, row.transport, row.truncated, row.length = src, dst, transport, truncated, len(data)
    if head_lines.has_secret:
        _credentials(row, head_lines.values, secret)
    if body:
        _body(row, body, secret)
    if not truncated:
        _check(row, head_lines.values)
    return row


def _behind_junk(data: bytes) -> int:
    """Where a start line with a known method begins behind a little junk, 0 where none does.

    ``DBREGISTER sip:…`` has been seen: junk that touches the method.
    """
    found = _BURIED.search(data[: JUNK_LIMIT + 2048].decode("latin-1"))
    return found.start() if found is not None and found.start() <= JUNK_LIMIT else 0


def _headers(text: str, at: int, *, cut: bool) -> _Head:
    """Header values by canonical name; repeated ones are joined with commas as RFC 3261 section 7.3.1 allows."""
    if "\n " in text or "\n\t" in text:
        text = text[:at] + _FOLD.sub(" ", text[at:])
    lines = text[at:].split("\n", HEADER_LIMIT)[:HEADER_LIMIT]
    if cut and lines:
        lines.pop()
    values: dict[str, str] = {}
    kept: dict[str, str] = {}
    quoted: list[str] = []
    has_secret = False
    for line in lines:
        known = _lines.get(line)
        if known is None:
            known = _split_line(line)
            if known is None:
                continue
            has_secret = has_secret or known.name in _SECRET
        name = known.name
        if name not in values:
            values[name] = known.value
            if known.quoted is not None:
                quoted.append(known.quoted)
            if known.kept is not None:
                kept[name] = known.kept
        elif len(values[name]) < VALUE_LIMIT * 4:
            values[name] += f", {known.value}"
            if known.kept is not None:
                kept[name] += f", {known.kept}"
    return _Head(values, kept, quoted, has_secret)


def _split_line(line: str) -> _Line | None:
    name, colon, value = line.partition(":")
    name = name.strip().lower()
    if not colon or not name or len(name) > 64 or " " in name:
        return None
    name = COMPACT.get(name, name)
    value = value.strip()[:VALUE_LIMIT]
    if name in _SECRET:
        return _Line(name, value, None, None)
    private = name in _OWN_COLUMN or any(word in name for word in _SECRET_WORDS)
    title = _TITLES.get(name)
    known = _Line(name, value, None if private else masked(value), f"{title}: {masked(value[:300])}" if title else None)
    if len(_lines) >= _CACHE_LIMIT:
        _lines.clear()
    _lines[line] = known
    return known


def _row(head: _Head, start: re.Match[str], source: Source, time: datetime | None) -> SipMessage:
    get = head.values.get
    status, method = start["status"], start["method"]
    sender = address(get("from", ""))
    target = address(get("to", ""))
    contact = get("contact")
    place = address(contact) if contact and contact != "*" else None
    cseq, cseq_method = _cseq(get("cseq", ""))
    row = SipMessage(
        source=Source(
            artifact=source.artifact,
            line=source.line,
            row=source.row,
            frame=source.frame,
            path=source.path,
            time=source.time,
            text="\n".join((masked(start[0].strip()), *head.quoted)),
        ),
        time=time,
        method=method.upper() if method else None,
        status=int(status) if status else None,
        reason_phrase=start["phrase"] if status else None,
        uri=masked(start["uri"]) if method else None,
        call_id=get("call-id") or None,
        cseq=cseq,
        cseq_method=cseq_method,
        from_user=sender.user,
        from_host=sender.host,
        from_tag=sender.tag,
        to_user=target.user,
        to_host=target.host,
        to_tag=target.tag,
        contact=place.text if place else contact,
        instance_mac=place.instance_mac if place else None,
        user_agent=get("user-agent"),
        server=get("server"),
        expires=_expires(get("expires"), place.params if place else ""),
        warning=get("warning"),
        reason=get("reason"),
        content_type=get("content-type"),
        content_length=number(get("content-length")),
        headers=head.kept,
    )
    if vias := get("via"):
        _via(row, vias)
    if status and contact and "," in contact and row.cseq_method == "REGISTER":
        bound = [address(value) for value in split_values(contact, 20)]
        row.derived["contacts"] = {a.text: number(parameter(a.params, "expires")) for a in bound}
    return row


def _via(row: SipMessage, value: str) -> None:
    values = split_values(value)
    top = via(values[0]) if values else None
    if top is None:
        return
    row.branch, row.via_received, row.via_rport, row.via_has_rport = top.branch, top.received, top.rport, top.has_rport
    row.via_sent_by = _sent_by(top)
    row.via_count = len(values)
    bottom = via(values[-1]) if len(values) > 1 else top
    row.via_last_host = (bottom.received or bottom.host) if bottom else None


def _sent_by(top: Via) -> str:
    host = f"[{top.host}]" if ":" in top.host else top.host
    return f"{host}:{top.port}" if top.port else host


@lru_cache(maxsize=4096)
def _cseq(value: str) -> tuple[int | None, str | None]:
    words = value.split(None, 1)
    return (number(words[0]), words[1].strip().upper()[:32]) if len(words) == 2 else (number(value), None)


def _expires(header: str | None, contact_params: str) -> int | None:
    """The Contact's ``expires`` before the Expires header (RFC 3261 section 10.2.1.1)."""
    if "expires" in contact_params.lower():
        found = number(parameter(contact_params, "expires"))
        if found is not None:
            return found
    return number(header)


def _credentials(row: SipMessage, headers: dict[str, str], secret: Secrets | None) -> None:
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


def _body(row: SipMessage, body: bytes, secret: Secrets | None) -> None:
    row.body_length = len(body)
    if row.content_length is not None and row.content_length < len(body):
        body = body[: row.content_length]
    kind = (row.content_type or "").lower()
    if kind.startswith("multipart/"):
        kind, body = _part(kind, row.content_type or "", body)
    if "application/sdp" in kind or body.startswith(b"v="):
        if body not in _bodies:
            if len(_bodies) >= _CACHE_LIMIT // 10:
                _bodies.clear()
            _bodies[body] = parse_sdp(body, partial=row.truncated)
        row.sdp = _bodies[body]
        if secret is not None and b"inline:" in body:
            secret(key.decode("ascii") for key in _SDES.findall(body))
    elif row.method == "INFO" and "dtmf" in kind:
        # Signal=5\r\nDuration=160 (application/dtmf-relay), or the bare digit (application/dtmf)
        digit = _DIGIT.search(body[:200].decode("ascii", "replace"))
        if digit:
            row.derived["dtmf"] = _digit(digit[1] or digit[2])
    elif "sipfrag" in kind:
        status = _START.match(body[:300].decode("latin-1"))
        if status and status["status"]:
            row.derived["sipfrag_status"] = int(status["status"])


def _digit(text: str) -> str:
    return {"10": "*", "11": "#"}.get(text, text[:1].upper())


def _part(kind: str, content_type: str, body: bytes) -> tuple[str, bytes]:
    """The session description of a multipart body (RFC 5621)."""
    boundary = parameter(content_type, "boundary") or ""
    for part in body.split(b"--" + boundary.encode("utf-8", "replace"), 20) if boundary else ():
        found = _END.search(part, 0, 4096)
        if found and b"application/sdp" in part[: found.start()].lower():
            return "application/sdp", part[found.end() :].rstrip(b"\r\n") + b"\r\n"
    return kind, b""


def _check(row: SipMessage, headers: dict[str, str]) -> None:
    """Note what RFC 3261 section 8.1.1 wants and the message does not have."""
    if not headers.keys() >= _MANDATORY:
        missing = sorted(_MANDATORY - headers.keys())
        row.derived["malformed"] = f"no {', '.join(missing)} header"
    elif row.method and row.cseq_method and row.method != row.cseq_method:
        row.derived["malformed"] = "the CSeq method is not the request's"
    if "content-length" in headers and row.content_length is None:
        row.derived["malformed"] = "the Content-Length is no number"
    elif row.content_length is not None and row.content_length > row.body_length:
        row.derived["content_missing"] = row.content_length - row.body_length
