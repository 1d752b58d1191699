"""Text out of members: encodings, lines of bounded length, terminal colours."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from parsers import lazy
from parsers.tree.budget import MIB, shown
from parsers.tree.member import Member

TEXT_LIMIT = 16 * MIB
"""Bytes of a whole text file that `whole_text` reads."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\x0b\x0c\x1b\x08\x07") + b"\x7f"
_HOLE = re.compile(rb"\0{16,}")
"""What a crash or a full disk leaves in a log that was being written."""
# \x1b[33m, \x1b[0K and the like (ECMA-48 5.4), and window titles \x1b]0;…\x07
_ANSI = lazy.pattern(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\))")


class Encoding(NamedTuple):
    """How a text is written. ``bom``: bytes of the byte-order mark before it."""

    name: str
    bom: int = 0


def detect(head: bytes) -> Encoding | None:
    """The encoding of a file that begins like this; null where it is no text.

    A byte-order mark decides; else UTF-16 by the pattern of its zero bytes; else UTF-8 where it is valid; else Windows-1252,
    which reads anything.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, len(bom))
    sample = head[:4096]
    if not sample:
        return Encoding("utf-8")
    if _HOLE.search(head):
        sample = _HOLE.sub(b"", head)[:4096]
        if not sample:
            return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if len(sample) >= 8 and odd > 0.7 * half and even < 0.05 * half:
        return Encoding("utf-16-le")
    if len(sample) >= 8 and even > 0.7 * half and odd < 0.05 * half:
        return Encoding("utf-16-be")
    if len(sample) - len(sample.translate(None, _CONTROL)) > 0.02 * len(sample):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Encoding("cp1252")
    return Encoding("utf-8")


def head_text(head: bytes) -> str:
    """The first bytes of a file as text; empty where they are no text."""
    encoding = detect(head)
    return head[encoding.bom :].decode(encoding.name, "replace") if encoding else ""


def utf8_chunks(member: Member) -> Iterator[bytes | memoryview]:
    """The content as UTF-8, whatever it was: the byte-order mark is gone, UTF-16 and UTF-32 are transcoded.

    Bytes that are no UTF-8 in a file that otherwise is stay as they are (`text_of` reads them).
    """
    encoding = detect(member.head) or Encoding("utf-8")
    chunks = member.chunks()
    if encoding.name.startswith("utf-") and encoding.name != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding.name)("replace")
        first = encoding.bom
        for chunk in chunks:
            yield decoder.decode(bytes(chunk[first:])).encode("utf-8", "replace")
            first = 0
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")
        return
    for first_chunk in chunks:
        yield first_chunk[encoding.bom :]
        break
    yield from chunks


def text_of(raw: bytes | memoryview) -> tuple[str, bool]:
    """One line or cell as text, and whether it was no UTF-8 (then it is read as Windows-1252)."""
    raw = bytes(raw)
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), True


def lines(member: Member, *, limit: int = MIB, ends: bool = False) -> Iterator[tuple[int, str]]:
    """The lines with their numbers from 1, without their ends (``ends`` keeps them).

    Lines above ``limit`` bytes are cut; that, and lines that are no UTF-8, are noted as problems of the member.
    """
    number, rest = 0, b""
    for chunk in utf8_chunks(member):
        parts = (rest + bytes(chunk)).split(b"\n")
        rest = parts.pop()[: limit + 1]
        for part in parts:
            number += 1
            yield number, _line(member, number, part, limit) + ("\n" if ends else "")
    if rest:
        yield number + 1, _line(member, number + 1, rest, limit)


def _line(member: Member, number: int, raw: bytes, limit: int) -> str:
    if len(raw) > limit:
        member.problem(f"line {number} is longer than the limit of {shown(limit)}: cut there")
        raw = raw[:limit]
    text, odd = text_of(raw.removesuffix(b"\r"))
    if odd and not any("no UTF-8" in problem for problem in member.problems):
        member.problem(f"line {number} is no UTF-8: read as Windows-1252, as others may be")
    return text


def whole_text(member: Member, limit: int = TEXT_LIMIT) -> str:
    """The whole content as one text, cut at ``limit`` bytes (noted as a problem), CRLF as a plain line end."""
    whole = bytearray()
    for chunk in utf8_chunks(member):
        whole += chunk[: limit + 1 - len(whole)]
        if len(whole) > limit:
            member.problem(f"larger than the limit of {shown(limit)} for a file of this kind: cut there")
            del whole[limit:]
            break
    text, odd = text_of(bytes(whole))
    if odd:
        member.problem("not all of it is UTF-8: read as Windows-1252")
    return text.replace("\r\n", "\n")


def strip_ansi(text: str) -> str:
    """The text without terminal colours and titles."""
    return _ANSI.sub("", text) if "\x1b" in text else text
