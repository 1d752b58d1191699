"""One frame of a capture in full: by tshark where it is installed, else by scapy.

tshark is asked for its own text, as Wireshark shows a packet: what pyshark makes of it has lost which line belongs below which.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analyzer.redact.secrets import MASK
from parsers.lazy import pattern
from parsers.secret_text import secret_spans
from parsers.tree.member import Member

MISSING = (
    "Showing a frame needs tshark (the package of that name of your system), or scapy for a plainer view: "
    "pip install 'tcxtriage[dissect]'."
)
RTP_HEADER = 12


_CLOSED = pattern(r"^[ \t]*([^<>\s][^<>\r\n]{0,400})\n[ \t]*</([\w:.-]{1,60})>", re.MULTILINE)
"""How tshark tells of XML: the text, then the end of its element."""
_PATH = pattern(r"\[Path with value: [^:\r\n]{0,400}?([^/:\[\]\r\n]{1,60})(?:/\[\])*:([^\r\n]{1,400})\]$", re.MULTILINE)
_NUMBER = pattern(
    r"(\[Path with value: [^:\r\n]{0,400}?([^/:\[\]\r\n]{1,60})(?:/\[\])*:([^\r\n]{1,40})\]\n[ \t]*\[Member[^\r\n]{0,400}\n[ \t]*)"
    r"Number value: \3$",
    re.MULTILINE,
)
_MEMBER = pattern(r"^[ \t]*(?:String|Number) value: ([^\r\n]{1,400})\n[ \t]*Key: ([^\r\n]{1,60})$", re.MULTILINE)
"""How it tells of JSON: ``[Path with value: /n/pins/[]:4711]``; older ones ``Number value: 4711``, then ``Key: pin``."""


class DissectorMissingError(Exception):
    """Neither tshark nor scapy is installed."""


class FrameMissingError(Exception):
    """The capture has no such frame."""


class _TsharkFailedError(Exception):
    """tshark gave up: it does so behind the last frame of a file that ends inside a packet, and on damaged files."""


def dissect(member: Member, number: int) -> tuple[str, str]:
    """The name of the dissector and the frame as text. Frames count from 1.

    Raises `DissectorMissingError` and `FrameMissingError`.
    """
    with _file(member) as path:
        tshark = shutil.which("tshark")
        if tshark is not None:
            try:
                return "tshark", _by_tshark(tshark, path, number)
            except _TsharkFailedError:
                pass
        try:
            return "scapy", _by_scapy(path, number)
        except ImportError as error:
            raise DissectorMissingError(MISSING) from error


def frames(member: Member) -> int:
    """How many frames a capture has."""
    from parsers.capture.content import Content
    from parsers.capture.walk import walk

    return walk(Content.of(member), artifact=member.path).capture.packets


def without_short_secrets(text: str) -> str:
    """PINs of JSON are too short to be looked for everywhere: they are taken out where they stand as numbers."""
    return _NUMBER.sub(lambda match: _hidden(match) if secret_spans(f'"{match[2]}": "{match[3]}"') else match[0], text)


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}Number value: {MASK}"


def secrets_in(text: str) -> set[str]:
    """Digest responses, SRTP keys, passwords of a frame: a dissector repeats them in lines of its own."""
    lines = text.replace("\\r\\n", "\n")  # scapy shows a payload as b'GET / HTTP/1.1\r\nCookie: …'
    elements = (f"<{match[2]}>{match[1]}</{match[2]}>" for match in _CLOSED.finditer(text))
    members = [(match[1], match[2]) for match in _PATH.finditer(text)]
    members += [(match[2], match[1]) for match in _MEMBER.finditer(text)]
    written = (f'"{name}": "{value}"' for name, value in members)
    return {read[start:end] for read in (text, lines, *elements, *written) for start, end in secret_spans(read)}


@contextmanager
def _file(member: Member) -> Iterator[Path]:
    """The capture as a file of its own: the dissectors read nothing else. A private copy where it lies in an archive."""
    plain = Path(member.path)
    if not member.packed and plain.is_file() and plain.stat().st_size == len(member.buffer()):
        yield plain
        return
    with tempfile.TemporaryDirectory(prefix="tcxtriage-") as folder:
        copy = Path(folder) / "capture"
        with copy.open("wb") as out:
            for chunk in member.chunks():
                out.write(chunk)
        yield copy


def _by_tshark(tshark: str, path: Path, number: int) -> str:
    # -c: read no further than the frame; RTP without signalling is known by its looks
    asked = ["-n", "-c", str(number), "-Y", f"frame.number == {number}", "-V", "--enable-heuristic", "rtp_udp"]
    try:
        done = subprocess.run(  # noqa: S603 - the program that the path names, no shell
            [tshark, "-r", str(path), *asked],
            capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False,
        )  # fmt: skip
    except OSError as wrong:
        raise _TsharkFailedError from wrong
    shown = done.stdout.decode("utf-8", "replace").strip("\n")
    if not shown and done.returncode:
        raise _TsharkFailedError
    if not shown:
        raise FrameMissingError(number)
    return shown + "\n"


def _by_scapy(path: Path, number: int) -> str:
    import logging

    # its warnings are of the file, and the reader has said more of it
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.error import Scapy_Exception
    from scapy.layers import dns, inet, inet6, l2, ppp  # noqa: F401 - importing a layer makes it known
    from scapy.utils import PcapReader

    try:
        with PcapReader(str(path)) as reader:
            for index, packet in enumerate(reader, 1):
                if index == number:
                    return _head(number, packet) + str(packet.show(dump=True)) + _within(packet)
    except Scapy_Exception as wrong:
        raise FrameMissingError(number) from wrong
    raise FrameMissingError(number)


def _head(number: int, packet: Any) -> str:  # noqa: ANN401 - scapy has no types
    when = datetime.fromtimestamp(float(packet.time), tz=UTC).isoformat(timespec="microseconds")
    return f"Frame {number}: {len(packet)} bytes, {when}\n"


def _within(packet: Any) -> str:  # noqa: ANN401 - scapy has no types
    """What a datagram carries: SIP as text, RTP by its looks."""
    from scapy.layers.inet import UDP
    from scapy.layers.rtp import RTP
    from scapy.packet import Raw

    payload = bytes(packet[Raw].load) if Raw in packet else b""
    if payload[:64].isascii() and b"SIP/2.0" in payload:
        return "\n" + payload.decode("utf-8", "replace").replace("\r\n", "\n")
    # version 2, and none of the packet types of RTCP (RFC 5761)
    if UDP in packet and len(payload) >= RTP_HEADER and payload[0] >> 6 == 2 and not 64 <= payload[1] & 0x7F <= 95:
        return "\nPossibly RTP:\n" + str(RTP(payload).show(dump=True))
    return ""
