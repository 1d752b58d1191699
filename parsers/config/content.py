"""The whole text of a small configuration file, decoded, within a bound."""

from __future__ import annotations

import codecs

from parsers.api import Sink
from parsers.tree.member import Member

MIB = 1024 * 1024
TEXT_LIMIT = 64 * MIB
"""Bytes of one configuration file that are read; none that was ever seen comes near it."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_bytes(member: Member, out: Sink, limit: int = TEXT_LIMIT) -> bytes:
    """The content, at most ``limit`` bytes; what was cut is said."""
    whole = bytearray()
    for chunk in member.chunks():
        whole += chunk[: limit - len(whole)]
        if len(whole) >= limit:
            out.problem(f"only the first {limit // MIB} MiB are read")
            break
    return bytes(whole)


def decode(data: bytes, out: Sink) -> str:
    """Text from UTF-8, UTF-16 or UTF-32 (with mark, or UTF-16 without one), else from Windows-1252, which is said."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0" and data[1:2] not in {b"", b"\0"}:
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        out.problem(f"byte {error.start + 1} is no UTF-8: the file is read as Windows-1252")
        return data.decode("cp1252", "replace")


def read_text(member: Member, out: Sink, limit: int = TEXT_LIMIT) -> str:
    """`read_bytes` and `decode`."""
    return decode(read_bytes(member, out, limit), out)
