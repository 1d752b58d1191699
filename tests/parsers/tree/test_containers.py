"""Every kind of container gives the same files."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from parsers.tree.budget import Budget
from parsers.tree.member import HEAD_BYTES, Member
from parsers.tree.unreadable import Unreadable
from parsers.tree.walk import walk
from tests.parsers.tree.build import PACKERS, WHEN, content, seven, tarred, walked, zipped

BIG = b"".join(b"2026/11/13 16:02:%02d.101|0007|Info| [Host.Scheduler] Tick %d\n" % (n % 60, n) for n in range(9000))
FILES = {
    "Logs/3cxSystemService.log": BIG,
    "DbTables/eventlog.csv": b"timegenerated,eventid\n",
    "ExtraLogging/empty.txt": b"",
    "ExtraLogging/Health_1.txt": "ü: OK\n".encode(),
}


def expected(container: str) -> dict[str, bytes]:
    return {f"{container}!/{name}": body for name, body in FILES.items()}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_methods(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bundle.bin"  # recognised by content, not by name
    path.write_bytes(zipped(FILES, method))
    assert walked(path) == (expected(str(path)), {}, {})


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar_forms(tmp_path: Path, form: int) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tarred(FILES, form))
    assert walked(path) == (expected(str(path)), {}, {})


@pytest.mark.parametrize("packer", PACKERS)
def test_tar_compressed(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a.any"
    path.write_bytes(PACKERS[packer](tarred(FILES)))
    assert walked(path) == (expected(str(path)), {}, {})


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_tar_long_names(tmp_path: Path, form: int) -> None:
    name = "/".join(["folder" * 5] * 8) + "/ü.log"
    path = tmp_path / "a.tar"
    path.write_bytes(tarred({name: b"x\n"}, form))
    assert walked(path)[0] == {f"{path}!/{name}": b"x\n"}


def test_7z(tmp_path: Path) -> None:
    path = tmp_path / "a.7z"
    path.write_bytes(seven(FILES))
    assert walked(path) == (expected(str(path)), {}, {})


@pytest.mark.parametrize("packer", PACKERS)
def test_single_compressed_file_keeps_its_own_path(tmp_path: Path, packer: str) -> None:
    path = tmp_path / f"x.log.{packer}"
    path.write_bytes(PACKERS[packer](BIG))
    assert walked(path) == ({str(path): BIG}, {}, {})


def test_gzip_of_several_streams_and_padding(tmp_path: Path) -> None:
    path = tmp_path / "x.log.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n") + bytes(300_000))
    assert walked(path) == ({str(path): b"one\ntwo\n"}, {}, {})


def test_folder(tmp_path: Path) -> None:
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    found = [one.path for one in walk([f"{tmp_path}/"], Budget())]
    assert found == [
        f"{tmp_path}/DbTables/eventlog.csv",
        f"{tmp_path}/ExtraLogging/Health_1.txt",
        f"{tmp_path}/ExtraLogging/empty.txt",
        f"{tmp_path}/Logs/3cxSystemService.log",
    ]
    assert walked(tmp_path)[0] == {f"{tmp_path}/{name}": body for name, body in FILES.items()}


def test_paths_are_as_given_never_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "a.zip").write_bytes(zipped({"b.tar.gz": gzip.compress(tarred({"Logs/c.log": b"x\n"}))}))
    monkeypatch.chdir(tmp_path)
    assert list(walked("case")[0]) == ["case/a.zip!/b.tar.gz!/Logs/c.log"]
    assert list(walked(Path("case/a.zip"))[0]) == ["case/a.zip!/b.tar.gz!/Logs/c.log"]
    assert list(walked("./case/a.zip")[0]) == ["./case/a.zip!/b.tar.gz!/Logs/c.log"]


def test_zip64(tmp_path: Path) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.log", "w", force_zip64=True) as file,
    ):
        file.write(b"line\n" * 1000)
    path = tmp_path / "a.zip"
    path.write_bytes(out.getvalue())
    assert walked(path) == ({f"{path}!/x.log": b"line\n" * 1000}, {}, {})


def test_smallest_member_of_a_zip_first(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"big": b"x" * 500, "small": b"x", "mid": b"x" * 50}))
    assert [found.path.rpartition("!/")[2] for found in walk([path], Budget())] == ["small", "mid", "big"]


def test_times(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"x.log": b"x"}))
    found = next(iter(walk([path], Budget())))
    assert isinstance(found, Member)
    assert found.mtime == datetime(*WHEN, tzinfo=UTC)
    path.write_bytes(tarred({"x.log": b"x"}))
    found = next(iter(walk([path], Budget())))
    assert isinstance(found, Member)
    assert found.mtime == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    os.utime(path, (1_700_000_001, 1_700_000_001))


def test_extended_zip_time_is_utc_and_wins(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x.log", WHEN)
        info.extra = b"\x55\x54\x05\x00\x01" + (1_700_000_000).to_bytes(4, "little")
        archive.writestr(info, b"x")
    path = tmp_path / "a.zip"
    path.write_bytes(out.getvalue())
    found = next(iter(walk([path], Budget())))
    assert isinstance(found, Member)
    assert found.mtime == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "7z", "plain"])
def test_members_can_be_read_again_and_as_one_buffer(tmp_path: Path, kind: str) -> None:
    body = os.urandom(1000) + b"0123456789" * 3_000_000  # above what a compressed tar keeps in memory
    path = tmp_path / "input"
    make = {
        "zip": lambda: zipped({"x": body}),
        "tar": lambda: tarred({"x": body, "y": b"after"}),
        "tar.gz": lambda: gzip.compress(tarred({"w": b"before", "x": body, "y": b"after"}), 1),
        "7z": lambda: seven({"x": body}),
        "plain": lambda: body,
    }
    path.write_bytes(make[kind]())
    seen = []
    for found in walk([path], Budget()):
        assert isinstance(found, Member)
        seen.append(found.path.rpartition("!/")[2])
        if found.size == len(body):
            assert found.head == body[:HEAD_BYTES]
            half = found.chunks()
            next(half)  # begun and left alone
            assert content(found) == body
            assert bytes(found.buffer()) == body
            assert content(found) == body
            assert b"".join(map(bytes, half)) in body
        else:
            assert content(found) in {b"before", b"after"}
    assert seen in (["x"], ["x", "y"], ["w", "x", "y"], [str(path)])


def test_reading_again_costs_nothing_of_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"x": b"0123456789" * 100_000}))
    budget = Budget()
    for found in walk([path], budget):
        assert isinstance(found, Member)
        for _ in range(3):
            content(found)
    assert budget.bytes_out == 1_000_000


def test_missing_input_and_several_inputs(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"x\n")
    contents, others, _ = walked([tmp_path / "no.zip", tmp_path / "x.log"])
    assert contents == {f"{tmp_path}/x.log": b"x\n"}
    assert others[f"{tmp_path}/no.zip"].reason == "cannot be opened: No such file or directory"
    assert others[f"{tmp_path}/no.zip"].status == "unreadable"


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("Certificates/pbx.txt", b"none\n", "key_material"),
        ("nginx/pbx.example.com-key.pem", b"none\n", "key_material"),
        ("notes.txt", b"-----BEGIN RSA PRIVATE KEY-----\n", "key_material"),
        ("recordings/105/call.wav", b"RIFF", "audio"),
        ("prompt.any", b"RIFF\x24\x08\0\0WAVEfmt ", "audio"),
        ("DbTables/cl_calls", b"1,2\n", "call_history"),
        ("ChatFiles/a.txt", b"hello", "chat"),
        ("photo.log", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image"),
        ("__MACOSX/._x.log", b"\0\5\x16\7", "system_litter"),
        ("table.xlsx", zipped({"[Content_Types].xml": b"<x/>"}), "document"),
    ],
)
def test_left_alone(tmp_path: Path, name: str, body: bytes, kind: str) -> None:
    path = tmp_path / "backup.zip"
    path.write_bytes(zipped({name: body, "x.log": b"x\n"}))
    contents, others, _ = walked(path)
    assert list(contents) == [f"{path}!/x.log"]
    (left,) = others.values()
    assert (left.path, left.status, left.kind) == (f"{path}!/{name}", "ignored", kind)


def test_key_files_are_not_even_opened(tmp_path: Path) -> None:
    key = tmp_path / "pbx.key"
    key.write_bytes(b"x")
    key.chmod(0)
    (found,) = walk([tmp_path], Budget())
    assert isinstance(found, Unreadable)
    assert (found.status, found.reason) == ("ignored", "certificates and private keys are never opened")


def test_an_image_name_on_a_log_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"2026/11/13 16:02:11.101|0007|Info| text\n")
    assert len(walked(tmp_path)[0]) == 1


@pytest.mark.parametrize("packer", PACKERS)
def test_what_follows_a_stream_and_is_none_is_said(tmp_path: Path, packer: str) -> None:
    path = tmp_path / f"a.log.{packer}"
    path.write_bytes(PACKERS[packer](BIG) + b"junk behind it")
    contents, _, problems = walked(path)
    assert contents == {str(path): BIG}
    assert problems == {str(path): [f"after {len(BIG)} bytes comes something that is no further stream: not read"]}


def test_zstandard_without_a_declared_size(tmp_path: Path) -> None:
    packer = zstandard.ZstdCompressor().compressobj()
    data = b"".join(f"{n * 2654435761 % 2**32:08x}\n".encode() for n in range(200_000))
    packed = packer.compress(data) + packer.flush()
    path = tmp_path / "a.log.zst"
    path.write_bytes(packed + packed)
    assert walked(path) == ({str(path): data * 2}, {}, {})
    path.write_bytes(packed[:-3])
    contents, _, problems = walked(path)
    assert data.startswith(contents[str(path)])
    assert len(contents[str(path)]) > len(data) // 2
    assert problems[str(path)][0].startswith("cut off: the content ends after ")
