"""TLS connections as far as they are readable: hello, certificate, alert (RFC 8446, RFC 5246, RFC 6066)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime

from parsers.capture.address import join
from parsers.capture.notes import Note, utc, written
from parsers.capture.x509 import Certificate, read_certificate
from parsers.facts.base import Source
from parsers.facts.capture import TlsSession

SESSION_LIMIT = 50_000
_HANDSHAKE, _ALERT = 22, 21
_FATAL = 2
CLIENT_HELLO, SERVER_HELLO, _CERTIFICATE = 1, 2, 11
_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
_RECORD_LIMIT = 200
_SNI, _SUPPORTED_VERSIONS = 0, 43
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random value of a ServerHello that asks for another ClientHello (RFC 8446 section 4.1.3)."""
OF_CERTIFICATE = ("expired", "not_yet_valid", "self_signed", "name_mismatch", "chain_length", "lifetime_left_pct")
"""What is read from the server's certificate, and stands in its packet."""


class TlsReader:
    """Collects a row for each connection with a readable hello or alert, in order of the first note."""

    def __init__(self, artifact: str) -> None:
        self.artifact = artifact
        self._rows: list[TlsSession] = []
        self._current: dict[tuple[str, str], TlsSession] = {}
        self._asked_again: set[tuple[str, str]] = set()

    def read(self, note: Note) -> None:
        """Take a note of kind TLS."""
        src, dst = join(note.src, note.sport), join(note.dst, note.dport)
        handshake, alert = _records(note.payload)
        messages = list(_messages(handshake))
        if (not messages and alert is None) or len(self._rows) >= SESSION_LIMIT:
            return
        kinds = {kind for kind, _ in messages}
        row = self._current.get((src, dst)) or self._current.get((dst, src))
        if row is None or (
            CLIENT_HELLO in kinds and row.derived["client_hello"] and (src, dst) not in self._asked_again
        ):
            by_client = CLIENT_HELLO in kinds or (SERVER_HELLO not in kinds and note.dport < note.sport)
            client, server = (src, dst) if by_client else (dst, src)
            row = _row(note, client, server, self.artifact)
            self._rows.append(row)
            self._current.pop((dst, src), None)
            self._current[src, dst] = row
        self._asked_again.discard((src, dst))
        by_server = src == row.server
        for kind, body in messages:
            if kind == _CERTIFICATE:
                # a client may show one of its own (RFC 8446 section 4.4.2)
                if by_server and row.cert_subject is None:
                    _certificates(row, body, _source(note, self.artifact, f"TLS certificate of {src}"))
            else:
                _hello(row, kind, body)
                if kind == SERVER_HELLO and body[2:34] == _RETRY:
                    self._asked_again.add((dst, src))
        if alert is not None:
            self._alert(row, alert, note, src, dst)

    def _alert(self, row: TlsSession, alert: tuple[int, int], note: Note, src: str, dst: str) -> None:
        """The first alert counts, but a warning, after which the handshake may go on, only until a fatal one comes."""
        fatal = alert[0] == _FATAL
        if row.alert is None or (fatal and not row.derived.get("alert_fatal")):
            row.alert, row.alert_by = alert[1], "server" if src == row.server else "client"
            row.derived["alert_fatal"] = fatal
            row.sources["alert"] = _source(note, self.artifact, f"TLS alert {alert[1]} {src} > {dst}")

    def rows(self) -> list[TlsSession]:
        """All connections, their certificates compared with the time of the connection."""
        for row in self._rows:
            _judge(row)
        return self._rows


def dtls_handshake(data: bytes) -> int | None:
    """The kind of the first handshake message of a DTLS record before encryption (RFC 6347 section 4); null without one."""
    return data[13] if len(data) >= 14 and data[0] == _HANDSHAKE and data[3:5] == b"\0\0" else None


def _source(note: Note, artifact: str, text: str) -> Source:
    return Source(artifact=artifact, frame=note.frame, time=written(utc(note.time_ns)), text=text)


def _row(note: Note, client: str, server: str, artifact: str) -> TlsSession:
    row = TlsSession(source=_source(note, artifact, f"TLS {client} > {server}"), client=client, server=server)
    row.time = utc(note.time_ns)
    row.derived = {"client_hello": False, "server_hello": False, "chain_length": None}
    return row


def _records(data: bytes) -> tuple[bytes, tuple[int, int] | None]:
    """Handshake bytes of all records in order, and level and description of the first readable alert, best a fatal one."""
    handshake: list[bytes] = []
    alerts: list[tuple[int, int]] = []
    at = 0
    for _ in range(_RECORD_LIMIT):
        if at + 5 > len(data):
            break
        kind, version, size = struct.unpack_from(">BHH", data, at)
        if version >> 8 != 3 or size > 18_432:
            break
        body = data[at + 5 : at + 5 + size]
        if kind == _HANDSHAKE:
            handshake.append(body)
        elif kind == _ALERT and size == 2 and len(body) == 2 and body[0] in {1, 2}:
            alerts.append((body[0], body[1]))
        at += 5 + size
    return b"".join(handshake), max(alerts, key=lambda alert: alert[0], default=None)


def _messages(data: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    for _ in range(_RECORD_LIMIT):
        if at + 4 > len(data) or data[at] not in {0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 22}:
            return
        size = int.from_bytes(data[at + 1 : at + 4])
        yield data[at], data[at + 4 : at + 4 + size]
        at += 4 + size


def _hello(row: TlsSession, kind: int, body: bytes) -> None:
    if kind == CLIENT_HELLO:
        row.derived["client_hello"] = True
        extensions = _extensions(body, is_client=True)
        row.sni = _server_name(extensions.get(_SNI)) or row.sni
        if row.version is None and len(body) >= 2:
            row.derived["offered_version"] = _highest(extensions.get(_SUPPORTED_VERSIONS), int.from_bytes(body[:2]))
    elif kind == SERVER_HELLO and len(body) >= 2:
        row.derived["server_hello"] = True
        chosen = _extensions(body, is_client=False).get(_SUPPORTED_VERSIONS)
        number = int.from_bytes(chosen[:2]) if chosen and len(chosen) >= 2 else int.from_bytes(body[:2])
        row.version = _VERSIONS.get(number, f"0x{number:04X}")


def _highest(supported: bytes | None, legacy: int) -> str | None:
    """The highest version that a client names: in its list (RFC 8446 section 4.2.1), else in the hello itself."""
    listed = supported[1:] if supported else b""
    known = [n for at in range(0, len(listed) - 1, 2) if (n := int.from_bytes(listed[at : at + 2])) in _VERSIONS]
    return _VERSIONS.get(max(known, default=legacy))


def _extensions(body: bytes, *, is_client: bool) -> dict[int, bytes]:
    """Extensions of a hello by number; whatever the cut bytes still give."""
    found: dict[int, bytes] = {}
    at = 34
    if at >= len(body):
        return found
    at += 1 + body[at]
    if is_client:
        at += 2 + int.from_bytes(body[at : at + 2])
        at += 1 + (body[at] if at < len(body) else 0)
    else:
        at += 3
    end = min(len(body), at + 2 + int.from_bytes(body[at : at + 2]))
    at += 2
    while at + 4 <= end and len(found) < 64:
        name, size = struct.unpack_from(">HH", body, at)
        found.setdefault(name, body[at + 4 : min(at + 4 + size, end)])
        at += 4 + size
    return found


def _server_name(data: bytes | None) -> str | None:
    if not data or len(data) < 5 or data[2] != 0:
        return None
    size = int.from_bytes(data[3:5])
    name = data[5 : 5 + size]
    return name.decode("ascii", "replace").lower()[:255] if size <= 255 and len(name) == size else None


def _certificates(row: TlsSession, body: bytes, place: Source) -> None:
    """The chain as sent (TLS 1.2 and before): the first is the server's own."""
    chain: list[Certificate | None] = []
    at = 3
    while at + 3 <= len(body) and len(chain) < 20:
        size = int.from_bytes(body[at : at + 3])
        chain.append(read_certificate(body[at + 3 : at + 3 + size]))
        at += 3 + size
    if not chain or chain[0] is None:
        return
    leaf = chain[0]
    row.cert_subject, row.cert_not_before, row.cert_not_after = leaf.subject, leaf.not_before, leaf.not_after
    row.derived |= {
        "chain_length": len(chain),
        "issuer": leaf.issuer,
        "self_signed": leaf.self_issued,
        "names": leaf.names,
        "name_mismatch": not leaf.covers(row.sni) if row.sni else None,
    }
    row.sources |= dict.fromkeys(OF_CERTIFICATE, place)


def _judge(row: TlsSession) -> None:
    """Compare the certificate with the time of the connection, never with today's."""
    days, early = _days(row.time, row.cert_not_after), _days(row.cert_not_before, row.time)
    row.derived["days_left"] = days
    row.derived["expired"] = days < 0 if days is not None else None
    row.derived["not_yet_valid"] = early < 0 if early is not None else None


def _days(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds() / 86_400, 2) if start and end else None
