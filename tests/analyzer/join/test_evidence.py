"""The join does not ask messages of captures for their evidence: there are many, and few are quoted."""

from __future__ import annotations

from datetime import UTC, date, datetime

from analyzer.catalog import Catalog
from analyzer.join import join
from parsers.capture.message import WireMessage, blank
from parsers.facts import Facts, Source
from parsers.facts.capture import Capture, SipMessage
from parsers.facts.log import LogRecord
from parsers.facts.system import SystemSeen

DAY = date(2026, 11, 12)
NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)
TEXT = "[CallHist] Call ended, EndTime={2026-11-12 09:00:00.000000}"


def wire(number: int) -> WireMessage:
    message = blank()
    message.artifact, message.frame, message.time, message.call_id = "a.pcap", number, NINE, f"c{number}"
    message.src, message.dst, message.method = "192.0.2.10:5060", "198.51.100.7:5060", "OPTIONS"
    message.source = None  # type: ignore[assignment]
    return message


def test_sources_of_messages_in_captures_are_not_made() -> None:
    facts = Facts()
    messages = [wire(number) for number in range(1, 9)]
    logged = SipMessage(
        source=Source(artifact="x.log", line=3), time=NINE.replace(hour=10), call_id="c1", method="OPTIONS"
    )
    facts.add(Capture(source=Source(artifact="a.pcap"), artifact="a.pcap", first=NINE, last=NINE))
    facts.add(SystemSeen(source=Source(artifact="x"), key="local_ip", value="192.0.2.10", rank=90))
    for number in range(3):
        at = Source(artifact="x.log", line=number + 1)
        facts.add(LogRecord(source=at, kind="callflow", time=NINE.replace(hour=10), local=True, text=TEXT))
    for message in (*messages, logged):
        facts.add(message)
    system = join(facts, Catalog.load(DAY), DAY)
    assert [message._source for message in messages] == [None] * 8
    # and all the same: the log's clock is known, the capture joined and recognised as the PBX's
    assert system.value("log_utc_offset_s") == 3600
    assert facts.of(Capture)[0].joined_messages == 1
    assert facts.of(Capture)[0].derived["pbx_address_seen"] is True
    assert [message.time for message in messages] == [NINE] * 8
