"""DNS questions and answers (RFC 1035)."""

from __future__ import annotations

import ipaddress
import struct

from parsers.capture.address import is_private, join
from parsers.capture.notes import Note, utc, written
from parsers.facts.base import Source
from parsers.facts.capture import DnsQuery

QUERY_LIMIT = 50_000
_TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 35: "NAPTR", 65: "HTTPS",
    255: "ANY",
}  # fmt: skip
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_ANSWER_LIMIT = 32


class DnsReader:
    """Collects a row for each question; ``tries`` counts its repeats, ``rcode`` is null when no answer was captured."""

    def __init__(self, artifact: str) -> None:
        self.artifact = artifact
        self.rows: list[DnsQuery] = []
        self._open: dict[tuple[str, str, int, str, str], DnsQuery] = {}

    def read(self, note: Note) -> None:
        """Take a note of kind DNS; what is no plain question or answer is passed over."""
        data = note.payload
        if len(data) < 12:
            return
        number, flags, questions = struct.unpack_from(">HHH", data)
        name, at = _name(data, 12) if questions == 1 else ("", None)
        if at is None or at + 4 > len(data):
            return
        kind = int.from_bytes(data[at : at + 2])
        qtype = _TYPES.get(kind, f"TYPE{kind}")
        if flags & 0x8000:
            row = self._open.get((join(note.dst, note.dport), note.src, number, name, qtype))
            if row is not None and row.rcode is None:
                _answer(row, note, flags, at + 4)
        else:
            self._question(note, number, name, qtype)

    def _question(self, note: Note, number: int, name: str, qtype: str) -> None:
        key = (join(note.src, note.sport), note.dst, number, name, qtype)
        row = self._open.get(key)
        if row is not None and row.rcode is None:
            row.tries += 1
        elif len(self.rows) < QUERY_LIMIT:
            time = utc(note.time_ns)
            text = f"DNS {qtype} {name} {note.src} > {note.dst}"
            row = self._open[key] = DnsQuery(
                source=Source(artifact=self.artifact, frame=note.frame, time=written(time), text=text),
                time=time,
                client=key[0],
                server=join(note.dst, note.dport),
                name=name,
                qtype=qtype,
            )
            row.derived["transport"] = note.transport
            self.rows.append(row)


def _answer(row: DnsQuery, note: Note, flags: int, at: int) -> None:
    row.rcode = _RCODES.get(flags & 0xF, f"RCODE{flags & 0xF}")
    if row.time is not None:
        row.elapsed_ms = round((utc(note.time_ns) - row.time).total_seconds() * 1000, 3)
    row.derived["truncated"] = bool(flags & 0x0200)
    row.answers, whole = _records(note.payload, at)
    row.derived["damaged"] = not whole
    private = [is_private(a) for a in row.answers]
    row.derived["private_answer"] = any(p is True for p in private)


def _records(data: bytes, at: int) -> tuple[list[str], bool]:
    """The answers as text, and whether all of them could be read."""
    found: list[str] = []
    for _ in range(min(int.from_bytes(data[6:8]), _ANSWER_LIMIT)):
        _, place = _name(data, at)
        if place is None or place + 10 > len(data):
            return found, False
        kind, _, _, size = struct.unpack_from(">HHIH", data, place)
        start, at = place + 10, place + 10 + size
        if at > len(data):
            return found, False
        text = _text(data, kind, start, size)
        if text is not None:
            found.append(text)
    return found, True


def _text(data: bytes, kind: int, start: int, size: int) -> str | None:
    if (kind, size) in {(1, 4), (28, 16)}:
        return str(ipaddress.ip_address(data[start : start + size]))
    if kind in {2, 5, 12}:
        return _name(data, start)[0]
    if kind == 33 and size >= 7:
        port = int.from_bytes(data[start + 4 : start + 6])
        return f"{_name(data, start + 6)[0]}:{port}"
    if kind == 35 and size >= 8:
        return _service(data, start + 4, start + size)
    return None


def _service(data: bytes, at: int, end: int) -> str | None:
    """``sip+d2u _sip._udp.example.com``: services and replacement of a NAPTR record (RFC 3403 section 4.1)."""
    texts: list[bytes] = []
    for _ in ("flags", "services", "regexp"):
        if at >= end or at + 1 + data[at] > end:
            return None
        texts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return f"{texts[1].decode('ascii', 'replace').lower()} {_name(data, at)[0]}"


def _name(data: bytes, at: int) -> tuple[str, int | None]:
    """A domain name and the place behind it, null where it runs out of the data or in circles."""
    labels: list[str] = []
    behind: int | None = None
    length = 0
    for _ in range(130):
        if at >= len(data):
            return "", None
        size = data[at]
        if size >= 0xC0:
            if at + 1 >= len(data):
                return "", None
            behind = at + 2 if behind is None else behind
            at = (size & 0x3F) << 8 | data[at + 1]
        elif size == 0:
            return ".".join(labels).lower(), at + 1 if behind is None else behind
        else:
            length += size + 1
            if size > 63 or length > 255 or at + 1 + size > len(data):
                return "", None
            labels.append(data[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
    return "", None
