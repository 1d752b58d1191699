"""Reads a whole capture file: what it is, which payloads somebody wants, and the RTP in it."""

from __future__ import annotations

from mmap import mmap
from typing import Any

from msgspec import Struct

from parsers.capture.content import LONG_BYTES, Content
from parsers.capture.magic import is_capture
from parsers.capture.notes import MediaMap, NoteKind, Progress, StreamStats, Walked, utc
from parsers.capture.rtp import Rtp
from parsers.capture.walk_beside import Look, run_beside
from parsers.capture.walk_reader import Kernels, Reader
from parsers.facts.base import Source
from parsers.facts.capture import Capture

KEPT_BLOCKS = 175
"""Blocks of 32768 RTP rows that are kept between the passes (1 MB each); what does not fit is read a second time."""


class Room(Struct):
    """How many blocks may still be kept by all captures that are open."""

    left: int


class Kept:
    """Blocks of RTP rows between the passes, as long as there is room for them."""

    def __init__(self, room: Room) -> None:
        self.blocks: list[Any] = []
        self.overfull = False
        self._room = room

    def keep(self, block: Any) -> None:  # noqa: ANN401 - compiled or interpreted
        """Take the next block."""
        if not self.overfull and self._room.left:
            self._room.left -= 1
            self.blocks.append(block)
        elif not self.overfull:
            self.overfull = True
            self.clear()

    def clear(self) -> None:
        """Give the room back."""
        self._room.left += len(self.blocks)
        self.blocks.clear()


def walk(
    data: memoryview | bytes | mmap | Content,
    *,
    artifact: str,
    progress: Progress | None = None,
    kernels: Kernels | None = None,
    look: Look | None = None,
) -> Walked:
    """Read a capture from memory (best an mmap: it is never copied), or in pieces.

    ``progress`` is called with bytes done and in all. ``look`` may be given notes, in file order, while packets are still read: see
    `Walked.unseen`. Bad content ends in ``problems``; bytes that are no capture at all give 0 packets and a problem. The data
    must stay open until ``streams`` was called.
    """
    content = data if isinstance(data, Content) else Content(memoryview(data))
    kept = Kept(Room(KEPT_BLOCKS))
    if not is_capture(content.data[:4]):
        row = Capture(source=Source(artifact=artifact), artifact=artifact)
        return Walked(row, [], ["not a capture: neither pcap nor pcapng by its first bytes"], 0, lambda _: ([], 0))
    kernels = kernels or Kernels()
    reader = Reader.of(content, kept.keep, kernels)
    if look is not None and worth_beside(content, kernels):
        run_beside(reader.run, reader.notes, progress, look)
    else:
        reader.run(progress)

    def measure(media: MediaMap) -> tuple[list[StreamStats], int]:
        rtp = Rtp(reader.kernel, media, kernels.streams)
        if kept.overfull:
            again = Reader.of(content.again(), rtp.take, kernels)
            again.run(progress)
        else:
            for block in kept.blocks:
                rtp.take(block)
        return rtp.streams(), rtp.left_out

    capture = row_of(reader, artifact)
    capture.one_sided = is_one_sided(reader.kernel)
    capture.has_tunnel = NoteKind.TUNNEL in reader.notes.kinds()
    openings = reader.flows.handshakes.openings(reader.kernel)
    notes = reader.notes
    return Walked(
        capture,
        notes,
        problems_of(reader),
        understood_by(reader),
        measure,
        openings,
        reader.flows.tunnels.ways(),
        notes.unseen(),
        notes.afresh,
    )


def worth_beside(content: Content, kernels: Kernels) -> bool:
    """Whether a file is read on a second core."""
    return kernels.compiled and len(content.data) >= LONG_BYTES


def understood_by(reader: Reader) -> int:
    """Packets that were neither malformed nor of an unknown encapsulation."""
    return int(max(reader.frames - reader.kernel.malformed - reader.kernel.unsupported, 0))


def row_of(reader: Reader, artifact: str) -> Capture:
    """The row of the file that was read, as far as it needs no look at others."""
    kernel = reader.kernel
    timed = kernel.last >= 0
    return Capture(
        source=Source(artifact=artifact),
        artifact=artifact,
        packets=reader.frames,
        link_types=sorted(reader.link_types),
        snaplen=reader.snaplen,
        truncated_packets=kernel.truncated,
        first=utc(kernel.first) if timed else None,
        last=utc(kernel.last) if timed else None,
        duration_s=(kernel.last - kernel.first) / 1e9 if timed else None,
        duplicates=kernel.duplicates,
        fragments=kernel.fragments,
        icmp_unreachable=kernel.unreachable,
        dropped=reader.dropped,
    )


def is_one_sided(kernel: Any) -> bool | None:  # noqa: ANN401 - compiled or interpreted
    """Whether nothing at all came back from anybody; null without packets from one host to another.

    An ICMP error of whomever is a packet that came back.
    """
    talks: set[tuple[int, int, int, int]] = set()
    for number in range(kernel.flows):
        _, src_hi, src, dst_hi, dst, _, _ = kernel.flow(number)
        talks.add((src_hi, src, dst_hi, dst))
    senders = {(high, low) for high, low, _, _ in talks}
    return not any((high, low) in senders for _, _, high, low in talks) if talks else None


def problems_of(reader: Reader) -> list[str]:
    """What could not be read in the file."""
    kernel = reader.kernel
    out = list(reader.problems)
    if reader.unsaid:
        out.append(f"{reader.unsaid} more places are damaged or cannot be read")
    if reader.frames == 0:
        out.append("the capture holds no packet")
    if kernel.truncated:
        out.append(f"{kernel.truncated} packets are cut by the capture length (snaplen)")
    if kernel.malformed:
        out.append(f"{kernel.malformed} malformed packets (first: frame {kernel.malformed_frame - reader.before})")
    if kernel.bad_times:
        out.append(f"{kernel.bad_times} packets have no usable time; they keep the one of the packet before")
    out += reader.flows.problems()
    if kernel.overflow:
        out.append(f"more flows than are followed: {kernel.overflow} packets of later ones are only counted")
    if reader.notes.lost:
        out.append(f"{reader.notes.lost} messages were left out: too many bytes to be held in memory")
    return out
