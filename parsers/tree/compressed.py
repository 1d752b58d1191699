"""Single compressed streams (gz, bz2, xz, zst): alone they keep the path of their container, ``Logs/a.log.gz``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parsers.tree.budget import Budget, Meter
from parsers.tree.decode import Inflater, ZstdDecoder, bz2_decoder, decode, xz_decoder
from parsers.tree.magic import BZ2, GZ, XZ, ZST
from parsers.tree.member import Buffer, Member
from parsers.tree.stream import stream_member

Unpack = Callable[[Iterator[Buffer], str, int, Callable[[int, int], None]], Iterator[bytes]]


def _gz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, lambda: Inflater(31), place=place, piece=piece, count=count, several=GZ)


def _bz2(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, bz2_decoder, place=place, piece=piece, count=count, several=BZ2)


def _xz(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, xz_decoder, place=place, piece=piece, count=count, several=XZ)


def _zst(source: Iterator[Buffer], place: str, piece: int, count: Callable[[int, int], None]) -> Iterator[bytes]:
    return decode(source, ZstdDecoder, place=place, piece=piece, count=count, several=ZST)


def unpacker(head: bytes) -> Unpack:
    """How a stream that begins like this (`parsers.tree.magic.is_packed`) is unpacked."""
    return next(unpack for magic, unpack in ((GZ, _gz), (BZ2, _bz2), (XZ, _xz), (ZST, _zst)) if head.startswith(magic))


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
