"""How containers begin. What opens them is imported by the first one: a case of one capture has none."""

from __future__ import annotations

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
"""Of single compressed streams."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
GZ, BZ2, XZ, ZST = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
NOT_OPENED = ((b"Rar!\x1a\x07", "a RAR archive"), (b"MSCF\0\0\0\0", "a CAB archive"), (b"!<arch>\n", "an ar archive"))

_BZ2_BLOCKS = frozenset({b"1AY&SY", b"\x17rE8P\x90"})
_TAR_BLOCK = 512
_TAR_SUM, _TAR_MARK = slice(148, 156), slice(257, 262)
_BINARY = (b"\x80", b"\xff")


def is_packed(head: bytes) -> bool:
    """Whether a single compressed stream begins like this."""
    return head.startswith((GZ, XZ, ZST)) or (head.startswith(BZ2) and head[4:10] in _BZ2_BLOCKS)


def is_tar(head: bytes) -> bool:
    """Whether a tar header stands at the start."""
    if len(head) < _TAR_BLOCK or not head[0]:
        return False
    checksum = head[_TAR_SUM]
    if head[_TAR_MARK] != b"ustar" and not checksum.startswith(_BINARY) and checksum.strip(b"01234567 \0"):
        return False  # neither the mark of the new form nor the octal or binary number that the old one has there
    from parsers.tree import tar_file

    return tar_file.is_tar(head)
