"""The verb ``calls``: narrow terminals, filters, several captures, captures without calls."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analyzer.cli import calls
from tests.parsers.capture.scenario import Scenario


def run(*arguments: object, columns: str = "") -> Result:
    env = {"COLUMNS": columns} if columns else {"COLUMNS": None}
    return CliRunner().invoke(calls.command, [str(a) for a in arguments], standalone_mode=False, env=env)


def put(folder: Path, name: str, s: Scenario) -> Path:
    path = folder / name
    path.write_bytes(s.pcap())
    return path


@pytest.fixture
def several(tmp_path: Path) -> Path:
    s = Scenario("a-long-call-id-that-names-a-host@pbx.example.com", from_user="442079460123", to_user="102")
    s.answered()
    put(tmp_path, "one.pcap", s)
    s = Scenario("call-2", from_user="103", to_user="442079460999")
    s.request(0, "INVITE")
    s.response(1, 403)
    put(tmp_path, "two.pcap", s)
    return tmp_path


def test_narrow_terminal_has_two_lines_a_call(several: Path) -> None:
    lines = run(several, columns="80").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[1::2]] == [
        "Call-ID", "a-long-call-id-that-names-a-host@pbx.example.com", "call-2",
    ]  # fmt: skip
    assert "rejected 403" in lines[4]
    assert lines[3].endswith("(one.pcap)")
    wide = run(several, columns="200").stdout
    assert wide == run(several).stdout
    assert len(wide.splitlines()) == 3


def test_several_captures_are_named(several: Path) -> None:
    lines = run(several).stdout.splitlines()
    assert "capture" in lines[0].split()
    assert ["one.pcap" in lines[1], "two.pcap" in lines[2]] == [True, True]
    assert "capture" not in run(several / "one.pcap").stdout
    rows = list(csv.DictReader(run(several, "--format", "csv").stdout.splitlines()))
    assert [(Path(row["artifact"]).name, row["frame"]) for row in rows] == [("one.pcap", "1"), ("two.pcap", "1")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("--number", "44207946"), ["a-long", "call-2"]),
        (("--number", "102"), ["a-long"]),
        (("--outcome", "rejected"), ["call-2"]),
        (("--outcome", "rejected", "--outcome", "answered"), ["a-long", "call-2"]),
        (("--number", "102", "--outcome", "rejected"), []),
    ],
)
def test_filters(several: Path, asked: tuple[str, ...], found: list[str]) -> None:
    result = run(several, *asked, "--format", "csv")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["call_id"][:6] for row in rows] == found
    assert ("of 2 calls" in result.stderr) is (len(found) < 2)


def no_invite() -> Scenario:
    s = Scenario()
    s.request(0, "REGISTER")
    s.request(0.5, "REGISTER")
    return s


def only_audio() -> Scenario:
    s = Scenario()
    s.rtp(0, "192.0.2.21:4000", "192.0.2.1:10000", 100)
    return s


def nothing() -> Scenario:
    s = Scenario()
    s.send(0, "192.0.2.21:4000", "192.0.2.1:10000", b"hello")
    return s


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (no_invite, "2 packets were read; there is SIP (REGISTER 2), but no INVITE."),
        (only_audio, "100 packets were read; there is audio (RTP), but no SIP: the capture was filtered"),
        (nothing, "1 packet was read; none of them is SIP."),
    ],
)
def test_why_there_are_no_calls(tmp_path: Path, build: object, says: str) -> None:
    assert callable(build)
    result = run(put(tmp_path, "a.pcap", build()))
    assert (result.return_value, result.stdout) == (0, "No calls.\n")
    assert says in result.stderr


def test_archive_that_cannot_be_looked_into_is_said(tmp_path: Path, several: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(several / "one.pcap", "one.pcap")
    data = bytearray(archive.read_bytes())
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(signature) + at] |= 1  # encrypted
    archive.write_bytes(data)
    result = run(archive)
    assert result.return_value == 5
    assert "x.zip!/one.pcap: encrypted with a password" in result.stderr


def test_member_that_is_not_there(tmp_path: Path, several: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(several / "one.pcap", "one.pcap")
    result = run(f"{archive}!/two.pcap")
    assert result.return_value == 5
    assert f"There is no packet capture '{archive}!/two.pcap'" in result.stderr


def test_control_characters_of_a_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    s = Scenario("call\x1b[31m-1", from_user="1")
    s.answered()
    path = tmp_path / "a\x1b[31m.pcap"
    path.write_bytes(s.pcap()[:-20])
    result = run(path)
    assert "\x1b" not in result.stdout + result.stderr
    assert "ends inside" in result.stderr
