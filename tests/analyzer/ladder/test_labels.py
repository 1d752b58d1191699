"""What the arrows of a ladder say."""

from __future__ import annotations

import struct

import pytest
from lxml import etree

from analyzer.ladder import mermaid, svg, text
from analyzer.ladder.labels import clean
from analyzer.ladder.model import Ladder, Party, Step, build
from parsers.facts.capture import Call, SipMessage
from tests.parsers.capture.scenario import PBX, PHONE, TCX, TRUNK, Scenario, sdp

AUDIO, PBX_AUDIO = "192.0.2.21:4000", "192.0.2.1:10000"
FRAG = "Event: refer\nContent-Type: message/sipfrag\n"


def ladder(s: Scenario, call_id: str = "call-1") -> Ladder:
    facts = s.read().facts
    return build(facts, next(call for call in facts.of(Call) if call.call_id == call_id))


def labels(s: Scenario, call_id: str = "call-1") -> list[str]:
    return [step.label for step in ladder(s, call_id).steps]


def answered() -> Scenario:
    s = Scenario()
    s.answered(bye=None)
    return s


@pytest.mark.parametrize(
    ("refer_to", "says"),
    [
        ("<sip:103@192.0.2.1>", "REFER to 103"),
        (
            "<sip:103@192.0.2.1?Replaces=other%40192.0.2.21%3Bto-tag%3D1%3Bfrom-tag%3D2>",
            "REFER to 103 (Replaces other@192.0.2.21)",
        ),
        ("<tel:+44123>", "REFER to +44123"),
        ("<sip:192.0.2.7>", "REFER to 192.0.2.7"),
        ("", "REFER to ?"),
        (f"<sip:{'9' * 60}@192.0.2.1>", f"REFER to {'9' * 23}…"),
    ],
)
def test_whom_a_transfer_names(refer_to: str, says: str) -> None:
    s = answered()
    s.request(5, "REFER", 2, to_tag="b", headers=f"Refer-To: {refer_to}\n")
    assert labels(s)[-1] == says


def test_what_became_of_a_transfer() -> None:
    s = answered()
    for n, line in enumerate(("SIP/2.0 100 Trying", "SIP/2.0 603", "nonsense"), 1):
        s.request(5 + n, "NOTIFY", n, from_tag="b", to_tag="a", headers=FRAG, body=f"{line}\n")
    assert labels(s)[-3:] == ["NOTIFY (SIP/2.0 100 Trying)", "NOTIFY (SIP/2.0 603)", "NOTIFY"]


def test_a_call_that_takes_the_place_of_another() -> None:
    s = Scenario()
    s.request(0, "INVITE", headers="Replaces: other@192.0.2.21;to-tag=1;from-tag=2\n")
    assert labels(s) == ["INVITE 102 (Replaces other@192.0.2.21)"]


def test_hold_and_resume() -> None:
    s = answered()
    for n, way in enumerate(("a=sendonly\n", "a=sendonly\n", ""), 2):
        s.request(n + 1, "INVITE", n, to_tag="b", body=sdp(AUDIO, extra=way, version=n))
    s.request(6, "UPDATE", 6, to_tag="b", body=sdp("0.0.0.0:4000", version=6))
    s.request(6.5, "UPDATE", 6, to_tag="b", body=sdp("0.0.0.0:4000", version=6))
    assert labels(s)[-5:] == [
        "re-INVITE hold [PCMA sendonly]", "re-INVITE [PCMA sendonly]", "re-INVITE resume [PCMA]", "UPDATE hold [PCMA hold]",
        "UPDATE hold [PCMA hold]",
    ]  # fmt: skip


def test_reasons_warnings_and_other_places() -> None:
    s = Scenario(caller=PBX, callee=TRUNK, agents={PBX: TCX})
    s.request(0, "INVITE", body=sdp("10.9.9.9:7000", payloads="8 0 18 9 3 101"))
    s.response(0.1, 183, headers="RSeq: 1\nRequire: 100rel\n")
    s.request(0.2, "PRACK", 2, to_tag="b")
    s.response(1, 302, headers="Contact: <sip:55@192.0.2.77>\n")
    assert labels(s) == [
        "INVITE 102 [PCMA PCMU G729 G722 +1 at 10.9.9.9]", "183 Text (reliable)", "PRACK", "302 Text → 55@192.0.2.77",
    ]  # fmt: skip
    s = answered()
    s.request(9, "BYE", 2, to_tag="b", headers='Reason: Q.850;cause=16;text="Normal call clearing"\n')
    assert labels(s)[-1] == "BYE (Q.850 16 Normal call clearing)"
    s = Scenario()
    s.request(0, "INVITE")
    s.response(1, 488, headers='Warning: 304 example.com "Media type not available"\nRetry-After: 5 (busy)\n')
    assert labels(s)[-1] == '488 Text (Warning 304 "Media type not available") (again after 5 s)'


def test_digits_of_both_kinds_and_errors() -> None:
    s = answered()
    s.rtp(2.2, AUDIO, PBX_AUDIO, 60)
    for n, event in enumerate((9, 36)):
        head = struct.pack(">BBHII", 0x80, 101, 61 + n, 90_000 + 8000 * n, 7)
        s.send(4 + n, AUDIO, PBX_AUDIO, head + struct.pack(">BBH", event, 0x8A, 800))
    s.request(
        7, "INFO", 2, to_tag="b", headers="Content-Type: application/dtmf-relay\n", body="Signal=#\nDuration=160\n"
    )
    s.icmp(8, "192.0.2.1", AUDIO, PBX_AUDIO, bytes(20))
    found = ladder(s)
    assert [(step.label, step.kind, step.source, step.frame) for step in found.steps[-4:]] == [
        ("digit 9", "media", 0, 65), ("tone (36)", "media", 0, 66), ("INFO (digit #)", "request", 0, 67),
        ("ICMP unreachable", "failure", 1, 68),
    ]  # fmt: skip


def test_all_legs_at_any_distance_with_a_letter_each() -> None:
    s = Scenario()
    s.answered(bye=9)
    for number, (call_id, host) in enumerate((("call-2", "192.0.2.33:5060"), ("call-3", "192.0.2.34:5060")), 1):
        other = Scenario(call_id, PBX, host, packets=s.packets)
        other.request(0.2 * number, "INVITE", branch=f"leg{number}")
    found = ladder(s, "call-3")
    assert [step.place for step in found.steps[:4]] == ["a #1", "a #2", "b #3", "c #4"]
    assert [note.partition(",")[0] for note in found.notes[1:]] == [
        "leg a: 101 → 102", "leg b: 101 → 102", "leg c: 101 → 102",
    ]  # fmt: skip
    assert ladder(s).notes == found.notes
    assert "a #1" in svg.render(found)
    assert "c #4" in text.render(found)


def test_a_capture_without_times_says_why_nothing_is_drawn() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    facts = s.read().facts
    (call,) = facts.of(Call)
    for message in facts.of(SipMessage):
        message.time = None
    found = build(facts, call)
    assert (found.steps, found.notes) == ([], ["There is nothing to draw: no message of the call has a time."])
    for drawn in (text.render(found), svg.render(found), mermaid.render(found)):
        assert "There is nothing to draw" in drawn


def made(count: int, parties: int = 2, label: str = "INVITE", name: str = "") -> Ladder:
    steps = [Step(float(n), 0.0, n % parties, (n + 1) % parties, label, "request", n + 1) for n in range(count)]
    return Ladder("t", "s", ["n"], [Party(f"192.0.2.{n}", name) for n in range(parties)], steps)


def test_names_come_again_in_long_ladders() -> None:
    assert text.render(made(500)).count("192.0.2.1") == 9
    assert svg.render(made(500)).count(">192.0.2.1</text>") == 13
    assert text.render(made(10)).count("192.0.2.1") == 1


def test_labels_stand_beside_the_arrows_where_they_find_no_room() -> None:
    drawn = text.render(made(4, parties=7, label="INVITE 102 [PCMA PCMU G729]", name="an agent"))
    lines = drawn.splitlines()
    assert "7: 192.0.2.6  an agent" in lines
    assert all(line.endswith("|  INVITE 102 [PCMA PCMU G729]") for line in lines if ">|" in line)
    assert max(map(len, lines)) < 24 + 7 * 20 + 30
    inside = text.render(made(4, parties=2, label="INVITE 102 [PCMA PCMU G729]"))
    assert "|-- INVITE 102 [PCMA PCMU G729] -" in inside


def test_a_diagram_no_longer_than_mermaid_draws() -> None:
    drawn = mermaid.render(made(2000, label="INVITE [PCMA PCMU G729]" * 3))
    assert len(drawn) <= 50_000
    left_out = int(drawn.rsplit("Note over p0: ", 1)[1].split()[0])
    assert left_out + drawn.count("->>") == 2000


def test_picture_names_itself_and_takes_the_colours_of_the_screen() -> None:
    drawn = svg.render(made(3, name="漢字" * 60))
    root = etree.fromstring(drawn.encode())
    assert root.get("role") == "img"
    assert [child.tag.rpartition("}")[2] for child in root][:2] == ["title", "desc"]
    assert root.findtext("{*}desc") == "s. n. 3 arrows"
    assert "@media(prefers-color-scheme:dark)" in drawn
    # wide letters take the room of two, the whole name is the tooltip
    assert f"<title>192.0.2.0 {'漢字' * 60}</title>" in drawn
    assert f">{'漢字' * 60}</text>" not in drawn


def test_clean_keeps_letters_that_run_the_other_way() -> None:
    assert clean("שלום \u202eevil\u2066") == "שלום �evil�"
    assert clean("a" * 300, 10) == "aaaaaaaaa…"
    s = Scenario(agents={PHONE: "x", PBX: "y"})
    s.request(0, "INVITE", uri="sip:שלום@example.com")
    assert labels(s) == ["INVITE שלום"]
