"""A log and a capture of the same calls, read by the real parsers: one time axis, and what is wrong with the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analyzer.case import Case, Options, analyze
from analyzer.ticket import load_ticket
from parsers.facts.capture import Capture
from tests.parsers.capture.frames import Record, packet, pcap

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)
MESSAGES = 8


def invite(number: int) -> str:
    return (
        f"INVITE sip:555010{number}@sip.example.com SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.40:5060;branch=z9hG4bK{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:105@pbx.example.com>;tag=a{number}\r\nTo: <sip:555010{number}@sip.example.com>\r\n"
        f"Call-ID: call{number}@192.0.2.40\r\nCSeq: 1 INVITE\r\nContact: <sip:105@192.0.2.40:5060>\r\n"
        "Content-Length: 0\r\n\r\n"
    )


def case(folder: Path, ahead: timedelta) -> Case:
    """Eight INVITEs, a minute apart, in a capture and in a log whose clock is ahead."""
    times = [NINE + timedelta(minutes=number) for number in range(MESSAGES)]
    records = [
        Record(int(time.timestamp() * 1e9), packet("192.0.2.40", 5060, "198.51.100.10", 5060, invite(number).encode(), ident=number + 1))
        for number, time in enumerate(times)
    ]  # fmt: skip
    (folder / "trace.pcap").write_bytes(pcap(records))
    lines = [
        f"{time + ahead:%Y/%m/%d %H:%M:%S}.000|0021|Trac| [Example.Sip] Sent to 198.51.100.10:5060\n{invite(number)}"
        for number, time in enumerate(times)
    ]
    (folder / "3CXGatewayService.log").write_bytes("\n".join(lines).encode())
    options = Options(inputs=[str(folder)], ticket=load_ticket(None), ticket_given=False, as_of=date(2026, 11, 12))
    return analyze(options)


@pytest.mark.parametrize(
    ("ahead_s", "zone", "skew", "said"),
    [(3600, 3600, 0.0, False), (3600 + 41, 3600, 41.0, True), (-18000, -18000, 0.0, False)],
)
def test_zone_and_skew(tmp_path: Path, ahead_s: float, zone: int, skew: float, said: bool) -> None:
    made = case(tmp_path, timedelta(seconds=ahead_s))
    [capture] = made.facts.of(Capture)
    assert (capture.joined_messages, capture.tz_offset_s, capture.clock_skew_s) == (MESSAGES, zone, skew)
    assert made.system.value("log_utc_offset_s") == zone
    assert ("COR-07" in {item.code for item in made.findings}) is said
