"""The IP blacklist page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.facts.block import Block
from parsers.tables.blacklist import PARSERS
from tests.parsers.config.reading import read

HEADER = "IP Address,Subnet Mask,Action,Expiration Date,IP Address Range,Description"
ROWS = (
    "198.51.100.23,255.255.255.255,Deny,11/13/2026 9:41 AM,198.51.100.23,Automatic. User-Agent: friendly-scanner",
    "203.0.113.0,255.255.255.0,Allow,1/1/2030 12:00 PM,203.0.113.0-203.0.113.255,Created by PBX Express",
    "192.0.2.9,255.255.255.255,Block,,192.0.2.9,",
    "192.0.2.10,255.255.255.255,Other,,192.0.2.10,",
)


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_entries(delimiter: str) -> None:
    found = read(PARSERS, "\n".join((HEADER, *ROWS)).replace(",", delimiter), "pasted.txt")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("blacklist", 90, 4, 3)
    scanner, allowed, blocked, other = found.of(Block)
    assert (scanner.address, scanner.mask, scanner.action, scanner.automatic) == (
        "198.51.100.23",
        "255.255.255.255",
        "deny",
        True,
    )
    assert scanner.expires == datetime(2026, 11, 13, 9, 41, tzinfo=UTC)
    assert scanner.user_agent == "friendly-scanner"
    assert (allowed.action, allowed.range, allowed.description, allowed.automatic) == (
        "allow", "203.0.113.0-203.0.113.255", "Created by PBX Express", False,
    )  # fmt: skip
    assert (blocked.action, blocked.expires, other.action) == ("deny", None, None)


def test_other_tables_are_not_claimed() -> None:
    assert read(PARSERS, "IP Address,Name\n", "blacklist.csv").kind is None


@given(st.binary(max_size=200))
def test_nothing_raises(data: bytes) -> None:
    read(PARSERS, HEADER.encode() + b"\n" + data, "x.csv")
