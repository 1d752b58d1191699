"""Single compressed streams (gz, bz2, xz, zst): alone they keep the path of their container, ``Logs/a.log.gz``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parsers.tree.budget import Budget, Meter
from parsers.tree.decode import Buffer, Inflater, bz2_decoder, decode, decode_zstd, xz_decoder
from parsers.tree.member import Member
from parsers.tree.stream import stream_member

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")

Unpack = Callable[[Iterator[Buffer], str, int, Callable[[int, int], None]], Iterator[bytes]]


def _gz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, lambda: Inflater(31), place=place, piece=piece, count=count, several=True)


def _bz2(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, bz2_decoder, place=place, piece=piece, count=count, several=True)


def _xz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, xz_decoder, place=place, piece=piece, count=count, several=True)


def _zst(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode_zstd(source, place=place, piece=piece, count=count)


def unpacker(head: bytes) -> Unpack | None:
    """How a stream with this head is unpacked; null where it is none of ours."""
    if head.startswith(b"\x1f\x8b\x08"):
        return _gz
    if head.startswith(b"BZh") and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}:
        return _bz2
    if head.startswith(b"\xfd7zXZ\x00"):
        return _xz
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return _zst
    return None


def unpacked(container: Member, unpack: Unpack, budget: Budget) -> Member:
    """The content of a single compressed stream as a member of the same path."""
    meter = Meter(budget, container.path)
    return stream_member(
        container.path,
        lambda piece: unpack(container.chunks(), container.path, piece, meter.count),
        budget,
        size=None,
        mtime=container.mtime,
        problems=container.problems,
    )
