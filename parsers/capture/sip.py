"""SIP messages out of bytes (RFC 3261 section 7), tolerant of what real senders, middle boxes and short captures do."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, overload

from parsers.capture.message import Place, Shown, WireMessage, blank, note
from parsers.capture.sdp import Sdp, parse_sdp
from parsers.capture.sip_header import VALUE_LIMIT, address, auth_parameters, number, parameter, split_values
from parsers.capture.sip_lines import CHALLENGES, CREDENTIALS, SECRET, Line, lines, read, split_line
from parsers.capture.sip_start import CACHE_LIMIT, START, behind_junk, cseq_method, start_of
from parsers.facts.base import Source

HEAD_LIMIT = 64 * 1024
HEADER_LIMIT = 256

Secrets = Callable[[Iterable[str | None]], None]

_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
"""`_END` without its optional beginning: searched for several times as fast."""
_FOLD = re.compile(r"\r?\n[ \t]+")
CR = 13
_BLANKS = " \t"
_FILLING = b"\r\n\0\t "
_SDES = re.compile(rb"inline:([A-Za-z0-9+/=]{16,400})")
_DIGIT = re.compile(r"(?i)signal[ \t]*=[ \t]*([0-9A-D*#]{1,2})|^[ \t]*([0-9A-D*#]{1,2})[ \t]*(?:\r?\n|$)")
_NEXT = re.compile(rb"\n(?:SIP/2\.0 [1-6]\d\d |[A-Z]{3,20} sips?:[^\s]{1,500} SIP/2\.0\r?\n)")
"""A session description that holds the start of a message reaches into the next one."""
_MANDATORY = frozenset({"via", "from", "to", "call-id", "cseq"})

_Headers = dict[str, Line]
"""All headers by canonical name; the value of repeated ones is that of all, joined with commas."""

_Head = tuple[_Headers, list[Shown], bool]
"""Headers, what may be shown of them, and whether there are credentials."""

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
    found = _headers(_raw_lines(text, start.size, cut=truncated and not body_at))
    if found is None:
        text, body_at = _odd_head_of(data)
        text = text[: start.size] + _FOLD.sub(" ", text[start.size :])
        found = _headers(_raw_lines(text, start.size, cut=truncated and not body_at), odd=True)
    headers, shown, secrets = found
    row = blank()
    row.start_line, row.shown = start.shown, tuple(shown)
    row.method, row.status, row.reason_phrase, row.uri = start[:4]
    _fill(row, headers)
    if isinstance(source, Source):
        row.place, row.artifact, row.frame = source, source.artifact, source.frame
    else:
        row.artifact, row.frame = source
    row.time, row.src, row.dst, row.transport = time, src, dst, transport
    row.truncated, row.length = truncated, len(data)
    if secrets:
        _credentials(row, headers, secret)
    if body_at and body_at < len(data):
        _body(row, data[body_at:], secret)
    if not truncated:
        _check(row, headers)
    return row


def _head_of(data: bytes) -> tuple[str, int]:
    """Start line and headers as text up to the first blank line, and where the body begins; 0 where there is no such line."""
    at = data.find(b"\n\r\n", 0, HEAD_LIMIT + 4)
    return (_text(data, at), at + 3) if at >= 0 else _odd_head_of(data)


def _odd_head_of(data: bytes) -> tuple[str, int]:
    """The same where the blank line may hold blanks, or end in LF alone."""
    end = _BLANK_LINE.search(data, 0, HEAD_LIMIT + 4)
    if end is None:
        return data[:HEAD_LIMIT].decode("utf-8", "replace"), 0
    return _text(data, end.start()), end.end()


def _text(data: bytes, end: int) -> str:
    """What stands before a line end."""
    return data[: end - 1 if end and data[end - 1] == CR else end].decode("utf-8", "replace")


def _raw_lines(text: str, at: int, *, cut: bool) -> list[str]:
    """The header lines behind a start line; without the last one where its end was not captured."""
    found = text[at:].split("\n", HEADER_LIMIT)[:HEADER_LIMIT]
    if cut:
        found.pop()
    return found


@overload
def _headers(raw: list[str], *, odd: Literal[True]) -> _Head: ...


@overload
def _headers(raw: list[str]) -> _Head | None: ...


def _headers(raw: list[str], *, odd: bool = False) -> _Head | None:
    """Headers (repeated ones joined as RFC 3261 section 7.3.1 allows), what may be shown of them, and whether there are
    credentials. Null where a line is folded or blank, unless these are known to be ``odd``.
    """
    headers: _Headers = {}
    shown: list[Shown] = []
    secrets = False
    joined: list[str] = []
    get = lines.get
    for line in raw:
        known = get(line)
        if known is None:
            if not odd and (not line or line[0] in _BLANKS):
                return None
            known = split_line(line)
            if known is None:
                continue
            secrets = secrets or known[0] in SECRET
        name, value, may_show, _ = known
        if name not in headers:
            headers[name] = known
        else:
            before = headers[name][1]
            if len(before) >= VALUE_LIMIT * 4:
                continue
            headers[name] = (name, f"{before}, {value}", None, None)
            joined.append(name)
        if may_show is not None:
            shown.append(may_show)
    for name in joined:
        value = headers[name][1]
        headers[name] = (name, value, None, read(name, value))
    return headers, shown, secrets


def _fill(row: WireMessage, headers: _Headers) -> None:
    """Columns that are the value of a header, or stand in one."""
    get = headers.get
    if (line := get("call-id")) is not None:
        row.call_id = line[1] or None
    if (line := get("cseq")) is not None:
        row.cseq, row.cseq_method = line[3]
    if (line := get("from")) is not None:
        _, row.from_user, row.from_host, _, _, row.from_tag, _ = line[3]
    if (line := get("to")) is not None:
        _, row.to_user, row.to_host, _, _, row.to_tag, _ = line[3]
    if (line := get("via")) is not None:
        (
            row.branch,
            row.via_received,
            row.via_rport,
            row.via_has_rport,
            row.via_sent_by,
            row.via_count,
            row.via_last_host,
        ) = line[3]
    if (line := get("user-agent")) is not None:
        row.user_agent = line[1]
    if (line := get("server")) is not None:
        row.server = line[1]
    if (line := get("content-length")) is not None:
        row.content_length = line[3]
    if (line := get("content-type")) is not None:
        row.content_type = line[1]
    if (line := get("expires")) is not None:
        row.expires = line[3]
    if (line := get("contact")) is not None:
        _contact(row, line)
    if (line := get("warning")) is not None:
        row.warning = line[1]
    if (line := get("reason")) is not None:
        row.reason = line[1]


def _contact(row: WireMessage, line: Line) -> None:
    _, value, _, first = line
    if not value or value == "*":
        row.contact = value
        return
    row.contact, _, _, _, params, _, row.instance_mac = first
    if "expires" in params.lower():  # before the Expires header (RFC 3261 section 10.2.1.1)
        found = number(parameter(params, "expires"))
        if found is not None:
            row.expires = found
    if "," in value and row.status and row.cseq_method == "REGISTER":
        bound = [address(text) for text in split_values(value, 20)]
        note(row, "contacts", {a.text: number(parameter(a.params, "expires")) for a in bound})


def _credentials(row: WireMessage, headers: _Headers, secret: Secrets | None) -> None:
    for name in (*CREDENTIALS, *CHALLENGES):
        line = headers.get(name)
        if line is None:
            continue
        found = auth_parameters(line[1])
        row.realm = row.realm or found.get("realm")
        if name in CREDENTIALS:
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
        if row.transport == "tcp" and _NEXT.search(body):
            note(row, "unframed", value=True)
        if secret is not None and b"inline:" in body:
            secret([key.decode("ascii") for key in _SDES.findall(body)])
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
            note(row, "sipfrag_phrase", (status["phrase"] or "").strip())


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


def _check(row: WireMessage, headers: _Headers) -> None:
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
