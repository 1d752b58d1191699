"""Captures cut into several files, as ``tcpdump -C`` and ``-G`` write them."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.read import read_inputs
from parsers.tree.budget import Budget


def records(data: bytes) -> list[bytes]:
    """The records of a classic pcap of little-endian order."""
    found, at = [], 24
    while at < len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at : at + size])
        at += size
    return found


def cut(data: bytes, *places: int) -> list[bytes]:
    """A classic pcap in files: cut before these records."""
    some = records(data)
    return [data[:24] + b"".join(some[a:b]) for a, b in pairwise([0, *places, len(some)])]


def shifted(data: bytes, seconds: int) -> bytes:
    """The same packets at another time."""
    moved = [struct.pack("<I", struct.unpack_from("<I", one)[0] + seconds) + one[4:] for one in records(data)]
    return data[:24] + b"".join(moved)


def write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """The files, in a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def numbered(pieces: Iterable[bytes]) -> dict[str, bytes]:
    """Named as a ring buffer names them."""
    return {f"dump_{number:05}.pcap": piece for number, piece in enumerate(pieces, 1)}


def read(folder: Path, files: dict[str, bytes]) -> tuple[Facts, dict[str, Artifact]]:
    """What the files say, and what became of each, by name."""
    write(folder, files)
    facts = Facts()
    artifacts = read_inputs([folder], Budget(), facts)
    return facts, {Path(artifact.path).name: artifact for artifact in artifacts}
