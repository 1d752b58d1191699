from __future__ import annotations

import csv
import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analyzer.cli import calls, frame
from analyzer.cli import ladder as ladder_verb
from analyzer.report.rows import columns
from parsers.facts.capture import Call
from tests.conftest import ROOT
from tests.parsers.capture.scenario import Scenario

PROOF = 'Authorization: Digest username="101", realm="r", nonce="abcdef0123", response="5ec4e75ec4e75ec4"\n'


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    s = Scenario(from_user="=cmd()")
    s.answered()
    s.request(12, "REGISTER", 9, headers=PROOF)
    path = tmp_path / "dump.pcap"
    path.write_bytes(s.pcap())
    return path


def run(command: Any, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)


def test_calls_as_table(capture: Path) -> None:
    result = run(calls.command, capture)
    assert result.return_value == 0
    head, line = result.stdout.splitlines()
    assert head.split()[:3] == ["start", "(UTC)", "from"]
    assert line.split()[2:] == ["=cmd()", "102", "answered", "200", "0.1", "s", "8.0", "s", "caller", "–", "call-1"]


def test_calls_as_csv_do_not_start_formulas(capture: Path) -> None:
    head, line = run(calls.command, capture, "--format", "csv").stdout.splitlines()
    cells = dict(zip(head.split(","), line.split(","), strict=True))
    assert (cells["call_id"], cells["from_user"], cells["outcome"], cells["duration_s"]) == (
        "call-1",
        "'=cmd()",
        "answered",
        "8.0",
    )
    assert cells["start"].endswith("Z")


def test_calls_as_json_have_the_columns_of_the_report(capture: Path) -> None:
    (row,) = json.loads(run(calls.command, capture, "--format", "json").stdout)
    assert (row["call_id"], row["outcome"], row["source"]["frame"]) == ("call-1", "answered", 1)
    assert "derived" not in row


def test_calls_in_an_archive(capture: Path, tmp_path: Path) -> None:
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(capture, "a/dump.pcap")
        out.writestr("a/notes.txt", "nothing")
    (row,) = json.loads(run(calls.command, archive, "--format", "json").stdout)
    assert row["source"]["artifact"].endswith("bundle.zip!/a/dump.pcap")


def test_no_capture_is_exit_code_5(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    result = run(calls.command, tmp_path)
    assert result.return_value == 5
    assert "no packet capture" in result.stderr


def test_capture_without_packets_is_not_called_missing(capture: Path) -> None:
    capture.write_bytes(capture.read_bytes()[:24])
    result = run(calls.command, capture)
    assert result.return_value == 5
    assert result.stderr.endswith("The capture holds no packet.\n")
    assert "no packet capture" not in result.stderr


def test_missing_input_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(calls.command, [str(tmp_path / "none.pcap")])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("form", "start"), [("text", "=cmd() → 102"), ("svg", "<svg "), ("mermaid", "sequenceDiagram")]
)
def test_ladder(capture: Path, form: str, start: str) -> None:
    result = run(ladder_verb.command, capture, "--call", "call-", "--format", form)
    assert result.stdout.startswith(start)


def test_ladder_into_a_file(capture: Path, tmp_path: Path) -> None:
    run(ladder_verb.command, capture, "--call", "call-1", "--format", "svg", "-o", tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text("utf-8").startswith("<svg ")


def test_unknown_call(capture: Path) -> None:
    result = CliRunner().invoke(ladder_verb.command, [str(capture), "--call", "nope"])
    assert result.exit_code == 2
    assert "no capture has such a call" in result.output


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for loaded in list(sys.modules):
        if loaded.partition(".")[0] in names:
            monkeypatch.delitem(sys.modules, loaded)
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)


def without_tshark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.ladder.dissect.shutil.which", lambda _: None)


def test_frame_by_scapy(capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    result = run(frame.command, capture, 7)
    assert "REGISTER sip:102@example.com SIP/2.0" in result.stdout
    assert "5ec4e75ec4e75ec4" not in result.stdout
    assert "by scapy" in result.stderr


def test_scapy_dissects_the_layers_below_too(capture: Path) -> None:
    """In a process of its own: a layer that a test before has imported would be known here."""
    pytest.importorskip("scapy")
    code = (
        "import shutil, sys; shutil.which = lambda _: None; from analyzer.cli.frame import command; "
        "command(sys.argv[1:], standalone_mode=False)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(capture), "7"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert [line.strip("#[] ") for line in done.stdout.splitlines() if "###[" in line] == [
        "Ethernet",
        "IP",
        "UDP",
        "Raw",
    ]
    assert "192.0.2.21" in done.stdout
    assert "WARNING" not in done.stderr


@pytest.mark.real
def test_frame_by_tshark(capture: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    result = run(frame.command, capture, 7)
    assert "Method: REGISTER" in result.stdout
    for secret in ("5ec4e75ec4e75ec4", "abcdef0123"):
        assert secret not in result.stdout
    assert "by tshark" in result.stderr


def test_frame_without_any_dissector(capture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_tshark(monkeypatch)
    hide(monkeypatch, "scapy")
    result = CliRunner().invoke(frame.command, [str(capture), "1"])
    assert result.exit_code == 1
    assert "tcxtriage[dissect]" in result.output


@pytest.mark.real
@pytest.mark.parametrize("tool", ["tshark", "scapy"])
def test_file_that_ends_inside_a_packet(capture: Path, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")  # it says where tshark gives up
    if tool == "scapy":
        without_tshark(monkeypatch)
    elif not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    capture.write_bytes(capture.read_bytes()[:-40])
    result = run(frame.command, capture, 6)
    assert "200" in result.stdout
    assert result.stderr.endswith(f"by {tool}\n")
    result = CliRunner().invoke(frame.command, [str(capture), "9"])
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert "has no frame 9: it has 6." in result.output


@pytest.mark.parametrize("number", ["999", "0", "x"])
def test_frame_that_is_not_there(capture: Path, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    assert CliRunner().invoke(frame.command, [str(capture), number]).exit_code == 2


def test_one_of_several_captures_must_be_named(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    archive = tmp_path / "two.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(capture, "a.pcap")
        out.write(capture, "b.pcap")
    result = CliRunner().invoke(frame.command, [str(archive), "1"])
    assert result.exit_code == 2
    assert "two.zip!/b.pcap" in result.output
    result = run(frame.command, f"{archive}!/b.pcap", 1)
    assert "INVITE sip:102@example.com" in result.stdout


def test_csv_has_every_column_and_no_control_characters(tmp_path: Path) -> None:
    s = Scenario(call_id="\x1b[31m\t=a", from_user="1", agents={"192.0.2.21:5060": "+x\x07\u2028y"})
    s.answered()
    s.request(4, "INFO", 10, to_tag="b", body="Signal=5\n", headers="Content-Type: application/dtmf-relay\n")
    path = tmp_path / "a.pcap"
    path.write_bytes(s.pcap())
    text = run(calls.command, path, "--format", "csv").stdout
    assert not [c for c in text if ord(c) < 32 and c != "\n"]
    head, line = csv.reader(text.splitlines())
    cells = dict(zip(head, line, strict=True))
    assert {*columns(Call), "artifact", "frame"} == set(head)
    assert (cells["dtmf"], cells["user_agents"], cells["answered_after_ms"]) == (
        "5 sip_info caller",
        "caller: +x y",
        "2000.0",
    )


def test_long_start_lines_are_read_and_shown_in_part(tmp_path: Path) -> None:
    s = Scenario()
    s.request(0, "INVITE", uri=f"sip:{'1' * 3000}@example.com")
    s.response(1, 200, phrase="Z" * 3000)
    path = tmp_path / "a.pcap"
    path.write_bytes(s.pcap())
    (row,) = json.loads(run(calls.command, path, "--format", "json").stdout)
    assert (row["outcome"], row["answered_after_ms"]) == ("answered", 1000.0)
    drawn = run(ladder_verb.command, path, "--call", "call-1").stdout
    assert "200 ZZZ" in drawn
    assert max(map(len, drawn.splitlines())) < 200


def test_which_call_is_asked_where_there_are_several(capture: Path, tmp_path: Path) -> None:
    second = Scenario(call_id="second@example")
    second.answered()
    (tmp_path / "second.pcap").write_bytes(second.pcap())
    result = CliRunner().invoke(ladder_verb.command, [str(capture), str(tmp_path / "second.pcap")])
    assert result.exit_code == 2
    assert "--call: there are 2 calls, say which; 'tcxtriage calls' lists all Call-IDs." in result.output


def test_the_only_call_needs_no_name() -> None:
    bundle = Path(ROOT) / "sample_bundles" / "one-way-audio" / "input" / "support.zip"
    assert "oneway-7f21@brightline.example" in run(ladder_verb.command, bundle).stdout


def test_no_capture_is_said_as_such(tmp_path: Path) -> None:
    empty = tmp_path / "note.txt"
    empty.write_text("no capture")
    nothing = CliRunner().invoke(ladder_verb.command, [str(empty)])
    assert nothing.exit_code == 2
    assert "There is no packet capture in the input." in nothing.output


def test_a_frame_is_a_number(capture: Path) -> None:
    result = CliRunner().invoke(frame.command, [str(capture), "seven"])
    assert result.exit_code == 2
    assert "'seven' is not a valid number" in result.output


def rtp_alone(tmp_path: Path) -> Path:
    s = Scenario()
    s.rtp(0, "192.0.2.21:4000", "192.0.2.1:10000", 20, sequence=77)
    path = tmp_path / "rtp.pcap"
    path.write_bytes(s.pcap())
    return path


@pytest.mark.real
def test_rtp_without_signalling_is_dissected_by_tshark(tmp_path: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    shown = run(frame.command, rtp_alone(tmp_path), 5).stdout
    assert "Sequence number: 81" in shown
    # lines stand below what they belong to
    assert "\n    Payload type: ITU-T G.711 PCMA (8)" in shown


def test_rtp_without_signalling_is_dissected_by_scapy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    shown = run(frame.command, rtp_alone(tmp_path), 5).stdout
    assert shown.startswith("Frame 5: 214 bytes, 2026-11-12T16:13:20.080000+00:00\n")
    assert "sequence  = 81" in shown


def test_scapy_takes_no_sip_and_no_rtcp_for_rtp(capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    assert "RTP" not in run(frame.command, capture, 7).stdout.replace("RTP/AVP", "")
    s = Scenario()
    s.send(0, "192.0.2.21:4001", "192.0.2.1:10001", bytes([0x80, 200]) + bytes(30))
    path = tmp_path / "rtcp.pcap"
    path.write_bytes(s.pcap())
    assert "RTP" not in run(frame.command, path, 1).stdout


def test_frame_of_a_packed_capture_and_of_one_inside_an_archive(
    capture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scapy")
    without_tshark(monkeypatch)
    packed = tmp_path / "dump.pcap.gz"
    packed.write_bytes(gzip.compress(capture.read_bytes()))
    archive = tmp_path / "one.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.write(packed, "logs/dump.pcap.gz")
    shown = run(frame.command, capture, 2).stdout
    assert "180 Text" in shown
    assert run(frame.command, packed, 2).stdout == shown
    assert run(frame.command, archive, 2).stdout == shown


def test_ladder_where_there_is_no_call(tmp_path: Path) -> None:
    result = CliRunner().invoke(ladder_verb.command, [str(rtp_alone(tmp_path))])
    assert result.exit_code == 2
    assert "there is audio (RTP), but no SIP" in result.output
    assert "--call: there is no call in the captures" in result.output
