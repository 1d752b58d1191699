"""Captures made in bulk, with a known truth, through the whole reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.facts import Facts
from parsers.facts.capture import Call, Capture, Registration, RtpStream, StunExchange
from parsers.read import read_inputs
from parsers.tree.budget import Budget
from tests.benchmarks.captures import Truth, write_media, write_signalling


def read(path: Path) -> Facts:
    facts = Facts()
    (artifact,) = read_inputs([path], Budget(), facts)
    assert (artifact.kind, artifact.status) == ("capture", "ok")
    return facts


def assert_messages(capture: Capture, truth: Truth) -> None:
    assert capture.packets == truth.packets
    assert capture.sip_requests == dict(sorted(truth.requests.items()))
    assert capture.sip_responses == dict(sorted(truth.responses.items()))


def test_calls_with_media(tmp_path: Path) -> None:
    truth = write_media(tmp_path / "x.pcap", waves=3, calls=44, seconds=6)
    facts = read(tmp_path / "x.pcap")
    assert_messages(facts.of(Capture)[0], truth)
    calls, streams = facts.of(Call), facts.of(RtpStream)
    assert len(calls) == truth.calls == 132
    assert sum(call.outcome in {"busy", "rejected"} for call in calls) == truth.failed == 12
    assert sum(call.media == "caller_only" for call in calls) == truth.one_way == 1
    assert len(streams) == truth.streams
    assert sum(stream.packets for stream in streams) == truth.rtp
    assert sum(stream.lost or 0 for stream in streams) == truth.lost > 0
    mean = sum(stream.jitter_mean_ms or 0 for stream in streams) / len(streams)
    assert mean == pytest.approx(truth.jitter_ms, abs=0.001)
    exchanges = facts.of(StunExchange)
    assert sum(row.requests for row in exchanges) == truth.stun_requests
    assert sum(row.answered for row in exchanges) == truth.stun_answered < truth.stun_requests


def test_signalling_alone(tmp_path: Path) -> None:
    truth = write_signalling(tmp_path / "x.pcap", calls=200, registrations=1100, pings=100)
    facts = read(tmp_path / "x.pcap")
    assert_messages(facts.of(Capture)[0], truth)
    assert len(facts.of(Call)) == truth.calls
    registrations = facts.of(Registration)
    assert len(registrations) == 500
    assert sum(row.attempts for row in registrations) == 1100
    assert {row.status for row in registrations} == {"registered"}


def test_same_arguments_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_media(tmp_path / name, waves=1, calls=12, seconds=3)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
