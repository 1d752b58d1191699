"""What a router rewrites, seen in one capture before and in another one behind it."""

from __future__ import annotations

from pathlib import Path

from analyzer.join.rewrites import join_rewrites
from parsers.facts.base import ALSO
from parsers.facts.capture import SipMessage
from tests.parsers.capture import pieces
from tests.parsers.capture.scenario import TCX, TRUNK, Scenario, sdp

INSIDE, ROUTER = "192.168.1.10:5060", "203.0.113.5:5060"


def at(place: str, *, written: str = INSIDE, answered: str = INSIDE, later: float = 0) -> bytes:
    """A call to the trunk as it was captured on one side of the router: the address that the INVITE, the answer's Via names."""
    host = written.rpartition(":")[0]
    s = Scenario("c1@example.com", place, TRUNK, agents={place: TCX})
    s.request(later, "INVITE", body=sdp(f"{host}:9000"))
    s.response(later + 0.5, 200, body=sdp("198.51.100.10:20000"))
    named = [(s.packets[0], place, written), (s.packets[1], place, answered)]
    s.packets = [
        (when, src, dst, data.replace(old.encode(), new.encode())) for (when, src, dst, data), old, new in named
    ]
    return s.pcap()


def marked(folder: Path, files: dict[str, bytes]) -> list[tuple[str, object, object, str]]:
    facts, _ = pieces.read(folder, files)
    join_rewrites(facts)
    return [
        (Path(m.artifact or "").name, m.derived.get("changed_on_way"), m.derived.get("via_changed"), Path(m.sources[ALSO].artifact or "").name)
        for m in facts.of(SipMessage)
        if "changed_on_way" in m.derived or "via_changed" in m.derived
    ]  # fmt: skip


def test_rewritten_between_two_captures(tmp_path: Path) -> None:
    files = {"inside.pcap": at(INSIDE), "outside.pcap": at(ROUTER, written=ROUTER, answered=ROUTER, later=0.001)}
    assert marked(tmp_path, files) == [("outside.pcap", ["Via", "Contact", "media address"], None, "inside.pcap")]


def test_clocks_of_the_two_captures_may_differ(tmp_path: Path) -> None:
    files = {"inside.pcap": at(INSIDE, later=90), "outside.pcap": at(ROUTER, written=ROUTER, answered=ROUTER)}
    assert [name for name, changes, _, _ in marked(tmp_path, files) if changes] == ["inside.pcap"]


def test_only_the_outer_address_changes_behind_a_nat(tmp_path: Path) -> None:
    assert marked(tmp_path, {"inside.pcap": at(INSIDE), "outside.pcap": at(ROUTER, later=0.001)}) == []


def test_one_capture_twice_or_of_another_day(tmp_path: Path) -> None:
    assert marked(tmp_path / "one", {"a.pcap": at(INSIDE), "b.pcap": at(INSIDE)}) == []
    again = at(ROUTER, written=ROUTER, answered=ROUTER, later=100_000)
    assert marked(tmp_path / "two", {"a.pcap": at(INSIDE), "b.pcap": again}) == []
