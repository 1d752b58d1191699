"""Signed packs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from Cryptodome.PublicKey import ECC

from analyzer.cli.signatures import command
from analyzer.pack import PackError
from analyzer.pack.signing import SIGNATURE_FILE, manifest, sign, verify
from tests.analyzer.pack.rules import rule, write


@pytest.fixture(scope="module")
def keys() -> tuple[str, str]:
    """A private key and its public half."""
    key = ECC.generate(curve="Ed25519")
    return key.export_key(format="PEM"), key.public_key().export_key(format="PEM")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack of one rule."""
    made = write(tmp_path / "mine" / "phone", rule()).parent
    (made / "pack.yaml").write_text("version: '1'\n")
    return made


def test_a_signed_pack_holds(folder: Path, keys: tuple[str, str]) -> None:
    assert [line.split()[1] for line in manifest(folder).decode().splitlines()[1:]] == ["pack.yaml", "phone/rules.yaml"]
    assert sign(folder, keys[0]) == folder / SIGNATURE_FILE
    verify(folder, keys[1])
    (folder / "README.txt").write_text("no part of the pack")
    verify(folder, keys[1])


@pytest.mark.parametrize("what", ["change", "add", "rename", "remove", "version"])
def test_any_change_breaks_it(folder: Path, keys: tuple[str, str], what: str) -> None:
    sign(folder, keys[0])
    path = folder / "phone" / "rules.yaml"
    if what == "change":
        path.write_text(path.read_text() + "# x\n")
    elif what == "add":
        write(folder / "phone", rule("ABC-02"), file="second.yaml")
    elif what == "rename":
        path.rename(folder / "phone" / "other.yaml")
    elif what == "remove":
        path.unlink()
    else:
        (folder / "pack.yaml").write_text("version: '2'\n")
    with pytest.raises(PackError, match="not that of this key over these files"):
        verify(folder, keys[1])


def test_another_key_does_not_do(folder: Path, keys: tuple[str, str]) -> None:
    sign(folder, keys[0])
    other = ECC.generate(curve="Ed25519").public_key().export_key(format="PEM")
    with pytest.raises(PackError, match="not that of this key"):
        verify(folder, other)


@pytest.mark.parametrize("content", [None, b"", b"no base64!", b"AAAA", b"A" * 5000])
def test_signatures_that_are_none(folder: Path, keys: tuple[str, str], content: bytes | None) -> None:
    if content is not None:
        (folder / SIGNATURE_FILE).write_bytes(content)
    with pytest.raises(PackError):
        verify(folder, keys[1])


def test_keys_that_are_none(folder: Path, keys: tuple[str, str]) -> None:
    with pytest.raises(PackError, match="needs the private key"):
        sign(folder, keys[1])
    with pytest.raises(PackError, match="cannot be read"):
        sign(folder, "no key")
    with pytest.raises(PackError, match="not of Ed25519"):
        sign(folder, ECC.generate(curve="P-256").export_key(format="PEM"))


def test_the_verbs(folder: Path, keys: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "private.pem").write_text(keys[0])
    (tmp_path / "public.pem").write_text(keys[1])

    def call(*words: str) -> object:
        return CliRunner().invoke(command, words, standalone_mode=False).return_value

    assert call("verify", str(folder), "--key", str(tmp_path / "public.pem")) == 1
    assert call("sign", str(folder), "--key", str(tmp_path / "private.pem")) is None
    assert call("verify", str(folder), "--key", str(tmp_path / "public.pem")) == 0
