from __future__ import annotations

from parsers.logs.firewall_check import PARSERS, SAMPLE
from parsers.registry import probe
from parsers.tree.member import Member
from tests.parsers.logs.reading import read

(CHECK,) = PARSERS


def test_parents_and_children_are_one_fault() -> None:
    found = read(CHECK, SAMPLE)
    faults = [record.fields["step"] for record in found.records if record.fields["fault"]]
    assert faults == ["testing port 5060", "testing port 9000"]
    assert [record.fields["passed"] for record in found.records] == [
        True, False, True, True, False, True, False, False, False, True, None,
    ]  # fmt: skip


def test_steps_know_their_server_and_ports() -> None:
    records = read(CHECK, SAMPLE).records
    assert records[4].fields == {
        "step": "testing port 5060", "result": "full cone test failed", "passed": False, "fault": True, "port": 5060, "last_port": None,
        "server": "3CX PhoneSystem 01 SIP Server",
    }  # fmt: skip
    assert records[7].fields["port"] == 9000
    assert records[7].fields["last_port"] == 9002
    assert records[7].fields["server"] == "3CX PhoneSystem Media Server"
    assert records[0].fields["server"] is None
    assert records[4].source.line == 5


def test_unfinished_is_not_passed() -> None:
    found = read(
        CHECK,
        "resolving 'stun.example.com'... done\ntesting 3CX PhoneSystem 01 SIP Server...\ntesting port 5060... done\n",
    )
    assert [record.fields["passed"] for record in found.records] == [True, None, True]
    assert found.records[1].fields["result"] == "unfinished"
    assert found.problems == ["x.log: 1 of 3 steps have no result: the copy is partial, they did not pass"]


def test_failed_alone_is_its_own_fault() -> None:
    (record,) = read(CHECK, "testing 3CX PhoneSystem Media Server... failed\n").records
    assert record.fields["fault"] is True


def test_counts_and_claims() -> None:
    found = read(CHECK, SAMPLE + "some other line\n")
    assert (found.tally.records, found.tally.understood) == (12, 11)
    assert CHECK.claims(probe(Member.of_bytes("x.txt", SAMPLE.encode()))) == 60
    assert CHECK.claims(probe(Member.of_bytes("x.txt", b"testing the waters... and more\nsecond line\nthird\n"))) == 0


def test_errors_of_the_old_checker() -> None:
    text = "Port 5060\nType 0; error = the specified port is in use by another application.\n  Type 2; error = STUN server cannot be contacted.\n"
    found = read(CHECK, text)
    assert [(record.fields, record.source.line) for record in found.records] == [
        ({"error_type": 0}, 2),
        ({"error_type": 2}, 3),
    ]
    assert CHECK.claims(probe(Member.of_bytes("x.txt", text.encode()))) == 60
    assert CHECK.claims(probe(Member.of_bytes("x.txt", b"Type 9; error = x\nMy Type 0; error = x\n"))) == 0


def test_long_blanks_are_read_in_one_go() -> None:
    # a line like this was tried at every blank anew, and took longer than anybody waits
    long = f"testing port 5060...{' ' * 20_000}{'x' * 300}"
    found = read(CHECK, f"{SAMPLE}{long}\ntesting port 5061...    done\n")
    assert [record.fields["step"] for record in found.records][-1:] == ["testing port 5061"]
    assert (found.tally.records, found.tally.understood) == (13, 12)
