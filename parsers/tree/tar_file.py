"""Tar archives, plain or inside a compressed stream (POSIX pax and ustar, GNU). `tarfile` decodes single headers; the walk
over them is bounded here, because `tarfile` reads extended headers of any declared size into memory.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import Struct

from parsers.tree.budget import Budget, Meter
from parsers.tree.compressed import Unpack
from parsers.tree.decode import INPUT_BYTES, slices
from parsers.tree.errors import BudgetExceededError, DamagedError, TreeError
from parsers.tree.member import CHUNK_BYTES, HEAD_BYTES, Buffer, Member
from parsers.tree.names import Namer, cut, ignored_name
from parsers.tree.stream import gathered, guarded, stream_member
from parsers.tree.unreadable import Unreadable

_Fresh: TypeAlias = "Callable[[], _Stream]"

BLOCK = 512
KEPT_BYTES = 16 * 1024 * 1024
"""Members of a compressed tar up to this size are kept in memory; larger ones are unpacked again when read again."""
HELD_BYTES = 256 * 1024 * 1024
"""Of members that are kept, together: those behind are best read at once."""
_EXTENDED_LIMIT = 64 * 1024
_LINKS = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a pipe"}


class _Entry(Struct):
    name: str
    size: int
    mtime: datetime | None
    type: bytes
    start: int


class _Stream:
    """The bytes of the tar, read once, forwards. ``packed`` counts the compressed bytes that were used."""

    def __init__(self, container: Member, unpack: Unpack | None = None, total: Meter | None = None) -> None:
        if unpack is None or total is None:
            self._pieces: Iterator[Buffer] = slices(container.buffer(), CHUNK_BYTES)
        else:
            self._total = total
            self._pieces = unpack(container.chunks(), container.path, CHUNK_BYTES, self._count)
        self._rest = memoryview(b"")
        self.at = 0
        self.packed = 0

    def _count(self, out: int, packed: int) -> None:
        self.packed = packed
        # the ratio is judged member by member (`_Live`), so that one bomb does not lose those behind it
        self._total.count(out, out)

    def some(self, most: int) -> memoryview:
        """The next bytes, at least one and at most ``most``; empty at the end."""
        while not self._rest:
            following = next(self._pieces, None)
            if following is None:
                return memoryview(b"")
            self._rest = memoryview(following)
        part, self._rest = self._rest[:most], self._rest[most:]
        self.at += len(part)
        return part

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer only at the end."""
        parts, left = [], size
        while left:
            part = self.some(left)
            if not part:
                break
            parts.append(bytes(part))
            left -= len(part)
        return b"".join(parts)

    def seek(self, target: int) -> None:
        """Go forward to a position (or to the end, where that comes first)."""
        while self.at < target and self.some(target - self.at):
            pass


def is_tar(head: bytes) -> bool:
    """Whether a tar header stands at the start: the ``ustar`` mark, or the checksum of the old form."""
    if len(head) < BLOCK or not head[0]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:BLOCK], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        return head[257:262] == b"ustar"
    return True


def plain_members(container: Member, budget: Budget) -> Iterator[Member | Unreadable]:
    """The files of a tar that is not compressed: each is a slice of the container. Raises TreeError."""
    view = container.buffer()
    namer = Namer(container.path)
    for entry in _entries(_Stream(container), container.path, budget):
        found = _place(entry, namer, container.path, budget)
        if isinstance(found, Unreadable):
            yield found
            continue
        path, problems = found
        content = view[entry.start : entry.start + entry.size]
        if len(content) < entry.size:
            problems.append(f"cut off: the archive ends after {len(content)} of its {entry.size} bytes")
        yield _slice(path, content, entry, problems, budget)


def _slice(path: str, content: memoryview, entry: _Entry, problems: list[str], budget: Budget) -> Member:
    return stream_member(
        path, lambda piece: slices(content, piece), budget, size=entry.size, mtime=entry.mtime, problems=problems,
        direct=content,
    )  # fmt: skip


def packed_members(container: Member, unpack: Unpack, budget: Budget) -> Iterator[Member | Unreadable]:
    """The files of a compressed tar, in its order. Raises TreeError.

    The stream is unpacked once while the members are read in turn. All of it counts for the limit of bytes; a member that
    unfolds like a bomb is cut without losing those behind it.
    """
    total = Meter(budget, container.path)
    stream = _Stream(container, unpack, total)
    namer, held = Namer(container.path), 0
    for entry in _entries(stream, container.path, budget):
        found = _place(entry, namer, container.path, budget)
        if isinstance(found, Unreadable):
            yield found
            continue
        live = _Live(entry, found, stream, lambda: _Stream(container, unpack, total), budget)
        if entry.size <= KEPT_BYTES:
            member = live.kept()
            held += len(member.buffer())
            member.lasting = held <= HELD_BYTES
            yield member
        else:
            yield live.member()


class _Live:
    """A member of a compressed tar while the stream stands at its content."""

    def __init__(
        self, entry: _Entry, place: tuple[str, list[str]], stream: _Stream, fresh: _Fresh, budget: Budget
    ) -> None:
        self._entry = entry
        self._path, self._problems = place
        self._stream = stream
        self._fresh = fresh
        self._budget = budget

    def kept(self) -> Member:
        """The member with its content in memory."""
        parts = bytearray()
        try:
            for piece in self._content(self._stream, 0):
                parts += piece
        except TreeError as error:
            self._problems.append(error.reason)
        member = Member.of_bytes(self._path, bytes(parts), self._entry.mtime)
        member.size = self._entry.size
        member.problems = self._problems
        return member

    def member(self) -> Member:
        """The member as a stream: the running one the first time, a new one after that."""
        entry, stream = self._entry, self._stream
        member = Member(
            path=self._path, size=entry.size, mtime=entry.mtime, head=b"", open_chunks=lambda: iter(()),
            open_buffer=lambda: memoryview(b""), problems=self._problems, lasting=False, packed=True,
        )  # fmt: skip
        member.head = b"".join(bytes(piece) for piece in guarded(member, self._content(stream, 0, HEAD_BYTES)))

        def pieces() -> Iterator[Buffer]:
            yield member.head
            yield from self._content(stream, len(member.head))

        member.open_chunks = lambda: guarded(member, pieces())
        member.open_buffer = lambda: gathered(member, member.open_chunks(), self._budget)
        return member

    def _content(self, stream: _Stream, done: int, most: int | None = None) -> Iterator[Buffer]:
        end = self._entry.size if most is None else min(most, self._entry.size)
        first = stream.packed
        while done < end:
            if stream.at != self._entry.start + done:  # somebody else has read on
                stream = self._fresh()
                stream.seek(self._entry.start + done)
                first = stream.packed
            piece = stream.some(end - done)
            if not piece:
                raise DamagedError(
                    self._path, f"cut off: the archive ends after {done} of its {self._entry.size} bytes"
                )
            done += len(piece)
            reason = self._budget.ratio_reason(done, stream.packed - first + INPUT_BYTES)
            if reason:
                raise self._budget.exceeded(self._path, "max_ratio", f"{reason}: cut here")
            yield piece


def _place(entry: _Entry, namer: Namer, container: str, budget: Budget) -> Unreadable | tuple[str, list[str]]:
    """The path of a member and what is odd with its name, or why it is not read. Raises BudgetExceededError."""
    try:
        budget.count_member(container)
    except BudgetExceededError as error:
        reason = f"{error.reason}: the files from here on are not read"
        raise BudgetExceededError(container, error.limit, error.number, reason) from error
    path, problems = namer.path(entry.name[: 4 * budget.max_path])
    try:
        budget.check_name(cut(path), entry.name)
    except BudgetExceededError as error:
        return Unreadable(path=cut(path), reason=error.reason, size=entry.size)
    if entry.type in _LINKS:
        return Unreadable(path=path, reason=f"{_LINKS[entry.type]}: not followed", status="ignored", kind="link")
    if entry.type not in tarfile.REGULAR_TYPES or entry.type == tarfile.GNUTYPE_SPARSE:
        return Unreadable(path=path, reason=f"tar member type {entry.type!r} cannot be read", size=entry.size)
    left_alone = ignored_name(path)
    if left_alone:
        return Unreadable(path=path, reason=left_alone.reason, status="ignored", kind=left_alone.kind, size=entry.size)
    return path, problems


def _entries(stream: _Stream, place: str, budget: Budget) -> Iterator[_Entry]:
    """Every member but folders, the stream standing at its content. Raises TreeError."""
    extended: dict[str, str] = {}
    while True:
        budget.check_time(place)
        header = stream.read(BLOCK)
        if len(header) < BLOCK:
            raise DamagedError(place, f"the archive has no end mark at byte {stream.at}: it is cut off")
        if not header.strip(b"\0"):
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError, OverflowError) as error:
            raise DamagedError(
                place, f"damaged header before byte {stream.at} ({error}): not read on from there"
            ) from error
        start = stream.at
        if info.type in {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE}:
            if not 0 <= info.size <= _EXTENDED_LIMIT:
                raise DamagedError(
                    place, f"an extended header of {info.size} bytes before byte {start}: not read on from there"
                )
            content = stream.read(info.size)
            if info.type == tarfile.GNUTYPE_LONGNAME:
                extended["path"] = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
            elif info.type == tarfile.XHDTYPE:
                extended |= _pax(content)
            size = info.size
        else:
            size = _size(extended.get("size"), info.size)
            if size < 0:
                raise DamagedError(place, f"a negative size before byte {start}: not read on from there")
            if not info.isdir():
                kind = tarfile.GNUTYPE_SPARSE if any(key.startswith("GNU.sparse.") for key in extended) else info.type
                name = extended.get("path", info.name)
                size = 0 if kind in _LINKS else size
                yield _Entry(name, size, _time(extended.get("mtime"), info.mtime), kind, start)
            extended = {}
        stream.seek(start + -(-size // BLOCK) * BLOCK)


def _pax(content: bytes) -> dict[str, str]:
    """The records of an extended header: ``30 mtime=1350244992.0239606`` and a line end (POSIX pax)."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        length, space, _ = content[at : at + 20].partition(b" ")
        if not space or not length.isdigit() or not int(length):
            break
        key, _, value = content[at + len(length) + 1 : at + int(length)].rstrip(b"\n").partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at += int(length)
    return found


def _size(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else otherwise


def _time(text: str | None, otherwise: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text) if text else otherwise, UTC)
    except (ValueError, OverflowError, OSError):
        return None
