"""Files that change while they are read: what is cut is said and ends nothing, what grows is read as it was found."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from mmap import ACCESS_READ, PAGESIZE, mmap
from pathlib import Path
from typing import Any

import pytest

from parsers.facts.capture import Capture
from parsers.facts.store import Facts
from parsers.read import read_inputs, read_members
from parsers.tree import folder
from parsers.tree.budget import Budget
from parsers.tree.member import Member
from parsers.tree.walk import walk
from tests.built import compiled
from tests.parsers.capture.scenario import Scenario

CUT = "became shorter, or could not be read to its end, while it was read: "

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mapped files cannot be cut there")


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Everything is mapped, and watched by what is compiled."""
    guard: Any = compiled("parsers.tree.guard")
    if guard is None:
        pytest.skip("nothing can be compiled here")
    monkeypatch.setattr(folder, "guard", guard)
    monkeypatch.setattr(folder, "SMALL", 0)
    return guard


def calls(count: int) -> bytes:
    wire = Scenario()
    wire.answered()
    for number in range(count):
        wire.send(20 + number, "192.0.2.21:4000", "192.0.2.1:10000", b"\x80\x08" + bytes(170))
    return wire.pcap()


def found(path: Path) -> Member:
    (member,) = walk([path], Budget())
    assert isinstance(member, Member)
    return member


@pytest.mark.usefixtures("guarded")
def test_a_capture_that_is_cut_is_read_to_there(tmp_path: Path) -> None:
    path = tmp_path / "dump.pcap"
    path.write_bytes(calls(2000))
    member = found(path)
    opened = member.open_buffer

    def cut() -> memoryview:
        view = opened()
        os.truncate(path, 8192)
        return view

    member.open_buffer = cut
    (artifact,) = read_members([member], Facts())
    assert artifact.status == "partial"
    assert [problem for problem in artifact.problems if problem.startswith(CUT)]
    assert 0 < artifact.records < 2007


@pytest.mark.usefixtures("guarded")
def test_an_archive_that_is_cut_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.log", f"2026/11/12 10:14:00.119|0021|Erro| [X] {number}\n" * 2000)
    size = path.stat().st_size
    told: list[str] = []
    for number, member in enumerate(walk([path], Budget())):
        if not number:
            os.truncate(path, PAGESIZE)
        told += member.problems if isinstance(member, Member) else [member.reason]
        if isinstance(member, Member):
            b"".join(member.chunks())
    assert size > 10 * PAGESIZE
    assert CUT in told[-1]


def test_pages_are_counted_while_a_mapping_lives(guarded: Any, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 10 * PAGESIZE)
    with path.open("rb") as file:
        mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
    watch: Any = guarded.Watch(mapped)
    assert (mapped[5 * PAGESIZE], watch.pages) == (ord("x"), 0)
    os.truncate(path, PAGESIZE)
    assert (mapped[0], mapped[5 * PAGESIZE], mapped[5 * PAGESIZE + 1], mapped[9 * PAGESIZE]) == (ord("x"), 0, 0, 0)
    assert watch.pages == 2
    del mapped
    assert watch.pages == 2
    path.write_bytes(b"x" * PAGESIZE)
    with path.open("rb") as file:
        again = guarded.Watch(mmap(file.fileno(), 0, access=ACCESS_READ))
    assert (again.pages, watch.pages) == (0, 2)


def test_more_mappings_than_can_be_watched(guarded: Any, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x")
    with path.open("rb") as file:
        mapped = [mmap(-1, PAGESIZE) for _ in range(1100)]
        assert {guarded.Watch(one).pages for one in mapped} == {0}
        del mapped
        last = mmap(file.fileno(), 0, access=ACCESS_READ)
    assert guarded.Watch(last)._place >= 0  # the places of those that are gone are free again


def test_other_faults_end_the_program_as_before(guarded: Any, tmp_path: Path) -> None:
    path = tmp_path / "x"
    code = (
        "import os, sys, importlib.util as u; from mmap import *\n"
        f"s = u.spec_from_file_location('parsers.tree.guard', {guarded.__file__!r}); g = u.module_from_spec(s); s.loader.exec_module(g)\n"
        "p = sys.argv[1]; open(p, 'wb').write(b'x' * 4 * PAGESIZE)\n"
        "f = open(p, 'rb'); a = mmap(f.fileno(), 0, access=ACCESS_READ); b = mmap(f.fileno(), 0, access=ACCESS_READ)\n"
        "w = g.Watch(a); os.truncate(p, 1); assert a[2 * PAGESIZE] == 0 and w.pages == 1; print('watched', flush=True); b[2 * PAGESIZE]\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout == "watched\n"
    assert done.returncode < 0


@pytest.mark.parametrize("small", [0, 1 << 30])
def test_files_that_grow_are_read_as_they_were_found(
    tmp_path: Path, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SMALL", small)
    path = tmp_path / "dump.pcap"
    whole = calls(50)
    path.write_bytes(whole[:-30])
    member = found(path)
    opened = member.open_buffer

    def grown() -> memoryview:
        view = opened()
        with path.open("ab") as file:
            file.write(whole[-30:] + whole[24:])
        return view

    member.open_buffer = grown
    facts = Facts()
    (artifact,) = read_members([member], facts)
    assert facts.of(Capture)[0].packets == artifact.records == 55
    assert any("ends inside record" in problem for problem in artifact.problems)
    again = Facts()
    read_inputs([path], Budget(), again)
    assert again.of(Capture)[0].packets == 112


def test_logs_that_grow_are_read_as_they_were_found(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"one\n")
    pieces: Iterator[Any] = found(path).chunks()
    with path.open("ab") as file:
        file.write(b"two\n")
    assert b"".join(map(bytes, pieces)) == b"one\n"


def test_nothing_is_watched_where_nothing_is_compiled(tmp_path: Path) -> None:
    from tests.built import interpreted

    path = tmp_path / "x"
    path.write_bytes(b"x" * PAGESIZE)
    with path.open("rb") as file:
        watch: Any = interpreted("parsers.tree.guard").Watch(mmap(file.fileno(), 0, access=ACCESS_READ))
    assert watch.pages == 0
