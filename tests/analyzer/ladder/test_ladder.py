from __future__ import annotations

from pathlib import Path

from lxml import etree

from analyzer.ladder import mermaid, svg, text
from analyzer.ladder.labels import clean
from analyzer.ladder.model import Ladder, build
from analyzer.ladder.read import find_call
from parsers.facts.capture import Call
from tests.parsers.capture import pieces
from tests.parsers.capture.scenario import PBX, PHONE, Scenario, sdp

EVIL = '"><script>alert(1)</script>;\n#{}'


def ladder(s: Scenario) -> Ladder:
    facts = s.read().facts
    return build(facts, facts.of(Call)[0])


def busy_call() -> Scenario:
    s = Scenario()
    s.answered(offer_extra="a=sendonly\n", answer_extra="a=recvonly\n")
    s.request(0.5, "INVITE", body=sdp("192.0.2.21:4000", extra="a=sendonly\n"))
    s.rtp(2.2, "192.0.2.21:4000", "192.0.2.1:10000", 60)
    return s


def test_steps() -> None:
    found = ladder(busy_call())
    assert [(p.host, p.name) for p in found.parties] == [
        ("192.0.2.21", "phone Yealink SIP-T46S 66.85.0.5"), ("192.0.2.1", "PBX 3CXPhoneSystem 20.0.8.1109 (1109)"),
    ]  # fmt: skip
    assert [(s.label, s.kind, s.repeat, round(s.at_s, 3), s.source, s.target) for s in found.steps] == [
        ("INVITE 102 [PCMA sendonly]", "request", False, 0.0, 0, 1),
        ("180 Text", "provisional", False, 0.1, 1, 0),
        ("INVITE 102 [PCMA sendonly]", "request", True, 0.5, 0, 1),
        ("200 Text [PCMA recvonly]", "success", False, 2.0, 1, 0),
        ("ACK", "request", False, 2.1, 0, 1),
        ("RTP PCMA, 60 packets until 3.380, jitter 0.0 ms", "media", False, 2.2, 0, 1),
        ("BYE", "request", False, 10.0, 0, 1),
        ("200 Text (BYE)", "success", False, 10.01, 1, 0),
    ]
    assert [s.waited for s in found.steps] == [False, False, False, True, False, False, True, False]
    assert found.summary == (
        "answered, 200, 8.0 s, ended by the caller, audio of the caller only, 8.0 s on hold, 1 retransmission"
    )
    assert found.notes == ["0.000 is 2026-11-12 16:13:20.000 UTC"]


def test_linked_legs_are_drawn_together() -> None:
    s = Scenario()
    s.request(0, "INVITE")
    other = Scenario("call-2", PBX, "192.0.2.33:5060", packets=s.packets)
    other.request(0.1, "INVITE", branch="leg2")
    found = ladder(s)
    assert [p.host for p in found.parties] == ["192.0.2.21", "192.0.2.1", "192.0.2.33"]
    assert [(s.source, s.target) for s in found.steps] == [(0, 1), (1, 2)]


def test_call_that_goes_on_in_another_file(tmp_path: Path) -> None:
    """The capture of another time with the same names is none of its files."""
    data = busy_call().pcap()
    elsewhere = Scenario("call-9")
    elsewhere.request(500, "INVITE")
    files = pieces.numbered(pieces.cut(data, 4, 30)) | {"dump_00009.pcap": elsewhere.pcap()}
    facts, _ = pieces.read(tmp_path, files)
    call = find_call(facts, "call-1")
    assert call is not None
    found = build(facts, call)
    assert [(step.label.split()[0], step.place) for step in found.steps] == [
        ("INVITE", "#1:1"), ("180", "#1:2"), ("INVITE", "#1:3"), ("200", "#1:4"), ("ACK", "#2:1"), ("RTP", "#2:2"),
        ("BYE", "#3:36"), ("200", "#3:37"),
    ]  # fmt: skip
    assert found.notes[1:] == ["file 1: dump_00001.pcap", "file 2: dump_00002.pcap", "file 3: dump_00003.pcap"]
    assert "     0.000  #1:1" in text.render(found)
    assert "#3:37" in svg.render(found)


def test_find_call() -> None:
    s = Scenario("abc-1")
    s.request(0, "INVITE")
    Scenario("abc-2", packets=s.packets).request(1, "INVITE", branch="x")
    facts = s.read().facts
    assert [find_call(facts, w) is not None for w in ("abc-1", "abc", "abc-2", "b")] == [True, False, True, False]


def test_text() -> None:
    drawn = text.render(ladder(busy_call()))
    assert "  #1 " in drawn
    lines = drawn.splitlines()
    assert any("- INVITE 102 [PCMA sendonly] -" in line and line.rstrip().endswith(">|") for line in lines)
    assert any("~ INVITE 102 [PCMA sendonly] (again) ~" in line for line in lines)
    assert any("|<-" in line and "180 Text" in line for line in lines)
    assert any("= RTP PCMA, 60 packets" in line for line in lines)
    assert any("… 7.8 s" in line for line in lines)


def test_svg_is_well_formed_and_self_contained() -> None:
    drawn = svg.render(ladder(busy_call()))
    root = etree.fromstring(drawn.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "INVITE 102 [PCMA sendonly] (again)" in "".join(map(str, root.itertext()))
    assert drawn.count("http") == 1
    assert "<script" not in drawn


def test_mermaid() -> None:
    drawn = mermaid.render(ladder(busy_call()))
    assert drawn.startswith("sequenceDiagram\n")
    assert "  p0->>p1: 0.000 #35;1 INVITE 102 #91;PCMA sendonly#93;\n" in drawn
    assert "  p0--xp1: 0.500 #35;3 INVITE 102 #91;PCMA sendonly#93; #40;again#41;\n" in drawn
    assert "  p0-)p1: 2.200 #35;6 RTP PCMA, 60 packets" in drawn


def test_hostile_text_stays_text() -> None:
    s = Scenario(call_id="x<script>y", agents={PHONE: "Evil <b>&\"' %%{init} agent", PBX: "x"})
    s.request(0, "INVITE")
    s.response(1, 603, phrase='<img src=x onerror="a">\x1b[31m')
    found = ladder(s)
    picture = svg.render(found)
    root = etree.fromstring(picture.encode(), etree.XMLParser(resolve_entities=False))
    assert {child.tag.rpartition("}")[2] for child in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "text",
        "line",
        "g",
        "polygon",
    }
    diagram = mermaid.render(found)
    assert "<img" not in diagram
    assert "<b>" not in diagram
    for drawn in (picture, diagram, text.render(found)):
        assert "\x1b" not in drawn


def test_clean() -> None:
    assert clean("a\n b\tc\u202e\x00") == "a b c��"
    assert len(clean(EVIL * 100)) == 120


def test_too_many_parties_are_counted_not_drawn() -> None:
    s = Scenario()
    for n in range(30):
        s.request(n, "INVITE", n + 1, src=f"192.0.2.{100 + n}:5060")
    found = ladder(s)
    assert (len(found.parties), found.left_out) == (12, 19)
    assert "19 more not drawn" in text.render(found)
    assert "19 more not drawn" in svg.render(found)


def test_ladder_without_steps() -> None:
    empty = Ladder("t", "s")
    assert text.render(empty).startswith("t\ns\n")
    assert svg.render(empty).endswith("</svg>\n")
    assert mermaid.render(empty).startswith("sequenceDiagram")


def test_services_of_one_machine_are_parties_of_their_own() -> None:
    s = Scenario(caller="127.0.0.1:5060", callee="127.0.0.1:5483")
    s.answered(offer="127.0.0.1:7000", answer="127.0.0.1:8000")
    s.rtp(2.2, "127.0.0.1:8000", "127.0.0.1:7000", 60)
    found = ladder(s)
    assert [p.host for p in found.parties] == ["127.0.0.1:5060", "127.0.0.1:5483"]
    assert [(step.source, step.target) for step in found.steps if step.kind == "media"] == [(1, 0)]
    assert "itself" not in text.render(found)


def test_long_title_fits_the_picture() -> None:
    s = Scenario(call_id="c" * 110)
    s.answered()
    drawn = etree.fromstring(svg.render(ladder(s)).encode())
    shown = [t.text or "" for t in drawn.iter("{*}text")]
    assert len(shown[0]) * 9 <= int(drawn.get("width", "0"))
    assert (drawn.findtext("{*}title") or "").endswith("c" * 20)
