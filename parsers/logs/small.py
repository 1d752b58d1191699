"""Reads small text files whole."""

from __future__ import annotations

from parsers.api import Sink
from parsers.logs.feed import ANSI, plain
from parsers.tree.errors import TreeError
from parsers.tree.member import Member


def small_text(member: Member, limit: int, out: Sink) -> tuple[str, int]:
    """The first ``limit`` bytes as text (UTF-8, UTF-16 or Windows-1252), and how many bytes there were in all."""
    kept, total = bytearray(), 0
    try:
        for piece in plain(member.chunks(), member.head):
            total += len(piece)
            kept += piece[: max(0, limit - len(kept))]
    except TreeError as error:
        out.problem(f"{member.name}: read as far as byte {total}: {error}")
    if total > limit:
        out.problem(f"{member.name}: {total} bytes, only the first {limit} were read")
    raw = ANSI.sub(b"", bytes(kept))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.replace("\0", "").replace("\r\n", "\n"), total
