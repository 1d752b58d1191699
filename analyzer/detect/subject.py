"""What a row is about, as texts ``kind:value`` (``phone:805e0c112233``, ``ext:105``, ``trunk:10000``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from analyzer.pack.match import as_text
from analyzer.pack.template import filled_whole
from parsers.capture.address import host_of, split
from parsers.facts.base import Row

_FIELD_KINDS = (("extension", "ext"), ("trunk", "trunk"), ("ip", "ip"), ("mac", "phone"), ("call_id", "call"))


def subjects(row: Row, templates: tuple[str, ...] | None = None) -> list[str]:
    """The subjects of a row: by the rule's own templates (``ext:{user}``), else by its table.

    A template with a value that is not known gives no subject.
    """
    if templates is not None:
        found = [filled_whole(template, row.get) for template in templates]
        return list(dict.fromkeys(_bare(text) for text in found if text is not None))
    named = _BY_TABLE.get(row.table, _of_fields)
    return list(dict.fromkeys(f"{kind}:{as_text(value)}" for kind, value in named(row) if value not in (None, "")))


def goes_on_with(row: Row) -> str | None:
    """The subject of the file with which the capture of this file begins, where that is another one."""
    name = _name(row.get("continues")) if row.table == "capture" else None
    return None if name is None else f"capture:{name}"


def _bare(subject: str) -> str:
    """An address without its port: ``ip:192.0.2.1:53`` is about the host."""
    kind, _, value = subject.partition(":")
    return f"ip:{split(value)[0]}" if kind == "ip" else subject


_Named = Iterator[tuple[str, Any]]


def _phone(row: Row) -> _Named:
    yield "phone", row.get("mac") or row.get("ip")
    for extension in row.get("extensions") or ():
        yield "ext", extension


def _trunk(row: Row) -> _Named:
    yield "trunk", row.get("number") or row.get("name") or row.get("host")


def _extension(row: Row) -> _Named:
    yield "ext", row.get("number")


def _call(row: Row) -> _Named:
    yield "call", row.get("call_id")


def _stream(row: Row) -> _Named:
    yield "stream", f"{row.get('src')}>{row.get('dst')}"
    yield "call", row.get("call_id")


def _client(row: Row) -> _Named:
    yield "ip", host_of(row.get("client"))


def _server(row: Row) -> _Named:
    yield "ip", host_of(row.get("server"))


def _message(row: Row) -> _Named:
    yield "call", row.get("call_id")
    if not row.get("call_id"):
        yield "ip", host_of(row.get("src"))


def _capture(row: Row) -> _Named:
    yield "capture", _name(row.get("artifact"))


def _name(artifact: object) -> str | None:
    return artifact.replace("\\", "/").rsplit("/", 1)[-1] if isinstance(artifact, str) else None


def _integration(row: Row) -> _Named:
    yield "integration", row.get("name") or row.get("kind")


def _finding(row: Row) -> _Named:
    for text in row.get("subject") or ():
        kind, _, value = text.partition(":")
        yield kind, value


def _of_fields(row: Row) -> _Named:
    entries = getattr(row, "fields", None) or {}
    for name, kind in _FIELD_KINDS:
        yield kind, entries.get(name)


_BY_TABLE: dict[str, Callable[[Row], _Named]] = {
    "phone": _phone,
    "trunk": _trunk,
    "extension": _extension,
    "call": _call,
    "rtp_stream": _stream,
    "registration": _client,
    "stun_exchange": _client,
    "tls_session": _server,
    "dns_query": _client,
    "sip_message": _message,
    "capture": _capture,
    "integration": _integration,
    "finding": _finding,
}
