"""Every sample of every format against every parser: exactly one takes it.

A sample is the ``samples`` of a log format, or a module's ``SAMPLE`` (text or bytes) with an optional ``SAMPLE_NAME``;
besides, every file of the sample cases is tried. Where two parsers claim a file equally, `parsers.registry.recognise`
gives it to the kind that comes first in the alphabet; under a name that says nothing the samples never come to that.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.api import Probe
from parsers.logs.parser import LAST_RESORT, LogParser
from parsers.registry import PACKAGES, all_parsers, probe, recognise
from parsers.tree.budget import Budget
from parsers.tree.member import Member
from parsers.tree.walk import walk
from tests.conftest import ROOT

PLAIN = "some-file"
"""A name that says nothing."""


def samples() -> Iterator[tuple[str, str, bytes]]:
    """(kind, name, content) of all samples."""
    for parser in all_parsers():
        if isinstance(parser, LogParser):
            for sample in parser.form.samples:
                yield parser.kind, sample.name or PLAIN, "\n".join(sample.lines).encode() + b"\n"
    for package in PACKAGES:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            found = importlib.import_module(module.name)
            given: str | bytes | None = getattr(found, "SAMPLE", None)
            if given is not None and len(getattr(found, "PARSERS", ())) == 1:
                data = given.encode() if isinstance(given, str) else given
                yield found.PARSERS[0].kind, getattr(found, "SAMPLE_NAME", PLAIN), data


SAMPLES = list(samples())


def claims(member: Member) -> dict[str, int]:
    probed = probe(member)
    return {parser.kind: claim for parser in all_parsers() if (claim := parser.claims(probed))}


def winners(found: dict[str, int]) -> list[str]:
    return sorted(kind for kind, claim in found.items() if claim == max(found.values()))


@pytest.mark.parametrize(
    ("kind", "name", "data"), SAMPLES, ids=[f"{n}-{kind}" for n, (kind, _, _) in enumerate(SAMPLES)]
)
def test_exactly_one_parser_takes_a_sample(kind: str, name: str, data: bytes) -> None:
    member = Member.of_bytes(name, data)
    assert winners(claims(member)) == [kind]
    parser = recognise(probe(member))
    assert parser is not None
    assert parser.kind == kind


@pytest.mark.parametrize(
    ("kind", "name", "data"), SAMPLES, ids=[f"{n}-{kind}" for n, (kind, _, _) in enumerate(SAMPLES)]
)
def test_content_decides_against_a_wrong_name(kind: str, name: str, data: bytes) -> None:
    if name != PLAIN or kind == "unknown_log":
        return
    for wrong in ("3CXMediaServer.log", "notes.txt", "3cxsbc.conf", "Users.json", "eventlog.csv", "syslog.1"):
        parser = recognise(probe(Member.of_bytes(wrong, data)))
        assert parser is not None, wrong
        assert parser.kind == kind, wrong


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in SAMPLES}))
def test_claims_keep_to_the_scale(kind: str) -> None:
    parser = next(parser for parser in all_parsers() if parser.kind == kind)
    for _, name, data in SAMPLES:
        assert parser.claims(probe(Member.of_bytes(name, data))) in {0, LAST_RESORT, 30, 60, 90}


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 5000, b"\xff" * 5000, b"\n" * 5000, b"a" * 70_000, bytes(range(256)) * 20]
)
def test_no_parser_fails_on_anything(data: bytes) -> None:
    for name in ("", "x", "x.log", "x.csv", "x.json", "x.xml", "x.pcap", "x.conf", "x.blrec"):
        claims(Member.of_bytes(name, data))


def test_kinds_are_unique() -> None:
    kinds = [parser.kind for parser in all_parsers()]
    assert sorted(set(kinds)) == kinds


CASES = sorted(path for path in (ROOT / "sample_bundles").glob("*/input/*"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_files_of_the_sample_cases_have_one_taker(path: Path) -> None:
    for member in walk([path], Budget()):
        if isinstance(member, Member):
            found = claims(member)
            assert len(winners(found) if found else ["none"]) == 1, (member.path, found)


@pytest.mark.parametrize(
    "start", [bytes.fromhex(text) for text in ("a1b2c3d4", "4d3cb2a1", "0a0d0d0a1c0000001a2b3c4d")]
)
def test_nobody_else_claims_a_capture(start: bytes) -> None:
    """Whoever comes first is not compared with the others (`parsers.registry.SURE`)."""
    for _, name, data in SAMPLES:
        for content in (start + data, start + bytes(20) + data):
            member = Member.of_bytes(name, content.ljust(64, b"\0"))
            parser = recognise(probe(member))
            assert parser is not None
            assert parser.kind == winners(claims(member))[0] == "capture"


def test_every_parser_is_found() -> None:
    """A module that is not imported to find the parsers has none, or names those of others (`parsers.capture.entry`)."""
    found = set(map(id, all_parsers()))
    for package in PACKAGES:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            own = getattr(importlib.import_module(module.name), "PARSERS", ())
            assert [parser.kind for parser in own if id(parser) not in found] == [], module.name


def test_modules_that_have_no_parsers_are_there() -> None:
    for package in PACKAGES:
        folder = importlib.import_module(package)
        modules = {module.name for module in pkgutil.iter_modules(folder.__path__)}
        assert set(getattr(folder, "NO_PARSERS", ())) <= modules


@pytest.mark.parametrize(
    "parser", [parser for parser in all_parsers() if isinstance(parser, LogParser)], ids=lambda p: p.kind
)
def test_logs_are_known_by_their_names(parser: LogParser) -> None:
    for pattern in parser.form.names:
        fits = pattern.replace("*", ".1.").replace("?", "x")
        assert parser.claims(Probe(path=fits, name=fits.upper(), head=b"", text="")) in {30, LAST_RESORT}
    assert parser.claims(Probe(path="x", name="zz-no-log", head=b"", text="")) == 0
