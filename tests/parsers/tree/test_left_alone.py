"""What holds nothing to look for, or must never be opened, is known by its first bytes under any name."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.tree.budget import Budget
from parsers.tree.names import ignored_content
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk

HEADS = [
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff\xe0", "image"),
    (b"GIF89a", "image"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "image"),
    (b"\0\0\0\x18ftypheic", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "audio"),
    (b"ID3\x03", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"%PDF-1.7", "document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "document"),
    (b"MZ\x90\0", "program"),
    (b"-----BEGIN RSA PRIVATE KEY-----", "key_material"),
]


@pytest.mark.parametrize(("head", "kind"), HEADS)
def test_first_bytes_tell(tmp_path: Path, head: bytes, kind: str) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(head + bytes(64))
    [found] = walk([path], Budget())
    assert isinstance(found, Unreadable)
    assert (found.status, found.kind) == ("ignored", kind)


@pytest.mark.parametrize("head", [head for head, _ in HEADS])
def test_only_where_they_belong(head: bytes) -> None:
    assert ignored_content(b"x" + head + bytes(64)) is None


def test_an_office_document_is_a_zip_that_says_so() -> None:
    assert ignored_content(b"PK\x03\x04" + bytes(26) + b"Logs/a.log") is None
    found = ignored_content(b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml")
    assert found is not None
    assert found.kind == "document"
