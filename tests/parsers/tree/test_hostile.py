"""What a hostile or broken input can do: nothing but cost itself."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tree.budget import MIB, Budget
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk
from tests.parsers.tree.build import PACKERS, content, seven, tarred, walked, zipped

RANDOM = os.urandom(200_000)
LOG = b"2026/11/13 16:02:11.101|0007|Info| text\n"


def small(**limits: float) -> Budget:
    return Budget(**limits)  # type: ignore[arg-type]


# ---- bombs


@pytest.mark.parametrize("kind", ["zip", "zip-bz2", "zip-xz", "tar.gz", "tar.bz2", "tar.zst", "7z"])
def test_bomb_is_cut_and_the_others_are_read(tmp_path: Path, kind: str) -> None:
    bomb = bytes(40 * MIB)
    files = {"a.log": LOG, "bomb.log": bomb, "z.log": LOG * 2}
    make = {
        "zip": lambda: zipped(files),
        "zip-bz2": lambda: zipped(files, zipfile.ZIP_BZIP2),
        "zip-xz": lambda: zipped(files, zipfile.ZIP_LZMA),
        "7z": lambda: seven(files),
    }
    path = tmp_path / "input"
    path.write_bytes(make[kind]() if kind in make else PACKERS[kind[4:]](tarred(files)))
    budget = Budget(ratio_floor=8 * MIB)
    contents, others, problems = walked(path, budget)
    assert contents[f"{path}!/a.log"] == LOG
    assert contents[f"{path}!/z.log"] == LOG * 2
    said = problems.get(f"{path}!/bomb.log") or [others[f"{path}!/bomb.log"].reason]
    assert "above the limit of 200 to 1" in said[0]
    assert len(contents.get(f"{path}!/bomb.log", b"")) <= 34 * MIB
    assert [(hit.limit, hit.number) for hit in budget.hits] == [("max_ratio", 200.0)]


def test_bomb_as_single_stream(tmp_path: Path) -> None:
    for packer, pack in PACKERS.items():
        path = tmp_path / f"x.log.{packer}"
        path.write_bytes(pack(bytes(40 * MIB)))
        contents, others, problems = walked(path, Budget(ratio_floor=8 * MIB))
        assert len(contents[str(path)]) <= 12 * MIB
        assert "above the limit of 200 to 1" in problems[str(path)][0]
        assert not others


def test_declared_bomb_is_said_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"bomb.log": bytes(40 * MIB)}))
    budget = Budget(ratio_floor=8 * MIB)
    (found,) = walk([path], budget)
    assert not isinstance(found, Unreadable)
    assert found.problems == [
        "40 MiB out of 39.82 KiB is above the limit of 200 to 1 (judged above 8 MiB), as in a decompression bomb: not read to its end"
    ]
    assert budget.bytes_out <= 64 * 1024


def test_limit_of_all_bytes_costs_the_largest_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.log": RANDOM * 50, "b.log": RANDOM, "c.log": RANDOM}))
    budget = Budget(max_bytes=2 * MIB)
    contents, others, problems = walked(path, budget)
    assert contents[f"{path}!/b.log"] == contents[f"{path}!/c.log"] == RANDOM
    assert problems == {f"{path}!/a.log": ["the limit of 2 MiB unpacked in all is reached: cut here"]}
    assert not others
    assert budget.bytes_out <= 2 * MIB


def test_member_declaring_less_than_it_holds_is_cut_at_its_declared_size(tmp_path: Path) -> None:
    data = bytearray(zipped({"x.log": LOG * 100}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature) + offset
        data[at : at + 4] = struct.pack("<I", 40)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, _, problems = walked(path)
    assert contents == {f"{path}!/x.log": (LOG * 100)[:40]}
    assert problems == {f"{path}!/x.log": ["unpacks to more than the 40 bytes it declares: cut there"]}


def test_overlapping_members_are_not_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": RANDOM[:1000], "b.log": RANDOM[1000:2000], "c.log": LOG}, zipfile.ZIP_STORED))
    at = data.find(b"PK\x01\x02")
    data[at + 20 : at + 24] = data[at + 24 : at + 28] = struct.pack("<I", 1500)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/c.log": LOG}
    assert {one.reason for one in others.values()} == {
        "its content overlaps that of another member, as in a decompression bomb: not read"
    }
    assert len(others) == 2


# ---- names


@pytest.mark.parametrize(
    ("name", "shown", "odd"),
    [
        ("../../etc/passwd", "(..)/(..)/etc/passwd", True),
        ("/etc/passwd", "etc/passwd", True),
        ("..\\..\\x.log", "(..)/(..)/x.log", True),
        ("C:\\3CX\\x.log", "C:/3CX/x.log", True),
        ("Logs\\x.log", "Logs/x.log", False),
        ("a/./b//x.log", "a/b/x.log", False),
        ("\x1b[31mred\u202e.log", "\\x1b[31mred\\u202e.log", False),
    ],
)
def test_names_are_shown_harmlessly(tmp_path: Path, name: str, shown: str, *, odd: bool) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({name: LOG}))
    contents, _, problems = walked(path)
    assert contents == {f"{path}!/{shown}": LOG}
    assert bool(problems) == odd
    if odd:
        assert "nothing is unpacked" in problems[f"{path}!/{shown}"][0]
    path.write_bytes(tarred({name: LOG}))
    assert walked(path)[0] == {f"{path}!/{shown}": LOG}


def test_7z_names_that_lead_outside_cost_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    path.write_bytes(seven({"aa/bb/passwd": LOG, "x.log": LOG}))
    import py7zr

    archive = py7zr.SevenZipFile(path)
    for info in archive.files:
        info._file_info["filename"] = info.filename.replace("aa/bb", "../..")
    from parsers.tree import seven_zip
    from parsers.tree.member import Member

    body = path.read_bytes()
    errors = (py7zr.exceptions.ArchiveError, OSError)
    found = list(seven_zip._files(archive, Member.of_bytes("a.7z", body), Budget(), errors))
    assert [one.path for one in found if isinstance(one, Unreadable)] == ["a.7z!/(..)/(..)/passwd"]
    assert [content(one) for one in found if not isinstance(one, Unreadable)] == [LOG]


def test_duplicate_names_are_both_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Logs/x.log", b"first\n")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("Logs/x.log", b"2nd\n")
    path.write_bytes(out.getvalue())
    contents, _, problems = walked(path)
    assert contents == {f"{path}!/Logs/x.log": b"first\n", f"{path}!/Logs/x~2.log": b"2nd\n"}
    assert problems == {f"{path}!/Logs/x~2.log": ['the archive holds more than one file of the name "Logs/x.log"']}


def test_long_names_are_refused_with_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"x" * 600: LOG, "y.log": LOG}))
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/y.log": LOG}
    assert [one.reason for one in others.values()] == ["the name has 600 characters, above the limit of 512: not read"]


def test_undecodable_file_name(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/x\xff.log"
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(LOG)
    (path,) = walked(tmp_path)[0]
    assert path == f"{tmp_path}/x\\xff.log"


# ---- damage


@pytest.mark.parametrize("cut", range(16))
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "7z", "tar.zst"])
def test_cut_off_archives(tmp_path: Path, kind: str, cut: int) -> None:
    files = {f"Logs/{n}.log": RANDOM[n * 5000 : n * 5000 + 5000] for n in range(8)}
    make = {"zip": lambda: zipped(files), "tar": lambda: tarred(files), "7z": lambda: seven(files)}
    whole = make[kind]() if kind in make else PACKERS[kind[4:]](tarred(files))
    path = tmp_path / "input"
    path.write_bytes(whole[: len(whole) * cut // 16])
    contents, others, problems = walked(path)
    prefix = f"{path}!/"
    known = {name: body for name, body in contents.items() if name.startswith(prefix)}
    for name, body in known.items():
        original = files[name.removeprefix(prefix)]
        assert original.startswith(body)
        assert body == original or problems[name]
    if 600 < len(whole) * cut // 16 <= len(whole) - 10_240:  # a tar ends in up to 10 KiB of zeros
        assert others or problems.get(str(path))  # it is said that something is wrong with the archive
    if kind == "zip":
        assert sum(name.removeprefix(prefix) in files for name in known) >= len(files) * cut // 16 - 1


def test_flipped_byte_is_told_by_the_checksum(tmp_path: Path) -> None:
    data = bytearray(zipped({"x.log": RANDOM}, zipfile.ZIP_STORED))
    data[5000] ^= 0xFF
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, _, problems = walked(path)
    assert len(contents[f"{path}!/x.log"]) == len(RANDOM)
    assert problems == {f"{path}!/x.log": ["its checksum does not fit: the content may be damaged"]}


def test_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": RANDOM, "b.log": LOG}))
    data[1000:1100] = bytes(100)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, others, problems = walked(path)
    assert contents[f"{path}!/b.log"] == LOG
    assert list(problems) == [f"{path}!/a.log"]
    assert not others


def test_zip_that_was_written_as_a_stream_and_cut(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        """No seeking back: sizes are written behind the content."""

        def __init__(self) -> None:
            super().__init__()
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"{n}.log", LOG * (n + 1) + RANDOM[:3000])
    path = tmp_path / "a.zip"
    path.write_bytes(pipe.data[: pipe.data.find(b"PK\x01\x02")])
    contents, others, problems = walked(path)
    assert contents == {f"{path}!/{n}.log": LOG * (n + 1) + RANDOM[:3000] for n in range(4)}
    assert not problems
    assert "4 files were found by their own headers" in others[str(path)].reason


def test_encrypted_zip_and_7z_are_said(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": LOG, "b.log": LOG}))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/b.log": LOG}
    assert others[f"{path}!/a.log"].reason == "encrypted with a password, so it cannot be read"
    for hide in (False, True):
        path.write_bytes(seven({"a.log": LOG}, "pass word", hide_names=hide))
        contents, others, _ = walked(path)
        assert not contents
        assert others[str(path)].reason.startswith("encrypted with a password")
        assert others[str(path)].status == "unreadable"


def test_methods_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.log": LOG}))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.find(signature) + offset
        data[at : at + 2] = struct.pack("<H", 9)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert [one.reason for one in walked(path)[1].values()] == ["compression method 9 (Deflate64) cannot be read"]


@pytest.mark.parametrize(
    "head", [b"", b"\x09\x14\x05\x00", b"\x09\x14\x05\x00\xff\0\0\0\0", b"\x09\x14\x05\x00\x44\0\0\0\0"]
)
def test_broken_lzma_costs_only_its_member(tmp_path: Path, head: bytes) -> None:
    data = bytearray(zipped({"a.log": head, "b.log": LOG}, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.find(signature) + offset
        data[at : at + 2] = struct.pack("<H", 14)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    contents, others, problems = walked(path)
    assert contents == {f"{path}!/a.log": b"", f"{path}!/b.log": LOG}
    assert problems == {f"{path}!/a.log": ["LZMA with unknown properties"]}
    assert not others


def test_archives_that_are_not_opened_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + RANDOM)
    (found,) = walk([tmp_path], Budget())
    assert isinstance(found, Unreadable)
    assert found.reason == "a RAR archive cannot be opened: pack it as zip, 7z or tar"


def test_empty_archives_are_said(tmp_path: Path) -> None:
    for data in (zipped({}), tarred({}), seven({})):
        (tmp_path / "a").write_bytes(data)
        others = walked(tmp_path / "a")[1]
        assert data[:1] == b"\0" or [one.reason for one in others.values()] == ["an archive without files"]


# ---- numbers


def nested(levels: int) -> bytes:
    data = LOG
    for n in range(levels):
        data = zipped({"x.log" if not n else f"{n}.zip": data})
    return data


def test_depth(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(nested(3))
    assert walked(path)[0] == {f"{path}!/2.zip!/1.zip!/x.log": LOG}
    path.write_bytes(nested(4))
    contents, others, _ = walked(path)
    assert not contents
    assert others[f"{path}!/3.zip!/2.zip!/1.zip"].reason == (
        "an archive inside archives, deeper than the limit of 3: not opened"
    )


def test_too_many_members(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(dict.fromkeys(map(str, range(20_001)), b""), zipfile.ZIP_STORED))
    budget = Budget()
    found = list(walk([path], budget))
    last = found[-1]
    assert isinstance(last, Unreadable)
    assert (last.path, last.status) == (str(path), "partial")
    # the archive itself is the first of the 20,000
    assert last.reason == "the limit of 20000 files is reached: 2 files are not read"
    assert [hit.limit for hit in budget.hits] == ["max_members"]


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "7z", "folder"])
def test_too_many_members_elsewhere(tmp_path: Path, kind: str) -> None:
    files = {f"{n}.log": LOG for n in range(9)}
    path = tmp_path / "input"
    if kind == "folder":
        path.mkdir()
        for name, body in files.items():
            (path / name).write_bytes(body)
    else:
        make: dict[str, Callable[[dict[str, bytes]], bytes]] = {
            "tar": tarred,
            "tar.gz": lambda found: gzip.compress(tarred(found)),
            "7z": seven,
        }
        path.write_bytes(make[kind](files))
    contents, others, _ = walked(path, Budget(max_members=5))
    assert len(contents) <= 5
    assert "the limit of 5 files is reached" in others[str(path)].reason


def test_time_is_up(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.log": LOG}))
    budget = Budget(max_seconds=-1)
    contents, others, _ = walked([path, tmp_path / "b.log", tmp_path], budget)
    assert not contents
    assert "the time limit of -1 seconds is reached" in others[str(path)].reason
    assert set(others) == {str(path), f"{tmp_path}/b.log", str(tmp_path)}


def test_time_is_up_in_the_middle_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(RANDOM)
    budget = Budget()
    (found,) = walk([path], budget)
    assert not isinstance(found, Unreadable)
    budget.max_seconds = -1
    assert content(found) == b""
    assert found.problems == ["the time limit of -1 seconds is reached"]


def test_memory_limit_cuts_the_buffer_not_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.log": RANDOM}))
    (found,) = walk([path], Budget(max_memory=100_000))
    assert not isinstance(found, Unreadable)
    assert bytes(found.buffer()) == RANDOM[:100_000]
    assert found.problems == ["the limit of 97.66 KiB held in memory for one file is reached: cut here"]
    assert content(found) == RANDOM


def test_huge_zip_directory_is_not_given_to_zipfile(tmp_path: Path) -> None:
    data = zipped({"a.log": LOG})
    end = data.find(b"PK\x05\x06")
    entry = data[data.find(b"PK\x01\x02") : end]
    many = 17 * MIB // len(entry)
    directory = entry * many
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFE, 0xFFFE, len(directory), end - len(entry), 0)
    path = tmp_path / "a.zip"
    path.write_bytes(data[: end - len(entry)] + directory + tail)
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/a.log": LOG}
    assert "above the limit" in others[str(path)].reason


def test_tar_with_an_extended_header_of_gigabytes(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3 << 30
    path = tmp_path / "a.tar"
    path.write_bytes(tarred({"a.log": LOG})[:1024] + info.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/a.log": LOG}
    assert "an extended header of 3221225472 bytes" in others[str(path)].reason


def test_tar_links_devices_and_sparse_files(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, kind in (("sym", b"2"), ("hard", b"1"), ("dev", b"3"), ("pipe", b"6"), ("dir", b"5")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("x.log")
        info.size = len(LOG)
        archive.addfile(info, io.BytesIO(LOG))
    path = tmp_path / "a.tar"
    path.write_bytes(out.getvalue())
    contents, others, _ = walked(path)
    assert contents == {f"{path}!/x.log": LOG}
    assert {one.rpartition("/")[2]: found.reason for one, found in others.items()} == {
        "sym": "a symbolic link: not followed", "hard": "a hard link: not followed",
        "dev": "a device: not followed", "pipe": "a pipe: not followed",
    }  # fmt: skip


def test_links_and_loops_in_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "secret.log").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    contents, others, _ = walked(tmp_path)
    assert not contents
    assert {path.removeprefix(f"{tmp_path}/"): one.status for path, one in others.items()} == {
        "a/loop": "ignored", "secret.log": "ignored", "pipe": "ignored",
    }  # fmt: skip


def test_a_link_that_the_user_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(LOG)
    (tmp_path / "link").symlink_to(tmp_path / "x.log")
    assert walked(tmp_path / "link")[0] == {f"{tmp_path}/link": LOG}


# ---- anything at all

_SEEDS = [
    zipped({"a.log": LOG * 9, "b/c.csv": LOG}),
    zipped({"a.log": LOG}, zipfile.ZIP_LZMA),
    tarred({"a.log": LOG * 9, "b": LOG}),
    gzip.compress(tarred({"a.log": LOG})),
    seven({"a.log": LOG * 9}),
    PACKERS["zst"](LOG * 99),
    PACKERS["xz"](LOG * 99),
    PACKERS["bz2"](LOG * 99),
]


@given(st.data())
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    seed = bytearray(data.draw(st.sampled_from(_SEEDS)))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(seed) - 1), st.integers(0, 255)), max_size=12)):
        seed[at] = value
    seed += data.draw(st.binary(max_size=40))
    path = tmp_path_factory.getbasetemp() / f"fuzz-{os.getpid()}"
    path.write_bytes(seed)
    budget = Budget(max_bytes=8 * MIB, max_memory=8 * MIB, max_members=200)
    for found in walk([path], budget):
        if not isinstance(found, Unreadable):
            assert sum(map(len, found.chunks())) <= 8 * MIB
            found.buffer()
        assert found.path.isprintable()


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "3cxSystemService.log"
    path.write_bytes(LOG * 300_000)
    (found,) = walk([path], Budget())
    assert not isinstance(found, Unreadable)
    pieces = found.chunks()
    taken = len(next(pieces))
    os.truncate(path, 10)  # as log rotation does that copies and truncates
    taken += sum(map(len, pieces))
    assert 0 < taken < 300_000 * len(LOG)
    assert found.problems == [f"became shorter while it was read: {taken} of {300_000 * len(LOG)} bytes"]


def test_what_is_written_behind_a_file_while_it_is_read_is_left(tmp_path: Path) -> None:
    path = tmp_path / "3cxSystemService.log"
    path.write_bytes(LOG)
    (found,) = walk([path], Budget())
    with path.open("ab") as file:
        file.write(LOG)
    assert not isinstance(found, Unreadable)
    assert content(found) == LOG
    assert found.problems == []
