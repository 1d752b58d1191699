"""Captures of a case that are one, in files: the same rows as of the whole one, each with its file and frame."""

from __future__ import annotations

import gc
import io
import random
import resource
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from parsers.capture import kernel, rtp, series, walk_reader
from parsers.capture.notes import Note, Progress
from parsers.capture.parser import Reading
from parsers.facts import Facts, Row, Source
from parsers.facts.capture import Call, Capture, RtpStream, SipMessage, StunExchange
from parsers.facts.secrets import SecretFile
from tests.conftest import ROOT
from tests.parsers.capture import frames, kernels, pieces
from tests.parsers.capture.scenario import PBX, PHONE, Scenario
from tests.parsers.capture.test_walk_beside import UDP, messages
from tests.parsers.capture.test_walk_differential import STUN

BUNDLES = [
    path
    for path in sorted(ROOT.glob("sample_bundles/*/input/support.zip"))
    if "Logs/dump.pcap" in zipfile.ZipFile(path).namelist()
]
OWN_NAMES = {"source", "sources", "place", "artifact", "frame", "shown", "first_frame"}


def call(call_id: str = "call-1") -> Scenario:
    """A registration, a call of ten seconds with audio both ways, STUN; 796 packets."""
    scenario = Scenario(call_id=call_id)
    scenario.request(-1, "REGISTER")
    scenario.response(-0.9, 200, "REGISTER", headers="Expires: 120\n")
    scenario.answered()
    scenario.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 390, ssrc=5)
    scenario.rtp(2.1, "192.0.2.1:10000", "192.0.2.21:4000", 390, ssrc=6)
    for n in range(8):
        scenario.send(n, PHONE, "198.51.100.53:3478", STUN[:8] + struct.pack(">III", 0, 0, n))
    return scenario


def columns(row: Row, before: dict[str | None, int]) -> tuple[str, dict[str, Any]]:
    """A row with its places as if there were one file; ``before`` frames stand in front of each."""

    def place(source: Source) -> tuple[Any, ...]:
        frame = None if source.frame is None else source.frame + before.get(source.artifact, 0)
        return frame, source.time, source.text

    shown = {name: getattr(row, name) for name in row.__struct_fields__ if name not in OWN_NAMES and name[0] != "_"}
    shown["source"] = place(row.source)
    shown["sources"] = {name: place(source) for name, source in row.sources.items()}
    if isinstance(row, StunExchange):
        shown["first_frame"] = (row.first_frame or 0) + before.get(row.source.artifact, 0)
    return row.table, shown


def all_rows(facts: Facts, before: dict[str | None, int]) -> list[tuple[str, dict[str, Any]]]:
    tables = sorted(facts.tables().items())
    return [columns(row, before) for name, rows in tables if name not in {"capture", "secret_file"} for row in rows]


def read_cut(folder: Path, data: bytes, places: Sequence[int]) -> tuple[Facts, dict[str | None, int]]:
    facts, _ = pieces.read(folder, pieces.numbered(pieces.cut(data, *places)))
    names = pieces.numbered([b""] * (len(places) + 1))
    return facts, dict(zip((str(folder / name) for name in names), [0, *places], strict=True))


@pytest.mark.parametrize("bundle", BUNDLES, ids=[path.parents[1].name for path in BUNDLES])
def test_same_rows(bundle: Path, tmp_path: Path) -> None:
    data = zipfile.ZipFile(bundle).read("Logs/dump.pcap")
    whole, _ = pieces.read(tmp_path / "whole", {"dump.pcap": data})
    places = range(1, len(pieces.records(data)))
    chance = random.Random(bundle.parents[1].name)
    for cuts in ([places[len(places) // 2]], sorted(chance.sample(places, 3))):
        facts, before = read_cut(tmp_path / str(cuts), data, cuts)
        found = all_rows(facts, before)
        assert found == all_rows(whole, {}), cuts
        assert "x00series" not in repr((found, facts.of(Capture)))
        assert facts.secrets == whole.secrets


def test_places(tmp_path: Path) -> None:
    data = call().pcap()
    facts, _ = read_cut(tmp_path, data, [8, 400])
    one, two, three = (str(tmp_path / f"dump_0000{n}.pcap") for n in (1, 2, 3))
    (row,) = facts.of(Call)
    assert (row.outcome, row.ack, row.media, row.duration_s) == ("answered", "ok", "both", 8.0)
    assert (row.source.artifact, row.source.frame) == (one, 3)
    assert (row.sources["end"].artifact, row.sources["end"].frame) == (three, len(pieces.records(data)) - 400 - 1)
    assert [(m.artifact, m.frame) for m in facts.of(SipMessage)][:4] == [(one, 1), (one, 2), (one, 3), (one, 5)]
    assert [(m.artifact, m.source.artifact, m.source.frame) for m in facts.of(SipMessage)][-1] == (three, three, 396)
    assert [(s.packets, s.lost, s.restarts, s.source.artifact) for s in facts.of(RtpStream)] == [
        (390, 0, 0, two),
        (390, 0, 0, two),
    ]
    (asked,) = facts.of(StunExchange)
    assert (asked.requests, asked.source.artifact, asked.first_frame) == (8, one, 4)


def test_rows_of_the_files(tmp_path: Path) -> None:
    facts, artifacts = pieces.read(tmp_path, pieces.numbered(pieces.cut(call().pcap(), 8, 400)))
    first, second, third = facts.of(Capture)
    assert [c.packets for c in (first, second, third)] == [8, 392, 396]
    assert [artifacts[f"dump_0000{n}.pcap"].records for n in (1, 2, 3)] == [8, 392, 396]
    assert (first.sip_requests, first.sip_responses) == ({"INVITE": 1, "REGISTER": 1}, {"180": 1, "200": 2})
    assert (third.sip_requests, third.sip_responses) == ({"BYE": 1}, {"200": 1})
    assert (first.has_rtp, second.has_rtp, third.has_rtp) == (True, True, True)
    assert (first.has_sip, second.has_sip, third.has_sip) == (True, True, True)
    assert (first.one_sided, second.one_sided) == (False, None)
    assert (first.has_tls_sip, second.has_tls_sip, second.has_tunnel) == (False, None, None)
    assert "continues" not in first.derived
    assert [c.derived["continues"] for c in (second, third)] == [first.artifact] * 2
    assert (first.derived["calls_cut_at_end"], first.derived["calls_with_talk"]) == (0, 1)
    assert "calls_cut_at_end" not in second.derived
    assert second.source == Source(artifact=second.artifact, text="392 packets")


def test_order_of_time_not_of_names(tmp_path: Path) -> None:
    """A ring of three files in which the third is the oldest; in a zip the smallest comes first."""
    one, two, three = pieces.cut(call().pcap(), 200, 210)
    facts, _ = pieces.read(tmp_path, {"cap1": two, "cap2": three, "cap0": one})
    assert [row.outcome for row in facts.of(Call)] == ["answered"]
    facts, _ = pieces.read(tmp_path / "ring", {"cap0": three, "cap2": one, "cap1": two})
    assert [(row.outcome, row.media) for row in facts.of(Call)] == [("answered", "both")]
    assert [row.packets for row in facts.of(RtpStream)] == [390, 390]


def test_any_names_where_the_same_flows_go_on(tmp_path: Path) -> None:
    before, after = pieces.cut(call().pcap(), 300)
    facts, _ = pieces.read(tmp_path, {"a/first half.pcap": before, "b/rest.cap": after})
    assert len(facts.of(Call)) == 1
    assert len(facts.of(RtpStream)) == 2


@pytest.mark.parametrize(("seconds", "files"), [(50, 1), (70, 2)])
def test_pause(tmp_path: Path, seconds: int, files: int) -> None:
    """A quiet line between two files of one name, and too long a pause."""
    before, after = pieces.cut(call().pcap(), 8)
    facts, _ = pieces.read(tmp_path, pieces.numbered([before, pieces.shifted(after, seconds)]))
    assert sum("continues" not in c.derived for c in facts.of(Capture)) == files


@pytest.mark.parametrize(("pause", "files"), [(3, 1), (20, 2)])
def test_names_that_count_phones(tmp_path: Path, pause: int, files: int) -> None:
    """Of two phones one after the other: with a pause between them nothing of the one is looked for in the other's capture."""
    one, two = call(), Scenario("call-2", caller="192.0.2.22:5060")
    two.answered(offer="192.0.2.22:4000")
    facts, _ = pieces.read(tmp_path, {"phone1.pcap": one.pcap(), "phone2.pcap": pieces.shifted(two.pcap(), 10 + pause)})
    assert sum("continues" not in c.derived for c in facts.of(Capture)) == files


def test_lost_part(tmp_path: Path) -> None:
    """Of three files the second is missing: what is after it is another capture, and nothing is concluded over the gap."""
    one, _, three = pieces.cut(call().pcap(), 270, 530)
    facts, _ = pieces.read(tmp_path / "lost", {"dump_00001.pcap": one, "dump_00003.pcap": three})
    assert [c.derived.get("continues") for c in facts.of(Capture)] == [None, None]
    facts, _ = pieces.read(tmp_path / "next", {"dump_00001.pcap": one, "dump_00002.pcap": three})
    assert sum("continues" in c.derived for c in facts.of(Capture)) == 1


def test_numbers_that_are_times(tmp_path: Path) -> None:
    one, two, three = pieces.cut(call().pcap(), 270, 530)
    files = {"dump-2026-11-12-10-00.pcap": one, "dump-2026-11-12-10-05.pcap": two, "dump-2026-11-12-10-10.pcap": three}
    facts, _ = pieces.read(tmp_path, files)
    assert sum("continues" in c.derived for c in facts.of(Capture)) == 2


def test_other_days_and_other_sites_stay_apart(tmp_path: Path) -> None:
    data = call().pcap()
    other = Scenario(call_id="call-9", caller="203.0.113.5:5060", callee="203.0.113.6:5060")
    other.answered(offer="203.0.113.5:4000", answer="203.0.113.6:4000")
    files = {
        "trace.pcap": data,
        "trace2.pcap": pieces.shifted(data, 86_400),
        "site.pcap": pieces.shifted(other.pcap(), 12),
    }
    facts, _ = pieces.read(tmp_path, files)
    assert not any("continues" in c.derived for c in facts.of(Capture))
    assert len(facts.of(Call)) == 3


def test_two_places_at_one_time_are_no_series(tmp_path: Path) -> None:
    data = call().pcap()
    facts, _ = pieces.read(tmp_path, {"trace1.pcap": data, "trace2.pcap": pieces.shifted(data, 1)})
    assert not any("continues" in c.derived for c in facts.of(Capture))


def test_two_series_at_one_time(tmp_path: Path) -> None:
    """The PBX and the phone's switch both wrote rings: each goes on with its own."""
    data = call().pcap()
    here, there = pieces.cut(data, 300, 600), pieces.cut(pieces.shifted(data, 1), 200, 700)
    files = {f"pbx{n}.pcap": piece for n, piece in enumerate(here)}
    facts, _ = pieces.read(tmp_path, files | {f"switch{n}.pcap": piece for n, piece in enumerate(there)})
    begins = {Path(c.artifact).name: Path(c.derived.get("continues", "")).name for c in facts.of(Capture)}
    assert begins == {
        "pbx0.pcap": "", "pbx1.pcap": "pbx0.pcap", "pbx2.pcap": "pbx0.pcap",
        "switch0.pcap": "", "switch1.pcap": "switch0.pcap", "switch2.pcap": "switch0.pcap",
    }  # fmt: skip


def test_copies_are_no_part_of_a_series(tmp_path: Path) -> None:
    """A bundle beside its unpacked folder."""
    files = pieces.numbered(pieces.cut(call().pcap(), 300))
    pieces.write(tmp_path / "unpacked", files)
    facts, _ = pieces.read(tmp_path, {f"again/{name}": data for name, data in files.items()})
    assert [len(facts.of(Capture)), sum("continues" in c.derived for c in facts.of(Capture))] == [4, 1]


def test_packed_tar(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in reversed(pieces.numbered(pieces.cut(call().pcap(), 300)).items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    facts, _ = pieces.read(tmp_path, {"captures.tar.gz": packed.getvalue()})
    assert len(facts.of(Call)) == 1


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files beyond the limit are read at once, by themselves."""
    monkeypatch.setattr("parsers.read.WAITING_BYTES", 100_000)
    facts, artifacts = pieces.read(tmp_path, pieces.numbered(pieces.cut(call().pcap(), 300, 600, 700)))
    assert [len(artifacts), len(facts.of(Capture))] == [4, 4]
    assert sum("continues" in c.derived for c in facts.of(Capture)) == 1


def test_problems_are_told_of_their_file(tmp_path: Path) -> None:
    scenario = call()
    scenario.request(5, "INFO", 3, to_tag="b", headers="Call-ID: other\n")
    scenario.send(5.5, PHONE, PBX, b"OPTIONS sip:a@example.com SIP/2.0\r\nVia: x\r\n\r\n")
    one, two = pieces.cut(scenario.pcap(), 100)
    facts, artifacts = pieces.read(tmp_path, pieces.numbered([one, two[:-5]]))
    assert artifacts["dump_00001.pcap"].problems == []
    said = artifacts["dump_00002.pcap"].problems
    frame = next(m.frame for m in facts.of(SipMessage) if "malformed" in m.derived)
    assert any("the file ends inside record" in text for text in said)
    assert any("1 SIP message is malformed" in text and f"(first: frame {frame})" in text for text in said)
    assert len(facts.of(Call)) == 1


def test_streams_left_out_are_told_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtp, "STREAM_LIMIT", 1)
    facts, artifacts = pieces.read(tmp_path, pieces.numbered(pieces.cut(call().pcap(), 300)))
    assert len(facts.of(RtpStream)) == 1
    assert {tuple(artifact.problems) for artifact in artifacts.values()} == {
        ("1 of the shortest RTP streams were left out: the limit is 1 a capture",)
    }


def test_secrets_are_told_of_their_file(tmp_path: Path) -> None:
    scenario = call()
    digest = 'Authorization: Digest username="101", realm="r", nonce="n1", uri="sip:x", response="abcdef0123456789"\n'
    scenario.request(8, "REGISTER", 2, headers=digest)
    facts, _ = pieces.read(tmp_path, pieces.numbered(pieces.cut(scenario.pcap(), 100)))
    (place,) = facts.of(SecretFile)
    assert Path(place.source.artifact or "").name == "dump_00002.pcap"
    assert "abcdef0123456789" in facts.secrets
    assert [c.derived["secret_messages"] for c in facts.of(Capture)] == [0, 1]


def test_what_breaks_a_series_costs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("parsers.capture.series_reading.SeriesReading._move", fail)
    facts, artifacts = pieces.read(tmp_path, pieces.numbered(pieces.cut(call().pcap(), 300)))
    assert {name: (a.status, a.records) for name, a in artifacts.items()} == {
        "dump_00001.pcap": ("ok", 300),
        "dump_00002.pcap": ("ok", 496),
    }
    assert [(row.outcome, row.end) for row in facts.of(Call)] == [("answered", None)]
    assert [s.packets for s in facts.of(RtpStream)] == [144, 145, 246, 245]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("limit", [900, 10_000])
def test_a_second_core_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool, limit: int) -> None:
    """Also where messages come later than they stand in the files, and where the first files have more than their share of them."""
    compiled = kernels.compiled()
    monkeypatch.setattr("parsers.capture.walk_series.Kernels", lambda: compiled)
    monkeypatch.setattr("parsers.capture.walk_pcap.SLICE", 4096)
    monkeypatch.setattr("parsers.capture.walk_reader.STEP", 4096)
    monkeypatch.setattr("parsers.capture.series_reading.MESSAGE_LIMIT", limit)
    records = [record for record in messages() if late or record.data[23] == UDP]
    data, places = frames.pcap(records), [1300, 1950]
    monkeypatch.setattr("parsers.capture.walk.LONG_BYTES", len(data))
    plain, before = read_cut(tmp_path, data, places)
    looked: list[int] = []
    read = Reading.read

    def noted(reading: Reading, notes: Iterable[Note]) -> None:
        some = list(notes)
        looked.append(len(some))
        read(reading, some)

    monkeypatch.setattr(Reading, "read", noted)
    monkeypatch.setattr("parsers.capture.walk.LONG_BYTES", 0)
    beside, _ = read_cut(tmp_path, data, places)
    assert all_rows(beside, before) == all_rows(plain, before)
    assert [(c, c.derived, c.sources) for c in beside.of(Capture)] == [
        (c, c.derived, c.sources) for c in plain.of(Capture)
    ]
    assert len(beside.of(SipMessage)) == min(len(records), 3 * limit)
    assert len(looked) > 10
    # the first file is read as one by itself, and again when another one goes on with it
    assert sum(looked) > len(records)


def test_thousand_tiny_captures_of_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is looked at once and read once, however many there are."""
    scenario = Scenario()
    scenario.answered(bye=None)
    for n in range(996):
        scenario.request(3 + n / 10, "OPTIONS", 10 + n, to_tag="b")
    walks = []
    read = walk_reader.Reader.read

    def counted(reader: walk_reader.Reader, progress: Progress | None) -> None:
        walks.append(reader)
        read(reader, progress)

    monkeypatch.setattr(walk_reader.Reader, "read", counted)
    monkeypatch.setattr(series, "FILES_LIMIT", 400)
    data = scenario.pcap()
    facts, artifacts = pieces.read(tmp_path, pieces.numbered(pieces.cut(data, *range(1, 1000))))
    assert len(artifacts) == 1000
    assert {a.status for a in artifacts.values()} == {"ok"}
    assert len(walks) == 2000
    assert len(facts.of(SipMessage)) == 1000
    assert sum("continues" not in c.derived for c in facts.of(Capture)) == 3
    assert len(facts.of(Call)) == 1


def test_open_series_are_few(tmp_path: Path) -> None:
    """Many places at one time: those that may go on longest are given up."""
    data = pieces.cut(call().pcap(), 300)
    files = {
        f"{letter}/{letter}{n}.pcap": pieces.shifted(data[n], ord(letter) - 97) for letter in "abcdef" for n in (0, 1)
    }
    facts, _ = pieces.read(tmp_path, files)
    assert len(facts.of(Capture)) == 12
    assert sum(c.packets for c in facts.of(Capture)) == 6 * 796
    assert sum(s.packets for s in facts.of(RtpStream)) == 6 * 780


@pytest.mark.parametrize("apart", [1.0, 0.0])
def test_files_that_may_be_open_are_few(apart: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are mapped at a time, whether they follow each other or are all of one time."""
    monkeypatch.setattr(series, "SMALL", 0)
    monkeypatch.setattr(series, "MAPPED_LIMIT", 10)
    files = {}
    for number in range(120):
        scenario = Scenario(call_id=f"call-{number}")
        scenario.request(number * apart + number / 1000, "INVITE", branch=f"z9hG4bK{number}")
        scenario.response(number * apart + number / 1000 + 0.3, 486, branch=f"z9hG4bK{number}")
        files[f"dump_{number:05}.pcap"] = scenario.pcap()
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 30, most))
    try:
        facts, artifacts = pieces.read(tmp_path, files)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))
    assert {a.status for a in artifacts.values()} == {"ok"}
    assert len(facts.of(Call)) == 120
    assert {row.outcome for row in facts.of(Call)} == {"busy"}


def test_captures_that_were_read_are_let_go(tmp_path: Path) -> None:
    """The garbage collector counts objects: of small captures it would leave a thousand with all their tables."""

    def alive() -> int:
        return sum(isinstance(one, kernel.Kernel) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        facts, _ = pieces.read(tmp_path, {f"{n}.pcap": pieces.shifted(call().pcap(), n * 900) for n in range(3)})
        assert len(facts.of(Capture)) == len(facts.of(Call)) == 3
        assert alive() == before
    finally:
        gc.enable()
