"""Text files of a support bundle: system information, health, name look-up, virtualisation, unsupported phones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.api import Parser
from parsers.config import health, name_lookup, system_info, unsupported_phones, virt_what
from parsers.config.system_info import size
from parsers.facts.inventory import PhoneSeen
from parsers.facts.system import Health, SystemSeen
from tests.parsers.config.reading import Result, read

PARSERS: tuple[Parser, ...] = (
    *health.PARSERS, *name_lookup.PARSERS, *system_info.PARSERS, *unsupported_phones.PARSERS, *virt_what.PARSERS,
)  # fmt: skip
INFO = """\ufeffSystem Info

[General]
ProcessorCount = 4
TotalDiskSpace = 80 GB
FreeDiskSpace = 41 GB
OSDescription = Debian GNU/Linux 12 (bookworm)

[3CX PhoneSystem Info]
Number of Extensions = 42
VERSION = 20.0.9.995
"""


def bundle(text: str, name: str) -> Result:
    return read(PARSERS, text, f"case-7.zip!/case-7/ExtraLogging/{name}")


def test_system_info_counts_its_keys() -> None:
    found = bundle(INFO, "tcxSystemInfo_260012110050.txt")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("system_info", 90, 6, 6)
    assert found.problems == []
    assert found.seen() == {
        "cpu_count": 4, "disk_bytes": 80 << 30, "disk_free_bytes": 41 << 30, "os": "Debian GNU/Linux 12 (bookworm)",
        "extensions": 42, "version": "20.0.9.995",
    }  # fmt: skip
    version = next(row for row in found.of(SystemSeen) if row.key == "version")
    assert (version.rank, version.source.line, version.source.text) == (80, 11, "VERSION = 20.0.9.995")


def test_system_info_other_keys_and_lscpu() -> None:
    text = (
        INFO.replace("[3CX", "TotalPhysicalMemory = 3.823 GB\nFreePhysicalMemory = 512 MB\n[3CX")
        + "Number of Queues = 2\nNew Thing = 7\nSupport Password = hunter2222\n\nArchitecture:        x86_64\nCPU(s):  4\n"
        "Model name:          AMD EPYC 7543P 32-Core Processor\n"
    )
    found = bundle(text, "renamed.txt")
    assert (found.claim, found.tally.records, found.tally.understood) == (90, 12, 10)
    assert found.seen()["memory_bytes"] == round(3.823 * (1 << 30))
    assert found.seen()["memory_free_bytes"] == 512 << 20
    assert found.settings() == {
        "SystemInfo.Number of Queues": 2, "SystemInfo.New Thing": 7, "SystemInfo.CpuModel": "AMD EPYC 7543P 32-Core Processor",
    }  # fmt: skip
    assert found.secrets == {"hunter2222"}
    assert found.problems == []  # other keys than the known ones are normal: they show in the counts


def test_system_info_masked_values_are_unknown() -> None:
    found = bundle(INFO.replace("20.0.9.995", "XXXX").replace("42", "XX"), "tcxSystemInfo_1.txt")
    assert "version" not in found.seen()
    assert "extensions" not in found.seen()
    assert (found.tally.records, found.tally.understood) == (6, 4)
    assert found.problems == ["the value cannot be read: Number of Extensions, VERSION"]


def test_system_info_in_capitals_and_with_impossible_counts() -> None:
    found = bundle(INFO.upper(), "x.txt")
    assert (found.kind, found.seen()["version"], found.seen()["extensions"]) == ("system_info", "20.0.9.995", 42)
    found = bundle(INFO.replace("= 42", "= -42"), "x.txt")
    assert "extensions" not in found.seen()
    assert found.problems == ["the value cannot be read: Number of Extensions"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("47 GB", 47 << 30),
        ("3,5 GB", 7 << 29),
        ("1 TB", 1 << 40),
        ("900 B", 900),
        ("12", 12),
        ("x GB", None),
        ("", None),
    ],
)
def test_sizes(text: str, expected: int | None) -> None:
    assert size(text) == expected


def test_health() -> None:
    found = bundle(
        "\ufeffFirewall check: OK\nSIP trunks: FAILED\nDNS check: passed\nClock: drifting a little\n\nnonsense\n",
        "Health_1.txt",
    )
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("health", 30, 5, 4)
    assert [(row.name, row.verdict, row.passed, row.source.line) for row in found.of(Health)] == [
        ("Firewall check", "OK", True, 1), ("SIP trunks", "FAILED", False, 2), ("DNS check", "passed", True, 3),
        ("Clock", "drifting a little", None, 4),
    ]  # fmt: skip
    found = bundle("SIP trunks: FAILED (2 of 3)\nLogins: failed 3 times\nDNS: OK, slowly\n", "Health_1.txt")
    assert [row.passed for row in found.of(Health)] == [False, None, None]
    assert bundle("Firewall check: OK\n", "Health_264813172000.txt").claim == 60
    assert bundle("Firewall check: OK\n", "healthy.txt").kind is None
    renamed = bundle("\ufeffFirewall check: OK\r\nSIP trunks: FAILED (2 of 3)\r\n", "healthy.txt")
    assert (renamed.kind, renamed.claim, renamed.tally.understood) == ("health", 50, 2)
    assert bundle("Firewall check: OK\nWe called them: they were busy\n", "notes.txt").kind is None


LINUX = """\ufeffServer:\t\t10.44.8.1
Address:\t10.44.8.1#53

Non-authoritative answer:
Name:\tpbx.example.com
Address: 203.0.113.77
Name:\tpbx.example.com
Address: 2001:db8::77
"""
WINDOWS = """Server:  dns.example.net
Address:  10.0.0.1

Non-authoritative answer:
Name:    pbx.example.com
Addresses:  2001:db8::77
          203.0.113.77
Aliases:  www.example.com
"""


@pytest.mark.parametrize(
    ("text", "addresses"), [(LINUX, ["203.0.113.77", "2001:db8::77"]), (WINDOWS, ["2001:db8::77", "203.0.113.77"])]
)
def test_name_lookup(text: str, addresses: list[str]) -> None:
    found = bundle(text, "tcxNslookup_264813172000.txt")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("nslookup", 60, 1, 1)
    row = found.one(SystemSeen)
    assert (row.key, row.value, row.rank, row.source.line) == ("fqdn", "pbx.example.com", 80, 5)
    assert [value for name, value in pairs(found) if name == "Address"] == addresses


def pairs(found: Result) -> list[tuple[str, object]]:
    from parsers.facts.system import Setting

    return [(row.name, row.value) for row in found.of(Setting)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("** server can't find pbx.example.com: NXDOMAIN", "can't find pbx.example.com: NXDOMAIN"),
        (
            "*** dns.example.com can't find pbx.example.com: Non-existent domain",
            "can't find pbx.example.com: Non-existent domain",
        ),
        (";; connection timed out; no servers could be reached", "connection timed out; no servers could be reached"),
    ],
)
def test_name_lookup_that_failed(line: str, said: str) -> None:
    found = bundle(f"Server:\t\t10.44.8.1\nAddress:\t10.44.8.1#53\n\n{line}\n", "tcxNslookup_1.txt")
    assert (found.tally.records, found.tally.understood, found.seen()) == (1, 1, {})
    assert ("Error", said) in pairs(found)


def test_virt_what() -> None:
    found = bundle("\ufeffkvm\nkvm-ibm_cloud\n", "tcxVirtWhat_264813172000.txt")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("virt_what", 60, 2, 2)
    assert pairs(found) == [("Hypervisor", "kvm"), ("Hypervisor", "kvm-ibm_cloud")]
    found = bundle("\n", "tcxVirtWhat_1.txt")
    assert found.problems == ["virt-what names nothing, as it does on a physical machine"]
    found = bundle("virt-what: this script must be run as root\n", "tcxVirtWhat_1.txt")
    assert (found.claim, found.tally.records, found.tally.understood) == (30, 1, 0)


LIST = """\ufeffUnsupported phones:
[
 {"Extension": "105", "Model": "Yealink T20P", "Firmware": "9.73.0.50", "Mac": "80-5E-0C-11-22-33", "IP": "10.0.0.5"},
 {"Extension": 106, "Model": null, "Firmware": "", "Mac": "", "IP": "", "Password": "hunter2222"},
 {}, 5,
 {"Model": "cut off
"""


def test_unsupported_phones() -> None:
    found = bundle(LIST, "unsupportedPhones_1.txt")
    assert (found.kind, found.claim, found.tally.records, found.tally.understood) == ("unsupported_phones", 90, 4, 2)
    first, second = found.of(PhoneSeen)
    assert (first.origin, first.listed_unsupported, first.extension, first.model, first.firmware, first.mac, first.ip) == (
        "unsupported", True, "105", "Yealink T20P", "9.73.0.50", "805e0c112233", "10.0.0.5",
    )  # fmt: skip
    assert (first.source.path, first.source.line) == ("[0]", 3)
    assert (second.extension, second.model, second.source.line) == ("106", None, 4)
    assert "hunter2222" not in repr(found.rows)
    assert found.problems == ["line 6: the list is damaged or cut off from here"]


def test_unsupported_phones_by_content() -> None:
    lower = LIST.replace('"Extension"', '"extension"').replace('"Model"', '"model"').replace('"Mac"', '"mac"')
    for text in (LIST.replace("\n", "\r\n"), lower):
        found = bundle(text, "list of phones.txt")
        assert (found.kind, found.claim, found.tally.understood) == ("unsupported_phones", 60, 2)


def test_unsupported_phones_none() -> None:
    assert bundle("Unsupported phones:\n[]\n", "unsupportedPhones_1.txt").problems == [
        "the list is empty: 3CX lists no phone as unsupported"
    ]
    assert bundle("Unsupported phones:\n", "unsupportedPhones_1.txt").problems == ["no list of phones in it"]


@given(
    st.sampled_from(
        ["tcxSystemInfo_1.txt", "Health_1.txt", "tcxNslookup.txt", "tcxVirtWhat.txt", "unsupportedPhones.txt"]
    ),
    st.one_of(st.binary(max_size=200), st.text('[]{}":,= \nAddressNameServer:0.1', max_size=200).map(str.encode)),
)
def test_nothing_raises(name: str, data: bytes) -> None:
    found = read(PARSERS, data, name)
    assert 0 <= found.tally.understood <= found.tally.records


def test_deep_json_is_no_trouble() -> None:
    found = bundle("x\n[" + "[" * 100_000, "unsupportedPhones_1.txt")
    assert found.problems == ["line 2: the list is damaged or cut off from here"]


@pytest.mark.parametrize("gap", [" ", "\t"])
def test_long_blanks_are_read_in_one_go(gap: str) -> None:
    blanks = gap * 200_000
    result = read(
        system_info.PARSERS,
        f"[3CX PhoneSystem Info]\nVERSION = 20.0.9.995{blanks}\nOther = 1{blanks}2\n{'x' * 80}{blanks}\n" * 40,
    )
    assert [row.value for row in result.of(SystemSeen)][:1] == ["20.0.9.995"]
    assert "the value cannot be read: Other" in result.problems[0]
    checks = read(
        health.PARSERS, f"Firewall check: OK{blanks}\nSIP trunks: FAILED{blanks}x\nLicence: OK\n", "Health_1.txt"
    )
    assert [(row.name, row.passed) for row in checks.of(Health)] == [("Firewall check", True), ("Licence", True)]
