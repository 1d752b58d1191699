"""Reading of all inputs: statuses, and parsers that fail."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from parsers import registry
from parsers.api import Parser, Probe, Sink, Tally
from parsers.facts.base import Source
from parsers.facts.secrets import SecretFile
from parsers.facts.store import Facts
from parsers.facts.system import SystemSeen
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from parsers.tree.member import Member
from tests.parsers.tree.build import zipped


class Made:
    """A parser made for a test."""

    def __init__(self, kind: str, word: str, body: Callable[[Member, Sink], Tally], claim: int = 60) -> None:
        self.kind = kind
        self.word = word
        self.body = body
        self.claim = claim

    def claims(self, probe: Probe) -> int:
        return self.claim if self.word in probe.text else 30 if probe.name == f"{self.word}.log" else 0

    def parse(self, member: Member, out: Sink) -> Tally:
        return self.body(member, out)


def row(out: Sink) -> None:
    out.add(SystemSeen(source=Source(artifact=out.artifact, line=1), key="version", value="20.0.8.1131", rank=80))


def good(_: Member, out: Sink) -> Tally:
    row(out)
    out.secret(["hunter22", None, "abc"])
    return Tally(records=2, understood=2)


def half(_: Member, __: Sink) -> Tally:
    return Tally(records=2, understood=1)


def nothing(_: Member, __: Sink) -> Tally:
    return Tally()


def odd(_: Member, __: Sink) -> Tally:
    return Tally(records=3, understood=0)


def breaks(_: Member, out: Sink) -> Tally:
    row(out)
    raise ZeroDivisionError


def drowns(_: Member, __: Sink) -> Tally:
    raise MemoryError


def deep(member: Member, out: Sink) -> Tally:
    return deep(member, out)


PARSERS: tuple[Parser, ...] = (
    *(Made(body.__name__, body.__name__, body) for body in (good, half, nothing, odd, breaks, drowns, deep)),
    Made("strong", "good", nothing, 20),
)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "all_parsers", lambda: PARSERS)
    monkeypatch.setattr("parsers.read.all_parsers", lambda: PARSERS)


@pytest.mark.usefixtures("made")
def test_statuses(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    bodies = {
        "1.txt": b"good", "2.txt": b"half", "3.txt": b"nothing", "4.txt": b"breaks", "5.txt": b"drowns", "6.txt": b"deep",
        "7.txt": b"else", "10.txt": b"odd", "8.txt": b"", "9.bin": bytes(range(64)), "good.log": b"else", "x.jpg": b"\xff\xd8\xff\xe0",
    }  # fmt: skip
    path.write_bytes(zipped(bodies))
    facts = Facts()
    seen: list[tuple[str, int, int]] = []
    found = {
        one.path.rpartition("/")[2]: one
        for one in read_inputs([path, path], Budget(), facts, progress=lambda *told: seen.append(told))
    }
    assert {name: (one.kind, one.status, one.records, one.understood) for name, one in found.items()} == {
        "1.txt": ("good", "ok", 2, 2),
        "2.txt": ("half", "ok", 2, 1),
        "10.txt": ("odd", "partial", 3, 0),
        "3.txt": ("nothing", "partial", 0, 0),
        "4.txt": ("breaks", "partial", 1, 1),
        "5.txt": ("drowns", "unreadable", 0, 0),
        "6.txt": ("deep", "unreadable", 0, 0),
        "7.txt": ("unknown", "unreadable", 0, 0),
        "8.txt": ("unknown", "unreadable", 0, 0),
        "9.bin": ("unknown", "unreadable", 0, 0),
        "good.log": ("good", "ok", 2, 2),
        "x.jpg": ("image", "ignored", 0, 0),
    }
    assert found["1.txt"].bytes == 4
    assert found["3.txt"].problems == ["the format is known, but there is no record in it"]
    assert found["10.txt"].problems == ["none of its 3 records is understood"]
    assert found["4.txt"].problems == ["reading 4.txt as breaks failed (ZeroDivisionError)"]
    assert found["5.txt"].problems == ["reading 5.txt as drowns failed (MemoryError)"]
    assert found["6.txt"].problems == ["reading 6.txt as deep failed (RecursionError)"]
    assert found["7.txt"].problems == [
        "a text whose format is not known: none of the 8 known formats fits, by content or by name; it was not searched"
    ]
    assert found["8.txt"].problems == ["the file is empty"]
    assert found["9.bin"].problems[0].startswith("not a text, begins with the bytes 00 01 02 03 04 05 06 07: ")
    assert len(facts.of(SystemSeen)) == 3
    assert facts.secrets == {"hunter22"}
    assert (f"{path}!/1.txt", 0, 4) in seen
    assert list(found) == sorted(found)


@pytest.mark.usefixtures("made")
def test_rows_stand_by_path_however_the_files_are_packed(tmp_path: Path) -> None:
    bodies = {"a.txt": b"good" * 9, "b/c.txt": b"good", "d.txt": b"good" * 4}
    packed = tmp_path / "z.zip"
    packed.write_bytes(zipped(bodies))
    for name, body in bodies.items():
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_bytes(body)
    for root in (f"{packed}!/", f"{tmp_path / 'f'}/"):
        facts = Facts()
        read_inputs([root.removesuffix("!/")], Budget(), facts)
        assert [str(row.source.artifact).removeprefix(root) for row in facts.of(SystemSeen)] == list(bodies)


@pytest.mark.usefixtures("made")
def test_damage_of_the_member_makes_it_partial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(zipped({"1.txt": b"good" * 30_000}, 0))
    data[70_000] ^= 1
    (tmp_path / "a.zip").write_bytes(data)

    def reads(member: Member, _: Sink) -> Tally:
        count = sum(map(len, member.chunks()))
        return Tally(records=1, understood=1, bytes=count)

    monkeypatch.setattr(PARSERS[0], "parse", reads)
    (found,) = read_inputs([tmp_path / "a.zip"], Budget(), Facts())
    assert (found.status, found.bytes, found.records) == ("partial", 120_000, 1)
    assert found.problems == ["its checksum does not fit: the content may be damaged"]


@pytest.mark.usefixtures("made")
def test_the_name_counts_without_its_compression(tmp_path: Path) -> None:
    (tmp_path / "good.log.gz").write_bytes(gzip.compress(b"else\n"))
    (found,) = read_inputs([tmp_path], Budget(), Facts())
    assert (found.kind, found.path) == ("good", f"{tmp_path}/good.log.gz")


@pytest.mark.usefixtures("made")
def test_higher_claim_wins_then_the_alphabet() -> None:
    probed = registry.probe(Member.of_bytes("x", b"good half"))
    assert registry.recognise(probed) is PARSERS[0]
    assert registry.recognise(registry.probe(Member.of_bytes("x", b"zzz"))) is None


def test_nothing_at_all(tmp_path: Path) -> None:
    assert read_inputs([], Budget(), Facts()) == []
    (found,) = read_inputs([tmp_path / "no"], Budget(), Facts())
    assert (found.status, found.problems) == ("unreadable", ["cannot be opened: No such file or directory"])


@pytest.mark.usefixtures("made")
def test_files_with_secrets_are_named_and_their_values_are_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good")
    (tmp_path / "b.txt").write_text("half")
    facts = Facts()
    read_inputs([tmp_path], Budget(), facts)
    (found,) = facts.of(SecretFile)
    assert (Path(found.source.artifact or "").name, found.kind, found.secrets) == ("a.txt", "good", 1)
    assert "hunter22" not in repr(found)
    assert facts.secrets == {"hunter22"}
