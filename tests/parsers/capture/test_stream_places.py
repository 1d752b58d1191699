from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.facts.base import Row
from parsers.facts.capture import RtpStream
from tests.parsers.capture.scenario import PBX, TCX, TRUNK, Read, Scenario, sdp

AUDIO, PBX_AUDIO = "192.0.2.21:4000", "192.0.2.1:10000"


def call(bye: float = 60, **words: str) -> Scenario:
    """Signalling in frames 1 to 4 (INVITE, 180, 200, ACK); audio from 2.2 s on is frame 5 and up."""
    s = Scenario()
    s.answered(bye=bye, **words)  # type: ignore[arg-type]
    return s


def packet(
    s: Scenario, at: float, number: int, *, stamp: int | None = None, kind: int = 8, body: bytes = bytes([1]) * 160
) -> None:
    head = struct.pack(">BBHII", 0x80, kind, number & 0xFFFF, 160 * number if stamp is None else stamp, 7)
    s.send(at, AUDIO, PBX_AUDIO, head + body)


def numbered(numbers: list[int], s: Scenario | None = None) -> Read:
    """Packets with these sequence numbers, one every 20 ms of the number's time."""
    s = s or call()
    for place, number in enumerate(numbers):
        packet(s, 2.2 + 0.02 * place, number)
    return s.read()


def frame_of(row: Row, name: str) -> int | None:
    return row.source_of(name).frame


def stream_of(read: Read) -> RtpStream:
    (stream,) = read.streams
    return stream


def test_the_packets_after_the_first_and_the_longest_run_of_lost_ones() -> None:
    numbers = [*range(1, 101), *range(103, 201), *range(211, 301), *range(306, 700)]
    stream = stream_of(numbered(numbers))
    assert (stream.lost, stream.derived["longest_loss"]) == (17, 10)
    # numbers 1 to 100 are frames 5 to 104
    assert frame_of(stream, "lost") == frame_of(stream, "spread_loss_pct") == 105
    assert frame_of(stream, "longest_loss") == frame_of(stream, "burst_ratio") == 105 + 98
    assert "sequence numbers 201 to 210 (10 packets) are missing here" in stream.sources["longest_loss"].text
    assert "sequence numbers 101 to 102 (2 packets) are missing here" in stream.sources["lost"].text
    assert stream.sources["lost"].time is not None


def test_over_the_wrap_of_numbers() -> None:
    numbers = [*range(65_500, 65_530), *range(65_540, 65_640)]
    stream = stream_of(numbered(numbers))
    assert frame_of(stream, "longest_loss") == 5 + 30
    assert "sequence numbers 65530 to 3 (10 packets)" in stream.sources["longest_loss"].text


def test_one_that_comes_late_is_not_lost() -> None:
    numbers = list(range(1, 300))
    numbers[99], numbers[104] = numbers[104], numbers[99]  # 105 comes early, 100 late
    del numbers[200:206]
    stream = stream_of(numbered(numbers))
    assert (stream.lost, stream.out_of_order) == (6, 5)
    assert frame_of(stream, "out_of_order") == 5 + 100
    assert "sequence number 101 comes after 105" in stream.sources["disorder_pct"].text
    assert frame_of(stream, "lost") == 5 + 200


def test_loss_inside_a_hole_that_was_filled_in_part() -> None:
    # 11 to 20 are missing when 21 comes; 15 comes later
    stream = stream_of(numbered([*range(1, 11), *range(21, 30), 15, *range(30, 200)]))
    assert (stream.lost, stream.derived["runs_of_loss"], stream.derived["longest_loss"]) == (9, 2, 5)
    assert frame_of(stream, "lost") == frame_of(stream, "longest_loss") == 5 + 10


def test_much_disorder_keeps_no_more_places_than_the_window_has() -> None:
    numbers = [number for pair in range(2000) for number in (2 * pair + 2, 2 * pair + 1)]
    stream = stream_of(numbered([*numbers, *range(4005, 4100)], call(bye=200)))
    assert (stream.lost, stream.out_of_order) == (4, 2000)
    assert frame_of(stream, "lost") == 5 + 4000


def test_a_hole_is_not_where_spread_loss_shows() -> None:
    stream = stream_of(numbered([*range(1, 50), *range(400, 500), *range(503, 600)]))
    assert stream.derived["longest_loss_s"] == 7.0
    assert frame_of(stream, "longest_loss") == 5 + 49
    assert frame_of(stream, "spread_loss_pct") == 5 + 149
    only = stream_of(numbered([*range(1, 50), *range(400, 500)]))
    assert frame_of(only, "spread_loss_pct") == 5 + 49


def test_nothing_lost_has_no_place() -> None:
    stream = stream_of(numbered(list(range(1, 300))))
    for name in (
        "lost",
        "longest_loss",
        "out_of_order",
        "duplicates",
        "gap_beyond_loss_ms",
        "icmp_unreachable",
        "silent_pct",
    ):
        assert name not in stream.sources
    short = stream_of(numbered([*range(1, 100), *range(102, 300)]))
    assert "longest_loss" not in short.sources


def test_gap_duplicates_silence_and_jitter() -> None:
    s = call()
    for n in range(1, 300):
        late = 0.4 if n > 150 else 0.0
        packet(s, 2.2 + 0.02 * n + late, n, body=bytes([0xD5] * 160) if n > 60 else bytes([1]) * 160)
        if n == 200:
            packet(s, 2.201 + 0.02 * n + late, n)
    stream = stream_of(s.read())
    assert frame_of(stream, "gap_beyond_loss_ms") == 5 + 150
    assert "jitter_mean_ms" not in stream.sources
    assert "420 ms after the one before" in stream.sources["gap_beyond_loss_ms"].text
    assert frame_of(stream, "duplicates_pct") == 5 + 200
    assert frame_of(stream, "silent_pct") == 5 + 60
    assert frame_of(stream, "stopped_together") == 5 + 299


def test_where_jitter_is_highest() -> None:
    s = call()
    for n in range(1, 600):
        packet(s, 2.2 + 0.02 * n + (0.015 if 100 <= n < 400 and n % 2 else 0.0), n)
    for n in range(600, 620):
        packet(s, 2.2 + 0.02 * n + (0.018 if n % 2 else 0.0), n)
    stream = stream_of(s.read())
    assert stream.jitter_mean_ms is None or stream.jitter_mean_ms < 10
    assert "jitter_mean_ms" not in stream.sources
    s = call()
    for n in range(1, 600):
        packet(s, 2.2 + 0.1 * n + (0.08 if 100 <= n < 400 and n % 2 else 0.0), n, stamp=800 * n)
    stream = stream_of(s.read())
    assert (stream.jitter_mean_ms or 0) > 10
    where = frame_of(stream, "jitter_mean_ms") or 0
    assert 5 + 300 < where <= 5 + 400
    assert stream.sources["jitter_mean_ms"].text.endswith(f"here jitter is highest, {stream.jitter_max_ms:g} ms")


def test_payload_type_that_nobody_named() -> None:
    s = call()
    for n in range(1, 300):
        packet(s, 2.2 + 0.02 * n, n, kind=8 if n < 120 else 3)
    stream = stream_of(s.read())
    assert frame_of(stream, "not_negotiated_pct") == 5 + 119
    assert stream.sources["not_negotiated_pct"].text.endswith("payload type 3")
    from_the_start = stream_of(numbered(list(range(1, 60)), call(payloads="18", answer_payloads="18")))
    assert frame_of(from_the_start, "not_negotiated_pct") == 5


def digit(
    s: Scenario, at: float, stamp: int, number: int, *, event: int = 1, ended: bool = True, ticks: int = 800
) -> None:
    body = struct.pack(">BBH", event, 0x8A if ended else 0x0A, ticks)
    packet(s, at, number, stamp=stamp, kind=101, body=body)


def test_the_digit_that_is_wrong_and_not_the_first_one() -> None:
    s = call()
    for n in range(1, 150):
        packet(s, 2.2 + 0.02 * n, n)
    digit(s, 5.3, 50_000, 150)
    digit(s, 6.3, 60_000, 151, event=2, ended=False)
    digit(s, 7.3, 70_000, 152, event=3, ticks=160)
    digit(s, 7.34, 70_500, 153, event=4)
    digit(s, 8.3, 80_000, 154, event=5)
    digit(s, 8.35, 80_400, 155, event=5)
    for n in range(156, 300):
        packet(s, 5.3 + 0.02 * n, n)
    stream = stream_of(s.read())
    names = ("events_without_end", "short_events", "hurried_events", "repeated_events")
    assert [frame_of(stream, name) for name in names] == [155, 156, 157, 159]
    assert all("digit of" in stream.sources[name].text and stream.sources[name].text[-1] != "5" for name in names)


def test_length_that_the_receiver_asked_for_otherwise() -> None:
    s = call(answer_extra="a=ptime:30\n")
    s.rtp(2.2, AUDIO, PBX_AUDIO, 300)
    stream = stream_of(s.read())
    assert (stream.derived["ptime_differs"], frame_of(stream, "ptime_differs")) == (True, 3)


def rtcp(s: Scenario, at: float, lost: int, *, ssrc: int = 7) -> None:
    block = struct.pack(">IIIIII", ssrc, lost << 24 | 40, 0, 0, 0, 0)
    s.send(at, "192.0.2.1:10001", "192.0.2.21:4001", struct.pack(">BBHI", 0x81, 201, 7, 9) + block)


def test_the_report_of_the_worst_interval() -> None:
    s = call()
    s.rtp(2.2, AUDIO, PBX_AUDIO, 300)
    for at, lost in ((4, 2), (6, 40), (8, 30)):
        rtcp(s, at, lost)
    stream = stream_of(s.read())
    assert (stream.derived["rtcp_loss_pct_max"], frame_of(stream, "rtcp_loss_pct_max")) == (15.62, 5 + 191 + 1)


def test_errors_about_a_stream_and_about_a_call() -> None:
    s = call()
    s.rtp(2.2, AUDIO, PBX_AUDIO, 100)
    quoted = s.packets[-1][3]
    for at in (3.001, 3.021, 3.041, 3.061):
        s.icmp(at, "192.0.2.1", AUDIO, PBX_AUDIO, quoted)
    stream = stream_of(s.read())
    assert stream.derived["icmp_unreachable_in_call"] == 4
    assert frame_of(stream, "icmp_unreachable_in_call") == frame_of(stream, "icmp_unreachable") == 5 + 41
    assert "cannot be delivered" in stream.sources["icmp_unreachable"].text


def test_what_a_call_has_of_its_streams() -> None:
    s = call(bye=30)
    s.rtp(2.2, PBX_AUDIO, AUDIO, 400)
    s.rtp(6.0, AUDIO, PBX_AUDIO, 100, ssrc=9)
    row = s.read().call
    first_late = next(n for n in range(5, 600) if row.source_of("rtp_caller_late_s").frame == n)
    assert first_late == 5 + 191
    assert row.source_of("rtp_callee_packets").frame == 5
    assert "the last packet of the caller" in row.sources["rtp_caller_quiet_at_end_s"].text
    assert row.source_of("both_ways").frame == 3
    assert "media" not in row.sources


def test_hold_that_lasts() -> None:
    s = call(bye=60)
    s.request(10, "INVITE", 2, to_tag="b", body=sdp(AUDIO, extra="a=sendonly\n", version=2))
    s.response(10.5, 200, cseq=2, body=sdp(PBX_AUDIO, extra="a=recvonly\n", version=2))
    s.rtp(20, PBX_AUDIO, AUDIO, 1000)
    row = s.read().call
    # the re-INVITE, the last packet of the side that is on hold
    assert [frame_of(row, name) for name in ("stuck_on_hold", "rtp_on_hold_s")] == [5, 7 + 999]


def test_receiver_that_named_a_private_address() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.answered(offer=PBX_AUDIO, answer="10.9.9.9:7000", bye=30)
    s.rtp(2.2, PBX_AUDIO, "10.9.9.9:7000", 300)
    stream = stream_of(s.read())
    assert frame_of(stream, "receiver_signals") == 3


def runs_of(numbers: list[int]) -> list[range]:
    """Runs of numbers that never came."""
    came = set(numbers)
    missing = [n for n in range(min(came), max(came) + 1) if n not in came]
    starts = [n for n in missing if n - 1 not in missing]
    return [range(start, next(n for n in range(start, max(came) + 1) if n in came)) for start in starts]


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.integers(2, 299), max_size=60), st.lists(st.tuples(st.integers(1, 250), st.integers(1, 40)), max_size=12)
)
def test_places_of_loss_as_by_hand(lost: set[int], late: list[tuple[int, int]]) -> None:
    """A run shows at the first packet that came with a number behind it."""
    numbers = [n for n in range(1, 301) if n not in lost]
    for place, by in late:
        if 0 < place < len(numbers) - by:
            numbers.insert(place + by, numbers.pop(place))
    stream = stream_of(numbered(numbers))
    runs = runs_of(numbers)
    assert (stream.lost, stream.derived["runs_of_loss"]) == (sum(map(len, runs)), len(runs))
    shows = {run: 5 + next(i for i, n in enumerate(numbers) if n > run[-1]) for run in runs}
    if runs:
        longest = max(runs, key=len)
        assert frame_of(stream, "burst_ratio") == shows[longest]
        assert frame_of(stream, "runs_of_loss") == shows[runs[0]]
