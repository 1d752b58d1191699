"""The program's own signatures show the frame that has to be opened, not the first one of a call or stream."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analyzer.case import Options, analyze
from analyzer.finding import Finding
from analyzer.ladder.dissect import dissect
from analyzer.ticket import load_ticket
from parsers.tree.member import Member
from tests.parsers.capture.scenario import PBX, TCX, TRUNK, Scenario, sdp

AUDIO, PBX_AUDIO = "192.0.2.21:4000", "192.0.2.1:10000"
TRUNK_AUDIO = "198.51.100.9:20000"


def found(s: Scenario, folder: Path) -> dict[str, Finding]:
    path = folder / "a.pcap"
    path.write_bytes(s.pcap())
    options = Options(inputs=[str(path)], ticket=load_ticket(None), ticket_given=False, as_of=date(2026, 11, 12))
    return {item.code: item for item in analyze(options).findings}


def answered() -> Scenario:
    """INVITE, 180, 200, ACK are frames 1 to 4."""
    s = Scenario()
    s.answered(bye=60)
    return s


def packets(s: Scenario, numbers: list[int], start: float = 2.2, late: dict[int, float] | None = None) -> None:
    behind = 0.0
    for place, number in enumerate(numbers):
        behind += (late or {}).get(number, 0.0)
        head = struct.pack(">BBHII", 0x80, 8, number, 160 * number, 7)
        s.send(start + 0.02 * place + behind, AUDIO, PBX_AUDIO, head + bytes([place % 7]) * 160)


def lossy() -> Scenario:
    s = answered()
    packets(s, [*range(1, 301), *range(301, 601, 10), *range(620, 1000)])
    return s


def one_way() -> Scenario:
    s = answered()
    packets(s, list(range(1, 1000)))
    return s


def heaped() -> Scenario:
    s = answered()
    packets(s, list(range(1, 1000)), late={500: 0.6})
    return s


def report_of_loss() -> Scenario:
    s = answered()
    packets(s, list(range(1, 600)))
    for at, lost in ((5.001, 0), (8.001, 60), (9.001, 20)):
        block = struct.pack(">IIIIII", 7, lost << 24 | 60, 0, 0, 0, 0)
        s.send(at, "192.0.2.1:10001", "192.0.2.21:4001", struct.pack(">BBHI", 0x81, 201, 7, 9) + block)
    return s


def closed_port() -> Scenario:
    s = answered()
    packets(s, list(range(1, 200)))
    for at in (4.001, 4.021, 4.041, 4.061):
        s.icmp(at, "192.0.2.1", AUDIO, PBX_AUDIO, s.packets[-1][3])
    return s


def held() -> Scenario:
    s = answered()
    s.request(10, "INVITE", 2, to_tag="b", body=sdp(AUDIO, extra="a=sendonly\n", version=2))
    s.response(10.5, 200, cseq=2, body=sdp(PBX_AUDIO, extra="a=recvonly\n", version=2))
    s.rtp(20, PBX_AUDIO, AUDIO, 1000)
    return s


def refused_by_provider() -> Scenario:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", body=sdp(PBX_AUDIO))
    s.response(0.1, 100)
    s.response(1, 403, phrase="Forbidden")
    return s


def without_end() -> Scenario:
    s = answered()
    packets(s, list(range(1, 400)))
    for n, ended in enumerate((True, False)):
        head = struct.pack(">BBHII", 0x80, 101, 400 + n, 90_000 + 8000 * n, 7)
        s.send(10.3 + n, AUDIO, PBX_AUDIO, head + struct.pack(">BBH", 5, 0x8A if ended else 0x0A, 800))
    packets(s, list(range(402, 600)), 13)
    return s


def changed_codec() -> Scenario:
    s = answered()
    for n, answer in ((2, "0"), (3, "8")):
        s.request(5 * n, "INVITE", n, to_tag="b", body=sdp(AUDIO, payloads="8", version=n))
        s.response(5 * n + 0.1, 200, cseq=n, body=sdp(PBX_AUDIO, payloads=answer, version=n))
    return s


CASES: dict[str, tuple[Callable[[], Scenario], list[int]]] = {
    # the packets after the longest run and after the first one
    "MED-06": (lossy, [4 + 331, 4 + 302]),
    "MED-05": (lossy, [4 + 302]),
    # the answer, the audio that flows
    "MED-02": (one_way, [3, 5]),
    "MED-08": (heaped, [4 + 500]),
    "MED-14": (report_of_loss, [4 + 293]),
    "NAT-09": (closed_port, [4 + 92]),
    "SDP-04": (held, [5, 6 + 1000]),
    "TRK-14": (refused_by_provider, [3]),
    "DTMF-03": (without_end, [4 + 401]),
    "SDP-01": (changed_codec, [6]),
}


@pytest.mark.parametrize("code", CASES)
def test_first_places(code: str, tmp_path: Path) -> None:
    build, frames = CASES[code]
    evidence = found(build(), tmp_path)[code].evidence
    assert [place.frame for place in evidence][: len(frames)] == frames


def test_the_frame_shows_it(tmp_path: Path) -> None:
    s = refused_by_provider()
    place = found(s, tmp_path)["TRK-14"].evidence[0]
    _, text = dissect(Member.of_bytes("a.pcap", s.pcap()), place.frame or 0)
    assert "403" in text
    assert "Forbidden" in text
