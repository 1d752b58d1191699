from __future__ import annotations

import gzip
import struct

import pytest

from parsers.api import Probe
from parsers.capture.entry import CaptureParser
from parsers.facts.capture import Capture, SipTransaction
from tests.parsers.capture import frames
from tests.parsers.capture.scenario import PBX, PHONE, Scenario, read


def capture(s: Scenario) -> Capture:
    (row,) = s.read().facts.of(Capture)
    return row


def test_claims_by_magic() -> None:
    def claim(head: bytes) -> int:
        return CaptureParser().claims(Probe("x.bin", "x.bin", head, ""))

    assert claim(Scenario().pcap()) == 90
    assert claim(b"\x0a\x0d\x0d\x0a" + b"\0\0\0\x1c" + b"\x1a\x2b\x3c\x4d") == 90
    assert claim(b"GET / HTTP/1.1") == 0
    assert claim(gzip.compress(Scenario().pcap())) == 0


def test_counts_and_tally() -> None:
    s = Scenario()
    s.answered()
    s.request(0.5, "INVITE")
    result = s.read()
    row = capture(s)
    assert row.sip_requests == {"ACK": 1, "BYE": 1, "INVITE": 2}
    assert row.sip_responses == {"180": 1, "200": 2}
    assert (row.has_sip, row.has_rtp, row.one_sided) == (True, False, False)
    assert (result.tally.records, result.tally.understood, result.sink.problems) == (7, 7, [])
    assert [m.retransmission for m in result.messages] == [False, False, True, False, False, False, False]
    assert [m.source.frame for m in result.messages] == [1, 2, 3, 4, 5, 6, 7]


def test_one_sided_capture() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    s.request(0.5, "INVITE")
    assert capture(s).one_sided is True


def test_keepalives_are_no_messages() -> None:
    s = Scenario()
    s.send(0, PHONE, PBX, b"\r\n\r\n")
    s.send(1, PHONE, PBX, b"\0\0\0\0")
    row = capture(s)
    assert (row.has_sip, row.derived["sip_keepalives"]) == (False, 2)


def test_transactions_outside_calls() -> None:
    s = Scenario()
    s.request(0, "OPTIONS")
    s.request(0.5, "OPTIONS")
    s.response(0.6, 405, "OPTIONS")
    s.request(1, "SUBSCRIBE", 5, headers="Event: dialog\n")
    s.send(40, "192.0.2.90:9", "192.0.2.91:9", b"x")
    rows = s.read().facts.of(SipTransaction)
    assert [(r.method, r.status, r.answered, r.retransmissions, r.event, r.waited_s) for r in rows] == [
        ("OPTIONS", 405, True, 1, None, 0.6), ("SUBSCRIBE", None, False, 0, "dialog", 39.0),
    ]  # fmt: skip
    assert [r.derived["timer_f_expired"] for r in rows] == [False, True]


def test_the_same_bytes_give_the_same_rows() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 30)
    assert repr(s.read().facts.tables()) == repr(s.read().facts.tables())


def test_rtcp_reports_stand_beside_the_stream() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 100, ssrc=9)
    sender = struct.pack(">BBHIIIIII", 0x80, 200, 6, 9, 0x12345678, 0x9ABC0000, 0, 5, 800)
    s.send(3, "192.0.2.21:4001", "192.0.2.1:10001", sender)
    block = struct.pack(">IIIIII", 9, 26 << 24 | 5, 0, 80, 0x56789ABC, 65_536 // 2)
    s.send(3.6, "192.0.2.1:10001", "192.0.2.21:4001", struct.pack(">BBHI", 0x81, 201, 7, 1) + block)
    (stream,) = s.read().streams
    assert stream.derived["rtcp_reports"] == 1
    assert stream.derived["rtcp_loss_pct_max"] == 10.16
    assert stream.derived["rtcp_lost"] == 5
    assert stream.derived["rtcp_jitter_max_ms"] == 10.0
    assert stream.derived["rtcp_round_trip_ms"] == pytest.approx(100.0, abs=0.01)


def simple_blocks(data: bytes) -> bytes:
    """The packets of a pcap as simple packet blocks of pcapng, which have no times."""
    out, at = [frames.section(), frames.interface()], 24
    while at < len(data):
        size = int.from_bytes(data[at + 8 : at + 12], "little")
        out.append(frames.block(3, data[at + 12 : at + 16] + data[at + 16 : at + 16 + size]))
        at += 16 + size
    return b"".join(out)


def test_packets_without_times_have_none() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 300)
    result = read(simple_blocks(s.pcap()))
    (stream,) = result.streams
    assert (stream.signalled, stream.packets, stream.lost, stream.codec) == (True, 300, 0, "PCMA")
    assert (stream.first, stream.last, stream.jitter_mean_ms, stream.delta_max_ms, stream.mos) == (None,) * 5
    assert (result.call.start, result.call.answered, result.call.end) == (None, None, None)
    assert (result.call.final_status, result.call.outcome) == (200, "answered")
    (row,) = result.facts.of(Capture)
    assert (row.packets, row.first, row.last, row.duration_s) == (result.tally.records, None, None, None)


def test_what_is_cut_off_is_still_read() -> None:
    s = Scenario()
    s.answered()
    data = s.pcap()
    result = read(data[: len(data) // 2])
    assert result.tally.records > 0
    assert result.sink.problems
    assert result.call.outcome in {"answered", "incomplete"}


def test_secrets_stay_out_of_all_rows() -> None:
    s = Scenario()
    headers = 'Authorization: Digest username="101", realm="r", nonce="abcdef0123", cnonce="9f9f9f9f", response="5ec4e75ec4e7"\n'
    s.request(0, "REGISTER", headers=headers)
    result = s.read()
    shown = repr(result.facts.tables())
    for value in ("abcdef0123", "9f9f9f9f", "5ec4e75ec4e7"):
        assert value not in shown
    assert {"9f9f9f9f", "5ec4e75ec4e7"} <= result.sink.secrets


@pytest.mark.parametrize("size", range(0, 300, 7))
def test_damaged_payloads_never_raise(size: int) -> None:
    s = Scenario()
    s.answered()
    s.packets = [(at, src, dst, data[:size] + b'\xff\0<"' + data[size + 9 :]) for at, src, dst, data in s.packets]
    assert s.read().tally.records == 6
