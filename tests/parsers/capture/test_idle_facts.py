"""How long a phone had been silent before the PBX called it."""

from __future__ import annotations

import pytest

from analyzer.detect.run import run
from analyzer.pack import load_pack
from parsers.facts.capture import Call
from tests.parsers.capture.scenario import PBX, TCX, YEALINK, Scenario

REMOTE = "203.0.113.7:40112"
REPEATS = (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5)


def calls(*tries: tuple[float, float, bool], keepalive: bool = False) -> Scenario:
    """Each try: when the phone registers, how long it is silent then, and whether the call is answered."""
    agents = {PBX: TCX, REMOTE: YEALINK}
    s = Scenario("r", REMOTE, PBX, agents=agents)
    for n, (at, silence, answered) in enumerate(tries):
        s.request(at, "REGISTER", n + 1)
        s.response(at + 0.1, 200, "REGISTER", n + 1)
        if keepalive:
            s.send(at + silence - 1, REMOTE, PBX, b"\r\n\r\n")
        call = Scenario(f"c{n}", PBX, REMOTE, from_user="100", to_user="101", agents=agents, packets=s.packets)
        for repeat in (0,) if answered else REPEATS:
            call.request(at + silence + repeat, "INVITE")
        if answered:
            call.response(at + silence + 0.1, 486)
    s.send(5000, PBX, "192.0.2.99:9", b"end")
    return s


PATTERN = ((0, 20, True), (200, 60, False), (400, 25, True), (600, 90, False))


def test_silence_before_each_call() -> None:
    rows = {row.call_id: row.derived for row in calls(*PATTERN).read().facts.of(Call)}
    assert [rows[f"c{n}"]["idle_before_s"] for n in range(4)] == [20, 60, 25, 90]
    assert [(rows[f"c{n}"]["idle_works_s"], rows[f"c{n}"]["idle_fails_s"]) for n in (1, 3)] == [(25, 60), (25, 60)]
    assert rows["c0"]["idle_fails_s"] is None


@pytest.mark.parametrize(
    ("tries", "keepalive", "wanted"),
    [
        (PATTERN, False, True),
        (PATTERN, True, False),
        (PATTERN[:3], False, False),
        (PATTERN[1::2], False, False),
        ((*PATTERN, (800, 95, True)), False, False),
    ],
)
def test_a_nat_that_forgets(tries: tuple[tuple[float, float, bool], ...], *, keepalive: bool, wanted: bool) -> None:
    findings = run(load_pack(), calls(*tries, keepalive=keepalive).read().facts).findings
    found = {f.code: f for f in findings}
    assert ("NAT-12" in found) is wanted
    if wanted:
        assert (found["NAT-12"].role, found["NAT-12"].severity, found["NAT-12"].count) == ("root", "high", 2)
        assert (found["CALL-08"].role, found["CALL-08"].caused_by) == ("contributing", "NAT-12")
