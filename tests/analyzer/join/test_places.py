"""The same call, registration or stream in captures of several places."""

from __future__ import annotations

import random
import struct
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analyzer.catalog import Catalog
from analyzer.join import join
from analyzer.join.places import join_places
from analyzer.ladder.read import ordered_calls, read_captures
from parsers.facts import Facts, Source
from parsers.facts.base import ALSO
from parsers.facts.capture import Call, Capture, Registration, RtpStream, SipMessage, StunExchange
from tests.parsers.capture import pieces
from tests.parsers.capture.scenario import TCX, YEALINK, Scenario, sdp

PBX, INSIDE, OUTSIDE = "198.51.100.1:5060", "192.168.7.21:5060", "203.0.113.7:1024"
NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)


def at(phone: str = INSIDE, *, delay: float = 0.0, ack: bool = True, bye: float | None = 20, lossy: int = 0) -> bytes:
    """The call as one place saw it: the phone's address there, what did not arrive there."""
    s = Scenario("c1@example.com", phone, PBX, agents={phone: YEALINK, PBX: TCX})
    s.request(0, "REGISTER", 90)
    s.response(0.02, 200, "REGISTER", 90, headers="Expires: 120\n")
    s.answered(offer="192.168.7.21:4000", answer="198.51.100.1:10000", ack=ack, bye=bye)
    for after in () if ack else (0.5, 1.5, 3.5, 7.5):
        s.response(2 + after, 200, body=sdp("198.51.100.1:10000"))
    media = phone.rpartition(":")[0] + ":4000"
    for n in range(600):
        if not lossy or n % lossy:
            head = struct.pack(">BBHII", 0x80, 8, n + 1, 160 * n, 7)
            s.send(2.2 + n * 0.02, media, "198.51.100.1:10000", head + bytes(160))
    s.rtp(2.2, "198.51.100.1:10000", media, 600, ssrc=8)
    s.packets = [(when + delay, src, dst, payload) for when, src, dst, payload in s.packets]
    return s.pcap()


def seen(folder: Path, files: dict[str, bytes]) -> Facts:
    facts, _ = pieces.read(folder, files)
    join_places(facts)
    return facts


def test_call_on_both_sides_of_a_nat(tmp_path: Path) -> None:
    """The ACK is lost between the phone and the PBX: the PBX saw what is wrong."""
    facts = seen(tmp_path, {"phone.pcap": at(), "pbx.pcap": at(OUTSIDE, delay=0.012, ack=False)})
    (call,) = facts.of(Call)
    assert (call.caller, call.outcome, call.ack, call.response_retransmissions) == (OUTSIDE, "answered", "missing", 4)
    assert Path(call.source.artifact or "").name == "pbx.pcap"
    assert Path(call.sources[ALSO].artifact or "").name == "phone.pcap"
    assert sorted(row.client or "" for row in facts.of(Registration)) == [INSIDE, OUTSIDE]
    assert len(facts.of(RtpStream)) == 4


def test_end_that_only_one_place_saw(tmp_path: Path) -> None:
    files = {"phone.pcap": at(), "pbx.pcap": at(OUTSIDE, delay=0.012, ack=False, bye=None)}
    (call,) = seen(tmp_path, files).of(Call)
    assert (call.outcome, call.ack, call.end_by, call.duration_s) == ("answered", "ok", "caller", 18.0)
    assert Path(call.source.artifact or "").name == "phone.pcap"


def test_same_addresses_at_both_places(tmp_path: Path) -> None:
    facts = seen(tmp_path, {"phone.pcap": at(), "pbx.pcap": at(delay=0.012, lossy=10)})
    assert len(facts.of(Call)) == 1
    assert [(row.requests, row.attempts) for row in facts.of(Registration)] == [(1, 1)]
    assert sorted((row.ssrc, row.packets, row.lost) for row in facts.of(RtpStream)) == [
        ("0x00000007", 540, 59),
        ("0x00000008", 600, 0),
    ]
    assert len(facts.of(Capture)) == 2


def test_call_whose_middle_is_lost(tmp_path: Path) -> None:
    """Of three files the second is missing: one call, whose end is that in the other capture."""
    data = at()
    count = len(pieces.records(data))
    one, _, three = pieces.cut(data, count // 3, 2 * count // 3)
    facts = seen(tmp_path, {"dump_00001.pcap": one, "dump_00003.pcap": three})
    (call,) = facts.of(Call)
    assert (call.outcome, call.ack, call.end_by, call.duration_s) == ("answered", "ok", "caller", 18.0)
    assert Path(call.sources["end"].artifact or "").name == "dump_00003.pcap"
    assert not any("continues" in capture.derived for capture in facts.of(Capture))
    assert len(facts.of(Registration)) == 1


def test_end_that_is_lost(tmp_path: Path) -> None:
    """Of three files the last one is missing, or the call goes on a day later under the same name."""
    data = at()
    count = len(pieces.records(data))
    one, _, three = pieces.cut(data, count // 3, 2 * count // 3)
    other = pieces.cut(at(OUTSIDE, bye=None), 5)[1]
    for files in ({"a.pcap": one, "b.pcap": other}, {"a.pcap": one, "b.pcap": pieces.shifted(three, 90_000)}):
        folder = tmp_path / str(len(files["b.pcap"]))
        (call,) = seen(folder, files).of(Call)
        assert (call.outcome, call.end, call.end_by, call.duration_s) == ("answered", None, None, None)


def row(name: str, start: float | None = 0, *, end: float | None = None, **values: Any) -> Call:
    def later(seconds: float | None) -> datetime | None:
        return None if seconds is None else NINE + timedelta(seconds=seconds)

    if "answered" in values:
        values["answered"] = later(values["answered"])
    place = Source(artifact=name, frame=1, time=NINE.isoformat())
    return Call(source=place, call_id="c", start=later(start), end=later(end), **values)


def folded(*calls: Call, minutes: int = 5) -> list[Call]:
    facts = Facts()
    for call in calls:
        facts.add(call)
    for number, name in enumerate(sorted({call.source.artifact or "" for call in calls})):
        first = NINE + timedelta(minutes=minutes * number)
        facts.add(Capture(source=Source(artifact=name), artifact=name, first=first, last=first + timedelta(minutes=1)))
    join_places(facts)
    return facts.of(Call)


def test_beginning_and_end_in_two_captures() -> None:
    begun = row("a.pcap", 0, answered=2, outcome="answered", ack="ok", pdd_ms=100.0, media="both")
    ended = row("b.pcap", None, end=400, answered=2, outcome="answered", end_by="callee", reason="Q.850;cause=16")
    (call,) = folded(begun, ended)
    assert call is begun
    assert (call.duration_s, call.end_by, call.reason, call.pdd_ms) == (398.0, "callee", "Q.850;cause=16", 100.0)
    assert call.sources["end"].artifact == "b.pcap"


def test_answer_that_came_after_the_capture() -> None:
    """Ringing in the one, answered in the other, whose capture has no INVITE."""
    rings = row("a.pcap", 0, outcome="incomplete", pdd_ms=100.0, from_user="101")
    answered = row("b.pcap", None, answered=70, end=90, outcome="answered", ack="ok", duration_s=20.0, end_by="caller")
    (call,) = folded(rings, answered)
    assert (call.outcome, call.start, call.pdd_ms, call.from_user) == ("answered", NINE, 100.0, "101")
    assert (call.duration_s, call.ack, call.end_by) == (20.0, "ok", "caller")


def test_no_answer_at_one_place_only() -> None:
    lost = row("a.pcap", 0, outcome="no_response", retransmissions=6)
    busy = row("b.pcap", 0.01, end=1, outcome="busy", final_status=486)
    (call,) = folded(lost, busy)
    assert (call.outcome, call.final_status) == ("busy", 486)


def test_an_unknown_stays_unknown() -> None:
    (call,) = folded(row("a.pcap", 0, outcome="incomplete"), row("b.pcap", 0, outcome="no_response"))
    assert (call.outcome, call.end, call.duration_s, call.final_status, call.ack, call.media) == (
        "incomplete", None, None, None, None, None,
    )  # fmt: skip


def test_calls_of_other_days_are_others() -> None:
    calls = [row(f"{day}.pcap", day * 86_401, end=day * 86_401, outcome="answered") for day in range(3)]
    assert len(folded(*calls)) == 3


def test_order_does_not_matter() -> None:
    chance = random.Random(3)

    def rows() -> list[Call]:
        return [
            row("a.pcap", 0, answered=2, outcome="answered", ack="ok", media="both"),
            row("b.pcap", 0.1, answered=2.1, end=9, outcome="answered", ack="missing", end_by="caller"),
            row("c.pcap", None, end=9.2, answered=2, outcome="answered", end_by="callee", encrypted=True),
        ]

    found = set()
    for _ in range(6):
        some = rows()
        chance.shuffle(some)
        found.add(repr(folded(*some)))
    assert len(found) == 1


def test_one_capture_is_left_alone() -> None:
    facts = Facts()
    calls = [row("a.pcap", 0), row("a.pcap", 0)]
    for call in calls:
        facts.add(call)
    facts.add(Capture(source=Source(artifact="a.pcap"), artifact="a.pcap", first=NINE, last=NINE))
    join_places(facts)
    assert facts.of(Call) == calls


@pytest.mark.parametrize(("apart", "rows"), [(30, 1), (3600, 2)])
def test_registrations_and_exchanges_of_other_times_stay_apart(apart: int, rows: int) -> None:
    facts = Facts()
    for number in range(2):
        name, first = f"{number}.pcap", NINE + timedelta(seconds=apart * number)
        place = Source(artifact=name, frame=1)
        facts.add(Capture(source=place, artifact=name, first=first, last=first + timedelta(minutes=1)))
        facts.add(Registration(source=place, aor="101@x", client=f"192.0.2.1:{5060 + number}", requests=3 + number))
        facts.add(StunExchange(source=place, client="192.0.2.1:5060", server="192.0.2.2:3478", requests=3 + number))
    join_places(facts)
    assert [row.requests for row in facts.of(Registration)] == [3, 4][2 - rows :]
    assert [row.requests for row in facts.of(StunExchange)] == [3, 4][2 - rows :]


def test_thousand_captures_of_one_call() -> None:
    calls = [row(f"{number:04}.pcap", number / 1000, outcome="incomplete") for number in range(1000)]
    assert len(folded(*calls, minutes=0)) == 1


def test_files_of_one_capture_are_one_place(tmp_path: Path) -> None:
    """Nothing is folded where a case has one capture, in however many files."""
    facts, _ = pieces.read(tmp_path, pieces.numbered(pieces.cut(at(), 300)))
    before = {name: list(rows) for name, rows in facts.tables().items()}
    join_places(facts)
    assert {name: list(rows) for name, rows in facts.tables().items()} == before


def test_list_of_calls(tmp_path: Path) -> None:
    pieces.write(tmp_path, {"phone.pcap": at(), "pbx.pcap": at(OUTSIDE, delay=0.012)})
    facts, artifacts = read_captures([tmp_path])
    assert (len(artifacts), [call.call_id for call in ordered_calls(facts)]) == (2, ["c1@example.com"])


def test_what_files_tell_together_stands_at_the_first_one(tmp_path: Path) -> None:
    """Of the hosts and gaps of a capture in files, whichever file they are in."""
    facts, _ = pieces.read(tmp_path, pieces.numbered(pieces.cut(at(), 10, 700)))
    join(facts, Catalog.load(date(2026, 11, 16)), date(2026, 11, 16))
    first, *others = facts.of(Capture)
    assert (first.derived["sent_streams"], first.derived["received_streams"]) == (1, 1)
    assert [other.derived.get("pbx_address_seen") for other in others] == [None, None]
    assert [other.derived["hours_from_logs"] for other in others] == [None, None]


def test_agents_of_the_best_place_stay_and_those_of_others_fill_in() -> None:
    best = row("a.pcap", 0, answered=2, end=9, user_agents={"caller": "Yealink"})
    (call,) = folded(best, row("b.pcap", 0, user_agents={"caller": "Proxy", "callee": "3CX"}), minutes=0)
    assert call is best
    assert call.user_agents == {"caller": "Yealink", "callee": "3CX"}


def two_places() -> Facts:
    """Two captures of one time, and one that holds no packet."""
    facts = Facts()
    for name in ("a.pcap", "b.pcap"):
        facts.add(Capture(source=Source(artifact=name), artifact=name, first=NINE, last=NINE + timedelta(minutes=5)))
    facts.add(Capture(source=Source(artifact="empty.pcap"), artifact="empty.pcap"))
    return facts


def bye(artifact: str, seconds: float | None, tag: str = "a") -> SipMessage:
    time = None if seconds is None else NINE + timedelta(seconds=seconds)
    return SipMessage(
        source=Source(artifact=artifact),
        time=time,
        method="BYE",
        call_id="c1",
        from_tag=tag,
        reason=f"Q.850;cause={seconds}",
    )


@pytest.mark.parametrize(
    ("byes", "end", "end_by"),
    [
        ([bye("b.pcap", 20), bye("b.pcap", 9, "b")], 9, "callee"),
        ([bye("b.pcap", 9), bye("b.pcap", 20, "b")], 9, "caller"),
        ([bye("b.pcap", None), bye("b.pcap", 30)], 30, "caller"),
        ([bye("b.pcap", 86_401)], 86_401, "caller"),
        ([bye("b.pcap", 86_402)], None, None),
        ([bye("b.pcap", 0)], None, None),
        ([bye("a.pcap", 30)], None, None),
    ],
)
def test_the_first_bye_that_another_place_saw_ends_a_call(
    byes: list[SipMessage], end: float | None, end_by: str | None
) -> None:
    """Answered after a second; what lies before the answer, or more than a day behind it, is not its end."""
    facts = two_places()
    call = row("a.pcap", answered=1)
    call.call_id = "c1"
    facts.add(call)
    facts.add(SipMessage(source=Source(artifact="a.pcap"), time=NINE, method="INVITE", call_id="c1", from_tag="a"))
    for message in byes:
        facts.add(message)
    join_places(facts)
    assert call.end == (None if end is None else NINE + timedelta(seconds=end))
    assert (call.end_by, call.duration_s) == (end_by, None if end is None else end - 1)


def test_of_two_views_the_one_stays_that_shows_what_is_wrong() -> None:
    """All else is equal: sound from one side only says more than sound from both; then the name decides."""
    (kept,) = folded(row("a.pcap", media="caller_only"), row("b.pcap", media="both"))
    assert (kept.source.artifact, kept.media) == ("a.pcap", "caller_only")
    (kept,) = folded(row("a.pcap", media="both"), row("b.pcap", media="both"))
    assert kept.source.artifact == "b.pcap"


def test_of_two_views_of_a_stream_the_one_with_more_loss_stays() -> None:
    facts = two_places()
    for name, loss, packets in (("a.pcap", 2.0, 400), ("b.pcap", None, 500)):
        facts.add(
            RtpStream(
                source=Source(artifact=name), src="192.0.2.1:4000", dst="192.0.2.2:4000", ssrc="0x00000007", loss_pct=loss,
                packets=packets, signalled=True,
            )
        )  # fmt: skip
    join_places(facts)
    (stream,) = facts.of(RtpStream)
    assert (stream.source.artifact, stream.loss_pct, stream.sources[ALSO].artifact) == ("a.pcap", 2.0, "b.pcap")
