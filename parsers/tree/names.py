"""Names inside containers, made harmless, and what is left alone for its name."""

from __future__ import annotations

import re
from typing import NamedTuple

from parsers import lazy


class Ignored(NamedTuple):
    """Why a file is not opened or not read. ``kind`` is the artifact's kind."""

    kind: str
    reason: str


_BY_NAME: tuple[tuple[re.Pattern[str], Ignored], ...] = tuple(
    (lazy.pattern(pattern, re.IGNORECASE), Ignored(kind, reason))
    for pattern, kind, reason in (
        # Backup: Certificates/… with private keys; provisioning certificates; keys in home folders
        (r"(^|/)certificates/|\.(pem|key|crt|cer|der|pfx|p12|jks|ppk|csr)$|(^|/)id_(rsa|dsa|ecdsa|ed25519)$",
         "key_material", "certificates and private keys are never opened"),
        (r"(^|/)(recordings|voicemails)/.*\.(wav|mp3|ogg|opus|gsm)$",
         "audio", "recordings and voicemails are never opened"),
        # Backup: DbTables/cl_calls … (call history), ChatFiles/…, chat_… tables
        (r"(^|/)DbTables/cl_[^/]*$", "call_history", "call history tables of a backup are not read"),
        (r"(^|/)ChatFiles/|(^|/)DbTables/chat_[^/]*$", "chat", "chats are never opened"),
        (r"(^|/)ProfilePictures/", "image", "profile pictures are not read"),
        (r"(^|/)__MACOSX/|(^|/)\._[^/]*$|(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini)$",
         "system_litter", "written by the desktop, not by 3CX"),
    )
)  # fmt: skip

_BY_MAGIC: tuple[tuple[bytes, int, Ignored], ...] = tuple(
    (magic, offset, Ignored(kind, reason))
    for magic, offset, kind, reason in (
        (b"\x89PNG\r\n\x1a\n", 0, "image", "an image"),
        (b"\xff\xd8\xff", 0, "image", "an image"),
        (b"GIF8", 0, "image", "an image"),
        (b"WEBP", 8, "image", "an image"),
        (b"ftypheic", 4, "image", "an image"),
        (b"II*\x00", 0, "image", "an image"),
        (b"MM\x00*", 0, "image", "an image"),
        (b"WAVEfmt", 8, "audio", "an audio recording"),
        (b"ID3", 0, "audio", "an audio recording"),
        (b"OggS", 0, "audio", "an audio recording"),
        (b"fLaC", 0, "audio", "an audio recording"),
        (b"%PDF-", 0, "document", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "document", "an office document"),
        (b"MZ", 0, "program", "a program"),
        (b"-----BEGIN ", 0, "key_material", "certificates and private keys are never read"),
    )
)


def ignored_name(path: str) -> Ignored | None:
    """Whether the name alone says that the file must not be opened."""
    return next((why for pattern, why in _BY_NAME if pattern.search(path)), None)


def ignored_content(head: bytes) -> Ignored | None:
    """Whether the first bytes say that there is nothing to look for (images, audio, documents, programs, keys)."""
    for magic, offset, why in _BY_MAGIC:
        if head.startswith(magic, offset):
            return why
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head[:4096]:
        return Ignored("document", "an office document")
    return None


def printable(text: str) -> str:
    r"""Text without control characters, undecodable bytes and direction marks: they stand as ``\x1b``, ``\u202e``."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("ascii", "backslashreplace").decode() if ord(c) > 127 else f"\\x{ord(c):02x}" for c in text)  # fmt: skip


def harmless(name: str) -> tuple[str, str | None]:
    """The name to show for a member, and what was odd about it (null where nothing was).

    Backslashes are path separators (Windows tools write them); a leading ``/`` is dropped; ``..`` is shown as ``(..)``.
    """
    shown = printable(name.replace("\\", "/"))
    parts = shown.split("/")
    odd = ".." in parts or shown.startswith("/") or re.match(r"[A-Za-z]:/", shown) is not None
    kept = ["(..)" if part == ".." else part for part in parts if part not in {"", "."}]
    path = "/".join(kept) or "(no name)"
    return (
        path,
        f'the archive names this file "{shown}", which leads outside of it; nothing is unpacked' if odd else None,
    )


class Namer:
    """Gives each member of one container a path of its own: the second ``a/x.log`` becomes ``a/x~2.log``."""

    def __init__(self, container: str) -> None:
        self._container = container
        self._seen: dict[str, int] = {}

    def path(self, name: str) -> tuple[str, list[str]]:
        """The artifact path for a member's name, and sentences about what is odd with it."""
        shown, odd = harmless(name)
        problems = [odd] if odd else []
        count = self._seen[shown] = self._seen.get(shown, 0) + 1
        if count > 1:
            folder, slash, last = shown.rpartition("/")
            stem, dot, suffix = last.partition(".")
            problems.append(f'the archive holds more than one file of the name "{shown}"')
            shown = f"{folder}{slash}{stem}~{count}{dot}{suffix}"
        return f"{self._container}!/{shown}", problems


def cut(path: str, length: int = 200) -> str:
    """A path that is too long, shortened for display."""
    return path if len(path) <= length else f"{path[:length]}… ({len(path)} characters)"
