"""Members whose content comes out of something else in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias

from parsers.tree.budget import Budget, shown
from parsers.tree.errors import TreeError
from parsers.tree.member import CHUNK_BYTES, HEAD_BYTES, Buffer, Member

Pieces: TypeAlias = Callable[[int], Iterator[Buffer]]
"""Gives the content from its start in pieces of at most so many bytes; may raise TreeError."""


def guarded(member: Member, pieces: Iterator[Buffer]) -> Iterator[Buffer]:
    """The pieces up to the first error, which is noted on the member."""
    try:
        yield from pieces
    except TreeError as error:
        member.problem(error.reason)


def gathered(member: Member, pieces: Iterator[Buffer], budget: Budget) -> memoryview:
    """All pieces in one buffer, up to the limit of memory."""
    whole = bytearray()
    for piece in pieces:
        room = budget.max_memory - len(whole)
        whole += piece[:room]
        if len(piece) > room:
            reason = f"the limit of {shown(budget.max_memory)} held in memory for one file is reached: cut here"
            member.problem(budget.exceeded(member.path, "max_memory", reason).reason)
            break
    return memoryview(whole).toreadonly()


def stream_member(
    path: str,
    pieces: Pieces,
    budget: Budget,
    *,
    size: int | None,
    mtime: datetime | None,
    problems: list[str] | None = None,
    direct: memoryview | None = None,
) -> Member:
    """A member over ``pieces``; ``direct`` is its content where that lies in a buffer as it is (stored, not compressed).

    A member that is no longer than its head is kept and never unpacked twice.
    """
    member = Member(
        path=path, size=size, mtime=mtime, head=b"", open_chunks=lambda: iter(()), open_buffer=lambda: memoryview(b""),
        problems=problems if problems is not None else [],
    )  # fmt: skip
    head = bytearray()
    start = guarded(member, pieces(HEAD_BYTES))
    for piece in start:
        head += piece[: HEAD_BYTES - len(head)]
        if len(head) >= HEAD_BYTES:
            break
    member.head = bytes(head)
    if len(head) < HEAD_BYTES:
        content = member.head
        member.size = len(content) if size is None else size
        member.open_chunks = lambda: iter([content] if content else [])
        member.open_buffer = lambda: memoryview(content)
        return member
    member.open_chunks = lambda: guarded(member, pieces(CHUNK_BYTES))
    if direct is not None:
        member.open_buffer = lambda: direct
    else:
        member.packed = True
        member.open_buffer = lambda: gathered(member, member.open_chunks(), budget)
    return member
