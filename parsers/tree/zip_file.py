"""Zip archives: `zipfile` reads the directory, the content is inflated here, bounded, over the mapped file.

Members are given smallest first, so that a limit on the whole costs the largest one. Where the directory is damaged or
missing (an upload that broke off), members are found by their own headers (`parsers.tree.zip_salvage`).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator

from parsers.tree import zip_salvage
from parsers.tree.budget import Budget, Meter
from parsers.tree.buffer_file import BufferFile
from parsers.tree.decode import (
    INPUT_BYTES,
    Inflater,
    ZstdDecoder,
    bz2_decoder,
    crc32,
    decode,
    slices,
    xz_decoder,
    zip_lzma,
)
from parsers.tree.errors import BudgetExceededError, DamagedError, EncryptedError, TreeError, UnsupportedError
from parsers.tree.member import Buffer, Member
from parsers.tree.names import Namer, cut, ignored_name
from parsers.tree.stream import stream_member
from parsers.tree.unreadable import Unreadable
from parsers.tree.zip_entry import Entry

_DIRECTORY_ERRORS = (
    zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, EOFError, OSError, OverflowError, IndexError,
    RuntimeError,
)  # fmt: skip

_METHODS = {
    1: "Shrink", 6: "Implode", 9: "Deflate64", 10: "PKWARE Implode", 18: "IBM TERSE", 94: "MP3", 96: "JPEG", 97: "WavPack",
    98: "PPMd",
}  # fmt: skip


def members(container: Member, budget: Budget) -> Iterator[Member | Unreadable]:
    """The files of a zip, smallest first. Raises TreeError when the archive as a whole cannot be read on."""
    view = container.buffer()
    try:
        entries = list(_directory(view))
    except _DIRECTORY_ERRORS as error:
        entries = list(_salvaged(view, container.path, budget))
        why = f"the zip directory is missing or damaged ({error})"
        if not entries:
            raise DamagedError(container.path, f"{why}, and no file can be found without it") from error
        container.problem(f"{why}: {len(entries)} files were found by their own headers, others may be lost")
    namer = Namer(container.path)
    named = [(entry, *namer.path(entry.name[: 4 * budget.max_path])) for entry in entries]
    overlapping = _overlapping(entries, len(view))
    for done, (entry, path, problems) in enumerate(sorted(named, key=lambda one: (one[0].size or 0, one[1]))):
        try:
            budget.count_member(container.path)
        except BudgetExceededError as error:
            left = len(entries) - done
            raise BudgetExceededError(
                container.path, error.limit, error.number, f"{error.reason}: {left} files are not read"
            ) from error
        yield _one(view, entry, path, problems, budget, overlaps=entry.start in overlapping)


def _one(
    view: memoryview, entry: Entry, path: str, problems: list[str], budget: Budget, *, overlaps: bool
) -> Member | Unreadable:
    try:
        budget.check_name(cut(path), entry.name)
        left_alone = ignored_name(path)
        if left_alone:
            return Unreadable(
                path=path, reason=left_alone.reason, status="ignored", kind=left_alone.kind, size=entry.size
            )
        if entry.encrypted:
            raise EncryptedError(path, "encrypted with a password, so it cannot be read")
        if overlaps:
            raise DamagedError(
                path, "its content overlaps that of another member, as in a decompression bomb: not read"
            )
        if entry.method not in {0, 8, 12, 14, 93, 95}:
            known = _METHODS.get(entry.method, "unknown")
            raise UnsupportedError(path, f"compression method {entry.method} ({known}) cannot be read")
        if entry.start > len(view):
            raise DamagedError(path, "its content lies behind the end of the archive")
    except TreeError as error:
        return Unreadable(path=cut(path), reason=error.reason, size=entry.size)
    reason = budget.ratio_reason(entry.size or 0, entry.packed)
    if reason and entry.method != 0:
        problems.append(budget.exceeded(path, "max_ratio", f"{reason}: not read to its end").reason)
    meter = Meter(budget, path)
    content = view[entry.start : entry.start + entry.packed]
    return stream_member(
        path,
        lambda piece: _checked(content, entry, path, piece, meter),
        budget,
        size=entry.size,
        mtime=entry.mtime,
        problems=problems,
        direct=content if entry.method == 0 and len(content) == entry.size else None,
    )


def _checked(content: memoryview, entry: Entry, path: str, piece: int, meter: Meter) -> Iterator[Buffer]:
    """The content of a member, with its declared size and checksum compared at the end. Raises TreeError."""
    total, crc = 0, 0
    for data in _unpacked(content, entry.method, path, piece, meter.count):
        if entry.size is not None and total + len(data) > entry.size:
            yield memoryview(data)[: entry.size - total]
            raise DamagedError(path, f"unpacks to more than the {entry.size} bytes it declares: cut there")
        total += len(data)
        if entry.crc is not None:
            crc = crc32(data, crc)
        yield data
    if len(content) < entry.packed:
        raise DamagedError(path, f"cut off: the archive ends after {total} bytes of it")
    if entry.size is not None and total < entry.size:
        raise DamagedError(path, f"cut off: {total} bytes instead of {entry.size}")
    if entry.crc is not None and crc != entry.crc:
        raise DamagedError(path, "its checksum does not fit: the content may be damaged")


def _unpacked(
    content: memoryview, method: int, path: str, piece: int, count: Callable[[int, int], None]
) -> Iterator[Buffer]:
    if method == 0:
        return slices(content, piece)
    if method == 8:
        return decode(slices(content, INPUT_BYTES), lambda: Inflater(-15), place=path, piece=piece, count=count)
    if method == 12:
        return decode(slices(content, INPUT_BYTES), bz2_decoder, place=path, piece=piece, count=count)
    if method == 95:
        return decode(slices(content, INPUT_BYTES), xz_decoder, place=path, piece=piece, count=count)
    if method == 93:
        return decode(slices(content, INPUT_BYTES), ZstdDecoder, place=path, piece=piece, count=count)
    head = bytes(content[:9])
    return decode(slices(content[9:], INPUT_BYTES), lambda: zip_lzma(head, path), place=path, piece=piece, count=count)


def _directory(view: memoryview) -> Iterator[Entry]:
    """The entries of the central directory. Raises what `zipfile` raises for a broken one."""
    with zipfile.ZipFile(BufferFile(view)) as archive:
        for info in archive.infolist():
            if info.orig_filename.endswith("/") or (info.orig_filename.endswith("\\") and not info.file_size):
                continue
            at = info.header_offset
            header = bytes(view[at : at + 30])
            if len(header) == 30 and header.startswith(b"PK\x03\x04"):
                name_length, extra_length = struct.unpack_from("<HH", header, 26)
                at += 30 + name_length + extra_length
            else:
                at = len(view) + 1
            yield Entry(
                name=info.orig_filename,
                start=at,
                packed=info.compress_size,
                size=info.file_size,
                crc=info.CRC,
                method=info.compress_type,
                encrypted=bool(info.flag_bits & 0x1),
                mtime=zip_salvage.mtime(info.extra, info.date_time),
            )


def _salvaged(view: memoryview, place: str, budget: Budget) -> Iterator[Entry]:
    for entry in zip_salvage.headers(view, place, budget):
        if not entry.name.endswith(("/", "\\")):
            yield entry


def _overlapping(entries: list[Entry], end: int) -> set[int]:
    """Where content begins that reaches into the next member's content."""
    found: set[int] = set()
    reach, owner = 0, -1
    for entry in sorted(entries, key=lambda one: (one.start, one.packed)):
        if entry.start > end:
            break
        if entry.start < reach and entry.packed:
            found |= {entry.start, owner}
        if entry.start + entry.packed > reach:
            reach, owner = entry.start + entry.packed, entry.start
    return found
