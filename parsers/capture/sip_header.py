"""Values of SIP header fields: addresses, Via, parameters, credentials (RFC 3261 sections 19, 20 and 25)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

VALUE_LIMIT = 2000
"""Characters of one header value that are looked at and kept."""

COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type", "f": "from",
    "s": "subject", "k": "supported", "t": "to", "v": "via", "o": "event", "u": "allow-events", "r": "refer-to",
    "b": "referred-by", "x": "session-expires", "j": "reject-contact", "d": "request-disposition", "a": "accept-contact",
    "y": "identity",
}  # fmt: skip
"""Compact header names of RFC 3261 section 7.3.3 and of the extensions that registered one."""

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PASSWORD = re.compile(r"(?i)(sips?:[^@;?:<>\s]*):[^@<>\s]*@")
_PUSH = re.compile(r"(?i)(;pn-(?:tok|prid|param)=)[^;>\s]*")
_PARAMETER = re.compile(r'([A-Za-z][\w.+-]{0,31})[ \t]*=[ \t]*(?:"([^"]*)"|([^\s",;]+))')
_PLAIN_ADDRESS = re.compile(
    r'(?:"[^"\\<>]*"[ \t]*|[^"<>@:;,]*)<([Ss][Ii][Pp][Ss]?:([^@:;?%<>,"\s]+)@([^@:;?<>\[\],"\s]+)(?::(\d{1,5}))?)>(?:;tag=([^;,"<>=\s]+))?'
)
"""The shape that nearly all From and To have: no password, no parameters but the tag."""
_MAC_UUID = re.compile(r"(?i)00000000-0000-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})")
_VIA_PARAMETERS = frozenset({"branch", "received", "rport"})


class Uri(NamedTuple):
    """A SIP or tel URI without its password. ``port`` is null where the URI names none."""

    user: str | None
    host: str | None
    port: int | None
    params: str


class Address(NamedTuple):
    """A name-addr of From, To or Contact: the URI as text, its parts, and the header's own parameters."""

    text: str
    user: str | None
    host: str | None
    port: int | None
    params: str
    tag: str | None
    instance_mac: str | None


class Via(NamedTuple):
    """One Via value. ``rport`` is the port that the receiver saw, ``has_rport`` that the sender asked for it, ``sent_by``
    host and port as text.
    """

    transport: str
    host: str
    sent_by: str
    branch: str | None
    received: str | None
    rport: int | None
    has_rport: bool


@lru_cache(maxsize=4096)
def number(text: str | None, limit: int = 4_294_967_295) -> int | None:
    """A plain decimal number up to ``limit``; null for anything else."""
    if text is None:
        return None
    text = text.strip()
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    value = int(text)
    return value if value <= limit else None


def masked(text: str) -> str:
    """A URI or header value without the password of its URI and without push tokens."""
    if text.count(":", 0, text.rfind("@") + 1) > 1:
        text = _PASSWORD.sub(r"\1@", text)
    if "pn-" in text:
        text = _PUSH.sub(r"\1…", text)
    return text


def split_values(value: str, limit: int = 64) -> list[str]:
    """The comma-separated values of a header; commas in quotes and angle brackets do not count."""
    if "," not in value:
        return [value.strip()]
    parts: list[str] = []
    start, quoted, angled, escaped = 0, False, False, False
    for at, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char == "<":
            angled = True
        elif char == ">":
            angled = False
        elif char == "," and not angled:
            parts.append(value[start:at].strip())
            start = at + 1
            if len(parts) >= limit:
                return parts
    parts.append(value[start:].strip())
    return [part for part in parts if part]


def parameter(params: str, name: str) -> str | None:
    """One parameter of ``;a=b;c``, empty text for a flag without a value."""
    wanted = name.lower()
    for part in params.split(";")[:64]:
        key, _, value = part.partition("=")
        if key.strip().lower() == wanted:
            return value.strip().strip('"')
    return None


def _host_port(text: str) -> tuple[str | None, int | None]:
    text = text.strip()
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host.lower() or None, number(rest.lstrip(":"), 65_535)
    host, _, port = text.partition(":")
    return host.strip().lower() or None, number(port, 65_535)


def uri(text: str) -> Uri:
    """The parts of ``sip:user:password@host:port;params?headers``; the password is dropped."""
    scheme, colon, rest = text.strip().partition(":")
    if not colon:
        return Uri(None, None, None, "")
    at = rest.find("@")
    user, where = (rest[:at], rest[at + 1 :]) if at >= 0 else ("", rest)
    where, _, params = where.partition("?")[0].partition(";")
    if scheme.lower() == "tel":
        return Uri(where or None, None, None, params)
    user = user.partition(":")[0].partition(";")[0]
    host, port = _host_port(where)
    return Uri(unquote(user) if "%" in user else user or None, host, port, params)


@lru_cache(maxsize=16_384)
def address(value: str) -> Address:
    """`read_address`, which remembers what it has read."""
    return read_address(value)


def read_address(value: str) -> Address:
    """From, To or the first Contact, with or without display name and angle brackets."""
    plain = _PLAIN_ADDRESS.fullmatch(value)
    if plain is not None:
        shown, user, host, digits, tag = plain.groups()
        port = number(digits, 65_535)
        return Address(shown, user, host.lower(), port, f";tag={tag}" if tag is not None else "", tag, None)
    start = 0
    text = value.strip()
    if text.startswith('"') and (quoted := _QUOTED.match(text)):
        start = quoted.end()
    lower = text.find("<", start)
    if lower >= 0:
        inner, _, rest = text[lower + 1 :].partition(">")
        params = rest.partition(",")[0] if '"' not in rest else split_values(rest)[0]
    else:
        inner, _, params = text.partition(";")
    found = uri(inner)
    instance = _MAC_UUID.search(params) if "instance" in params else None
    return Address(
        text=masked(inner.strip()),
        user=found.user,
        host=found.host,
        port=found.port,
        params=params,
        tag=parameter(params, "tag") if params else None,
        instance_mac=instance.group(1).lower() if instance else None,
    )


@lru_cache(maxsize=4096)
def _sent_by(head: str) -> tuple[str, str, str] | None:
    """Transport, host, and host with port, of ``SIP/2.0/UDP host:port``."""
    words = head.replace("/ ", "/").replace(" /", "/").split(None, 2)
    if len(words) < 2:
        return None
    host, port = _host_port("".join(words[1:]))
    if host is None:
        return None
    shown = f"[{host}]" if ":" in host else host
    return words[0].rpartition("/")[2].lower(), host, f"{shown}:{port}" if port else shown


def via(value: str) -> Via | None:
    """One Via value: ``SIP/2.0/UDP host:port;branch=…;rport=…;received=…`` (RFC 3261 section 20.42, RFC 3581)."""
    head, _, params = value.partition(";")
    sender = _sent_by(head)
    if sender is None:
        return None
    branch = received = rport = None
    has_rport = False
    for part in params.split(";", 32)[:32]:
        key, _, found = part.partition("=")
        if key not in _VIA_PARAMETERS:
            key = key.strip().lower()
        if key == "branch":
            branch = found.strip()
        elif key == "received":
            received = found.strip().strip("[]")
        elif key == "rport":
            has_rport, rport = True, number(found, 65_535)
    return Via(*sender, branch or None, received, rport, has_rport)


def auth_parameters(value: str) -> dict[str, str]:
    """The parameters of a challenge or of credentials by lower-case name (RFC 7616)."""
    found: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(value[:VALUE_LIMIT]):
        found.setdefault(name.lower(), quoted or token)
        if len(found) >= 32:
            break
    return found
