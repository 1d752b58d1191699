"""Plain files and folders: captures and archives are mapped, all else is read in pieces; links are not followed."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from parsers.tree import guard
from parsers.tree.budget import MIB, Budget, shown
from parsers.tree.errors import BudgetExceededError
from parsers.tree.member import CHUNK_BYTES, HEAD_BYTES, Buffer, Member
from parsers.tree.names import cut, ignored_name, printable
from parsers.tree.stream import guarded
from parsers.tree.unreadable import Unreadable

SMALL = 4 * MIB
"""Bytes of a file that is read at once instead of being mapped."""


def shown_path(path: str) -> str:
    """A path of this machine as text (bytes that are no UTF-8, and control characters, stand escaped)."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def file_member(path: str, budget: Budget, *, follow: bool = False) -> Member | Unreadable:
    """A plain file. ``follow``: the user named it, so a link is followed."""
    artifact = shown_path(path)
    try:
        status = Path(path).stat(follow_symlinks=follow)
        if stat.S_ISLNK(status.st_mode):
            return Unreadable(path=artifact, reason="a symbolic link: not followed", status="ignored", kind="link")
        if not stat.S_ISREG(status.st_mode):
            return Unreadable(path=artifact, reason="not a file (a device, pipe or socket)", status="ignored")
        left_alone = ignored_name(artifact)
        if left_alone:
            return Unreadable(
                path=artifact, reason=left_alone.reason, status="ignored", kind=left_alone.kind, size=status.st_size
            )
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - an unbuffered handle of a text path
            head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        return Unreadable(path=artifact, reason=f"cannot be opened: {_why(error)}")
    member = Member(
        path=artifact,
        size=status.st_size,
        mtime=_time(status.st_mtime),
        head=head,
        open_chunks=lambda: iter(()),
        open_buffer=lambda: _mapped(member, path),
    )

    member.open_chunks = lambda: guarded(member, _read(member, path, status.st_size, budget))
    return member


def folder_members(folder: str, budget: Budget) -> Iterator[Member | Unreadable]:
    """The files below a folder, sorted by name, folder by folder. Raises BudgetExceededError when there are too many."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            yield Unreadable(path=shown_path(current), reason=f"the folder cannot be opened: {_why(error)}")
            continue
        folders = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
                continue
            try:
                budget.count_member(folder)
                budget.check_name(cut(shown_path(entry.path)), entry.path[len(folder) + 1 :])
            except BudgetExceededError as error:
                if error.limit != "max_path":
                    reason = f"{error.reason}: the files from here on are not read"
                    raise BudgetExceededError(folder, error.limit, error.number, reason) from error
                yield Unreadable(path=cut(shown_path(entry.path)), reason=error.reason)
                continue
            yield file_member(entry.path, budget)
        waiting += reversed(folders)


def _read(member: Member, path: str, size: int, budget: Budget) -> Iterator[Buffer]:
    """The file as long as it was when it was found, in pieces. Read and not mapped: where the server cuts a log while it is
    read, a mapping would end the program.
    """
    left = size
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            while left and (piece := file.read(min(left, CHUNK_BYTES))):
                left -= len(piece)
                budget.check_time(member.path)
                yield piece
    except (OSError, ValueError) as error:
        member.problem(f"cannot be read: {_why(error)}")
        return
    if left:
        member.problem(f"became shorter while it was read: {size - left} of {size} bytes")


def _mapped(member: Member, path: str) -> memoryview:
    """The file as one buffer: mapped, or read where it is small. What cannot be read is noted on the member.

    Where a mapped file is cut, zeros are read from there on (`guard`), and that is noted when the member is settled.
    """
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= SMALL:
                return memoryview(file.read(size))
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
            watch = guard.Watch(mapped)
            member.settle = lambda: _settle(member, size, watch)
            return memoryview(mapped)
    except (OSError, ValueError) as error:
        member.problem(f"cannot be read: {_why(error)}")
        return memoryview(b"")


def _settle(member: Member, size: int, watch: guard.Watch) -> None:
    if watch.pages:
        member.problem(
            f"became shorter, or could not be read to its end, while it was read: {shown(watch.pages * mmap.PAGESIZE)} of "
            f"{shown(size)} were read as zeros"
        )


def _why(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else type(error).__name__


def _time(stamp: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None
