"""The real captures against their recorded facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parsers.capture.notes import MediaMap, NoteKind, Walked
from parsers.capture.walk import walk
from parsers.capture.walk_reader import Kernels
from tests.conftest import SHARED
from tests.parsers.capture import kernels

FACTS: list[dict[str, Any]] = (
    json.loads((SHARED / "captures" / "facts.json").read_text(encoding="utf-8")) if SHARED.is_dir() else []
)
MIRRORED = {
    # the same packet twice: same addresses, IP identification and payload within a millisecond (CAP-06)
    "S16-t38": 22,
}
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FACTS, reason="no real data beside the project")]


def _walk(shared: Path, fact: dict[str, Any], form: Kernels) -> Walked:
    return walk((shared / "captures" / fact["file"]).read_bytes(), artifact=fact["file"], kernels=form)


@pytest.fixture(params=["interpreted", "compiled"])
def form(request: pytest.FixtureRequest) -> Kernels:
    return kernels.interpreted() if request.param == "interpreted" else kernels.compiled()


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f["id"])
def test_packets_and_sip(shared: Path, fact: dict[str, Any], form: Kernels) -> None:
    walked = _walk(shared, fact, form)
    facts = fact["facts"]
    assert walked.capture.packets == facts["packets"]
    assert walked.capture.truncated_packets == facts["truncated_packets"]
    assert walked.capture.fragments == facts["ip_fragments"] + facts["ipv6_fragments"]
    sip = [note for note in walked.notes if note.kind is NoteKind.SIP]
    assert len(sip) == facts["sip_frames"] - MIRRORED.get(fact["id"], 0)
    transports: dict[str, int] = {}
    for note in sip:
        transports[note.transport] = transports.get(note.transport, 0) + 1
    if fact["id"] not in MIRRORED:
        assert transports == facts["sip_transport"]


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f["id"])
def test_streams(shared: Path, fact: dict[str, Any], form: Kernels) -> None:
    streams = _walk(shared, fact, form).streams(MediaMap())
    found = {
        (f"{s.src[0]}:{s.src[1]}", f"{s.dst[0]}:{s.dst[1]}", f"0x{s.ssrc:08X}"): {
            "packets": s.packets,
            "pts": {str(k): n for k, n in s.payload_types.items()},
            "lost": s.lost,
            "expected": s.expected,
            "duplicates": s.duplicates,
            "out_of_order": s.out_of_order,
            "restarts": s.restarts,
            "markers": s.markers,
            "dscp": str(s.dscp),
        }
        for s in streams
    }
    expected = {
        (s["src"], s["dst"], s["ssrc"]): {k: v for k, v in s.items() if k not in ("src", "dst", "ssrc")}
        for s in fact["streams_recounted"]
    }
    assert found == expected


JITTER = {
    # file: {ssrc: (largest gap, mean jitter, largest jitter)}, milliseconds, as tshark has them but for:
    # S20: video; tshark leaves packets with the marker bit out of the mean, RFC 3550 A.8 does not
    # S24: the second packet repeats the first; RFC 3550 A.8 takes packets in order of arrival, tshark leaves it out
    # S16: tshark leaves out packets whose time stamp goes back (here by 43 s, a new media clock) and 27 it took for T.38
    "S14-isa-oneway": {0x369CC75D: (50.316, 8.309, 12.240)},
    "S15-isa-oneway-ng": {0x369CC75D: (50.316, 8.309, 12.240)},
    "S18-stun-classic": {0x3AA6D922: (20.045, 2.086, 2.744)},
    "S20-rtp-vlan": {0x00001646: (77.061, 0.844, 1.431)},
    "S23-rtp-lost": {0x0A7328F3: (280.388, 0.136, 0.899)},
    "S24-rtp-dups": {0xAE9DD7AF: (20.104, 0.056, 1.185)},
    "S25-rtp-srtp": {0xE7D56977: (24.829, 0.279, 1.042)},
    "S26-rtp-g723": {0x537DD627: (43.361, 0.312, 2.052)},
    "S16-t38": {0x0EAF0EAF: (34261.832, 1.392, 6.893)},
}


@pytest.mark.parametrize("name", JITTER)
def test_jitter(shared: Path, name: str, form: Kernels) -> None:
    fact = next(f for f in FACTS if f["id"] == name)
    streams = {s.ssrc: s for s in _walk(shared, fact, form).streams(MediaMap())}
    for ssrc, (gap, mean, largest) in JITTER[name].items():
        stream = streams[ssrc]
        assert (stream.delta_max_ms, stream.jitter_mean_ms, stream.jitter_max_ms) == (gap, mean, largest)


def test_new_media_clock_is_said(shared: Path, form: Kernels) -> None:
    fact = next(f for f in FACTS if f["id"] == "S16-t38")
    streams = {s.ssrc: s for s in _walk(shared, fact, form).streams(MediaMap())}
    assert streams[0x17D90134].clock_jumps == 1
    assert streams[0x0EAF0EAF].clock_jumps == 0
    assert streams[0x0EAF0EAF].runs_of_loss == 1
    assert streams[0x0EAF0EAF].longest_loss == 1712


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f["id"])
def test_both_forms_agree(shared: Path, fact: dict[str, Any]) -> None:
    one, two = _walk(shared, fact, kernels.interpreted()), _walk(shared, fact, kernels.compiled())
    assert one.capture == two.capture
    assert list(one.notes) == list(two.notes)
    assert (one.problems, one.understood) == (two.problems, two.understood)
    assert one.streams(MediaMap()) == two.streams(MediaMap())
