from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parsers.capture.dns_facts import derive
from parsers.capture.handshakes import Opening
from parsers.facts.base import Source
from parsers.facts.capture import Capture, DnsQuery, SipMessage

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
HOST = "192.0.2.10:40000"


def query(name: str, qtype: str = "A", rcode: str | None = "NOERROR", *answers: str, **derived: Any) -> DnsQuery:
    return DnsQuery(
        source=Source(), time=NOON, client=HOST, server="192.0.2.53:53", name=name, qtype=qtype, rcode=rcode,
        answers=list(answers), derived=derived,
    )  # fmt: skip


def judged(
    *rows: DnsQuery, messages: tuple[SipMessage, ...] = (), one_sided: bool = False, seconds: float = 60,
    openings: tuple[Opening, ...] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    capture = Capture(source=Source(), artifact="a.pcap", last=NOON + timedelta(seconds=seconds), one_sided=one_sided)
    derive(rows, messages, capture, openings)
    return [row.derived for row in rows]


def register(
    host: str, to: str = "192.0.2.10:5060", *, times: int = 1, answered: bool = False
) -> tuple[SipMessage, ...]:
    request = SipMessage(
        source=Source(), method="REGISTER", src=HOST, dst=f"{host}:5060", branch="z9hG4bK1", cseq=1, to_host=to
    )
    reply = SipMessage(source=Source(), status=401, src=f"{host}:5060", dst=HOST, branch="z9hG4bK1", cseq=1)
    return (request,) * times + ((reply,) if answered else ())


@pytest.mark.parametrize(
    ("rcode", "seconds", "one_sided", "failed"),
    [
        ("NXDOMAIN", 60, False, "NXDOMAIN"), ("SERVFAIL", 60, False, "SERVFAIL"), ("NOERROR", 60, False, "no address"),
        (None, 60, False, "no answer"), (None, 2, False, None), (None, 60, True, None),
    ],
)  # fmt: skip
def test_what_is_a_failure(rcode: str | None, seconds: float, failed: str | None, *, one_sided: bool) -> None:
    (found,) = judged(query("sip.example.com", "A", rcode), one_sided=one_sided, seconds=seconds)
    assert found["failed"] == failed


def test_a_name_without_an_address() -> None:
    (alias,) = judged(query("a.example.com", "A", "NOERROR", "b.example.com"))
    assert alias["failed"] == "no address"
    for unread in judged(query("a.example.com", truncated=True), query("b.example.com", damaged=True)):
        assert (unread["failed"], unread["empty"]) == (None, False)
    six, four = judged(query("a.example.com", "AAAA"), query("a.example.com", "A", "NOERROR", "198.51.100.9"))
    assert (six["failed"], four["failed"]) == (None, None)


def test_what_leads_elsewhere_needs_no_address() -> None:
    host, service, pointer = judged(
        query("sip.example.com"),
        query("_sip._udp.sip.example.com", "SRV", "NOERROR", "a.example.com:5060"),
        query("sip.example.com", "NAPTR"),
    )
    assert [found["served"] for found in (host, service, pointer)] == [True] * 3
    assert (host["failed"], pointer["empty"]) == (None, True)
    (alone,) = judged(query("_sip._udp.sip.example.com", "SRV", "NXDOMAIN"))
    assert (alone["served"], alone["empty"]) == (False, True)


def test_tcp_that_is_not_accepted() -> None:
    def opened(accepted: int, server: str = "192.0.2.53", port: int = 53) -> object:
        opening = Opening("192.0.2.10", server, port, 3, 0, 0, attempts=1, syns=3, accepted=accepted)
        (found,) = judged(query("a.example.com", truncated=True), openings=(opening,))
        return found["tcp_refused"]

    assert (opened(0), opened(1), opened(0, "192.0.2.54"), opened(0, port=443)) == (True, False, False, False)
    assert judged(query("a.example.com", truncated=False))[0]["tcp_refused"] is None


def test_names_that_are_used_for_sip() -> None:
    service, plain, other = judged(
        query("_sip._udp.sip.example.com", "SRV", "NXDOMAIN"), query("sip.example.com", "A", "NOERROR", "198.51.100.9"), query("www.example.com")
    )  # fmt: skip
    assert (service["sip_name"], plain["sip_name"], other["sip_name"]) == (True, True, False)
    assert (service["empty"], plain["empty"], other["empty"]) == (True, False, True)
    assert plain["resolved"] is True
    (registered,) = judged(query("reg.example.com"), messages=register("198.51.100.9", "Reg.example.com"))
    assert registered["sip_name"] is True
    (address,) = judged(query("192.0.2.10"), messages=register("198.51.100.9", "192.0.2.10"))
    assert address["sip_name"] is False


def test_another_question_found_the_address() -> None:
    six, four = judged(
        query("a.example.com", "AAAA", "SERVFAIL"), query("a.example.com", "A", "NOERROR", "198.51.100.9")
    )
    assert (six["failed"], six["resolved"], four["resolved"]) == ("SERVFAIL", True, True)
    (alias,) = judged(query("a.example.com", "A", "NOERROR", "b.example.com"))
    assert alias["resolved"] is False


def test_cut_answers() -> None:
    cut, again = judged(
        query("a.example.com", truncated=True, transport="udp"), query("a.example.com", transport="tcp")
    )
    assert (cut["retried_over_tcp"], again["retried_over_tcp"]) == (True, None)
    (alone,) = judged(query("a.example.com", truncated=True, transport="udp"))
    assert alone["retried_over_tcp"] is False


def service(*hosts: str) -> list[DnsQuery]:
    rows = [query("_sip._udp.example.com", "SRV", "NOERROR", *(f"{host}:5060" for host in hosts))]
    return rows + [query(host, "A", "NOERROR", f"198.51.100.{n}") for n, host in enumerate(hosts, 1)]


@pytest.mark.parametrize(
    ("messages", "tried", "dead"),
    [
        (register("198.51.100.1", times=7), 1, "s1.example.com"),
        (register("198.51.100.1", times=7) + register("198.51.100.2", answered=True), 2, "s1.example.com"),
        (register("198.51.100.1", times=7, answered=True), 1, None),
        (register("198.51.100.1", times=3), 1, None),
        ((), 0, None),
    ],
)
def test_servers_of_a_service_record(messages: tuple[SipMessage, ...], tried: int, dead: str | None) -> None:
    found, *others = judged(*service("s1.example.com", "s2.example.com"), messages=messages)
    assert (found["targets"], found["targets_tried"], found["dead_target"]) == (2, tried, dead)
    assert {row["targets"] for row in others} == {None}
