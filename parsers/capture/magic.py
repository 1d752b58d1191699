"""The first four bytes of captures."""

from __future__ import annotations

PCAP: dict[bytes, tuple[str, bool]] = {
    b"\xd4\xc3\xb2\xa1": ("<", False),
    b"\xa1\xb2\xc3\xd4": (">", False),
    b"\x4d\x3c\xb2\xa1": ("<", True),
    b"\xa1\xb2\x3c\x4d": (">", True),
}
"""Classic pcap: byte order and whether times are in nanoseconds."""

MODIFIED: dict[bytes, str] = {b"\x34\xcd\xb2\xa1": "<", b"\xa1\xb2\xcd\x34": ">"}
"""The pcap of an old patch to libpcap: eight bytes more in front of each packet (interface, protocol, direction)."""
MODIFIED_BYTES = 8

PCAPNG = b"\n\r\r\n"
"""The type of a section header block, the same in both byte orders."""


def is_capture(head: bytes | memoryview) -> bool:
    """Whether bytes start like pcap or pcapng."""
    start = bytes(head[:4])
    return start in PCAP or start in MODIFIED or start == PCAPNG
