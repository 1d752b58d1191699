"""What another program counts in the same captures."""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from analyzer import second_opinion as module
from analyzer.cli.main import group
from analyzer.second_opinion import Counted, Difference, ToolMissingError, count, require, second_opinion
from parsers.facts import Facts
from parsers.facts.artifact import Artifact
from parsers.facts.capture import Capture
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from tests.benchmarks.captures import write_media, write_signalling
from tests.parsers.capture import pieces
from tests.parsers.capture.frames import T0, Record, ethernet, ipv4, packet, pcap, rtp, udp

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

PHONE, PBX = "192.0.2.21", "192.0.2.10"
SDP = f"v=0\r\no=- 1 1 IN IP4 {PHONE}\r\ns=-\r\nc=IN IP4 {PHONE}\r\nt=0 0\r\nm=audio 12000 RTP/AVP 0\r\n"


def invite(call_id: str) -> bytes:
    text = (
        f"INVITE sip:100@{PBX} SIP/2.0\r\nVia: SIP/2.0/UDP {PHONE}:5060;branch=z9hG4bK{call_id}\r\nFrom: <sip:21@{PBX}>;tag=a\r\n"
        f"To: <sip:100@{PBX}>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:21@{PHONE}>\r\nMax-Forwards: 70\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
    )
    return text.encode()


def capture(*frames: bytes) -> bytes:
    return pcap(Record(T0 + number * 20_000_000, frame) for number, frame in enumerate(frames))


def read(path: Path) -> tuple[list[Artifact], Facts]:
    facts = Facts()
    return read_inputs([str(path)], Budget(), facts), facts


def differences(path: Path, data: bytes) -> dict[str, tuple[int | None, int | None, str | None]]:
    path.write_bytes(data)
    found = second_opinion(*read(path))
    assert all((item.artifact, item.tool) == (str(path), "tshark") for item in found)
    return {item.what: (item.ours, item.theirs, item.note) for item in found}


# ---- with tshark


@pytest.mark.real
@needs_tshark
def test_calls_with_media_agree_but_for_reordered_packets(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    truth = write_media(path, waves=1, calls=22, seconds=5)
    counted = count(path)
    assert isinstance(counted, Counted)
    assert counted.messages == truth.requests + truth.responses
    assert len(counted.calls) == truth.calls
    assert len(counted.streams) == truth.streams
    assert sum(packets for packets, _ in counted.streams.values()) == truth.rtp
    assert all(item.note and "out of order" in item.note for item in second_opinion(*read(path)))


@pytest.mark.real
@needs_tshark
def test_signalling_agrees(tmp_path: Path) -> None:
    write_signalling(tmp_path / "x.pcap", calls=50, registrations=600, pings=20)
    assert second_opinion(*read(tmp_path / "x.pcap")) == []


@pytest.mark.real
@needs_tshark
def test_files_that_are_one_capture(tmp_path: Path) -> None:
    """tshark is asked file by file: calls and streams that go on in the next one are not compared, messages are."""
    write_media(tmp_path / "x.pcap", waves=1, calls=2, seconds=2)
    data = (tmp_path / "x.pcap").read_bytes()
    (tmp_path / "x.pcap").unlink()
    for name, piece in pieces.numbered(pieces.cut(data, len(pieces.records(data)) // 2)).items():
        (tmp_path / name).write_bytes(piece)
    artifacts, facts = read(tmp_path)
    assert sum("continues" in row.derived for row in facts.of(Capture)) == 1
    assert second_opinion(artifacts, facts) == []


@pytest.mark.real
@needs_tshark
def test_what_icmp_quotes_is_no_traffic(tmp_path: Path) -> None:
    asked = ipv4(PHONE, PBX, udp(5060, 5060, invite("one")))
    lost = ipv4(PHONE, PBX, udp(5060, 5060, invite("two")))
    error = bytes.fromhex("0303000000000000")
    frames = [ethernet(ipv4(PBX, PHONE, error + quoted, kind=1, ident=9)) for quoted in (asked, lost)]
    found = differences(tmp_path / "x.pcap", capture(ethernet(asked), *frames))
    assert found == {
        "SIP INVITE": (1, 3, "2 of tshark's are quoted in ICMP errors, which are no traffic"),
        "calls": (1, 2, "the INVITEs of the others are quoted in ICMP errors only"),
    }


@pytest.mark.real
@needs_tshark
def test_copies_of_a_mirror_port(tmp_path: Path) -> None:
    frame = packet(PHONE, 5060, PBX, 5060, invite("one"), ident=7)
    data = pcap([Record(T0, frame), Record(T0 + 1000, frame)])
    note = "tshark counts the copies of a mirror port; this capture holds 1, here each packet counts once"
    assert differences(tmp_path / "x.pcap", data) == {"SIP INVITE": (1, 2, note)}


@pytest.mark.real
@needs_tshark
def test_packets_that_come_twice_and_streams_that_nobody_announced(tmp_path: Path) -> None:
    sequence = [*range(20), 19, *range(23, 40)]
    announced = [packet(PBX, 30000, PHONE, 12000, rtp(n, n * 160), ident=at) for at, n in enumerate(sequence)]
    silent = [packet(PHONE, 12002, PBX, 30002, rtp(n, n * 160, ssrc=7), ident=at) for at, n in enumerate(range(15))]
    data = capture(packet(PHONE, 5060, PBX, 5060, invite("one")), *announced, *silent)
    assert differences(tmp_path / "x.pcap", data) == {
        f"stream {PBX}:30000>{PHONE}:12000 0x00001234 lost": (
            3,
            2,
            "tshark takes the 1 packets that came twice off the loss",
        ),
        f"stream {PHONE}:12002>{PBX}:30002 0x00000007 packets": (
            15,
            None,
            "tshark takes as RTP only what an SDP in the capture announced",
        ),
    }


@pytest.mark.real
@needs_tshark
def test_copies_of_rtp_are_taken_off_the_loss(tmp_path: Path) -> None:
    sent = [packet(PBX, 30000, PHONE, 12000, rtp(n, n * 160), ident=n) for n in range(1, 21)]
    records = [Record(T0, packet(PHONE, 5060, PBX, 5060, invite("one")))]
    records += [Record(T0 + n * 20_000_000 + late, frame) for n, frame in enumerate(sent, 1) for late in (0, 50_000)]
    name = f"stream {PBX}:30000>{PHONE}:12000 0x00001234"
    assert differences(tmp_path / "x.pcap", pcap(records)) == {
        f"{name} packets": (20, 40, "tshark counts the copies of a mirror port"),
        f"{name} lost": (0, -20, "tshark takes the 20 packets that came twice off the loss"),
    }


@pytest.mark.shared
@needs_tshark
def test_a_stream_that_tshark_does_not_see_behind_stun(shared: Path) -> None:
    path = next((shared / "captures").glob("S14-*"))
    (item,) = second_opinion(*read(path))
    assert (item.ours, item.theirs) == (76, None)
    assert item.note is not None
    assert item.note.startswith("tshark stops at the first packet of a flow that it takes for another protocol")


@pytest.mark.shared
@needs_tshark
def test_a_flow_that_tshark_takes_for_t38(shared: Path) -> None:
    path = next((shared / "captures").glob("S16-*"))
    found = {item.what: item for item in second_opinion(*read(path)) if item.what.startswith("stream ")}
    (item,) = found.values()
    assert (item.ours, item.theirs) == (159, 132)
    assert item.note is not None
    assert item.note.startswith("tshark stops at the first packet of a flow that it takes for another protocol")


@pytest.mark.real
@needs_tshark
def test_a_capture_that_is_cut_is_compared(tmp_path: Path) -> None:
    whole = capture(*(packet(PHONE, 5060, PBX, 5060, invite(f"c{n}"), ident=n) for n in range(3)))
    assert differences(tmp_path / "x.pcap", whole[:-100]) == {}


@pytest.mark.real
@needs_tshark
def test_a_packed_capture(tmp_path: Path) -> None:
    data = capture(packet(PHONE, 5060, PBX, 5060, invite("one")))
    assert differences(tmp_path / "x.pcap.gz", gzip.compress(data)) == {}


@pytest.mark.real
@needs_tshark
def test_a_file_that_tshark_does_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.pcap").write_bytes(b"nothing of the kind" * 20)
    assert str(count(tmp_path / "x.pcap")).startswith("tshark gave no result (exit status")


@pytest.mark.real
@needs_tshark
def test_a_capture_in_an_archive_is_said_to_be_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.pcap", capture(packet(PHONE, 5060, PBX, 5060, invite("one"))))
    (found,) = second_opinion(*read(tmp_path / "x.zip"))
    assert (found.what, found.ours, found.theirs) == ("not compared", None, None)
    assert found.note == "it lies in an archive; tshark is given plain files only"


@pytest.mark.real
@needs_tshark
def test_the_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.pcap").write_bytes(capture())
    monkeypatch.setattr(module, "TIME_LIMIT_S", 0.001)
    assert count(tmp_path / "x.pcap") == "tshark took longer than 0.001 s"


@pytest.mark.real
@needs_tshark
def test_in_the_report_and_beside_the_calls(tmp_path: Path) -> None:
    frame = packet(PHONE, 5060, PBX, 5060, invite("one"), ident=7)
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([Record(T0, frame), Record(T0 + 1000, frame)]))
    run = CliRunner()
    shown = run.invoke(
        group, ["analyze", str(path), "--verify-with", "tshark", "--as-of", "2026-11-12", "--lang", "en"]
    )
    assert "Second opinion: 1 count differs" in shown.stdout
    assert "SIP INVITE: 1 here, 2 by tshark" in shown.stdout
    page = run.invoke(group, ["analyze", str(path), "--verify-with", "tshark", "--format", "html", "--lang", "en"])
    assert "SIP INVITE: 1 here, 2 by tshark" in page.stdout
    listed = run.invoke(group, ["calls", str(path), "--verify-with", "tshark"])
    assert "SIP INVITE: 1 here, 2 by tshark" in listed.stderr
    assert "SIP INVITE" not in listed.stdout
    plain = run.invoke(group, ["analyze", str(path), "--lang", "en"])
    assert "Second opinion" not in plain.stdout


@pytest.mark.shared
@pytest.mark.real
@needs_tshark
@pytest.mark.parametrize("name", ["S03", "S29", "S35", "S40", "S41", "S42", "S43"])
def test_real_captures_agree(shared: Path, name: str) -> None:
    (path,) = (shared / "captures").glob(f"{name}-*")
    assert second_opinion(*read(path)) == []


# ---- without it


def test_a_tool_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ToolMissingError, match="tshark is not installed"):
        require("tshark")
    (tmp_path / "x.pcap").write_bytes(capture())
    for verb in ("analyze", "calls"):
        ended = CliRunner().invoke(group, [verb, str(tmp_path / "x.pcap"), "--verify-with", "tshark"])
        assert ended.exit_code == 2
        assert "tshark is not installed, so there is no second opinion" in ended.stderr


TABLE = b"""\
INVITE\t\ta@b\tINVITE\t\t
INVITE|ACK\t200\tc@d|c@d|c@d\tINVITE|INVITE|BYE\t\t
INVITE\t\te@f\tINVITE\t3\t
too few\tfields
========================= RTP Streams ========================
   Start time      End time     Src IP addr  Port    Dest IP addr  Port       SSRC          Payload  Pkts         Lost   Min
     0.100000      9.900000      192.0.2.10 30000      192.0.2.21 12000 0x0000ABCD            g711U   615     4 (0.6%)    1.4
     0.100000      9.900000     2001:db8::1 30000     2001:db8::2 12000 0x00000001       GSM 06.10     9    -2 (-28.6%)   1.4 X
==============================================================
"""


def test_what_tshark_prints() -> None:
    counted, complete = module._read(io.BytesIO(TABLE))
    assert complete
    assert counted.messages == {"INVITE": 3, "ACK": 1, "200": 1}
    assert +counted.quoted == {"INVITE": 1}
    assert (counted.calls, counted.calls_quoted) == ({"a@b", "c@d"}, {"e@f"})
    assert counted.streams == {
        ("192.0.2.10:30000", "192.0.2.21:12000", "0x0000ABCD"): (615, 4),
        ("[2001:db8::1]:30000", "[2001:db8::2]:12000", "0x00000001"): (9, -2),
    }
    assert not module._read(io.BytesIO(TABLE[:100]))[1]


def test_only_so_many_differences_are_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(capture(packet(PHONE, 5060, PBX, 5060, invite("one"))))
    other: Any = Counted()
    other.messages.update({str(number): 1 for number in range(200, 500)})
    monkeypatch.setattr(module, "require", lambda _: None)
    monkeypatch.setattr(module, "count", lambda _: other)
    found = second_opinion(*read(path))
    assert len(found) == module.SAID_LIMIT + 1
    assert found[-1] == Difference(str(path), "tshark", "more", None, None, "102 further differences are left out")
