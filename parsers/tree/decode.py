"""Decompression in bounded pieces: however much a compressed byte unfolds to, no piece is larger than asked for."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Protocol, TypeAlias

from parsers.tree.errors import DamagedError, UnsupportedError
from parsers.tree.member import Buffer

try:
    from isal import igzip_lib, isal_zlib

    _decompressobj: Callable[[int], Any] = isal_zlib.decompressobj
    crc32: Callable[[bytes | memoryview, int], int] = isal_zlib.crc32
    _STREAM_ERRORS: tuple[Any, ...] = (igzip_lib.IsalError,)
except ImportError:  # no wheel for this machine
    _decompressobj = zlib.decompressobj
    crc32 = zlib.crc32
    _STREAM_ERRORS = ()
_STREAM_ERRORS += (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)

Count: TypeAlias = Callable[[int, int], None]

INPUT_BYTES = 128 * 1024
ZSTD_STEP = 512
WINDOW_LIMIT = 256 * 1024 * 1024
"""Largest dictionary (history) that a stream may ask for."""


class Decoder(Protocol):
    """The shape of `bz2.BZ2Decompressor` and `lzma.LZMADecompressor`."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was read."""

    @property
    def needs_input(self) -> bool:
        """Whether all input was used."""

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """The next piece of output."""


class Inflater:
    """Deflate (``wbits`` -15) or gzip (31) in the shape of the other decoders."""

    def __init__(self, wbits: int) -> None:
        self._inner = _decompressobj(wbits)

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was read."""
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        """Whether all input was used."""
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""
        return bytes(self._inner.unused_data)

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """The next piece of output."""
        return bytes(self._inner.decompress(self._inner.unconsumed_tail or data, max_length))


def slices(view: memoryview, step: int) -> Iterator[memoryview]:
    """A buffer in pieces, without copying."""
    for start in range(0, len(view), step):
        yield view[start : start + step]


def decode(
    source: Iterable[Buffer],
    make: Callable[[], Decoder],
    *,
    place: str,
    piece: int,
    count: Count,
    several: bytes = b"",
) -> Iterator[bytes]:
    """Unpack ``source`` in pieces of at most ``piece`` bytes; streams that begin with ``several`` may follow one another.

    ``count(out, packed)`` is called for each piece with the sums so far, and may raise. Raises DamagedError when the
    stream is broken or ends early (all that came before has been given out by then).
    """
    decoder, out, packed = make(), 0, 0
    for block in chain.from_iterable(slices(memoryview(one), INPUT_BYTES) for one in source):
        data: Buffer = block
        packed += len(block)
        while True:
            if decoder.eof:
                head = bytes(data[:64])
                if not several or not head.strip(b"\0"):  # tapes and copies pad with zeros
                    return
                if head[: len(several)] != several[: len(head)]:
                    raise DamagedError(place, f"after {out} bytes comes something that is no further stream: not read")
                decoder = make()
            try:
                unpacked = decoder.decompress(data, piece)
            except _STREAM_ERRORS as error:
                raise DamagedError(place, f"damaged after {out} bytes ({error})") from error
            if unpacked:
                out += len(unpacked)
                count(out, packed)
                yield unpacked
            if decoder.eof:
                data = decoder.unused_data
                if not data:
                    break
            elif decoder.needs_input and len(unpacked) < piece:
                break
            else:
                data = b""
    if not decoder.eof:
        raise DamagedError(place, f"cut off: the content ends after {out} bytes")


class ZstdDecoder:
    """Zstandard in the shape of the other decoders.

    The library's push interface has no bound on its output, so it is fed with `ZSTD_STEP` bytes at a time: a block of at least
    four bytes unfolds to 128 KiB at most, a step to 16 MiB.
    """

    def __init__(self) -> None:
        import zstandard

        self._inner = zstandard.ZstdDecompressor(max_window_size=WINDOW_LIMIT).decompressobj()
        self._error = zstandard.ZstdError
        self._input = memoryview(b"")
        self._output = memoryview(b"")

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was read, and all of its output taken."""
        return self._inner.eof and not self._output

    @property
    def needs_input(self) -> bool:
        """Whether all input was used."""
        return not self._input and not self._output

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""
        return self._inner.unused_data + bytes(self._input)

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """The next piece of output. Raises ValueError for damage."""
        if data:
            self._input = memoryview(data)
        try:
            while self._input and not self._output and not self._inner.eof:
                step, self._input = self._input[:ZSTD_STEP], self._input[ZSTD_STEP:]
                self._output = memoryview(self._inner.decompress(step))
        except self._error as error:
            raise ValueError(error) from error
        end = len(self._output) if max_length < 0 else max_length
        found, self._output = bytes(self._output[:end]), self._output[end:]
        return found


def zip_lzma(head: bytes, place: str) -> Decoder:
    """The decoder for method 14 of a zip; ``head`` holds its 9 bytes (APPNOTE.TXT 5.8.8: version, length, properties).

    Raises UnsupportedError for properties that nobody writes.
    """
    refused = UnsupportedError(place, "LZMA with unknown properties")
    if len(head) < 9 or int.from_bytes(head[2:4], "little") != 5 or head[4] >= 225:
        raise refused
    window = int.from_bytes(head[5:9], "little")
    if window > WINDOW_LIMIT:
        raise refused
    rest, literal_context = divmod(head[4], 9)
    position, literal_position = divmod(rest, 5)
    form = {"id": lzma.FILTER_LZMA1, "dict_size": window, "lc": literal_context, "lp": literal_position, "pb": position}
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[form])
    except (lzma.LZMAError, ValueError) as error:
        raise refused from error


def xz_decoder() -> Decoder:
    """The decoder of one .xz stream."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * WINDOW_LIMIT)


def bz2_decoder() -> Decoder:
    """The decoder of one .bz2 stream."""
    return bz2.BZ2Decompressor()
