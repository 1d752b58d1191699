"""One frame of a capture in full: by tshark through pyshark where both are installed, else by scapy."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parsers.lazy import pattern
from parsers.secret_text import secret_spans
from parsers.tree.member import Member

MISSING = (
    "Showing a frame needs tshark and pyshark, or scapy: pip install 'tcxtriage[dissect]' (and the package tshark of your "
    "system for the fuller view)."
)


_CLOSED = pattern(r"^[ \t]*([^<>\s][^<>\r\n]{0,400})\n[ \t]*</([\w:.-]{1,60})>", re.MULTILINE)
"""How tshark's dissection of XML is told by pyshark: the text, then the end of its element."""


class DissectorMissingError(Exception):
    """Neither tshark with pyshark nor scapy is installed."""


class FrameMissingError(Exception):
    """The capture has no such frame."""


class _TsharkFailedError(Exception):
    """tshark gave up: it does so behind the last frame of a file that ends inside a packet, and on damaged files."""


def dissect(member: Member, number: int) -> tuple[str, str]:
    """The name of the dissector and the frame as text. Frames count from 1.

    Raises `DissectorMissingError` and `FrameMissingError`.
    """
    with _file(member) as path:
        if shutil.which("tshark"):
            try:
                return "tshark", _by_tshark(path, number)
            except (ImportError, _TsharkFailedError):
                pass
        try:
            return "scapy", _by_scapy(path, number)
        except ImportError as error:
            raise DissectorMissingError(MISSING) from error


def secrets_in(text: str) -> set[str]:
    """Digest responses, SRTP keys, passwords of a frame: a dissector repeats them in lines of its own."""
    lines = text.replace("\\r\\n", "\n")  # scapy shows a payload as b'GET / HTTP/1.1\r\nCookie: …'
    elements = (f"<{match[2]}>{match[1]}</{match[2]}>" for match in _CLOSED.finditer(text))
    return {read[start:end] for read in (text, lines, *elements) for start, end in secret_spans(read)}


@contextmanager
def _file(member: Member) -> Iterator[Path]:
    """The capture as a file of its own: the dissectors read nothing else. A private copy where it lies in an archive."""
    plain = Path(member.path)
    if plain.is_file() and plain.stat().st_size == len(member.buffer()):
        yield plain
        return
    with tempfile.TemporaryDirectory(prefix="tcxtriage-") as folder:
        copy = Path(folder) / "capture"
        copy.write_bytes(member.buffer())
        yield copy


def _by_tshark(path: Path, number: int) -> str:
    import pyshark
    from pyshark.capture.capture import TSharkCrashException

    # -c: read no further than the frame
    found: Any = pyshark.FileCapture(
        str(path), display_filter=f"frame.number == {number}", keep_packets=False, custom_parameters=["-c", str(number)]
    )
    try:
        packet = next(iter(found), None)
        if packet is None:
            raise FrameMissingError(number)
        lines: list[str] = []
        for layer in packet.layers:
            lines.append(f"{layer.layer_name.upper()}")
            lines += [f"  {line.strip().removeprefix(': ')}" for line in str(layer).splitlines()[1:] if line.strip()]
    except TSharkCrashException as wrong:
        raise _TsharkFailedError from wrong
    finally:
        try:
            found.close()
        except TSharkCrashException:  # it complains of the end of the file, behind the frame or instead of it
            found._running_processes.clear()  # noqa: SLF001 - else the object complains once more when it goes
    return "\n".join(lines) + "\n"


def _by_scapy(path: Path, number: int) -> str:
    import logging

    # its warnings are of the file, and the reader has said more of it
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.error import Scapy_Exception
    from scapy.layers import dns, inet, inet6, l2, ppp  # noqa: F401 - importing a layer makes it known
    from scapy.packet import Raw
    from scapy.utils import PcapReader

    try:
        with PcapReader(str(path)) as reader:
            for index, packet in enumerate(reader, 1):
                if index == number:
                    shown = str(packet.show(dump=True))
                    payload = bytes(packet[Raw].load) if Raw in packet else b""
                    if payload and payload[:64].isascii() and b"SIP/2.0" in payload:
                        shown += "\n" + payload.decode("utf-8", "replace").replace("\r\n", "\n")
                    return shown
    except Scapy_Exception as wrong:
        raise FrameMissingError(number) from wrong
    raise FrameMissingError(number)
