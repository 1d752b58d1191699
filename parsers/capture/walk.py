"""Reads a whole capture file: what it is, which payloads somebody wants, and the RTP in it."""

from __future__ import annotations

from mmap import mmap
from typing import Any

from parsers.capture.magic import is_capture
from parsers.capture.notes import MediaMap, NoteKind, Progress, StreamStats, Walked, utc
from parsers.capture.rtp import Rtp
from parsers.capture.walk_reader import Kernels, Reader
from parsers.facts.base import Source
from parsers.facts.capture import Capture

KEPT_BLOCKS = 700
"""Blocks of 8192 RTP rows that are kept between the passes (245 kB each); a larger capture is read a second time."""


def walk(
    data: memoryview | bytes | mmap,
    *,
    artifact: str,
    progress: Progress | None = None,
    kernels: Kernels | None = None,
) -> Walked:
    """Read a capture from memory (best an mmap: it is never copied).

    ``progress`` is called with bytes done and in all. Bad content ends in ``problems``; bytes that are no capture at all
    give 0 packets and a problem. The data must stay open until ``streams`` was called.
    """
    view = memoryview(data)
    blocks: list[Any] = []
    overfull = False

    def keep(block: Any) -> None:  # noqa: ANN401 - compiled or interpreted
        nonlocal overfull
        if len(blocks) >= KEPT_BLOCKS:
            overfull = True
            blocks.clear()
        if not overfull:
            blocks.append(block)

    if not is_capture(view[:4]):
        row = Capture(source=Source(artifact=artifact), artifact=artifact)
        return Walked(row, [], ["not a capture: neither pcap nor pcapng by its first bytes"], 0, lambda _: [])
    kernels = kernels or Kernels()
    reader = Reader(view, keep, kernels)
    reader.run(progress)

    def measure(media: MediaMap) -> list[StreamStats]:
        rtp = Rtp(reader.kernel, media, kernels.streams)
        if overfull:
            again = Reader(view, rtp.take, kernels)
            again.run(progress)
        else:
            for block in blocks:
                rtp.take(block)
        return rtp.streams()

    capture = _row(reader, artifact)
    understood = capture.packets - reader.kernel.malformed - reader.kernel.unsupported
    openings = reader.flows.handshakes.openings(reader.kernel)
    return Walked(capture, reader.notes, _problems(reader), max(understood, 0), measure, openings)


def _row(reader: Reader, artifact: str) -> Capture:
    kernel = reader.kernel
    timed = kernel.last >= 0
    return Capture(
        source=Source(artifact=artifact),
        artifact=artifact,
        packets=kernel.frame,
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
        one_sided=_one_sided(kernel),
        has_tunnel=NoteKind.TUNNEL in reader.notes.kinds(),
    )


def _one_sided(kernel: Any) -> bool | None:  # noqa: ANN401 - compiled or interpreted
    """Whether nothing at all came back from anybody; null without packets from one host to another.

    An ICMP error of whomever is a packet that came back.
    """
    talks: set[tuple[int, int, int, int]] = set()
    for number in range(kernel.flows):
        _, src_hi, src, dst_hi, dst, _, _ = kernel.flow(number)
        talks.add((src_hi, src, dst_hi, dst))
    senders = {(high, low) for high, low, _, _ in talks}
    return not any((high, low) in senders for _, _, high, low in talks) if talks else None


def _problems(reader: Reader) -> list[str]:
    kernel = reader.kernel
    out = list(reader.problems)
    if reader.unsaid:
        out.append(f"{reader.unsaid} more places are damaged or cannot be read")
    if kernel.frame == 0:
        out.append("the capture holds no packet")
    if kernel.truncated:
        out.append(f"{kernel.truncated} packets are cut by the capture length (snaplen)")
    if kernel.malformed:
        out.append(f"{kernel.malformed} malformed packets (first: frame {kernel.malformed_frame})")
    if kernel.bad_times:
        out.append(f"{kernel.bad_times} packets have no usable time; they keep the one of the packet before")
    out += reader.flows.problems()
    if kernel.overflow:
        out.append(f"more flows than are followed: {kernel.overflow} packets of later ones are only counted")
    if reader.notes.lost:
        out.append(f"{reader.notes.lost} messages of several packets were left out: too many bytes")
    return out
