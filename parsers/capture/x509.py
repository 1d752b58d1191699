"""The few fields of an X.509 certificate that a capture is asked for: subject, issuer, names, validity.

A small bounded reader of DER instead of a library: nothing is verified here, and a certificate that does not parse is
simply not described.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct, field

from parsers.capture.address import canonical

_SEQUENCE, _SET, _OID, _UTC_TIME, _GENERAL_TIME, _OCTETS = 0x30, 0x31, 0x06, 0x17, 0x18, 0x04
_ITEM_LIMIT = 200
_NAMES = {
    b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU", b"\x55\x04\x06": "C", b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
}  # fmt: skip
_SUBJECT_ALT_NAME = b"\x55\x1d\x11"


class Certificate(Struct):
    """``subject`` and ``issuer`` as ``CN=…, O=…``; ``names`` are DNS names and addresses it is good for (lower case).

    ``self_issued``: both are the same by all of their bytes, not only by what is shown of them.
    """

    subject: str
    issuer: str
    not_before: datetime | None
    not_after: datetime | None
    self_issued: bool
    names: list[str] = field(default_factory=list)

    def covers(self, host: str) -> bool:
        """Whether it is good for a host name or address (RFC 6125: one ``*`` stands for one left-most label)."""
        wanted = host.lower().rstrip(".")
        return any(n == wanted or (n.startswith("*.") and wanted.partition(".")[2] == n[2:]) for n in self.names)


def read_certificate(data: bytes) -> Certificate | None:
    """Read one DER certificate (RFC 5280 section 4.1); null when it is none or cut."""
    try:
        tbs = next(_items(next(_items(data, _SEQUENCE)), _SEQUENCE))
        fields = list(_tagged(tbs))
        start = 1 if fields and fields[0][0] == 0xA0 else 0
        issuer, validity, subject = (fields[start + i][1] for i in (2, 3, 4))
        times = [_time(tag, value) for tag, value in _tagged(validity)]
    except (IndexError, StopIteration, ValueError):
        return None
    found = Certificate(
        subject=_name(subject),
        issuer=_name(issuer),
        not_before=times[0] if times else None,
        not_after=times[1] if len(times) > 1 else None,
        self_issued=issuer == subject,
    )
    for tag, value in fields[start + 6 :]:
        if tag == 0xA3:
            found.names = _alternative_names(value)
    if not found.names:
        found.names = [part[3:].lower() for part in found.subject.split(", ") if part.startswith("CN=")]
    return found


def _tagged(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of each element; raises ValueError where the data ends inside one."""
    at = 0
    for _ in range(_ITEM_LIMIT):
        if at + 2 > len(data):
            return
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4 or at + count > len(data):
                raise ValueError("length")
            size = int.from_bytes(data[at : at + count])
            at += count
        if at + size > len(data):
            raise ValueError("cut")
        yield tag, data[at : at + size]
        at += size


def _items(data: bytes, wanted: int) -> Iterator[bytes]:
    return (value for tag, value in _tagged(data) if tag == wanted)


def _name(data: bytes) -> str:
    parts: list[str] = []
    try:
        for group in _items(data, _SET):
            for pair in _items(group, _SEQUENCE):
                values = list(_tagged(pair))
                label = _NAMES.get(values[0][1]) if len(values) == 2 and values[0][0] == _OID else None
                if label:
                    encoding = "utf-16-be" if values[1][0] == 0x1E else "utf-8"
                    parts.append(f"{label}={values[1][1][:200].decode(encoding, 'replace')}")
    except ValueError:
        return ", ".join(parts)
    return ", ".join(parts)


def _time(tag: int, value: bytes) -> datetime | None:
    text = value.decode("ascii", "replace")
    form = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERAL_TIME: "%Y%m%d%H%M%SZ"}.get(tag)
    if form is None:
        return None
    try:
        found = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    if tag == _UTC_TIME:  # RFC 5280 section 4.1.2.5.1: 50 and more is 19xx
        year = int(text[:2])
        found = found.replace(year=1900 + year if year >= 50 else 2000 + year)
    return found


def _alternative_names(data: bytes) -> list[str]:
    names: list[str] = []
    try:
        for extension in _items(next(_items(data, _SEQUENCE), b""), _SEQUENCE):
            values = list(_tagged(extension))
            if not values or values[0] != (_OID, _SUBJECT_ALT_NAME) or values[-1][0] != _OCTETS:
                continue
            for tag, value in _tagged(next(_items(values[-1][1], _SEQUENCE), b"")):
                if tag == 0x82:
                    names.append(value.decode("ascii", "replace").lower()[:255])
                elif tag == 0x87 and len(value) in {4, 16}:
                    text = ".".join(map(str, value)) if len(value) == 4 else value.hex(":", 2)
                    names.append(canonical(text) or text)
    except ValueError:
        return names
    return names
