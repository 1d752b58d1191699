"""Ed25519 signatures of packs (RFC 8032), checked offline against a public key that the reader already has.

``pack.sig`` holds the base64 of a signature over a list of all files of the pack: the SHA-256 of each and its path, one a
line, sorted by path. Keys are PEM files as ``openssl genpkey -algorithm ed25519`` makes them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Any

from analyzer.pack.errors import PackError
from analyzer.pack.folder import PACK_FILE, rule_files

SIGNATURE_FILE = "pack.sig"
_HEADER = "tcxtriage-pack/1\n"
_MAX_SIGNATURE_BYTES = 1024


def manifest(root: Path) -> bytes:
    """What is signed: a line for each file that a pack is read from."""
    files = rule_files(root) + [path for path in (root / PACK_FILE,) if path.is_file()]
    names = {path.relative_to(root).as_posix(): path for path in files}
    lines = [f"{hashlib.sha256(names[name].read_bytes()).hexdigest()}  {name}\n" for name in sorted(names)]
    return "".join([_HEADER, *lines]).encode()


def sign(root: Path, private_key: str) -> Path:
    """Write ``pack.sig`` into a pack's folder. Raises `PackError` for what is no Ed25519 private key."""
    from Cryptodome.Signature import eddsa

    key = _key(private_key)
    if not key.has_private():
        raise PackError("signing needs the private key")
    signature = eddsa.new(key, "rfc8032").sign(manifest(root))
    path = root / SIGNATURE_FILE
    path.write_text(base64.b64encode(signature).decode() + "\n", "ascii")
    return path


def verify(root: Path, public_key: str) -> None:
    """Raises `PackError` unless the pack is just as the holder of the key signed it."""
    from Cryptodome.Signature import eddsa

    path = root / SIGNATURE_FILE
    try:
        with path.open("rb") as file:
            signature = base64.b64decode(file.read(_MAX_SIGNATURE_BYTES).strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise PackError(f"{path}: no signature can be read: {error}") from error
    try:
        eddsa.new(_key(public_key), "rfc8032").verify(manifest(root), signature)
    except ValueError:
        raise PackError(f"{root}: the signature is not that of this key over these files") from None


def _key(pem: str) -> Any:  # noqa: ANN401 - a key of the library
    from Cryptodome.PublicKey import ECC

    try:
        key = ECC.import_key(pem)
    except ValueError as error:
        raise PackError(f"the key cannot be read: {error}") from error
    if key.curve != "Ed25519":
        raise PackError(f"the key is one of {key.curve}, not of Ed25519")
    return key
