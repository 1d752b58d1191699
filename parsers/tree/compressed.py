"""Single compressed streams (gz, bz2, xz, zst): alone they keep the path of their container, ``Logs/a.log.gz``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parsers.tree.budget import Budget, Meter
from parsers.tree.decode import Buffer, Inflater, ZstdDecoder, bz2_decoder, decode, xz_decoder
from parsers.tree.member import Member
from parsers.tree.stream import stream_member

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")

GZ, BZ2, XZ, ZST = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"

Unpack = Callable[[Iterator[Buffer], str, int, Callable[[int, int], None]], Iterator[bytes]]


def _gz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, lambda: Inflater(31), place=place, piece=piece, count=count, several=GZ)


def _bz2(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, bz2_decoder, place=place, piece=piece, count=count, several=BZ2)


def _xz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, xz_decoder, place=place, piece=piece, count=count, several=XZ)


def _zst(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, ZstdDecoder, place=place, piece=piece, count=count, several=ZST)


def unpacker(head: bytes) -> Unpack | None:
    """How a stream with this head is unpacked; null where it is none of ours."""
    if head.startswith(GZ):
        return _gz
    if head.startswith(BZ2) and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}:
        return _bz2
    if head.startswith(XZ):
        return _xz
    if head.startswith(ZST):
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
