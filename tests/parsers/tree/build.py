"""Builds archives for the tests of the source tree."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import py7zr
import zstandard

from parsers.tree.budget import Budget
from parsers.tree.member import Member
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk

WHEN = (2026, 11, 13, 17, 20, 0)


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            archive.writestr(info, body)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(body), 1_700_000_000
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def seven(files: Mapping[str, bytes], password: str | None = None, *, hide_names: bool = False) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=hide_names) as archive:
        for name, body in files.items():
            archive.writestr(body, name)
    return out.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


def walked(
    path: Path | str | list[Path | str], budget: Budget | None = None
) -> tuple[dict[str, bytes], dict[str, Unreadable], dict[str, list[str]]]:
    """Contents by path, what was not read by path, problems of members by path; each read in passing, as in a run."""
    contents: dict[str, bytes] = {}
    others: dict[str, Unreadable] = {}
    problems: dict[str, list[str]] = {}
    for found in walk(path if isinstance(path, list) else [path], budget or Budget()):
        if isinstance(found, Unreadable):
            assert found.path not in others
            others[found.path] = found
            continue
        assert found.path not in contents
        contents[found.path] = content(found)
        assert contents[found.path].startswith(found.head)
        if found.problems:
            problems[found.path] = found.problems
    return contents, others, problems


def content(member: Member) -> bytes:
    return b"".join(bytes(chunk) for chunk in member.chunks())
