from __future__ import annotations

import struct

from parsers.capture.capture_facts import Times
from parsers.capture.notes import Note, NoteKind
from parsers.facts.capture import Call, Capture, StunExchange
from tests.parsers.capture.scenario import PBX, PHONE, Read, Scenario, read, sdp
from tests.parsers.capture.test_stun import ICE_USER, PRIORITY, answer, request


def capture(found: Read) -> Capture:
    (row,) = found.facts.of(Capture)
    return row


def cut(data: bytes, length: int) -> bytes:
    """The capture with every packet cut to a length."""
    out, at = [data[:24]], 24
    while at < len(data):
        seconds, part, size, original = struct.unpack_from("<IIII", data, at)
        kept = min(size, length)
        out.append(struct.pack("<IIII", seconds, part, kept, original) + data[at + 16 : at + 16 + kept])
        at += 16 + size
    return b"".join(out)


def test_cut_packets() -> None:
    s = Scenario()
    s.answered()
    s.rtp(2.1, "192.0.2.21:4000", "192.0.2.1:10000", 20)
    row = capture(read(cut(s.pcap(), 300)))
    assert (row.derived["truncated_sip"], row.derived["truncation_severity"]) == (6, "high")
    assert row.sources["truncated_packets"].frame == 1
    whole = capture(s.read())
    assert (whole.derived["truncated_sip"], whole.derived["truncation_severity"]) == (0, "low")
    assert whole.source.text == "26 packets"


def test_one_direction() -> None:
    s = Scenario()
    for number in range(4):
        s.request(number, "REGISTER", 1)
    row = capture(s.read())
    assert (row.one_sided, row.sources["one_sided"].frame) == (True, 1)
    s.response(5, 401, "REGISTER", 1)
    assert capture(s.read()).one_sided is False


def test_any_traffic_back_is_a_second_direction() -> None:
    s = Scenario()
    s.request(0, "REGISTER", 1)
    s.request(1, "REGISTER", 1, dst="198.51.100.7:5060")
    assert capture(s.read()).one_sided is True
    s.send(2, "192.0.2.53:53", PHONE, struct.pack(">6H", 7, 0x8180, 0, 0, 0, 0))
    assert capture(s.read()).one_sided is False


def test_calls_without_audio_and_cut_calls() -> None:
    s = Scenario()
    s.answered(bye=None)
    s.request(9, "OPTIONS", 7, to_tag="b")
    d = capture(s.read()).derived
    assert (d["calls_with_talk"], d["calls_cut_at_end"], d["calls_cut_at_start"]) == (0, 1, 0)
    s.request(39, "OPTIONS", 8, to_tag="b")
    assert capture(s.read()).derived["calls_with_talk"] == 1
    whole = Scenario()
    whole.answered(bye=9)
    d = capture(whole.read()).derived
    assert (d["calls_with_talk"], d["calls_cut_at_end"], d["calls_cut_at_start"]) == (1, 0, 0)
    late = Scenario()
    late.response(0, 200, body=sdp("192.0.2.1:10000"))
    row = capture(late.read())
    assert (row.derived["calls_with_talk"], row.derived["calls_cut_at_start"]) == (0, 1)


def test_streams_that_all_lose() -> None:
    s = Scenario()
    for number in range(2):
        src = f"192.0.2.{21 + number}:4000"
        s.rtp(0, src, "192.0.2.1:10000", 100, ssrc=number + 1)
        s.rtp(2.1, src, "192.0.2.1:10000", 100, ssrc=number + 1, sequence=106 - 5 * number)
    d = capture(s.read()).derived
    assert (d["streams_measured"], d["streams_losing_pct"], d["encrypted_sip_severity"]) == (2, 50.0, "high")


def times(*ns: int) -> Times:
    found = Times()
    for frame, time in enumerate(ns, 1):
        found.note(Note(NoteKind.SIP, frame, time, "192.0.2.1", 1, "192.0.2.2", 2, "udp", b"", truncated=False))
    return found


def test_times() -> None:
    even = times(*range(0, 25_000_000, 1_000_000))
    assert (even.seen, even.finer, even.backwards) == (25, 0, 0)
    odd = times(50_000_000, 45_000_001, 30_000_000, 60_000_000)
    assert (odd.finer, odd.backwards, odd.first_back) == (1, 1, 3)


def test_coarse_times_of_a_capture() -> None:
    s = Scenario()
    for number in range(25):
        s.request(number, "OPTIONS", number + 1)
    assert capture(s.read()).derived["times_in_ms"] is True
    s.request(30.000_001, "OPTIONS", 99)
    assert capture(s.read()).derived["times_in_ms"] is False
    few = Scenario()
    few.request(0, "OPTIONS", 1)
    assert capture(few.read()).derived["times_in_ms"] is None


def stun(*, answered: bool, hellos: int, server_hello: bool) -> StunExchange:
    s = Scenario()
    app, media = "192.0.2.40:50200", "192.0.2.1:9000"
    s.send(0, app, media, request(1, attributes=ICE_USER + PRIORITY))
    if answered:
        s.send(0.1, media, app, answer(1, app))
    record = b"\x16\xfe\xfd\0\0" + b"\0" * 6
    for number in range(hellos):
        s.send(1 + number, app, media, record + b"\0\x0d\1" + bytes(40))
    if server_hello:
        s.send(9, media, app, record + b"\0\x0d\2" + bytes(40))
    return s.read().stun[0]


def test_handshake_after_ice() -> None:
    stuck = stun(answered=True, hellos=4, server_hello=False)
    assert (stuck.derived["dtls_client_hellos"], stuck.derived["dtls_answered"]) == (4, False)
    assert stuck.source_of("dtls_client_hellos").frame == 3
    assert stun(answered=True, hellos=1, server_hello=True).derived["dtls_answered"] is True


def test_another_stun_server_answers() -> None:
    s = Scenario()
    s.send(0, PBX, "198.51.100.53:3478", request(1))
    s.send(1, PBX, "198.51.100.54:3478", request(2))
    assert [row.derived["client_answered"] for row in s.read().stun] == [False, False]
    s.send(1.1, "198.51.100.54:3478", PBX, answer(2, PBX))
    assert [row.derived["client_answered"] for row in s.read().stun] == [True, True]


def test_call_of_which_only_the_end_was_captured_is_cut_at_its_start() -> None:
    s = Scenario()
    s.request(0, "ACK", to_tag="b")
    s.request(5, "BYE", 2, to_tag="b")
    s.response(5.1, 200, "BYE", 2)
    found = s.read()
    row = capture(found)
    assert found.facts.of(Call) == []
    assert (row.derived["calls_cut_at_start"], row.sources["calls_cut_at_start"].frame) == (1, 1)
    assert found.system("version") == "20.0.8.1109"
    place = min(data.index(b"Call-ID") for _, _, _, data in s.packets)
    assert capture(read(cut(s.pcap(), 42 + place))).derived["calls_cut_at_start"] == 0  # whose ends they are is unknown
