"""7z archives, through py7zr, into memory. What does not fit into the limit of memory is left out and said."""

from __future__ import annotations

import io
import lzma
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from parsers.tree.budget import Budget, Meter, shown
from parsers.tree.buffer_file import BufferFile
from parsers.tree.errors import DamagedError, EncryptedError, TreeError
from parsers.tree.member import Member
from parsers.tree.names import Namer, cut, ignored_name
from parsers.tree.unreadable import Unreadable

if TYPE_CHECKING:
    from py7zr import SevenZipFile


def members(container: Member, budget: Budget) -> Iterator[Member | Unreadable]:
    """The files of a 7z archive, smallest first. Raises TreeError when the archive as a whole cannot be read."""
    import py7zr

    errors = (
        py7zr.exceptions.ArchiveError, lzma.LZMAError, EOFError, OSError, ValueError, TypeError, KeyError, IndexError,
        AttributeError, AssertionError, struct.error, OverflowError, RuntimeError, MemoryError, ZeroDivisionError,
    )  # fmt: skip
    try:
        archive = py7zr.SevenZipFile(BufferFile(container.buffer()))  # type: ignore[arg-type]  # it reads, seeks and tells, which is enough
        if archive.needs_password():
            raise EncryptedError(container.path, "encrypted with a password, so it cannot be read")
    except py7zr.exceptions.PasswordRequired as error:
        raise EncryptedError(
            container.path, "encrypted with a password, names included, so it cannot be read"
        ) from error
    except errors as error:
        raise DamagedError(container.path, f"the 7z directory is damaged ({type(error).__name__})") from error
    yield from _files(archive, container, budget, errors)


def _files(
    archive: SevenZipFile, container: Member, budget: Budget, errors: tuple[type[Exception], ...]
) -> Iterator[Member | Unreadable]:
    namer = Namer(container.path)
    wanted: dict[str, tuple[str, Any, list[str]]] = {}
    room = min(budget.max_memory, budget.max_bytes - budget.bytes_out)
    for info in sorted((one for one in archive.files if not one.is_directory), key=lambda one: one.uncompressed):
        budget.count_member(container.path)
        path, problems = namer.path(info.filename[: 4 * budget.max_path])
        why = _refusal(
            info, path, problems, budget, room=room, packed=container.size or 0, again=info.filename in wanted
        )
        if why:
            yield why
            continue
        room -= info.uncompressed
        wanted[info.filename] = (path, info, problems)
    if not wanted:
        return
    store = _Store({name: info.uncompressed for name, (_, info, _) in wanted.items()}, container.path, budget)
    archive.max_extract_size = max(budget.max_bytes - budget.bytes_out, 1)
    failure = "the archive ends before it"
    try:
        archive.extract(targets=list(wanted), factory=store)  # type: ignore[arg-type]
    except TreeError as error:
        failure = error.reason
    except errors as error:
        failure = f"damaged, or behind damage in the same archive ({type(error).__name__})"
    for name, (path, info, problems) in wanted.items():
        content = store.done.get(name)
        if content is None:
            yield Unreadable(path=path, reason=failure, size=info.uncompressed)
            continue
        member = Member.of_bytes(path, content, _time(info.lastwritetime))
        member.problems = problems
        yield member


def _refusal(
    info: Any,  # noqa: ANN401 - py7zr has no types
    path: str,
    problems: list[str],
    budget: Budget,
    *,
    room: int,
    packed: int,
    again: bool,
) -> Unreadable | None:
    """Why a member is not unpacked; null where it is."""
    size = info.uncompressed
    try:
        budget.check_name(cut(path), info.filename)
        left_alone = ignored_name(path)
        if left_alone:
            return Unreadable(path=path, reason=left_alone.reason, status="ignored", kind=left_alone.kind, size=size)
        if info.is_symlink or info.is_junction or info.is_socket:
            return Unreadable(path=path, reason="a link: not followed", status="ignored", kind="link")
        if problems or again or "//" in info.filename or "/./" in f"/{info.filename}/":
            raise DamagedError(path, "; ".join(problems) or f'a name that is no plain path: "{info.filename}"')
        if size > room:
            reason = f"{shown(size)} do not fit into what is left of the limits ({shown(max(room, 0))}): not unpacked"
            raise budget.exceeded(path, "max_memory", reason)
        bomb = budget.ratio_reason(size, info.compressed or packed)
        if bomb:
            raise budget.exceeded(path, "max_ratio", f"{bomb}: not unpacked")
    except TreeError as error:
        return Unreadable(path=cut(path), reason=error.reason, size=size)
    return None


def _time(stamp: Any) -> datetime | None:  # noqa: ANN401 - py7zr has no types
    try:
        return datetime.fromtimestamp(stamp.totimestamp(), UTC)
    except (AttributeError, ValueError, OverflowError, OSError):
        return None


class _Store:
    """Collects what py7zr unpacks (the shape of `py7zr.WriterFactory`)."""

    def __init__(self, sizes: dict[str, int], place: str, budget: Budget) -> None:
        self.sizes = sizes
        self.done: dict[str, bytes] = {}
        self.total = 0
        self.meter = Meter(budget, place)

    def create(self, filename: str) -> _Writer:
        """A place for the content of one member."""
        return _Writer(self, filename)


class _Writer:
    """The content of one member while it is unpacked (the shape of `py7zr.Py7zIO`)."""

    def __init__(self, store: _Store, name: str) -> None:
        self._store = store
        self._name = name
        self._parts = io.BytesIO()

    def write(self, data: bytes | bytearray) -> int:
        """Take a piece. Raises BudgetExceededError, DamagedError."""
        store = self._store
        store.total += len(data)
        store.meter.count(store.total, store.total)
        if self._parts.tell() + len(data) > store.sizes.get(self._name, 0):
            raise DamagedError(store.meter.place, f'"{self._name}" unpacks to more than it declares')
        return self._parts.write(data)

    def read(self, size: int | None = None) -> bytes:
        """Part of the shape."""
        return self._parts.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Part of the shape."""
        return self._parts.seek(offset, whence)

    def flush(self) -> None:
        """Part of the shape."""

    def size(self) -> int:
        """Bytes so far."""
        return len(self._parts.getbuffer())

    def close(self) -> None:
        """The member is complete and its checksum fits."""
        self._store.done[self._name] = self._parts.getvalue()
