from __future__ import annotations

import pytest

from parsers.capture.address import canonical, host_of, is_private, join, split


@pytest.mark.parametrize(
    "host",
    ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.9", "100.64.0.1", "100.127.255.255", "169.254.1.1", "127.0.0.1",
     "fd00::1", "fe80::1", "::1"],
)  # fmt: skip
def test_private(host: str) -> None:
    assert is_private(host) is True


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "[2001:db8::1]",
    ],
)
def test_public_with_the_documentation_ranges(host: str) -> None:
    assert is_private(host) is False


@pytest.mark.parametrize(
    "host", ["sip.example.com", "", "0.0.0.0", "224.0.1.75", "ff02::1", "300.1.1.1", "fe80::1%" + "z" * 30]
)
def test_neither(host: str) -> None:
    assert is_private(host) is None


def test_text_of_addresses() -> None:
    assert [join("10.0.0.1", 5060), join("2001:db8::1", 5060), join("10.0.0.1", None)] == [
        "10.0.0.1:5060", "[2001:db8::1]:5060", "10.0.0.1",
    ]  # fmt: skip
    assert [split(a) for a in ("10.0.0.1:5060", "[2001:db8::1]:5060", "2001:db8::1", "host", "h:x")] == [
        ("10.0.0.1", 5060), ("2001:db8::1", 5060), ("2001:db8::1", None), ("host", None), ("h", None),
    ]  # fmt: skip
    hosts = ["10.0.0.1:5060", "10.0.0.1", "[2001:db8::1]:5060", "::1", None]
    assert [host_of(text) for text in hosts] == ["10.0.0.1", "10.0.0.1", "2001:db8::1", "::1", None]
    assert (canonical("[2001:DB8:0::1]"), canonical("pbx"), canonical("1" * 99)) == ("2001:db8::1", None, None)


def test_a_zone_and_a_mapped_address() -> None:
    written = ("fe80::1%eth0", "[FE80::1%25eth0]", "::ffff:192.0.2.1", "[::ffff:10.0.0.1]", "::ffff:a00:1")
    assert [canonical(host) for host in written] == ["fe80::1", "fe80::1", "192.0.2.1", "10.0.0.1", "10.0.0.1"]
    assert [is_private(host) for host in written] == [True, True, False, True, True]
